"""How the tests of the vault make a trial: its ceremony, its database, who does what and when."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from equipoise.protocol import Protocol
from equipoise.record import Stamp
from equipoise.record.server import Server
from equipoise.vault.bags import DoseOrder
from equipoise.vault.ceremony.holders import unwrap_key
from equipoise.vault.ceremony.schedule import Ceremony, hold_ceremony
from equipoise.vault.ceremony.sealing import SealedSchedule
from equipoise.vault.doses import Weighing
from equipoise.vault.schema import create_vault, install_schedule
from equipoise.vault.service import Vault

PASSPHRASES = (("Li Na", "correct horse battery"), ("Wang Wei", "staple of the stable"))
SECRETS = [secret for _, secret in PASSPHRASES]
LEVELS = {"site": ["01", "02"]}
DAY = date(2014, 5, 2)
START = datetime(2014, 5, 2, 8, tzinfo=UTC)


def hold(protocol: Protocol, *, length: int | None = 12) -> Ceremony:
    """A ceremony with the same outcome each time; two sites where the list has strata by site."""
    plan = protocol.randomisation
    levels = LEVELS if plan is not None and plan.method != "minimisation" else None
    random = np.random.default_rng(1).bytes
    return hold_ceremony(protocol, PASSPHRASES, levels=levels, length=length, cost="minimal", random=random)


def set_up(server: Server, held: Ceremony | SealedSchedule) -> Server:
    """Put a sealed list into an empty database, in rehearsal mode."""
    with server.connect("owner") as owner:
        create_vault(owner, trial="hucmsc_inr", mode="rehearsal")
        install_schedule(owner, held.sealed if isinstance(held, Ceremony) else held)
    return server


def stamp(request: str, role: str = "pharmacist", actor: str = "wang") -> Stamp:
    """A step of somebody, always at the same moment."""
    return Stamp(actor, role, "Asia/Shanghai", request, START)


def order(participant: str = "01-001", visit: str = "W0", weight: str = "72.4", days: int = 0) -> DoseOrder:
    """An order of cells, so many days after the weighing."""
    return DoseOrder(
        order=f"{participant}/{visit}",
        participant=participant,
        intervention="cells",
        visit=visit,
        weighing=Weighing(Decimal(weight), "kg", DAY),
        on=DAY + timedelta(days),
    )


def open_vault(
    server: Server, held: Ceremony, protocol: Protocol, passphrases: Sequence[str] = tuple(SECRETS)
) -> Vault:
    """The vault of a ceremony, opened by its holders' passphrases."""
    key = unwrap_key(held.wrapped, passphrases)
    return Vault(lambda: server.connect("vault"), key, held.wrapped, protocol)

"""The vault of a running trial as a process of its own: what it answers at its two doors.

At the blinded door: a place is drawn (minimisation), a dose is prepared; the answers name a number and a volume.
At the unblinded door: the pharmacy is shown a preparation, a code is broken, envelopes are printed, all codes are
opened by both holders. The process alone holds the key and the connection of the vault's role.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ..errors import DecisionRefused
from ..line import Doors
from ..record import Stamp, open_server
from ..vault.bags import Bag, DoseOrder, Preparation
from ..vault.ceremony.holders import read_key, unwrap_key
from ..vault.process import VaultProcess, make_doors, serve
from ..vault.service import CodeBreak, Vault
from ..vault.slots import read_ceremony
from .access.at_the_vault import guarded
from .access.handlers import oversight_handlers
from .folder import TrialFolder, door_files, find_door
from .laboratory import handlers as laboratory
from .opened import Disclosed, DisclosedDose
from .safety import handlers as safety
from .supply import handlers as supply

BLINDED = (
    *("prepare_slot", "prepare_dose", "enter_masked", "report_envelope"),
    *safety.BLINDED,
    *supply.BLINDED,
    *laboratory.BLINDED,
)
"""Handlers of the blinded door."""


def open_vault(folder: Path, passphrases: Sequence[str]) -> Vault:
    """Open the vault of a trial's folder, in this process, with the passphrases of both holders.

    Raises DecisionRefused where they are wrong; then nothing is opened.
    """
    paths = TrialFolder(folder)
    wrapped = read_key(paths.vault_key.read_text(encoding="utf-8"))
    key = unwrap_key(wrapped, passphrases)
    server = open_server(folder)
    with server.connect("vault") as connection:
        sealed_for = read_ceremony(connection).protocol
    return Vault(lambda: server.connect("vault"), key, wrapped, paths.protocols()[sealed_for])


def start_vault(folder: Path, passphrases: Sequence[str], doors: Doors | None = None) -> VaultProcess:
    """Start the vault of a trial's folder as a process of its own; raises as `open_vault` does."""
    return VaultProcess(make_handlers, (folder, tuple(passphrases)), BLINDED, doors or make_doors())


def serve_vault(folder: Path, passphrases: Sequence[str], ready: Callable[[], None] = lambda: None) -> None:
    """Serve the vault from this process until it is stopped; other commands find it by its doors.

    The keys of the two doors stand in files of their own: who may read the one reaches no more than that door.
    They appear, whole, when callers are let in. Raises DecisionRefused where a vault of this trial runs already,
    and as `open_vault` does.
    """
    if find_door(folder, unblinded=True) is not None:
        raise DecisionRefused("the vault of this trial runs already; stop it before another one is started")
    handlers = make_handlers(folder, tuple(passphrases))
    doors = make_doors()
    files = door_files(folder)

    def open_doors() -> None:
        for file, door in zip(files, (doors.blinded, doors.unblinded), strict=True):
            unfinished = file.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(msgspec.json.encode(door))
            unfinished.replace(file)
        ready()

    try:
        serve(handlers, BLINDED, doors, open_doors)
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def make_handlers(folder: Path, passphrases: tuple[str, ...]) -> Mapping[str, Callable[..., Any]]:
    """Open the vault and give what it answers, by name; runs in the vault's own process."""
    return vault_handlers(open_vault(folder, passphrases), TrialFolder(folder))


def vault_handlers(vault: Vault, folder: TrialFolder | None = None) -> dict[str, Callable[..., Any]]:
    """Give what a vault answers at its doors, by name, each behind the check of who asks for it.

    folder: that of its trial, for the protocol versions that came after the list.
    """

    def prepare_slot(stamp: Stamp, participant: str, factors: dict[str, str]) -> None:
        vault.prepare_slot(stamp, participant, factors)

    def prepare_dose(stamp: Stamp, order: DoseOrder) -> Bag:
        return vault.prepare_dose(stamp, order)

    def enter_masked(
        stamp: Stamp, participant: str, item: str, value: Any, visit: str, form: str, reason: str | None
    ) -> None:
        vault.enter_masked(stamp, participant, item, value, visit, form, reason)

    def report_envelope(stamp: Stamp, participant: str, reason: str, opened_by: str, opened_at: datetime) -> None:
        vault.record_envelope_opened(stamp, participant, reason, opened_by, opened_at)

    def announce(stamp: Stamp) -> None:
        vault.announce(stamp)

    def show_preparation(stamp: Stamp, order: str) -> Preparation:
        return vault.show_preparation(stamp, order)

    def break_code(stamp: Stamp, participant: str, reason: str) -> CodeBreak:
        return vault.break_code(stamp, participant, reason)

    def print_envelopes(stamp: Stamp, site: str, participants: list[str], password: str, language: str) -> bytes:
        return vault.print_envelopes(stamp, site, participants, password, language=language)

    def unblind_all(stamp: Stamp, passphrases: list[str], data: str) -> Disclosed:
        vault.unblind_all(stamp, passphrases, data)
        return disclose(vault)

    def holders() -> list[str]:
        return vault.holders()

    def show_disclosed() -> Disclosed:
        return disclose(vault)

    def reconcile(
        stamp: Stamp, witnessed: dict[str, int], signers: tuple[str, str], reason: str
    ) -> dict[str, int]:
        return vault.reconcile(stamp, witnessed, signers, reason)

    handlers = (
        *(prepare_slot, prepare_dose, enter_masked, report_envelope, announce, show_preparation, break_code),
        *(print_envelopes, unblind_all, holders, show_disclosed, reconcile),
    )
    return guarded(
        vault,
        {handler.__name__: handler for handler in handlers}
        | supply.supply_handlers(vault)
        | safety.safety_handlers(vault, folder)
        | laboratory.laboratory_handlers(vault)
        | oversight_handlers(vault),
    )


def disclose(vault: Vault) -> Disclosed:
    """Give everything that the vault may tell after all codes were opened; DecisionRefused before."""
    return Disclosed(
        slots=tuple(vault.disclosed()),
        doses=tuple(_dose(prepared) for prepared in vault.doses()),
        masked=tuple(vault.masked_values(laboratory.read_imported(vault))),
        kits=tuple(vault.named_kits()),
    )


def _dose(prepared: Preparation) -> DisclosedDose:
    return DisclosedDose(
        participant=prepared.participant,
        order=prepared.order,
        intervention=prepared.intervention,
        visit=prepared.visit,
        on=prepared.on,
        bag=prepared.bag,
        volume=prepared.volume,
        arm=prepared.arm,
        amount=prepared.amount,
        unit=prepared.unit,
    )

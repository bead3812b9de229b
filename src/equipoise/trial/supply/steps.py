"""Steps of supply that need both sides: the ledger of the trial says which carton, the vault what is in its kits.

What the vault knows of contents comes back only to the unblinded pharmacist; the trial's record learns numbers.
"""

import uuid
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from ...conduct.door.dates import day_in
from ...conduct.door.fact import By
from ...conduct.door.state import Infusion
from ...conduct.supply.ledger import account
from ...conduct.supply.packing import PackCartons, PackedCarton
from ...conduct.supply.preparation import AssignCarton, NameKit, ReplaceCarton, SignPreparation
from ...conduct.supply.quarantine import QuarantineCartons
from ...errors import DecisionRefused
from ...line import VaultClient
from ...record import Stamp
from ...vault.bags import Bag
from ...vault.supply.contents import Drawn, Lot
from ...vault.supply.desk import FilledCarton, LotAccount
from ..running import RunningTrial
from ..steps import order_of, stamp_of

LOT_IN_DOUBT = "a lot is in doubt"
"""The reason that stands on the blinded side, whichever lot it is; the vault keeps the true one."""


class Taken(msgspec.Struct, frozen=True):
    """What the pharmacy takes for an order: a carton, the kit of it that is given, bag and volume of its label."""

    carton: str
    kit: str
    bag: str
    volume: str


def receive_lot(running: RunningTrial, vault: VaultClient, by: By, lot: Lot, request: str | None = None) -> None:
    """Take a lot into the vault. Raises DecisionRefused as the vault does."""
    vault.call("receive_lot", None, stamp=_stamp(running, by, request), lot=lot, on=day_in(by.at, by.zone))


def pack(
    running: RunningTrial, vault: VaultClient, by: By, intervention: str, number: int, request: str | None = None
) -> tuple[PackedCarton, ...]:
    """Let the vault pack cartons of a product, and enter them in the ledger; return them.

    Raises DecisionRefused where lots are missing. Repeated under its key it gives the same cartons.
    """
    request = request or str(uuid.uuid4())
    made: list[FilledCarton] = vault.call(
        "pack_cartons",
        list[FilledCarton],
        stamp=_stamp(running, by, request),
        intervention=intervention,
        number=number,
        on=day_in(by.at, by.zone),
    )
    cartons = tuple(PackedCarton(one.carton, one.kits, one.use_by) for one in made)
    running.door.submit(PackCartons(intervention=intervention, cartons=cartons), by, request)
    return cartons


def take_kit(
    running: RunningTrial, vault: VaultClient, by: By, participant: str, order: str, request: str | None = None
) -> Taken:
    """Use a carton of the site's stock for an order, and let the vault name the kit of it that is given.

    A step that broke off goes on where it stopped. Raises DecisionRefused where the site has no carton that can be
    used, where there is no such order, and as vault and door do.
    """
    request = request or str(uuid.uuid4())
    dose = order_of(running, participant, order)
    if _infusion(running, participant, order).carton is None:
        running.door.submit(AssignCarton(participant=participant, order=order), by, f"{request} carton")
    bag: Bag = vault.call("prepare_dose", Bag, stamp=_stamp(running, by, f"{request} dose"), order=dose)
    carton = _infusion(running, participant, order).carton
    assert carton is not None
    kit: str = vault.call(
        "pick_kit",
        str,
        stamp=_stamp(running, by, f"{request} kit"),
        order=order,
        participant=participant,
        carton=carton,
    )
    if _infusion(running, participant, order).kit is None:
        running.door.submit(NameKit(participant=participant, order=order, kit=kit), by, f"{request} kit")
    return Taken(carton, kit, bag.number, bag.volume)


def sign_preparation(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    participant: str,
    order: str,
    kit: str,
    concentration: Decimal | None = None,
    viability: Decimal | None = None,
    request: str | None = None,
) -> Drawn:
    """Sign that a dose was prepared from a kit, with the count of its cells; return what was to be drawn.

    kit: as read from the kit in hand. The count goes to the vault; the trial learns kit, bag and volume. Raises
    DecisionRefused for another kit than the one named, and as vault and door do.
    """
    request = request or str(uuid.uuid4())
    dose = order_of(running, participant, order)
    bag: Bag = vault.call("prepare_dose", Bag, stamp=_stamp(running, by, f"{request} dose"), order=dose)
    drawn: Drawn = vault.call(
        "record_preparation",
        Drawn,
        stamp=_stamp(running, by, f"{request} count"),
        order=order,
        kit=kit,
        concentration=concentration,
        viability=viability,
    )
    signed = SignPreparation(participant=participant, order=order, bag=bag.number, kit=kit, volume=bag.volume)
    running.door.submit(signed, by, request)
    return drawn


def replace_kit(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    participant: str,
    order: str,
    reason: str,
    request: str | None = None,
) -> None:
    """Give up a preparation: the reason goes to the vault, and the trial learns that another carton is needed."""
    request = request or str(uuid.uuid4())
    vault.call("give_up_preparation", None, stamp=_stamp(running, by, request), order=order, reason=reason)
    running.door.submit(ReplaceCarton(participant=participant, order=order), by, request)


def quarantine_lot(
    running: RunningTrial, vault: VaultClient, by: By, lot: str, reason: str, request: str | None = None
) -> tuple[str, ...]:
    """Put every carton with a kit of a lot into quarantine, and return them; only the vault knows why."""
    request = request or str(uuid.uuid4())
    found: list[str] = vault.call(
        "find_lot", list[str], stamp=_stamp(running, by, request), lot=lot, reason=reason
    )
    if not found:
        raise DecisionRefused(f"no carton holds a kit of this lot yet; do not pack it. Got {lot}")
    running.door.submit(QuarantineCartons(cartons=tuple(found), reason=LOT_IN_DOUBT), by, request)
    return tuple(found)


def account_by_lot(
    running: RunningTrial, vault: VaultClient, by: By, request: str | None = None
) -> Mapping[str, tuple[LotAccount, Mapping[str, int]]]:
    """Account for every lot: what the vault knows of it, and how many of its kits are where, by the ledger."""
    accounts: list[LotAccount] = vault.call("lot_accounts", list[LotAccount], stamp=_stamp(running, by, request))
    states = {line.kit: line.state for line in account(running.door.refresh())}
    found = {}
    for lot in accounts:
        where: dict[str, int] = {}
        for kit in lot.kits:
            where[states[kit]] = where.get(states[kit], 0) + 1
        found[lot.lot] = (lot, where)
    return found


def _infusion(running: RunningTrial, participant: str, order: str) -> Infusion:
    return running.door.trial.participants[participant].infusions[order]


def _stamp(running: RunningTrial, by: By, request: str | None) -> Stamp:
    return stamp_of(by, request or str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")

"""Whether ledger and vault agree on the kits of a finished trial, and every dose came from a kit of its arm.

The record of the trial says where each kit was, that of the vault which kit fits whom; what both say is compared
number by number. What the vault has opened in the end is held against both.
"""

from collections.abc import Iterable

from ...conduct.door.state import Infusion, Trial
from ...errors import RecordCorrupt
from ...record import Event
from ...vault.events import read_said
from ...vault.events.supply import CartonsMade, DosePrepared, KitChosen
from ..opened import Disclosed


def check_kits(trial: Trial, vault_events: Iterable[Event], disclosed: Disclosed) -> int:
    """Return how many doses from kits were compared; 0 where the trial has no kits.

    trial: the state at the end. Raises RecordCorrupt with the first carton, kit or dose on which they disagree.
    """
    made: dict[str, tuple[object, ...]] = {}
    chosen: dict[str, str] = {}
    prepared: set[tuple[str, str]] = set()
    for event in vault_events:
        match read_said(event):
            case CartonsMade() as said:
                made |= {one.carton: (said.intervention, one.kits, one.use_by) for one in said.cartons}
            case KitChosen() as said:
                chosen[said.carton] = said.kit
            case DosePrepared() as said:
                prepared.add((said.order, said.kit))
    for number, carton in trial.cartons.items():
        _require(made.get(number) == (carton.intervention, carton.kits, carton.use_by), f"carton {number}")
        _require(carton.kit is None or chosen.get(number) == carton.kit, f"kit {carton.kit}")
    doses = _doses(trial)
    opened = {kit.order: kit for kit in disclosed.kits}
    arms = {slot.participant: slot.arm for slot in disclosed.slots}
    bags = {dose.order: dose.bag for dose in disclosed.doses}
    for participant, dose in doses:
        kit = opened.get(dose.order)
        agreed = kit is not None and (kit.carton, kit.kit) == (dose.carton, dose.kit)
        _require(agreed and (dose.order, dose.kit) in prepared, f"order {dose.order}")
        _require(bags.get(dose.order) == dose.bag == dose.prepared_bag, f"bag {dose.bag}")
        if kit is not None and arms.get(participant) not in kit.arms:
            raise RecordCorrupt(f"the dose of order {dose.order} came from a kit of another arm. Got {kit.kit}")
    return len(doses)


def _doses(trial: Trial) -> list[tuple[str, Infusion]]:
    """Return the infusions whose bag was prepared from a kit and given out, with their participant."""
    return [
        (participant.id, infusion)
        for participant in trial.participants.values()
        for infusion in participant.infusions.values()
        if infusion.kit is not None and infusion.bag is not None
    ]


def _require(agreed: bool, what: str) -> None:
    if not agreed:
        raise RecordCorrupt(f"the record of the trial and that of the vault say different things of {what}")

"""Packing: cartons enter the ledger with their numbers and the date up to which all of a carton may be used.

The vault draws the numbers and knows what each kit holds; the date of a carton is the earliest of its lots, and
stands on every kit of it, so that no date tells the lots apart.
"""

from datetime import date

import msgspec

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Carton, Trial
from .ledger import require_supplied


class PackedCarton(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carton as it was packed: its number, those of its kits in their own order, and its date."""

    carton: str
    kits: tuple[str, ...]
    use_by: date


class CartonsPacked(Fact, frozen=True, kw_only=True):
    """Cartons of a product were packed and stand in the depot."""

    intervention: str
    cartons: tuple[PackedCarton, ...]

    def tell(self) -> str:
        """Give the number of cartons."""
        return f"{len(self.cartons)} cartons of {self.intervention} were packed"


class PackCartons(Intent, frozen=True, kw_only=True):
    """Enter the cartons that the vault has packed."""

    intervention: str
    cartons: tuple[PackedCarton, ...]


def _pack(setting: Setting, trial: Trial, intent: PackCartons) -> list[Outcome]:
    require_supplied(setting.protocol, intent.intervention)
    if not intent.cartons:
        raise DecisionRefused("no carton was packed, so there is nothing to enter")
    numbers = [packed.carton for packed in intent.cartons]
    kits = [kit for packed in intent.cartons for kit in packed.kits]
    today = today_at(trial, setting.by)
    if twice := sorted({one for one in numbers if one in trial.cartons or numbers.count(one) > 1}):
        raise DecisionRefused(f"a carton has its number alone; number it anew. Got {twice[0]}")
    known = set(trial.kits)
    if len(set(kits)) != len(kits) or known & set(kits) or not all(packed.kits for packed in intent.cartons):
        raise DecisionRefused("every kit of a carton has its number alone; number the cartons anew")
    if len({len(packed.kits) for packed in intent.cartons}) > 1:
        raise DecisionRefused("all cartons of a product hold the same number of kits; pack them anew")
    if old := [packed for packed in intent.cartons if packed.use_by <= today]:
        raise DecisionRefused(
            f"what is packed today, {today}, must serve for longer; pack kits of a newer lot. "
            f"Got carton {old[0].carton}, to be used by {old[0].use_by}"
        )
    return [Outcome(CartonsPacked(intervention=intent.intervention, cartons=intent.cartons))]


def _packed(trial: Trial, _: Event, fact: CartonsPacked) -> None:
    for packed in fact.cartons:
        trial.cartons[packed.carton] = Carton(
            intervention=fact.intervention, kits=packed.kits, use_by=packed.use_by
        )
        trial.kits.update(dict.fromkeys(packed.kits, packed.carton))


CHAPTER = Chapter(
    decisions={PackCartons: _pack},
    evolutions={CartonsPacked: _packed},
    roles={PackCartons: ("pharmacist",)},
)

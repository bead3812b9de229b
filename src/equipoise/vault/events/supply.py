"""What the vault's own record says of supply: lots, what kits hold, which kit was named, how the cells counted.

Numbers of cartons and kits and their common date stand in the open, since they are the same whatever the arm;
everything else is sealed (`vault/supply/contents.py` says what a box holds).
"""

from datetime import date

import msgspec

from .said import Said


class MadeCarton(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carton as it was made: `kits` by number, `sealed` holds the lot of each."""

    carton: str
    kits: tuple[str, ...]
    use_by: date
    sealed: bytes


class LotReceived(Said, frozen=True):
    """A lot came in from the maker; `sealed` holds all about it."""

    sealed: bytes


class CartonsMade(Said, frozen=True):
    """Cartons of a product were numbered and filled."""

    intervention: str
    cartons: tuple[MadeCarton, ...]


class PackingShown(Said, frozen=True):
    """The pharmacy was shown what to put into the kits of cartons."""

    cartons: tuple[str, ...]


class KitChosen(Said, frozen=True):
    """The kit of a carton that fits the participant of an order was named."""

    order: str
    carton: str
    kit: str


class DosePrepared(Said, frozen=True):
    """A dose was prepared from the kit of its order; `sealed` holds the count of the cells and what was drawn."""

    order: str
    kit: str
    sealed: bytes


class PreparationGivenUp(Said, frozen=True):
    """A preparation was not completed; the kit of its order is set aside, and `sealed` holds the reason."""

    order: str
    kit: str
    sealed: bytes


class LotTraced(Said, frozen=True):
    """The cartons of a lot were looked up; `sealed` holds which."""

    sealed: bytes


class LotsAccounted(Said, frozen=True):
    """The account of all lots was shown."""

"""What the vault's own record says of the list, of doses and of openings: who made the vault do or open what.

Each opening is an event before anything is shown. What would tell an arm is sealed to the vault's key inside the
event (`ceremony/boxes.py`), so that neither the database nor a backup of it holds one in the open. The name of a
class is the kind of its event.
"""

from datetime import date, datetime
from decimal import Decimal

from .said import Said


class ScheduleInstalled(Said, frozen=True):
    """The vault found the sealed list that it is to serve: hashes, method, places by stratum."""

    list_hash: str
    numbers_hash: str
    method: str
    generator: str
    protocol: str
    public_key: bytes
    places: dict[str, int]


class SlotPrepared(Said, frozen=True):
    """An arm was drawn for the participant who came; `sealed` holds the draw with all it came from (`Draw`)."""

    stratum: str
    position: int
    number: str
    commitment: bytes
    factors: dict[str, str]
    sealed: bytes


class BagPrepared(Said, frozen=True):
    """A dose was computed for an order; `sealed` holds arm and dose (`bags.Prepared`)."""

    order: str
    participant: str
    intervention: str
    visit: str
    weight: Decimal | None
    unit: str
    weighed_on: date | None
    on: date
    bag: str
    volume: str
    sealed: bytes


class PreparationShown(Said, frozen=True):
    """The pharmacy was shown what to put into the bag of an order."""

    order: str


class CodeBroken(Said, frozen=True):
    """The code of one participant was broken in the vault."""


class EnvelopesPrinted(Said, frozen=True):
    """The sealed envelopes of a site's participants were printed."""

    site: str
    participants: tuple[str, ...]


class EnvelopeOpened(Said, frozen=True):
    """A participant's envelope was opened while the vault was out of reach, and is reported now."""

    opened_by: str
    opened_at: datetime


class MaskedValueEntered(Said, frozen=True):
    """A value that would tell an arm was entered or changed; `sealed` holds it.

    imported: hash of the file that it came in; it counts once the trial's record says that the file was imported.
    """

    visit: str
    form: str
    item: str
    sealed: bytes
    imported: str = ""


class TrialUnblinded(Said, frozen=True):
    """All codes were opened by both holders, for the locked data of this hash."""

    holders: tuple[str, str]
    data: str


class VaultReconciled(Said, frozen=True):
    """After a restore the positions up to the witnessed ones were given up, and the gate was opened."""

    witnessed: dict[str, int]
    lost: dict[str, int]
    signers: tuple[str, str]

"""The sealed schedule: for each slot a randomisation number, a sealed box of the arm, and a commitment to it.

The number is what the blinded side sees: drawn by a keyed hash of the slot's place, so that it depends neither on
the arm nor on the order, with a check digit. The commitment is the SHA-256 of the canonical JSON list
`[stratum, position, number, arm, nonce]`; the nonce hides the arm and is, like the number, an HMAC-SHA256 under
the seed. So the list cannot be changed afterwards without notice, and whoever joins the seed's two shares can make
it again and compare every slot (ICH E6(R3) 4.3.4 on the evidence of randomisation; on lists that were wrong:
Clinical Trials 2018, doi 10.1177/1740774518761627, and Trials 2025, doi 10.1186/s13063-025-09390-9).
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence, Set

import msgspec
from nacl.public import PrivateKey, PublicKey

from ...errors import DataError, RecordCorrupt
from .boxes import open_box, seal
from .check_digit import with_check_digit

SHORTEST_NUMBER = 5


class Place(msgspec.Struct, frozen=True):
    """A place of the schedule in the open: stratum, block (None where the method has none), position, arm."""

    stratum: str
    block: int | None
    position: int
    arm: str


class Secret(msgspec.Struct, frozen=True):
    """What is in the box of a slot; the nonce is written in hexadecimal digits."""

    arm: str
    block: int | None
    nonce: str


class SealedSlot(msgspec.Struct, frozen=True):
    """A slot as it is stored: no part of it tells the arm without the vault's key or the seed."""

    stratum: str
    position: int
    number: str
    box: bytes
    commitment: bytes


class SealedSchedule(msgspec.Struct, frozen=True):
    """The slots of a list and what they were made by; `seed_box` only where arms are drawn as participants come.

    `places` is the number of slots of each stratum.
    """

    method: str
    generator: str
    protocol: str
    public_key: bytes
    places: dict[str, int]
    slots: tuple[SealedSlot, ...]
    seed_box: bytes | None = None

    @property
    def list_hash(self) -> str:
        """The hash over all commitments: it binds the arms, and so is another when they are others."""
        return hash_list(slot.commitment for slot in self.slots)

    @property
    def numbers_hash(self) -> str:
        """The hash over all numbers and their places: the same whatever the arms, so that anyone may see it."""
        return hash_numbers((slot.stratum, slot.position, slot.number) for slot in self.slots)


def seal_places(
    places: Iterable[Place],
    seed: bytes,
    key: PublicKey,
    *,
    digits: int = SHORTEST_NUMBER,
    taken: Set[str] = frozenset(),
) -> tuple[SealedSlot, ...]:
    """Seal places to the vault's key, each with a number of `digits` digits that is not in `taken`.

    `DataError` where more than a tenth of all numbers of that length would be used: they could be guessed.
    """
    wanted, used, slots = list(places), set(taken), []
    if len(wanted) + len(used) > 10**digits // 10:
        raise DataError(
            f"numbers of {digits} digits serve {10**digits // 10} places; use more digits. "
            f"Got {len(wanted) + len(used)} places"
        )
    for place in wanted:
        number = derive_number(seed, place.stratum, place.position, used, digits)
        used.add(number)
        nonce = derive_nonce(seed, place.stratum, place.position)
        box = seal(Secret(place.arm, place.block, nonce), key)
        slots.append(SealedSlot(place.stratum, place.position, number, box, commit(place, number, nonce)))
    return tuple(slots)


def open_slot(slot: SealedSlot, key: PrivateKey) -> Secret:
    """Open a slot; `RecordCorrupt` where the box is damaged or holds another content than was committed to."""
    where = f"slot {slot.number} (stratum {slot.stratum}, position {slot.position})"
    secret: Secret = open_box(slot.box, key, Secret, where)
    place = Place(slot.stratum, secret.block, slot.position, secret.arm)
    if commit(place, slot.number, secret.nonce) != slot.commitment:
        raise RecordCorrupt(f"{where} was changed: what its box holds is not what was committed to")
    return secret


def derive_number(seed: bytes, stratum: str, position: int, used: Set[str], digits: int = SHORTEST_NUMBER) -> str:
    """Derive the randomisation number of a place, the first that is not in `used`; the arm has no part in it."""
    attempt = 0
    while True:
        drawn = int.from_bytes(_keyed(seed, "number", stratum, position, attempt), "big") % 10**digits
        number = with_check_digit("R", str(drawn).zfill(digits))
        if number not in used:
            return number
        attempt += 1


def derive_nonce(seed: bytes, stratum: str, position: int) -> str:
    """Derive the nonce of a place's commitment, as hexadecimal digits."""
    return _keyed(seed, "nonce", stratum, position).hex()


def commit(place: Place, number: str, nonce: str) -> bytes:
    """Commit to the arm of a place: the SHA-256 of `[stratum, position, number, arm, nonce]` as canonical JSON."""
    return hashlib.sha256(msgspec.json.encode([place.stratum, place.position, number, place.arm, nonce])).digest()


def hash_list(commitments: Iterable[bytes]) -> str:
    """Hash the commitments of a list in its order; hexadecimal digits."""
    return hashlib.sha256(b"".join(commitments)).hexdigest()


def hash_numbers(rows: Iterable[Sequence[object]]) -> str:
    """Hash rows of stratum, position and number in the order of the list; hexadecimal digits."""
    return hashlib.sha256(b"\n".join(msgspec.json.encode(list(row)) for row in rows)).hexdigest()


def digits_needed(places: int) -> int:
    """Return how many digits the numbers of so many places need, so that at most one in ten is used."""
    return max(SHORTEST_NUMBER, len(str(10 * places - 1)))


def _keyed(seed: bytes, *what: object) -> bytes:
    return hmac.digest(seed, msgspec.json.encode(what), "sha256")

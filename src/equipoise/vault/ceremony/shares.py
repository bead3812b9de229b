"""The seed of a schedule, split between two custodians: each share alone is noise, both together give the seed.

One share is random and the other is its exclusive or with the seed (a one-time pad), so that nothing about the
list follows from one of them. A share is written in groups of five digits, each with a check digit that also
depends on its place and on the share, for it will be kept on paper and typed in years later. The first group is a
fingerprint of the seed, by which shares of two ceremonies are told apart.
"""

import hashlib
import re
from collections.abc import Callable

import msgspec
from nacl.utils import random as random_bytes

from ...errors import DataError
from .check_digit import check_digit

SEED_BYTES = 32
_DIGITS = 5
_GROUPS = 16  # 80 decimal digits hold 256 bits
_CUSTODIANS = ("1", "2")


class Share(msgspec.Struct, frozen=True):
    """What one custodian keeps: `custodian` is 1 or 2, `fingerprint` five digits that both shares have."""

    custodian: str
    fingerprint: str
    pad: bytes

    def __repr__(self) -> str:
        return f"Share(custodian={self.custodian!r}, fingerprint={self.fingerprint!r})"

    def text(self) -> str:
        """Write the share on paper: the custodian, the fingerprint, then the groups, each with its check digit."""
        number = str(int.from_bytes(self.pad, "big")).zfill(_DIGITS * _GROUPS)
        groups = [self.fingerprint, *(number[i : i + _DIGITS] for i in range(0, len(number), _DIGITS))]
        return f"{self.custodian}: " + " ".join(
            f"{group}-{_check(self.custodian, place, group)}" for place, group in enumerate(groups)
        )


def draw_seed(random: Callable[[int], bytes] = random_bytes) -> bytes:
    """Draw the seed of a schedule: 256 bits, by default from the generator of the operating system."""
    return random(SEED_BYTES)


def split_seed(seed: bytes, random: Callable[[int], bytes] = random_bytes) -> tuple[Share, Share]:
    """Split a seed (32 bytes) into the shares of two custodians; `DataError` for a seed of another length."""
    if len(seed) != SEED_BYTES:
        raise DataError(f"a seed must have {SEED_BYTES} bytes. Got {len(seed)}")
    pad, fingerprint = random(SEED_BYTES), seed_fingerprint(seed)
    return (
        Share(_CUSTODIANS[0], fingerprint, pad),
        Share(_CUSTODIANS[1], fingerprint, _exclusive_or(pad, seed)),
    )


def join_shares(first: Share, second: Share) -> bytes:
    """Return the seed of two shares, in any order; `DataError` where they are not the two of one ceremony."""
    if {first.custodian, second.custodian} != set(_CUSTODIANS):
        raise DataError(
            "the seed needs the share of custodian 1 and that of custodian 2. "
            f"Got those of {first.custodian} and {second.custodian}"
        )
    seed = _exclusive_or(first.pad, second.pad)
    if not first.fingerprint == second.fingerprint == seed_fingerprint(seed):
        raise DataError(
            "the shares must be those of one ceremony, whose fingerprints are the same; look for the other paper. "
            f"Got {first.fingerprint} and {second.fingerprint}"
        )
    return seed


def read_share(text: str) -> Share:
    """Read a share as typed from paper; `DataError` names the first group that is wrong, without repeating it."""
    match = re.fullmatch(r"\s*([12])\s*:\s*(.*?)\s*", text, re.DOTALL)
    groups = re.split(r"\s+", match.group(2)) if match else []
    if match is None or len(groups) != _GROUPS + 1:
        raise DataError(
            f"a share must be the number of the custodian, a colon and {_GROUPS + 1} groups such as 48213-7. "
            f"Got {len(groups)} groups"
        )
    custodian, digits = match.group(1), []
    for place, group in enumerate(groups):
        if not re.fullmatch(r"[0-9]{5}-[0-9]", group) or _check(custodian, place, group[:_DIGITS]) != group[-1]:
            raise DataError(
                f"the share of custodian {custodian} is mistyped, or groups are not in order; "
                f"compare group {place + 1} with the paper. Got a wrong check digit in group {place + 1}"
            )
        digits.append(group[:_DIGITS])
    number = int("".join(digits[1:]))
    if number >= 1 << (8 * SEED_BYTES):
        raise DataError(f"the share of custodian {custodian} is no share; look for the right paper. Got too large")
    return Share(custodian, digits[0], number.to_bytes(SEED_BYTES, "big"))


def seed_fingerprint(seed: bytes) -> str:
    """Return five digits by which shares of one ceremony are known; they tell nothing of the list."""
    digest = hashlib.sha256(b"equipoise seed fingerprint" + seed).digest()
    return str(int.from_bytes(digest[:8], "big") % 10**_DIGITS).zfill(_DIGITS)


def _check(custodian: str, place: int, group: str) -> str:
    return check_digit(f"{custodian}{place:02}{group}")


def _exclusive_or(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))

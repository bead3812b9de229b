"""The list before it is sealed: what a protocol, a seed, the strata and a length lead to, the same each time.

A randomised trial with lists has its schedule; one that allocates as participants come (minimisation) has none
beforehand; one without randomisation has the plan of `enrolment.per_arm`, in the order of the file. All of them go
through the same vault by the same door.
"""

from collections.abc import Mapping, Sequence

import msgspec

from ...errors import DataError, ProtocolError
from ...protocol import Protocol, protocol_version
from ...randomisation import Minimisation, make_schedule, scheme_of
from ...randomisation.schedule import EVERYBODY, GENERATOR
from .sealing import Place

AS_ENROLLED = "enrolment/1"
"""Name and version of the method of a trial without randomisation."""


class OpenList(msgspec.Struct, frozen=True):
    """A list in the open, never stored: its places in order, and the number of places of each stratum.

    `as_they_come`: arms are drawn when participants come; then there are no places yet, only their number.
    """

    method: str
    generator: str
    protocol: str
    lengths: dict[str, int]
    places: tuple[Place, ...]
    as_they_come: bool = False


def make_open_list(
    protocol: Protocol,
    seed: bytes,
    *,
    levels: Mapping[str, Sequence[str]] | None = None,
    length: int | None = None,
) -> OpenList:
    """Make the list of a protocol from a seed (bytes); `levels` and `length` as in `make_schedule`.

    `ProtocolError` where the protocol does not say how participants come to their arm, `DataError` for levels and
    lengths that do not fit.
    """
    if protocol.randomisation is None:
        return _as_enrolled(protocol, length)
    scheme = scheme_of(protocol)
    if isinstance(scheme, Minimisation):
        wanted = protocol.randomisation.size if length is None else length
        if wanted < 1:
            raise DataError(f"a trial needs one place or more. Got a length of {wanted}")
        return OpenList(scheme.version, GENERATOR, protocol_version(protocol), {EVERYBODY: wanted}, (), True)
    schedule = make_schedule(protocol, seed_number(seed), levels=levels, length=length)
    places = tuple(Place(*row) for row in schedule.rows.select("stratum", "block", "position", "arm").iter_rows())
    return OpenList(schedule.method, schedule.generator, schedule.protocol, _count(places), places)


def seed_number(seed: bytes) -> int:
    """Return a seed as the whole number that schedules are made from (big endian)."""
    return int.from_bytes(seed, "big")


def _as_enrolled(protocol: Protocol, length: int | None) -> OpenList:
    plan = protocol.enrolment
    arms = list(protocol.arms)
    if plan is None or (len(arms) > 1 and not plan.per_arm):
        raise ProtocolError(
            f"protocol {protocol.trial.id} does not say how participants come to their arm; add a section "
            "randomisation, or enrolment with the numbers per_arm"
        )
    numbers = dict(plan.per_arm) or {arms[0]: plan.size}
    order = [arm for arm, number in numbers.items() for _ in range(number)]
    if length is not None and length != len(order) and len(numbers) > 1:
        raise DataError(f"enrolment.per_arm plans {len(order)} places, no other length. Got {length}")
    order = order if length is None else [order[0]] * length
    places = tuple(Place(EVERYBODY, None, position, arm) for position, arm in enumerate(order, 1))
    return OpenList(AS_ENROLLED, "none", protocol_version(protocol), _count(places), places)


def _count(places: tuple[Place, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for place in places:
        counts[place.stratum] = counts.get(place.stratum, 0) + 1
    return counts

"""What must be in order before the whole trial is locked: a count of open points each, all of them 0.

A raised edit check is settled where the value was corrected, or where the investigator has signed the data with
the check shown beside them. Signatures are asked for of everybody who was allocated. An order without a bag is
settled where the form of the infusion says what became of it.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from ...protocol import Protocol, names_in
from ..door.state import Infusion, Participant, Trial
from ..follow_up.attendance import left_on
from ..forms.completeness import Expectations
from ..forms.planned import GIVEN
from ..organisation.joined import join_versions, read_by
from ..quality.coding import uncoded_of
from ..quality.queries import count_open
from ..quality.review import to_review_of
from ..quality.second_entry import pending_of
from ..safety.watch import count_open as count_unreported
from ..supply.ledger import list_open
from .signatures import signature_state

POINTS = (
    "expected forms missing",
    "visits neither held nor missed",
    "raised checks on critical items",
    "open queries",
    "changes of critical items not reviewed",
    "terms not coded",
    "entries not made a second time",
    "differences between entries not settled",
    "safety reports neither made nor lifted",
    "serious events not assessed by the medical monitor",
    "participants whose participation has not ended",
    "participants without a signature",
    "participants whose data changed since they were signed",
    "infusions ordered without a bag",
)
"""What is checked of each participant."""
Points = Mapping[str, int]
"""Numbers of open points by what was checked."""


class Checklist:
    """The points of a protocol's checklist as of a day, participant by participant; what all share is made once.

    trial: its versions and dictionaries count. versions: every version of the protocol by hash, where there are
    several; `protocol` is the newest.
    """

    def __init__(
        self, protocol: Protocol, trial: Trial, on: date, versions: Mapping[str, Protocol] | None = None
    ) -> None:
        issued = {name: one for name, one in (versions or {}).items() if name in trial.versions}
        self._trial, self._on = msgspec.structs.replace(trial, participants={}), on
        self._newest = Expectations(protocol, issued)
        self._expected = {name: Expectations(one, issued) for name, one in issued.items()}
        self._joined = join_versions([*(issued[name] for name in trial.versions if name in issued), protocol])
        self._read_by = read_by(protocol, trial, issued)
        self._critical = frozenset(name for name, item in self._joined.items.items() if item.critical)

    def points_of(self, person: Participant) -> Points:
        """Return the points that are open of one participant."""
        signed, joined, own = signature_state(person), self._joined, self._read_by(person)
        found = self._expected.get(person.protocol, self._newest).check(person, self._on)
        twice = pending_of(own, person)
        only = msgspec.structs.replace(self._trial, participants={person.id: person})
        asked = signed if person.allocation is not None else None
        counts = (
            len(found.missing),
            len(found.overdue),
            0 if signed == "intact" else self._raised(person),
            count_open(only),
            sum(len(one.items) for one in to_review_of(own, person)),
            len(uncoded_of(own, self._trial, person)),
            sum(len(one.items) for one in twice),
            sum(len(one.differ) for one in twice),
            *count_unreported(joined, only).values(),
            int(not _has_ended(person)),
            int(asked == "missing"),
            int(asked == "broken"),
            sum(_is_open(joined, person, infusion) for infusion in person.infusions.values()),
        )
        return dict(zip(POINTS, counts, strict=True))

    def _raised(self, person: Participant) -> int:
        """Count the checks that do not hold and concern an item on which results or safety depend."""
        standing = (one for one in person.forms.values() if one.raised and one.removed is None)
        return sum(
            not self._critical.isdisjoint(names_in(checks[name].rule))
            for entry in standing
            for checks in [self._joined.forms[entry.form].checks]
            for name in entry.raised
            if name in checks
        )

    def add(self, found: Iterable[Points]) -> Points:
        """Return the points of all participants together."""
        columns = zip(*(points.values() for points in found), strict=True)
        return dict.fromkeys(POINTS, 0) | dict(zip(POINTS, map(sum, columns), strict=False))

    def left_open_in_supply(self, trial: Trial) -> Points:
        """Return the points of the supply of a whole trial."""
        return list_open(self._joined, trial)


def checklist(
    protocol: Protocol, trial: Trial, on: date, versions: Mapping[str, Protocol] | None = None
) -> dict[str, int]:
    """Return the number of open points by what was checked, as of a day.

    versions: every version of the protocol by hash, where there are several; `protocol` is the newest.
    """
    one = Checklist(protocol, trial, on, versions)
    return {**one.add(map(one.points_of, trial.participants.values())), **one.left_open_in_supply(trial)}


def _has_ended(person: Participant) -> bool:
    """Whether nothing more is expected: the participant left, died, or never entered the trial."""
    if {"participation", "life"} & person.ended.keys():
        return True
    failed = person.eligibility is not None and not person.eligibility.eligible
    return person.allocation is None and (failed or left_on(person) is not None)


def _is_open(protocol: Protocol, person: Participant, infusion: Infusion) -> bool:
    told = any(
        entry.visit == infusion.visit and entry.removed is None and protocol.forms[entry.form].sdtm in GIVEN
        for entry in person.forms.values()
    )
    return infusion.bag is None and not told

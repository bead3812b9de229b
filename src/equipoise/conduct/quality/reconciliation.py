"""Reconciliation: serious events of the safety database against the record, and the record of harm with itself.

Both are read-only: what does not agree is put right where it is wrong, on the form by the site, in the safety
database by its owner. The list of the safety database is CSV with the columns `participant`, `term`, `started`,
and of `ended`, `outcome`, `causality` those that are to be compared; `record` (such as /adverse_event/1) where it
has it.
"""

import csv
import io
from collections.abc import Iterator, Mapping

import msgspec

from ...errors import DataError
from ...protocol import Protocol
from ..door.state import Participant, Trial
from ..organisation.joined import read_by
from ..safety.events import AdverseEvent, events_of
from .dictionary import plain

Case = Mapping[str, str]
"""A case of the safety database by column."""

_NEEDED, _COMPARED = ("participant", "term", "started"), ("term", "started", "ended", "outcome", "causality")


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """What does not agree about an event; `record` is empty where the record has none."""

    participant: str
    record: str
    term: str
    what: str


def read_cases(content: str) -> list[Case]:
    """Read the list of the safety database; DataError names what is wrong."""
    rows = csv.DictReader(io.StringIO(content))
    names = set(rows.fieldnames or ())
    known = {*_NEEDED, *_COMPARED, "record"}
    if not set(_NEEDED) <= names <= known:
        more = ", ".join(sorted(known - {*_NEEDED}))
        raise DataError(
            f"the list needs the columns {', '.join(_NEEDED)}, and may have {more}. "
            f"Got {', '.join(rows.fieldnames or ()) or 'nothing'}"
        )
    found: list[Case] = []
    for number, row in enumerate(rows, start=2):
        case = {name: (row[name] or "").strip() for name in names}
        if empty := [name for name in _NEEDED if not case[name]]:
            raise DataError(f"row {number} of the list lacks {', '.join(empty)}")
        found.append(case)
    return found


def compare_cases(
    protocol: Protocol, trial: Trial, cases: list[Case], versions: Mapping[str, Protocol] | None = None
) -> list[Disagreement]:
    """Return what does not agree between the serious events of the record and those of the safety database.

    A case is that of its `record`, else the event of the participant with the same term and start, else with the
    same start, else with the same term. versions: every version of the protocol by hash, where there are several;
    each participant's own counts.
    """
    of = read_by(protocol, trial, versions)
    left = {
        (participant.id, event.record): event
        for participant in trial.participants.values()
        for event in events_of(of(participant), participant)
        if event.serious
    }
    found = []
    for case in cases:
        event = _match(left, case)
        if event is None:
            where = "" if case["participant"] in trial.participants else " (nobody has this number)"
            what = f"only in the safety database{where}: not serious in the record, or not there"
            found.append(Disagreement(participant=case["participant"], record="", term=case["term"], what=what))
            continue
        del left[case["participant"], event.record]
        found += _differences(case, event)
    for (participant, record), event in left.items():
        what = "only in the record: not in the safety database"
        found.append(Disagreement(participant=participant, record=record, term=event.term, what=what))
    return found


def check_harm(
    protocol: Protocol, trial: Trial, versions: Mapping[str, Protocol] | None = None
) -> list[Disagreement]:
    """Return where the record of harm contradicts itself: deaths, infusions stopped, clocks that run on.

    versions: every version of the protocol by hash, where there are several; each participant's own counts.
    """
    of = read_by(protocol, trial, versions)
    return [one for participant in trial.participants.values() for one in _harm(of(participant), participant)]


def _harm(protocol: Protocol, participant: Participant) -> Iterator[Disagreement]:
    events = events_of(protocol, participant)

    def say(event: AdverseEvent | None, what: str) -> Disagreement:
        record, term = ("", "") if event is None else (event.record, event.term)
        return Disagreement(participant=participant.id, record=record, term=term, what=what)

    if "life" in participant.ended and not any(event.fatal for event in events):
        yield say(None, "death is recorded, and no event that led to it")
    for event in events:
        if event.fatal and "life" not in participant.ended:
            yield say(event, "led to death, and no death is recorded")
        if event.action == "DRUG WITHDRAWN" and "treatment" not in participant.ended:
            yield say(event, "the product was stopped for good, and treatment has not ended")
    serious = {event.record for event in events if event.serious}
    for name, clock in participant.clocks.items():
        if clock.record not in serious and clock.lifted is None and clock.met_at is None:
            yield Disagreement(
                participant=participant.id, record=clock.record, term="", what=f"clock {name} runs on, though the "
                "event is not serious any more",
            )  # fmt: skip


def _match(left: Mapping[tuple[str, str], AdverseEvent], case: Case) -> AdverseEvent | None:
    events = [event for (participant, _), event in left.items() if participant == case["participant"]]
    if case.get("record"):
        return next((event for event in events if event.record == case["record"]), None)
    for same in ((True, True), (False, True), (True, False)):
        for event in events:
            term, start = plain(event.term) == plain(case["term"]), event.started[:10] == case["started"][:10]
            if (term or not same[0]) and (start or not same[1]):
                return event
    return None


def _differences(case: Case, event: AdverseEvent) -> Iterator[Disagreement]:
    for column in _COMPARED:
        if column not in case:
            continue
        here, there = str(getattr(event, column)), case[column]
        if plain(here) != plain(there):
            said = f"{column}: {here or 'nothing'} in the record, {there or 'nothing'} in the safety database"
            yield Disagreement(participant=case["participant"], record=event.record, term=event.term, what=said)

"""Review of the audit trail: changes of critical items, and critical records struck out, wait for a sign-off.

ICH E6(R3) 4.2.3 asks for a planned review of the trail. A change is reviewed by somebody other than who made it; a
further change waits again.
"""

from collections.abc import Iterator, Mapping

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...protocol.model import Form
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import FormEntry, Participant, Trial
from ..organisation.joined import read_by
from .verification import Places, holds, say_places, set_marks

STRUCK_OUT = "struck out"
"""Stands in the place of an item where a whole record was struck out."""


class TrailReviewed(Fact, frozen=True, kw_only=True):
    """Changes of critical items were reviewed, with what the reviewer noted; `records` are the items by record."""

    records: dict[str, tuple[str, ...]]
    note: str

    def tell(self) -> str:
        """Name records and items."""
        return f"changes were reviewed: {say_places(self.records)} ({self.note})"


class ReviewTrail(Intent, frozen=True, kw_only=True):
    """Sign off changes of critical items; `seen` is the newest event that the reviewer had before their eyes."""

    participant: str
    records: dict[str, tuple[str, ...]]
    seen: int
    note: str


class ToReview(msgspec.Struct, frozen=True, kw_only=True):
    """Changes of a record that nobody has reviewed: the items, and who saved the record last."""

    participant: str
    site: str
    record: str
    items: tuple[str, ...]
    by: str


def list_to_review(
    protocol: Protocol, trial: Trial, versions: Mapping[str, Protocol] | None = None
) -> list[ToReview]:
    """List the changes of critical items that wait for their review, by participant in the order of screening.

    versions: every version of the protocol by hash, where there are several; each participant's own counts.
    """
    of = read_by(protocol, trial, versions)
    return [one for person in trial.participants.values() for one in to_review_of(of(person), person)]


def to_review_of(own: Protocol, person: Participant) -> list[ToReview]:
    """List the changes of one participant that wait for review; `own` is the version that counts for them."""
    critical = {name: _critical(form) for name, form in own.forms.items()}
    return [
        ToReview(participant=person.id, site=person.site, record=record, items=items, by=entry.by)
        for record, entry in person.forms.items()
        if (items := tuple(_waiting(person, record, entry, critical[entry.form])))
    ]


def _critical(form: Form) -> frozenset[str]:
    return frozenset(item for item, one in form.items.items() if one.critical)


def _waiting(participant: Participant, record: str, entry: FormEntry, critical: frozenset[str]) -> Iterator[str]:
    for item, value in entry.values.items():
        if item in critical and value.changes and not holds(participant.reviewed, entry, record, item):
            yield item
    struck = entry.removed is not None and not critical.isdisjoint(entry.values)
    if struck and participant.reviewed.get(record, {}).get(STRUCK_OUT) != entry.sequence:
        yield STRUCK_OUT


def _review(setting: Setting, trial: Trial, intent: ReviewTrail) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; its changes were reviewed before")
    if not intent.note.strip():
        raise DecisionRefused("say in a few words what the review found")
    only = msgspec.structs.replace(trial, participants={participant.id: participant})
    waiting = {one.record: one for one in list_to_review(setting.protocol, only, setting.versions)}
    if not any(intent.records.values()):
        raise DecisionRefused("name at least one item, by its record")
    for record, items in intent.records.items():
        known = waiting.get(record)
        if known is None or not set(items) <= {*known.items}:
            there = "nothing" if known is None else ", ".join(known.items)
            raise DecisionRefused(
                f"{record} of {participant.id}: {there} waits for review. Got {', '.join(items)}"
            )
        if not participant.forms[record].sequence <= intent.seen <= trial.sequence:
            raise DecisionRefused(
                f"{record} was saved since you looked at it; look again. Got event {intent.seen}"
            )
        if known.by == setting.by.person:
            raise DecisionRefused(f"you have changed {record} yourself; another person reviews the change")
    return [Outcome(TrailReviewed(records=intent.records, note=intent.note.strip()))]


def _reviewed(trial: Trial, event: Event, fact: TrailReviewed) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    for record, items in fact.records.items():
        values: Places = {record: tuple(item for item in items if item != STRUCK_OUT)}
        set_marks(participant, participant.reviewed, values)
        if STRUCK_OUT in items:
            participant.reviewed.setdefault(record, {})[STRUCK_OUT] = participant.forms[record].sequence


CHAPTER = Chapter(
    decisions={ReviewTrail: _review},
    evolutions={TrailReviewed: _reviewed},
    roles={ReviewTrail: ("data manager", "monitor", "medical monitor")},
)

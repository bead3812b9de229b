"""Answers that are kept as long as they hold: what many people ask for is worked out once.

An answer about a participant hangs on them and on the frame of the trial (`frame_of`), on nothing else: it is
worked out anew once something was recorded of the participant, or the frame has changed. So a page of 3,000 people
costs after each event what one of them costs.

A cache of pure functions of the state; it may be emptied at any time.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import msgspec

from ...conduct.door.state import Participant, Trial
from .here import Here

Answer = TypeVar("Answer")
_KEPT = 64
_KEPT_EACH = 24


@dataclass
class _Each:
    """The answers to one question in one frame, by participant, as of an event."""

    frame: bytes
    sequence: int
    known: dict[str, Any] = field(default_factory=dict)


@dataclass
class _News:
    """What was recorded since the first look, up to an event: the newest event of each participant and kind.

    people: the one of whom something was recorded last stands last.
    """

    sequence: int
    people: OrderedDict[str, int] = field(default_factory=OrderedDict)
    kinds: dict[str, int] = field(default_factory=dict)


_answers: OrderedDict[Hashable, Any] = OrderedDict()
_each: OrderedDict[Hashable, _Each] = OrderedDict()
_news: dict[int, _News] = {}


def kept(
    looking: Here, question: Hashable, answer: Callable[[], Answer], *, of: Collection[str] | None = None
) -> Answer:
    """Return the answer to a question about the state as it is on this day, worked out where it is not kept.

    question: all that the answer hangs on besides the record and the day. of: the kinds of events that can change
    it; None for any.
    """
    as_of = looking.trial.sequence if of is None else _newest_of(looking, of)
    key = (id(looking.running), as_of, looking.today, question)
    if key not in _answers:
        _answers[key] = answer()
    return cast(Answer, _used(_answers, key, _KEPT))


def kept_each(
    looking: Here,
    question: Hashable,
    people: Iterable[Participant],
    answer: Callable[[Participant], Answer],
    *,
    daily: bool = True,
) -> list[Answer]:
    """Return the answer for each participant, worked out anew only where something was recorded of them since.

    answer: may look at nothing but the participant, the frame of the trial, and (daily) the day.
    """
    key = (id(looking.running), looking.today if daily else None, question)
    frame = msgspec.msgpack.encode(frame_of(looking.trial))
    news, now = _read_on(looking), looking.trial.sequence
    if key not in _each or _each[key].frame != frame:
        _each[key] = _Each(frame, now)
    each = _used(_each, key, _KEPT_EACH)
    for who in reversed(news.people):
        if news.people[who] <= each.sequence:
            break
        each.known.pop(who, None)
    each.sequence = now
    known, found = each.known, []
    for person in people:
        if person.id not in known:
            known[person.id] = answer(person)
        found.append(known[person.id])
    return cast(list[Answer], found)


def frame_of(trial: Trial) -> Trial:
    """Return a trial of nobody, with what an answer about a participant may hang on besides the participant."""
    return Trial(
        trial=trial.trial,
        versions=trial.versions,
        sites=trial.sites,
        consent_documents=trial.consent_documents,
        dictionaries=trial.dictionaries,
    )


def _newest_of(looking: Here, kinds: Collection[str]) -> int:
    """Return the newest event of some kinds since the first look; 0 where there was none."""
    known = _read_on(looking).kinds
    return max((known.get(kind, 0) for kind in kinds), default=0)


def _read_on(looking: Here) -> _News:
    """Return what was recorded since the first look; an event is of one participant or of none."""
    news = _news.setdefault(id(looking.running), _News(looking.trial.sequence))
    if news.sequence < looking.trial.sequence:
        for event in looking.running.book.read(after=news.sequence):
            news.kinds[event.kind] = event.sequence
            if event.participant is not None:
                news.people[event.participant] = event.sequence
                news.people.move_to_end(event.participant)
        news.sequence = looking.trial.sequence
    return news


def _used(kept: OrderedDict[Hashable, Answer], key: Hashable, most: int) -> Answer:
    """Return what is kept under a key, as what was used last; what was not used for longest gives way."""
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[key]

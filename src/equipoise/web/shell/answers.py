"""Answers that are kept as long as the record stays as it is: what many people ask for is worked out once.

A cache of pure functions of the state; it may be emptied at any time.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar, cast

from ...conduct.door.state import Participant
from .here import Here

Answer = TypeVar("Answer")
_KEPT = 64
_KEPT_EACH = 24
_answers: OrderedDict[Hashable, Any] = OrderedDict()
_each: OrderedDict[Hashable, tuple[int, dict[str, Any]]] = OrderedDict()


def kept(looking: Here, question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """Return the answer to a question about the state as it is on this day, worked out where it is not kept.

    question: all that the answer hangs on besides the record and the day.
    """
    key = (id(looking.running), looking.trial.sequence, looking.today, question)
    if key not in _answers:
        _answers[key] = answer()
        while len(_answers) > _KEPT:
            _answers.popitem(last=False)
    return cast(Answer, _answers[key])


def kept_each(
    looking: Here, question: Hashable, people: Iterable[Participant], answer: Callable[[Participant], Answer]
) -> list[Answer]:
    """Return the answer for each participant, worked out anew only where something was recorded of them since.

    What is recorded of no participant in particular may concern all of them, and then all are asked again.
    """
    key = (id(looking.running), looking.today, question)
    sequence, known = _each.get(key, (0, {}))
    if sequence < looking.trial.sequence:
        news = looking.running.book.read(after=sequence)
        changed = {event.participant for event in news} if known else {None}
        known = {} if None in changed else {who: one for who, one in known.items() if who not in changed}
    found = []
    for person in people:
        if person.id not in known:
            known[person.id] = answer(person)
        found.append(known[person.id])
    _each[key] = (looking.trial.sequence, known)
    _each.move_to_end(key)
    while len(_each) > _KEPT_EACH:
        _each.popitem(last=False)
    return cast(list[Answer], found)

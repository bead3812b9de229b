"""Answers that are kept as long as the record stays as it is: what many people ask for is worked out once.

A cache of pure functions of the state; it may be emptied at any time.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from .here import Here

Answer = TypeVar("Answer")
_KEPT = 64
_answers: OrderedDict[Hashable, Any] = OrderedDict()


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

"""Which visit of the protocol a record belongs to, by the words in the data.

A label is compared without regard to capitals and blanks, with the visit's id, its labels, `Week w` or `Day d` as
the protocol plans it, and `Baseline` for the visit of day 1. What matches none belongs to no visit and keeps its
label.
"""

from collections.abc import Collection, Mapping

import polars as pl

from ...protocol import Protocol
from ..derive.windows import Window


def visit_names(protocol: Protocol) -> Mapping[str, str]:
    """Return the id of a visit by each of the words for it, folded."""
    names: dict[str, str] = {}
    for visit, planned in protocol.schedule.visits.items():
        words = [visit, *(planned.label.root.values() if planned.label is not None else ())]
        for word in words:
            names.setdefault(fold(word), visit)
    for visit, planned in protocol.schedule.visits.items():
        if planned.week is not None:
            names.setdefault(fold(f"Week {planned.week}"), visit)
        elif planned.day is not None and planned.day.first == planned.day.last:
            names.setdefault(fold(f"Day {planned.target}"), visit)
        if planned.target == 1:
            names.setdefault("baseline", visit)
    return names


def fold(text: str) -> str:
    """Return a text without capitals and with single blanks."""
    return " ".join(text.split()).casefold()


def match_visits(labels: pl.Series, protocol: Protocol) -> pl.Series:
    """Return the id of the visit that each label stands for; null where it stands for none."""
    names = visit_names(protocol)
    known = {label: names.get(fold(label)) for label in labels.drop_nulls().unique()}
    return labels.replace_strict(known, default=None, return_dtype=pl.String).alias("visit")


def target_days(protocol: Protocol) -> Mapping[str, int]:
    """Return the study day at which each visit is aimed."""
    return {name: visit.target for name, visit in protocol.schedule.visits.items()}


def halfway_windows(protocol: Protocol, visits: Collection[str]) -> list[Window]:
    """Return windows that reach halfway to the neighbouring visits and leave no day out.

    Day 1 and the days before belong to the visits up to day 1, so that the first visit after day 1 begins on
    day 2; a day as near to two visits belongs to the earlier one.
    """
    targets = sorted((protocol.schedule.visits[name].target, name) for name in visits)
    windows = []
    for place, (target, name) in enumerate(targets):
        low = None if place == 0 else _reach(targets[place - 1][0], target) + 1
        high = None if place == len(targets) - 1 else _reach(target, targets[place + 1][0])
        if place == 0 and target > 1:
            low = 2
        windows.append(Window(name, place, target, low, high))
    return windows


def _reach(target: int, following: int) -> int:
    """Return the last day that belongs to the earlier of two neighbouring visits."""
    if target <= 1 < following:
        return 1
    middle = (target + following) // 2
    return middle if middle != 0 else -1

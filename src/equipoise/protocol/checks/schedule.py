"""Visits follow one another, and no day belongs to two of them."""

from collections.abc import Iterator
from itertools import pairwise

from ..finding import Finding
from ..model import Protocol


def check_schedule(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each pair of neighbouring visits whose windows overlap, and for empty visits."""
    visits = protocol.schedule.visits
    in_time = sorted(visits, key=lambda name: visits[name].target)
    for before, after in pairwise(in_time):
        early, late = visits[before].allowed, visits[after].allowed
        if late.first <= early.last:
            problem = (
                f"allows days {late}, which overlap days {early} of {before}; "
                "narrow one of the windows so that each day belongs to one visit"
            )
            yield Finding(("schedule", "visits", after), problem)
    starts = [
        (name, visits[e.starts].target) for name, e in protocol.schedule.epochs.items() if e.starts in visits
    ]
    for (before, day), (after, later) in pairwise(starts):
        if later <= day:
            yield Finding(("schedule", "epochs", after), f"must start after the epoch {before}")
    for name, intervention in protocol.interventions.items():
        given = protocol.schedule.activities.get(name)
        if given is not None and intervention.at and tuple(given) != tuple(intervention.at):
            said, planned = ", ".join(given), ", ".join(intervention.at)
            problem = f"says {said}, but interventions.{name}.at says {planned}; say it once"
            yield Finding(("schedule", "activities", name), problem)

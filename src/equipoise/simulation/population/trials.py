"""Virtual trials as arrays: T trials of n participants with v visits each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...protocol import Protocol
from ...statistics.distributions import Floats

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class VirtualTrials:
    """T trials of n participants in the order of entry; visits in the order of time, ids as in the protocol.

    arm, site: position of the arm in `arms`, and of the site; T x n.
    entry: calendar day of study day 1, counted from the day on which recruitment began; T x n.
    days, seen: study day of each visit, and whether it took place; T x n x v.
    last_day, completed: study day on which a participant was last seen; whether the schedule had ended; T x n.
    values: by item, as recorded, whether or not the visit took place; T x n x v, NaN where the item is not
    measured.
    times: time (in the unit of the estimand) and event by its id, where the population brings them; each T x n.
    events: study day of intercurrent events, NaN where there was none before the participant was last seen; T x
    n.
    levels: by participant variable that is a code, the code of each participant as a position in `codes`, -1
    where missing; T x n.
    numbers: by participant variable that is a number; T x n.
    flags: by rule of the participant scope, whether it holds; T x n.
    screened: persons screened until the last participant was found; T.
    """

    visits: tuple[str, ...]
    arms: tuple[str, ...]
    arm: Integers
    site: Integers
    sites: int
    entry: Integers
    days: Integers
    seen: Booleans
    last_day: Integers
    completed: Booleans
    values: Mapping[str, Floats]
    times: Mapping[str, tuple[Floats, Floats]]
    events: Mapping[str, Floats]
    levels: Mapping[str, Integers]
    codes: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Floats]
    flags: Mapping[str, Booleans]
    screened: Integers

    @property
    def shape(self) -> tuple[int, int]:
        """Trials and participants of each."""
        trials, participants = self.arm.shape
        return trials, participants

    def visit(self, name: str) -> int:
        """Return the position of a visit."""
        return self.visits.index(name)

    def observed(self, item: str) -> Floats:
        """Return the values of an item that were seen, NaN elsewhere; T x n x v."""
        return np.where(self.seen, self.values[item], np.nan)


def ordered_visits(protocol: Protocol) -> tuple[str, ...]:
    """Return the ids of the visits in the order of time."""
    visits = protocol.schedule.visits
    return tuple(sorted(visits, key=lambda name: visits[name].target))


def visits_of(protocol: Protocol, item: str) -> frozenset[str]:
    """Return the visits at which an item is measured: those of its form, all where the form is not scheduled."""
    forms = [name for name, form in protocol.forms.items() if item in form.items]
    planned = {visit for name in forms for visit in protocol.schedule.activities.get(name, ())}
    return frozenset(planned or protocol.schedule.visits)

"""Who comes to the sites of a trial: the persons of the virtual trial, and those who will not be enrolled.

As many are screened as the population's draw says. Of those who are not enrolled some refuse consent, some are
kept out by a criterion that only the investigator can judge, the others by a criterion with a rule; where a rule
selects by the main item, half of these fail on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ....conduct.follow_up.windows import first_visit
from ....protocol import Protocol, names_in
from ....protocol.model import Criterion
from ...population import Population, Streams, VirtualTrials, draw_trials
from .columns import Column

CONSENT = "consent"
"""Why somebody is not enrolled who refuses consent; else it is the id of a criterion."""

_REFUSE, _JUDGED = 0.12, 0.12
_OUTSIDE = 0.03


def offset_of(days: Column) -> Column:
    """Return how many days after study day 1 a study day lies; there is no day 0."""
    return np.where(days > 0, days - 1, days)


@dataclass(frozen=True, eq=False)
class Persons:
    """Everybody who comes: the first `enrolled` are the participants of the virtual trial, in its order.

    site: position of the site. day_1: calendar day of study day 1, counted from the opening. days: study day of
    each visit, persons x visits. fails: None for those enrolled, else `CONSENT` or the id of a criterion.
    """

    protocol: Protocol
    visits: tuple[str, ...]
    enrolled: int
    site: Column
    sites: int
    day_1: Column
    days: Column
    fails: tuple[str | None, ...]

    @property
    def number(self) -> int:
        """How many they are."""
        return len(self.fails)

    @cached_property
    def calendar(self) -> Column:
        """Calendar day of each visit, persons x visits, counted from the opening."""
        return np.asarray(self.day_1[:, None] + offset_of(self.days))

    @cached_property
    def eligibility_visit(self) -> int:
        """Position of the visit at which the criteria are assessed: the last planned for it, else before day 1."""
        planned = self.protocol.schedule.activities.get("eligibility", ())
        named = [v for v, visit in enumerate(self.visits) if visit in planned]
        targets = [self.protocol.schedule.visits[visit].target for visit in self.visits]
        return max(named or [v for v, target in enumerate(targets) if target < 1] or [0])

    def order(self) -> list[int]:
        """Return everybody in the order in which they come to be screened."""
        return sorted(range(self.number), key=lambda person: (int(self.calendar[person, 0]), person))


def criteria_of(protocol: Protocol) -> Mapping[str, tuple[Criterion, bool]]:
    """Return the criteria by id, with what each must say of a person who is enrolled."""
    population = protocol.population
    wanted = {name: (criterion, True) for name, criterion in population.inclusion.items()}
    return {**wanted, **{name: (criterion, False) for name, criterion in population.exclusion.items()}}


def draw_persons(population: Population, streams: Streams) -> tuple[Persons, dict[str, VirtualTrials]]:
    """Draw who comes, and the trial of those enrolled under each arm, as if everybody got it."""
    protocol = population.protocol
    trials = {arm: draw_trials(population, streams, 1, arm=position) for position, arm in enumerate(protocol.arms)}
    any_arm = next(iter(trials.values()))
    enrolled = population.participants
    failing = int(any_arm.screened[0]) - enrolled
    rng = streams("those not enrolled")
    entry = any_arm.entry[0]
    day_1 = np.concatenate([entry, np.sort(rng.integers(int(entry[0]), int(entry[-1]) + 1, failing))])
    site = np.concatenate([any_arm.site[0], rng.integers(0, any_arm.sites, failing)])
    last = np.min([trial.last_day[0] for trial in trials.values()], axis=0)
    days = _shifted(protocol, any_arm.visits, any_arm.days[0], last, streams("visits outside their window"))
    days = np.concatenate([days, days[np.arange(failing) % enrolled]])
    fails = (*[None] * enrolled, *_reasons(population, rng, failing))
    return Persons(protocol, any_arm.visits, enrolled, site, any_arm.sites, day_1, days, fails), trials


def _shifted(
    protocol: Protocol, visits: tuple[str, ...], days: Column, last: Column, rng: np.random.Generator
) -> Column:
    """Move a few visits out of their window, by up to five days, never past a neighbour nor the last day."""
    chance, early, far = rng.random(days.shape), rng.random(days.shape), rng.integers(1, 6, days.shape)
    moved = days.copy()
    first = first_visit(protocol)
    for v in range(1, len(visits) - 1):
        allowed = protocol.schedule.visits[visits[v]].allowed
        if visits[v] == first or allowed.first <= 1:
            continue
        away = np.where(early[:, v] < 0.3, allowed.first - far[:, v], allowed.last + far[:, v])
        before = moved[:, v - 1] + 1
        after = np.minimum(days[:, v + 1] - 1, last)
        fits = (chance[:, v] < _OUTSIDE) & (away >= before) & (away <= after) & (away > 1)
        moved[:, v] = np.where(fits, away, days[:, v])
    return moved


def _reasons(population: Population, rng: np.random.Generator, failing: int) -> list[str]:
    criteria = criteria_of(population.protocol)
    judged = [name for name, (criterion, _) in criteria.items() if criterion.rule is None]
    ruled = {name: names_in(criterion.rule) for name, (criterion, _) in criteria.items() if criterion.rule}
    by_main = [name for name, names in ruled.items() if population.main in names]
    reasons = []
    for chance, half, pick in rng.random((failing, 3)):
        if chance < _REFUSE or not criteria:
            reasons.append(CONSENT)
            continue
        choice = judged if chance < _REFUSE + _JUDGED else by_main if half < 0.5 else list(ruled)
        choice = choice or list(ruled) or judged
        reasons.append(choice[int(pick * len(choice))])
    return reasons

"""When each step of the trial is to be expected, in months since the first participant entered.

All sites are open from the start and enrol evenly, at the rate of the assumptions times their number; visits are
on their target day. A look takes place when its share of the outcomes is there. Entries go on while the outcomes
of those before ripen, so a look may come when everyone is in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...protocol import Protocol

DAYS_A_MONTH = 30.4375


@dataclass(frozen=True)
class Milestone:
    """A step: which, the month, and the participants that have entered by then; `look`: its number, from 1."""

    name: str
    month: float
    enrolled: float
    look: int = 0


@dataclass(frozen=True)
class Calendar:
    """The steps in order of time; `rate`: participants a month; `screened`: those to be screened, if known."""

    milestones: tuple[Milestone, ...]
    rate: float
    outcome_months: float
    participants: float
    screened: float | None

    @property
    def too_late(self) -> tuple[int, ...]:
        """The looks that come when everyone has entered."""
        return tuple(one.look for one in self.milestones if one.look and one.enrolled >= self.participants)


def plan_calendar(
    protocol: Protocol, participants: float, outcome_day: float, looks: Sequence[float]
) -> Calendar | None:
    """Date the steps of a trial of so many participants; None where the assumptions name no sites.

    outcome_day: study day of the outcome planned for. looks: shares of the outcomes, those before the last.
    """
    assumptions = protocol.assumptions
    if assumptions is None or assumptions.sites is None:
        return None
    rate = assumptions.sites.count * assumptions.sites.participants_per_month
    ripening = (outcome_day - 1) / DAYS_A_MONTH
    last_visit = max(visit.target for visit in protocol.schedule.visits.values())
    entered = participants / rate

    def at(name: str, month: float, look: int = 0) -> Milestone:
        return Milestone(name, month, min(participants, rate * month), look)

    steps = [at("first participant in", 0.0), at("last participant in", entered)]
    steps += [at("look", entered * share + ripening, place) for place, share in enumerate(looks, 1)]
    steps.append(at("last outcome", entered + ripening))
    steps.append(at("last visit of all", entered + (last_visit - 1) / DAYS_A_MONTH))
    failure = assumptions.screen_failure
    screened = None if failure is None else participants / (1.0 - failure)
    return Calendar(tuple(sorted(steps, key=lambda one: one.month)), rate, ripening, participants, screened)

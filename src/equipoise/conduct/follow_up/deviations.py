"""Protocol deviations that a decision finds itself: a visit outside its window, an infusion not given.

What people notice they record on the form for deviations, if the protocol has one. Where a correction shows that
there was none, the deviation is lifted; both events stay.
"""

from datetime import date

from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact
from ..door.state import Deviation, Participant, Trial

VISIT, TREATMENT = "VISIT", "TREATMENT"
"""Categories (DVCAT) of the deviations that decisions find."""
MINOR, MAJOR = "MINOR", "MAJOR"


class DeviationNoted(Fact, frozen=True, kw_only=True):
    """A deviation; category and weight in the words of SDTM's DVCAT and DVSCAT (MAJOR, MINOR)."""

    category: str
    weight: str
    what: str
    on: date
    visit: str | None = None

    def tell(self) -> str:
        """Give what happened."""
        return f"protocol deviation ({self.weight.lower()}): {self.what}"


class DeviationLifted(Fact, frozen=True, kw_only=True):
    """A correction showed that the deviations of a category at a visit were none."""

    category: str
    visit: str

    def tell(self) -> str:
        """Name the visit."""
        return f"no protocol deviation ({self.category.lower()}) at visit {self.visit} after correction"


def has_deviation(participant: Participant, category: str, visit: str) -> bool:
    """Say whether a deviation of this category stands for a visit."""
    return any(one.category == category and one.visit == visit for one in participant.deviations)


def _noted(trial: Trial, event: Event, fact: DeviationNoted) -> None:
    assert event.participant is not None
    trial.participants[event.participant].deviations.append(
        Deviation(category=fact.category, weight=fact.weight, what=fact.what, on=fact.on, visit=fact.visit)
    )


def _lifted(trial: Trial, event: Event, fact: DeviationLifted) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    participant.deviations = [
        one for one in participant.deviations if (one.category, one.visit) != (fact.category, fact.visit)
    ]


CHAPTER = Chapter(decisions={}, evolutions={DeviationNoted: _noted, DeviationLifted: _lifted})

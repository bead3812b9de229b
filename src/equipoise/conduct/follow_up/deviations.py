"""Protocol deviations that a decision finds itself: a visit outside its window, an infusion not given, and the like.

What people notice they record on the form for deviations, if the protocol has one.
"""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact
from ..door.state import Deviation, Trial


class DeviationNoted(Fact):
    """A deviation; category and weight in the words of SDTM's DVCAT and DVSCAT (MAJOR, MINOR)."""

    category: str
    weight: str
    what: str
    on: date
    visit: str | None = None

    def tell(self) -> str:
        """Give what happened."""
        return f"protocol deviation ({self.weight.lower()}): {self.what}"


def _noted(trial: Trial, event: Event, fact: DeviationNoted) -> None:
    assert event.participant is not None
    trial.participants[event.participant].deviations.append(
        Deviation(category=fact.category, weight=fact.weight, what=fact.what, on=fact.on, visit=fact.visit)
    )

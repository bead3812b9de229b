"""Allocation: the next place of the participant's stratum, by a randomisation number that says nothing of the arm.

The strata are read back before anything is allocated; where the source turns out to be otherwise later, the
stratum used stays and the true one is kept beside it (Yelland 2015, PMC4509880).
"""

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Allocation, Trial


class ParticipantAllocated(Fact, frozen=True):
    """A participant got a place of the sealed list: `strata` as confirmed, `stratum` its name in the list."""

    number: str
    stratum: str
    strata: dict[str, str] = {}

    def tell(self) -> str:
        """Give the number."""
        return f"was allocated randomisation number {self.number}"


class StratumCorrected(Fact, frozen=True):
    """The true strata of a participant turned out to be others; the place stays as it was given."""

    strata: dict[str, str]

    def tell(self) -> str:
        """Give the true strata."""
        return "true strata: " + ", ".join(f"{name}={level}" for name, level in self.strata.items())


class AllocateParticipant(Intent, frozen=True):
    """Allocate a participant; `strata` repeats the levels that the record gives, as read back by the investigator."""

    participant: str
    strata: dict[str, str] = {}


class CorrectStratum(Intent, frozen=True):
    """Keep the true strata of a participant beside those that were used."""

    participant: str
    strata: dict[str, str]


def _allocated(trial: Trial, event: Event, fact: ParticipantAllocated) -> None:
    assert event.participant is not None
    place = Allocation(number=fact.number, stratum=fact.stratum, strata=dict(fact.strata), at=event.at)
    trial.participants[event.participant].allocation = place
    trial.allocated[fact.stratum] = trial.allocated.get(fact.stratum, 0) + 1


def _corrected(trial: Trial, event: Event, fact: StratumCorrected) -> None:
    assert event.participant is not None
    place = trial.participants[event.participant].allocation
    assert place is not None
    place.true_strata = dict(fact.strata)

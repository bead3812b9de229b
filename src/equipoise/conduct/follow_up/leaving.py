"""How treatment, participation or life ended; the form that says so is named in the protocol by `ends`."""

from datetime import date
from typing import Literal

from ...record.event import Event
from ..door.fact import Fact
from ..door.state import Leaving, Trial

Ending = Literal["treatment", "participation", "life"]


class ParticipantEnded(Fact):
    """Treatment, participation or life ended, as a form of the protocol says; `why` is a code of that form."""

    what: Ending
    on: date
    why: str

    def tell(self) -> str:
        """Give what ended and why."""
        return f"{self.what} ended on {self.on}: {self.why}"


def _ended(trial: Trial, event: Event, fact: ParticipantEnded) -> None:
    assert event.participant is not None
    trial.participants[event.participant].ended[fact.what] = Leaving(on=fact.on, why=fact.why)

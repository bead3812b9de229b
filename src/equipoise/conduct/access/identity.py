"""Reading who a participant is: allowed at their site, for a reason, and never without an event.

The event says who looked and why; whom they found stands in the table of identities alone.
"""

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from ..enrolment.identities import READERS


class IdentityRead(Fact, frozen=True):
    """Somebody was shown who a participant is; the reason stands in the envelope of the event."""

    def tell(self) -> str:
        """Say so."""
        return "identity was shown"


class ReadIdentity(Intent, frozen=True):
    """Look at who a participant is, for a reason."""

    participant: str
    reason: str


def _read(_: Setting, trial: Trial, intent: ReadIdentity) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    if participant.identity_destroyed_at is not None:
        raise DecisionRefused(f"the identity of {participant.id} was destroyed and cannot be read by anybody")
    if not intent.reason.strip():
        raise DecisionRefused("say why the identity is needed, such as: source verification at the site visit")
    return [Outcome(IdentityRead(), reason=intent.reason)]


def _was_read(_: Trial, _event: Event, _fact: IdentityRead) -> None:
    """Leave the state as it is: that somebody looked changes nothing."""


CHAPTER = Chapter(
    decisions={ReadIdentity: _read}, evolutions={IdentityRead: _was_read}, roles={ReadIdentity: READERS}
)

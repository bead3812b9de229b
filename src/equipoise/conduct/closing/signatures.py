"""Electronic signatures: who, when, with which meaning, bound to the hash of what was signed (21 CFR 11.50, 11.70)."""

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Signature, Trial


class Signed(Fact):
    """The data of a participant were signed; a later change shows the signature as broken."""

    meaning: str
    content: str

    def tell(self) -> str:
        """Give the meaning."""
        return f"was signed: {self.meaning} (content {self.content[:12]})"


class Sign(Intent):
    """Sign the data of a participant as they stand; `content` is the hash that the person was shown."""

    participant: str
    meaning: str
    content: str


def _signed(trial: Trial, event: Event, fact: Signed) -> None:
    assert event.participant is not None
    signature = Signature(person=event.actor, meaning=fact.meaning, content=fact.content, at=event.at)
    trial.participants[event.participant].signatures.append(signature)

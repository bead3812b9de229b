"""Protocol versions: the record is opened for a trial, and each version of its protocol is issued by its hash."""

from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent
from ..door.state import Trial


class ProtocolIssued(Fact):
    """A version of the protocol was issued, named by its content hash; the first one opens the trial."""

    trial: str
    protocol: str

    def tell(self) -> str:
        """Name the version."""
        return f"protocol version {self.protocol[:12]} was issued"


class IssueProtocol(Intent):
    """Issue the version of the protocol with this content hash."""

    protocol: str


def _issued(trial: Trial, _: Event, fact: ProtocolIssued) -> None:
    trial.trial = fact.trial
    trial.versions.append(fact.protocol)

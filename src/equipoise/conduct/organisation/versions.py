"""Protocol versions: the record is opened for a trial, and each version of its protocol is issued by its hash."""

import re

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial

_HASH = re.compile(r"[0-9a-f]{64}")


class ProtocolIssued(Fact, frozen=True):
    """A version of the protocol was issued, named by its content hash; the first one opens the trial."""

    trial: str
    protocol: str

    def tell(self) -> str:
        """Name the version."""
        return f"protocol version {self.protocol[:12]} was issued"


class IssueProtocol(Intent, frozen=True):
    """Issue the version of the protocol with this content hash."""

    protocol: str


def require_issued(trial: Trial, protocol: str) -> None:
    """Raise DecisionRefused for a protocol version that was never issued for this trial."""
    if protocol not in trial.versions:
        issued = ", ".join(version[:12] for version in trial.versions) or "none yet"
        raise DecisionRefused(
            f"this version of the protocol was not issued for the trial; issued are: {issued}. Got {protocol[:12]}"
        )


def _issue(_: Setting, trial: Trial, intent: IssueProtocol) -> list[Outcome]:
    if not _HASH.fullmatch(intent.protocol):
        raise DecisionRefused(
            "a protocol version is named by the hash of its content, 64 digits from 0 to f, as `check` shows it. "
            f"Got {intent.protocol}"
        )
    if intent.protocol in trial.versions:
        raise DecisionRefused(f"this version of the protocol was issued before. Got {intent.protocol[:12]}")
    return [Outcome(ProtocolIssued(trial=trial.trial, protocol=intent.protocol))]


def _issued(trial: Trial, _: Event, fact: ProtocolIssued) -> None:
    trial.trial = fact.trial
    trial.versions.append(fact.protocol)


CHAPTER = Chapter(
    decisions={IssueProtocol: _issue},
    evolutions={ProtocolIssued: _issued},
    roles={IssueProtocol: ("sponsor",)},
)

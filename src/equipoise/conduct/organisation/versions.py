"""Protocol versions: the record is opened for a trial, and each version of its protocol is issued by its hash."""

import re

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from .amendments import classify_changes, count_kinds, refusals

_HASH = re.compile(r"[0-9a-f]{64}")


class ProtocolIssued(Fact, frozen=True):
    """A version of the protocol was issued, named by its content hash; the first one opens the trial.

    changes: of an amendment, the number of changes by their kind.
    """

    trial: str
    protocol: str
    changes: dict[str, int] = {}

    def tell(self) -> str:
        """Name the version."""
        kinds = ", ".join(f"{kind}: {count}" for kind, count in self.changes.items())
        return f"protocol version {self.protocol[:12]} was issued{f' (changes: {kinds})' if kinds else ''}"


class IssueProtocol(Intent, frozen=True):
    """Issue the version of the protocol with this content hash; its file is in the trial's folder."""

    protocol: str


def require_issued(trial: Trial, protocol: str) -> None:
    """Raise DecisionRefused for a protocol version that was never issued for this trial."""
    if protocol not in trial.versions:
        issued = ", ".join(version[:12] for version in trial.versions) or "none yet"
        raise DecisionRefused(
            f"this version of the protocol was not issued for the trial; issued are: {issued}. Got {protocol[:12]}"
        )


def _issue(setting: Setting, trial: Trial, intent: IssueProtocol) -> list[Outcome]:
    if not _HASH.fullmatch(intent.protocol):
        raise DecisionRefused(
            "a protocol version is named by the hash of its content, 64 digits from 0 to f, as `check` shows it. "
            f"Got {intent.protocol}"
        )
    if intent.protocol in trial.versions:
        raise DecisionRefused(f"this version of the protocol was issued before. Got {intent.protocol[:12]}")
    new = setting.versions.get(intent.protocol)
    if new is None:
        raise DecisionRefused(
            "the file of this version of the protocol is not in the trial's folder; issue it with "
            f"`equipoise amend`, which puts it there. Got {intent.protocol[:12]}"
        )
    old = setting.version(trial.versions[-1])
    if found := refusals(old, new, trial):
        raise DecisionRefused("\n".join(found))
    changes = count_kinds(classify_changes(old, new))
    return [Outcome(ProtocolIssued(trial=trial.trial, protocol=intent.protocol, changes=changes))]


def _issued(trial: Trial, _: Event, fact: ProtocolIssued) -> None:
    trial.trial = fact.trial
    trial.versions.append(fact.protocol)


CHAPTER = Chapter(
    decisions={IssueProtocol: _issue},
    evolutions={ProtocolIssued: _issued},
    roles={IssueProtocol: ("sponsor",)},
)

"""An amendment in a running trial: first a dry run on a copy of its record, then the issue, and both compared.

The copy is the record replayed anew, so that what the dry run finds is what the record says and not what happens
to be in memory. Dry run and real run are judged by the same function (`survey`); where they differ, something is
wrong with the record or with the state at work, and it is said at once.
"""

import uuid
from dataclasses import dataclass
from itertools import takewhile

from ...conduct.door.chapters import DECISIONS, evolve, replay
from ...conduct.door.fact import By, Outcome, Setting, draft_of
from ...conduct.door.roles import require_role
from ...conduct.door.state import Trial
from ...conduct.organisation.amendments import Classified, classify_changes
from ...conduct.organisation.versions import IssueProtocol
from ...datasets.from_record import write_sdtm
from ...errors import RecordCorrupt
from ...protocol import Protocol, protocol_version, read_protocol
from ...record import Event
from ..running import RunningTrial
from .survey import Survey, survey


@dataclass(frozen=True)
class DryRun:
    """What an amendment comes to: its version, its changes, and the trial as it would stand with it.

    sequence: the last event of the record that the dry run was made on.
    """

    version: str
    changes: tuple[Classified, ...]
    found: Survey
    sequence: int


def dry_run(running: RunningTrial, source: str, by: By) -> DryRun:
    """Issue a new version in a copy of the trial and say what comes of it; nothing is recorded.

    Raises ProtocolError where the file is none, DecisionRefused where the amendment would be refused.
    """
    running.door.refresh()
    return _on_copy(running, read_protocol(source), by, running.door.trial.sequence)


def issue_amendment(running: RunningTrial, source: str, by: By, request: str | None = None) -> DryRun:
    """Issue a new version of the protocol after a dry run; return the dry run, which the real one has equalled.

    Sites work on as before until each is activated for the new version (ICH E6(R3) 4.3.5). Raises as `dry_run`
    does, and RecordCorrupt where the trial afterwards is not what the dry run foresaw.
    """
    request = request or str(uuid.uuid4())
    new = read_protocol(source)
    version = protocol_version(new)
    intent = IssueProtocol(protocol=version)
    if version not in running.door.refresh().versions:
        _on_copy(running, new, by, running.door.trial.sequence)
        running.add_version(source, new)
    (event,) = running.door.submit(intent, by, request)
    foreseen = _on_copy(running, new, by, event.sequence - 1)
    found = _survey(running.door.trial, {**running.door.protocols, version: new}, version)
    if event.sequence == running.door.trial.sequence and found != foreseen.found:
        raise RecordCorrupt(
            f"after the amendment the trial is not what the dry run foresaw; verify the record. Got {found}"
        )
    return foreseen


def _on_copy(running: RunningTrial, new: Protocol, by: By, sequence: int) -> DryRun:
    """Issue a version in the trial as it stood after an event."""
    trial = replay(takewhile(lambda event: event.sequence <= sequence, running.book.read()))
    version = protocol_version(new)
    versions = {**running.door.protocols, version: new}
    old, intent = versions[trial.versions[-1]], IssueProtocol(protocol=version)
    require_role(trial, by, intent, None)
    for outcome in DECISIONS[IssueProtocol](Setting(old, by, versions), trial, intent):
        evolve(trial, _event(trial, outcome, by))
    return DryRun(version, classify_changes(old, new), _survey(trial, versions, version), sequence)


def _survey(trial: Trial, versions: dict[str, Protocol], version: str) -> Survey:
    earlier = tuple(versions[name] for name in trial.versions if name != version)
    write_sdtm(versions[version], trial, earlier=earlier)  # whatever was recorded can still be written down
    return survey(trial, versions, version)


def _event(trial: Trial, outcome: Outcome, by: By) -> Event:
    """Return the event that an outcome would become, with nothing of the chain."""
    draft = draft_of(outcome)
    return Event(
        sequence=trial.sequence + 1,
        at=by.at,
        zone=by.zone,
        actor=by.person,
        role=by.role,
        site=draft.site,
        participant=draft.participant,
        kind=draft.kind,
        version=draft.version,
        payload=draft.payload,
        reason=draft.reason,
        request="dry run",
        part=1,
        previous=b"",
        hash=b"",
    )

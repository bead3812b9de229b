"""The archive of a site at the door: an event with its purpose, rows and hashes, like any export.

What is written appears only when that is on record.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from ...conduct.closing.exports import ExportData
from ...conduct.door.fact import By
from ...conduct.organisation.sites import require_site
from ...errors import DecisionRefused, RecordCorrupt
from ...record import Book
from ...record.event import Event
from ...vault.events import ScheduleInstalled, read_said
from ..access.identity import read_identity
from ..opened import Disclosed, check_disclosed
from ..running import RunningTrial, signing_key
from .write import Kept, Progress, Source, Table, write_site_archive


def archive_site(
    running: RunningTrial,
    by: By,
    site: str,
    out: Path,
    purpose: str,
    *,
    language: str = "en",
    identities: bool = False,
    disclosed: Disclosed | None = None,
    progress: Progress = lambda _: None,
    request: str | None = None,
) -> Kept:
    """Write the archive of a site into a folder, and record that it was done; return what it holds.

    identities: with the table of who the participants are, for who may read it; each look is an event. disclosed:
    what was opened after the lock; then with the arms of the site's participants. Raises DecisionRefused where the
    role may not, the site is unknown or the blind forbids it, DataError where nobody was screened there.
    """
    trial = running.door.refresh()
    require_site(trial, site)
    asked = ExportData(
        blind="blinded" if disclosed is None else "unblinded",
        purpose=purpose,
        sequence=trial.sequence,
        rows={"record.jsonl": 1},
        hashes={"record.jsonl": ""},
        site=site,
    )
    running.door.require_allowed(asked, by)
    arms = None if disclosed is None else _arms(running, site, disclosed)
    people = _identities(running, by, site, purpose, request) if identities else None
    asked = msgspec.structs.replace(asked, sequence=running.door.refresh().sequence)
    return write_site_archive(
        out,
        _source(running),
        site,
        signing_key(running.folder),
        language=language,
        identities=people,
        arms=arms,
        record=_recorder(running, by, asked, request),
        progress=progress,
    )


def _source(running: RunningTrial) -> Source:
    trial = running.door.trial
    return Source(
        events=_events(running),
        trial=trial,
        protocols={name: running.door.protocols[name] for name in trial.versions},
        files=dict(zip(trial.versions, running.protocol_files(), strict=True)),
        anchors=running.folder.anchors,
        schema=running.book.schema,
        mode=running.book.mode,
    )


def _events(running: RunningTrial) -> list[Event]:
    """Return the events up to the state; what others append meanwhile is left for the next archive."""
    return [event for event in running.book.read() if event.sequence <= running.door.trial.sequence]


def _recorder(running: RunningTrial, by: By, asked: ExportData, request: str | None) -> Callable[[Kept], object]:
    def record(kept: Kept) -> None:
        _submit(running, by, asked, dict(kept.rows), dict(kept.hashes), request)

    return record


def _submit(
    running: RunningTrial,
    by: By,
    asked: ExportData,
    rows: dict[str, int],
    hashes: dict[str, str],
    request: str | None,
) -> None:
    done = msgspec.structs.replace(asked, rows=rows, hashes=hashes)
    running.door.submit(done, by, request)


def _arms(running: RunningTrial, site: str, disclosed: Disclosed) -> Table:
    """Return the arms of the participants of a site, each with what proves it against the sealed list."""
    trial = running.door.trial
    if trial.unblinded_at is None:
        raise DecisionRefused("the codes have not been opened; an archive with arms is written after unblinding")
    check_disclosed(disclosed, _list_hash(running))
    rows = []
    for slot in disclosed.slots:
        known = trial.participants.get(slot.participant or "")
        if known is not None and known.site == site:
            label = running.protocol.arms[slot.arm].label.say()
            rows.append(
                {
                    "participant": known.id,
                    "number": slot.number,
                    "arm": slot.arm,
                    "label": label,
                    "stratum": slot.stratum,
                    "position": str(slot.position),
                }
            )
    return sorted(rows, key=lambda row: row["participant"])


def _list_hash(running: RunningTrial) -> str:
    """Return the hash of the list from the vault's own record, which is open to everybody after unblinding."""
    with running.server.connect("vault") as connection:
        for event in Book(connection, "vault_record").read(kinds=[ScheduleInstalled.__name__]):
            said = read_said(event)
            assert isinstance(said, ScheduleInstalled)
            return said.list_hash
    raise RecordCorrupt("the vault's record does not hold the sealing of the list")


def _identities(running: RunningTrial, by: By, site: str, purpose: str, request: str | None) -> Table:
    """Return who the participants of a site are, each look an event; empty where the identity was destroyed."""
    rows = []
    for one in list(running.door.trial.participants.values()):
        if one.site == site:
            key = None if request is None else f"{request} {one.id}"
            known = one.identity_destroyed_at is None
            who = read_identity(running, by, one.id, purpose, key) if known else {}
            rows.append({"participant": one.id, **who})
    return rows

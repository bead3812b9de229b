"""The clinical data of a trial, or of one site of it, as an ODM file."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from ...conduct.closing.exports import ExportData
from ...conduct.door.checkpoint import copy_state
from ...conduct.door.fact import By
from ...datasets.odm import Version, Written, write_odm
from ...errors import DataError
from ..running import RunningTrial

ODM = "odm.xml"


def export_odm(
    running: RunningTrial,
    by: By,
    out: Path,
    purpose: str,
    *,
    site: str | None = None,
    version: Version = "1.3.2",
    progress: Callable[[str], object] = lambda _: None,
    request: str | None = None,
) -> Written:
    """Write the clinical data of all sites, or of one, as an ODM file of a version, and record that it was done.

    It holds no arm, before unblinding and after. Raises DataError where the file is there already or nobody was
    screened, DecisionRefused where the role may not.
    """
    if out.exists():
        raise DataError(f"ODM is written to a file that does not exist yet. Got {out}")
    door = running.door
    with door.still() as present:
        asked = ExportData(
            blind="blinded",
            purpose=purpose,
            sequence=present.sequence,
            rows={ODM: 1},
            hashes={ODM: ""},
            site=site,
        )
        door.require_allowed(asked, by)
        trial = copy_state(present)
        events = [event for event in running.book.read() if event.sequence <= trial.sequence]
    protocols = {name: door.protocols[name] for name in trial.versions}
    unfinished = out.with_name(f".{out.name}.part")
    try:
        written = write_odm(unfinished, events, trial, protocols, site=site, version=version, progress=progress)
        done = msgspec.structs.replace(asked, rows={ODM: written.items}, hashes={ODM: written.sha256})
        door.submit(done, by, request)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return written

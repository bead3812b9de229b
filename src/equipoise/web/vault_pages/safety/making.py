"""The closed report in the making: with a trial of its own, so that pages are answered meanwhile.

What is made is kept in this process for the one who asked for it, and nowhere on a disk: the folder in which it is
written is gone when it is done.
"""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import msgspec

from ....conduct.door.fact import By
from ....line import VaultClient
from ....record import Stamp
from ....trial.running import attach_trial
from ....trial.safety.board import REPORT, write_closed_report
from ...beside.background import Job, Made, jobs_of, start_alone
from ...beside.line import vault_line
from ...shell.here import Here

WHAT = "closed report"
STAGES = (
    "waiting",
    "reading the record",
    "asking the vault",
    "making datasets",
    "computing",
    "setting the pages",
    "done",
)


class _Later(VaultClient):
    """The line to the vault for work that takes a while: in a rehearsal each call bears its own time.

    Others go on meanwhile, and the clock of a rehearsal never goes back; in a live trial the database tells it.
    """

    def __init__(self, line: VaultClient) -> None:
        self._open, self._began = line, monotonic()

    def call(self, name: str, kind: Any, /, **arguments: Any) -> Any:
        """Call a handler, with the time moved on."""
        stamp: Stamp = arguments["stamp"]
        if stamp.at is not None:
            later = stamp.at + timedelta(seconds=monotonic() - self._began)
            arguments["stamp"] = msgspec.structs.replace(stamp, at=later)
        return self._open.call(name, kind, **arguments)


def report_of(looking: Here) -> Job | None:
    """Return the newest report that who looks has asked for; None before."""
    return next(iter(jobs_of(looking, WHAT)), None)


def start_report(looking: Here, language: str, request: str) -> Job:
    """Start a report; where one of theirs is in the making already, return that."""
    folder, vault, by = looking.running.folder.path, vault_line(), looking.by
    return start_alone(looking, WHAT, lambda job: _make(job, folder, _Later(vault), by, language, request))


def _make(job: Job, folder: Path, vault: VaultClient, by: By, language: str, request: str) -> Made:
    job.say("reading the record")
    with attach_trial(folder) as running, TemporaryDirectory(prefix="equipoise-closed-") as place:
        out = Path(place) / "closed"
        frozen = write_closed_report(running, vault, by, out, language=language, request=request, progress=job.say)
        content = (out / REPORT).read_bytes()
    job.say("done")
    name = f"closed-report-{frozen.sequence}.pdf"
    return Made(name, "application/pdf", content, frozen.sequence)

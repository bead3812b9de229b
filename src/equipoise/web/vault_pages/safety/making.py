"""The closed report in the making: a thread with a trial of its own, so that pages are answered meanwhile.

What is made is kept in this process for the one who asked for it, and nowhere on a disk: the folder in which it is
written is gone when it is done.
"""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import msgspec

from ....conduct.door.fact import By
from ....errors import DataError, DecisionRefused, EstimationFailed
from ....line import VaultClient
from ....record import Stamp
from ....report.safety.board import Frozen
from ....trial.running import attach_trial
from ....trial.safety.board import REPORT, write_closed_report

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


@dataclass
class Making:
    """A report that is being made or is done: at which stage, since when, and what came of it."""

    language: str
    began_at: datetime
    stage: str = STAGES[0]
    frozen: Frozen | None = None
    pdf: bytes = b""
    refusal: str = ""
    ended_at: datetime | None = None
    thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """Whether it has come to an end, well or not."""
        return self.ended_at is not None

    @property
    def step(self) -> int:
        """The number of the stage, from 0."""
        return STAGES.index(self.stage)


_makings: dict[str, Making] = {}
_line = threading.Lock()


def making_of(person: str) -> Making | None:
    """Return the newest report that a person has asked for; None before."""
    return _makings.get(person)


def start_making(folder: Path, vault: VaultClient, by: By, language: str, request: str) -> Making:
    """Start a report in a thread; where one of this person is in the making already, return that."""
    with _line:
        known = _makings.get(by.person)
        if known is not None and not known.done:
            return known
        making = Making(language, datetime.now(UTC))
        arguments = (making, folder, vault, by, request)
        making.thread = threading.Thread(target=_make, args=arguments, daemon=True, name="closed report")
        _makings[by.person] = making
        making.thread.start()
        return making


def _make(making: Making, folder: Path, vault: VaultClient, by: By, request: str) -> None:
    later = _Later(vault)

    def progress(stage: str) -> None:
        making.stage = stage

    try:
        progress("reading the record")
        with attach_trial(folder) as running, TemporaryDirectory(prefix="equipoise-closed-") as place:
            out = Path(place) / "closed"
            making.frozen = write_closed_report(
                running, later, by, out, language=making.language, request=request, progress=progress
            )
            making.pdf = (out / REPORT).read_bytes()
        progress("done")
    except (DecisionRefused, DataError, EstimationFailed) as refused:
        making.refusal = str(refused)
    except Exception:
        making.refusal = "the report could not be made; call the trial's help"
        raise
    finally:
        making.ended_at = datetime.now(UTC)

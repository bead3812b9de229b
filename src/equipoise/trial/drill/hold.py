"""Holds a drill on a running trial, records that it was held, and gives its evidence for the report."""

import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from importlib.metadata import version
from pathlib import Path

from ...conduct.door.fact import By
from ...conduct.organisation.drills import RecordDrill
from ...line import VaultClient
from ...record import Event, Head
from ...report.evidence import Check, Evidence, Found, NotExercised, carry_out
from ..running import RunningTrial
from ..steps import stamp_of
from .restored import RestoredCopy
from .steps import STEPS, DrillSteps

NEEDED = ("backup", "restore")
"""Steps without which no further one can be done."""


@dataclass(frozen=True)
class Drill:
    """A drill as it was held: its steps, the head of what was restored (None: nothing was), and its event."""

    checks: tuple[Check, ...]
    head: Head | None
    event: Event
    seconds: float

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the steps that failed."""
        return tuple(check.id for check in self.checks if check.passed is False)


def hold_drill(
    running: RunningTrial,
    by: By,
    *,
    request: str | None = None,
    vault: VaultClient | None = None,
    into: str | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Drill:
    """Bring a fresh backup of a running trial back elsewhere, try the copy, and record that it was done.

    by: an administrator. vault: the unblinded door of the running vault, to see that it answers. into: URL of an
    empty database to restore into, instead of an embedded server in a temporary folder. A step that fails is no
    error: it stands in the drill and in the record. Raises DecisionRefused where the role may not record it; then
    nothing was done.
    """
    intent = RecordDrill(through=0, hash="", steps=1, failed=("none was tried",))
    running.door.require_allowed(intent, by)
    began = time.monotonic()
    stamp = stamp_of(by, "drill", rehearsed=running.book.mode == "rehearsal")
    with (
        tempfile.TemporaryDirectory(prefix="equipoise-drill-") as folder,
        RestoredCopy(running, Path(folder), into) as copy,
    ):
        checks = _try_all(DrillSteps(copy, stamp, vault), progress)
        head = copy.heads.get("record")
    failed = tuple(check.id for check in checks if check.passed is False)
    intent = RecordDrill(
        through=0 if head is None else head.sequence,
        hash="" if head is None else head.hash.hex(),
        steps=len(checks),
        failed=failed,
    )
    (event,) = running.door.submit(intent, by, request)
    return Drill(checks, head, event, round(time.monotonic() - began, 1))


def _try_all(steps: DrillSteps, progress: Callable[[str], object]) -> tuple[Check, ...]:
    checks: list[Check] = []
    missing: str | None = None

    def not_done() -> Found:
        raise NotExercised(f"not done, since the step `{missing}` failed")

    for check, test in STEPS:
        progress(check.id)
        done = carry_out(check, not_done if missing else lambda test=test: test(steps))  # type: ignore[misc]
        if check.id in NEEDED and done.passed is False:
            missing = check.id
        checks.append(done)
    return tuple(checks)


def evidence_of(running: RunningTrial, drill: Drill) -> Evidence:
    """Give what a report of the drill says."""
    return Evidence(
        title="Restore drill",
        subject=f"Trial {running.book.trial}",
        at=drill.event.at.astimezone(UTC),
        about={
            "Trial": running.book.trial,
            "Mode": running.book.mode,
            "Protocol version": running.door.trial.versions[-1],
            "Held by": f"{drill.event.actor} ({drill.event.role})",
            "In the record": f"event {drill.event.sequence}, hash {drill.event.hash.hex()}",
            "Equipoise": version("equipoise"),
            "Python": platform.python_version(),
            "Machine": platform.platform(),
            "Time taken": f"{drill.seconds:.1f} s",
        },
        checks=drill.checks,
        notes=(
            "The drill only read the running trial and added one event: that it was held. The copy is gone.",
            "Passphrases were not used: that the holders still know theirs is to be tried apart.",
        ),
    )

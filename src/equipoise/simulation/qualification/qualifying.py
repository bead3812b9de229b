"""Carries a qualification out, and writes its report, signed; what was stopped on the way is marked as partial."""

import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Generic, TypeVar

from nacl.signing import SigningKey

from ...errors import DataError, Stopped
from ...protocol import protocol_version, read_protocol
from ...record import Server
from ...report.evidence import Check, Evidence, NotExercised, carry_out, write_report
from ...report.folder import require_free
from ...trial.drill.restored import remove_schemas, schemas_of
from ...trial.folder import TrialFolder
from ...trial.running import attach_trial, signing_key
from .bench import database_url, set_up_bench
from .operation import Operation
from .performance import AtWork, Performance
from .requirements import Planned, plan_at_work, plan_installation, plan_operation, plan_performance

OWN_KEY = (
    "Signed with a key that was made for this report and thrown away: a later change shows, but not who signed. "
    "Keep the public key apart, or name a trial (--dir)."
)
Made = TypeVar("Made")
Progress = Callable[[str, int, int], object]
"""Told the check that is under way, how many are done, and how many there are."""


def qualify(
    out: Path,
    *,
    protocol: str = "hucmsc_pilot",
    trial: Path | None = None,
    database: str | None = None,
    progress: Progress = lambda _what, _done, _all: None,
) -> tuple[Evidence, str]:
    """Qualify this installation and write the signed report to `out`; return what was found, and the public key.

    protocol: what the rehearsal carries through. trial: folder of a running trial to look at, whose key then
    signs; else a key is made for the report and thrown away. database: URL of an empty database of the server to
    qualify, which is left empty; else an embedded server of its own. A check that fails is no error: it stands in
    the report.
    Raises DataError where `out` holds something else, ProtocolError for a wrong protocol, before anything is done;
    Stopped where the user stopped it, when the partial report is written.
    """
    require_free(out)
    wanted = read_protocol(protocol)
    key = SigningKey.generate() if trial is None else signing_key(_existing(trial))
    run = _Run(progress)
    began, at = time.monotonic(), datetime.now(UTC)
    stopped: Stopped | None = None
    try:
        _carry_out(run, protocol, trial, database, beside=trial or out)
    except Stopped as word:
        stopped = word
    partial = "" if stopped is None else f"it was stopped after {len(run.checks)} of {run.planned} checks"
    evidence = Evidence(
        title="Qualification of an installation",
        subject=f"Equipoise {version('equipoise')}",
        at=at,
        about={
            "Equipoise": version("equipoise"),
            "Python": platform.python_version(),
            "Machine": f"{platform.node()}, {platform.platform()}",
            "Database": "an embedded server, for the time of the tests" if database is None else "the one given",
            "Protocol rehearsed": f"{wanted.trial.id}, version {protocol_version(wanted)}",
            "Running trial": "none was named" if trial is None else TrialFolder(trial).trial,
            "Time taken": f"{time.monotonic() - began:.0f} s",
        },
        checks=run.checks,
        partial=partial,
        notes=(
            "A check that was not exercised says nothing either way; whoever reviews this report judges whether "
            "it has to be done by other means.",
            "Not covered: the machines and people around the program, and what the rehearsed trial does not use.",
            OWN_KEY if trial is None else "Signed with the key of the trial.",
        ),
    )
    public = write_report(out, evidence, key)
    if stopped is not None:
        raise Stopped(f"stopped; the report in {out} is partial: {partial}") from stopped
    return evidence, public


def _carry_out(run: "_Run", protocol: str, trial: Path | None, database: str | None, *, beside: Path) -> None:
    """Carry out every check; the disk that is looked at is that of the folder `beside` which others stand."""
    room = next(folder for folder in beside.absolute().parents if folder.exists())
    with ExitStack() as opened, database_url(database):
        work = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="equipoise-qualify-")))
        if database is not None:
            server = Server(database)
            opened.callback(remove_schemas, server, kept := schemas_of(server))
        on_the_bench = opened.enter_context(ExitStack())
        bench = _Once(lambda: on_the_bench.enter_context(set_up_bench()))
        operation = _Once(lambda: Operation(bench()))

        def clear_the_bench() -> None:
            on_the_bench.close()
            if database is not None:
                remove_schemas(server, kept)

        performance = Performance(protocol, work / "archive", clear_the_bench, run.tell)
        planned = (
            *plan_installation(room, bench),
            *plan_operation(operation),
            *plan_performance(performance),
        )
        at_work = list(plan_at_work(None))
        run.planned = len(planned) + len(at_work)
        run(planned)
    with ExitStack() as opened:
        if trial is not None:
            looked_at = _Once(lambda: AtWork(opened.enter_context(attach_trial(trial))))
            at_work = list(plan_at_work(looked_at))
        run(at_work)


class _Run:
    """Carries checks out one after the other; `checks` are those that were done, of all that are planned."""

    def __init__(self, progress: Progress) -> None:
        self.checks: list[Check] = []
        self.planned = 0
        self._progress = progress
        self._now = ""

    def __call__(self, planned: Sequence[Planned]) -> None:
        for check, test in planned:
            self._now = f"{check.id} {check.requirement}"
            self._progress(self._now, len(self.checks), self.planned)
            self.checks.append(carry_out(check, test))

    def tell(self, what: str) -> None:
        """Tell how far the check is that is under way."""
        self._progress(f"{self._now} {what}", len(self.checks), self.planned)


class _Once(Generic[Made]):
    """Makes something when it is first asked for; where that failed, nothing that needs it can be exercised."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._made: Made | None = None
        self._failed = False

    def __call__(self) -> Made:
        if self._failed:
            raise NotExercised("what this test needs could not be set up; see the first check that failed")
        if self._made is None:
            self._failed = True
            self._made = self._make()
            self._failed = False
        return self._made


def _existing(trial: Path) -> TrialFolder:
    folder = TrialFolder(trial)
    if not folder.trial:
        raise DataError(f"{trial} names no trial")
    return folder

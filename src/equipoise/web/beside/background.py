"""Long work beside the pages: a thread of its own reads the record by its own connection, and says how far it is.

What it has made waits here, in memory, for who asked for it, until the process ends or newer work takes its place.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Literal

from ...conduct.closing.cut import trial_as_of
from ...conduct.door.state import Trial
from ...errors import EquipoiseError
from ...record import Book
from ...trial.running import RunningTrial
from ..shell.here import Here

KEPT = 24
"""Pieces of work that are kept, over all people."""

Standing = Literal["at work", "done", "refused"]


@dataclass(frozen=True)
class Made:
    """What work has made: a file by name, kind and content; or what a page, by its name, shows from now on.

    through: the event up to which it holds, where that is said.
    """

    name: str
    kind: str = ""
    content: bytes = b""
    through: int = 0


@dataclass
class Job:
    """A piece of work: whose, what, since when, how far, and what came of it."""

    name: str
    person: str
    role: str
    what: str
    at: datetime
    step: str = ""
    made: Made | None = None
    refusal: str = ""
    _began: float = field(default_factory=monotonic)
    _ended: float | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def standing(self) -> Standing:
        """How it stands."""
        if not self._over.is_set():
            return "at work"
        return "refused" if self.made is None else "done"

    @property
    def seconds(self) -> int:
        """How long it has taken so far, or took."""
        return int((monotonic() if self._ended is None else self._ended) - self._began)

    def say(self, step: str) -> None:
        """Say what is done now."""
        self.step = step

    def wait(self, seconds: float) -> bool:
        """Wait for the end, so long at most; return whether it has come."""
        return self._over.wait(seconds)


_jobs: OrderedDict[str, Job] = OrderedDict()
_line = threading.Lock()


def start(looking: Here, what: str, work: Callable[[Job], Made]) -> Job:
    """Start work for who looks, and return it at once; what it refuses is told where it is looked at."""
    with _line:
        return _start(looking, what, work)


def start_alone(looking: Here, what: str, work: Callable[[Job], Made]) -> Job:
    """Start work for who looks; where theirs of this sort is at work already, return that."""
    with _line:
        known = [job for job in jobs_of(looking, what) if job.standing == "at work"]
        return known[0] if known else _start(looking, what, work)


def _start(looking: Here, what: str, work: Callable[[Job], Made]) -> Job:
    job = Job(secrets.token_urlsafe(9), looking.person, looking.role, what, looking.at)
    _jobs[job.name] = job
    while len(_jobs) > KEPT:
        _jobs.popitem(last=False)

    def run() -> None:
        try:
            job.made = work(job)
        except EquipoiseError as error:
            job.refusal = str(error)
        except Exception:
            job.refusal = "this did not work; try again, or call the trial's help"
            raise
        finally:
            job._ended = monotonic()
            job._over.set()

    threading.Thread(target=run, name=f"work {job.name}", daemon=True).start()
    return job


def find(looking: Here, name: str) -> Job | None:
    """Return the work of this name, where who looks has asked for it in the role in which they look."""
    job = _jobs.get(name)
    return job if job is not None and (job.person, job.role) == (looking.person, looking.role) else None


def jobs_of(looking: Here, what: str) -> list[Job]:
    """Return the work of one sort that who looks has asked for, the newest first."""
    found = [job for job in list(_jobs.values()) if job.what == what and find(looking, job.name)]
    return found[::-1]


def trial_now(running: RunningTrial) -> Trial:
    """Return a state of its own as of the newest event, read anew from the record."""
    with own_book(running) as book:
        return trial_as_of(book.read(), book.head().sequence)


@contextmanager
def own_book(running: RunningTrial) -> Iterator[Book]:
    """Give the record by a connection of its own, so that pages do not wait for a long reading."""
    with running.server.connect("conduct") as connection:
        yield Book(connection)

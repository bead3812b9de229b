"""The scripted trial on either PostgreSQL, at whatever stage a test begins with."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from tests.servers import (
    DEBIAN,
    NO_DEBIAN,
    crash_server,
    database_url,
    each_database,
    fresh_database,
    running_server,
)

from equipoise.protocol import Protocol, parse_protocol
from equipoise.record import restore
from equipoise.record.server import Server

from .scripted import TRIAL, Mode, Scripted, Stage, attach, begin, bring

__all__ = ["crash_server", "database_url", "each_database"]

_numbers = count(1)


@pytest.fixture(autouse=True)
def protocols_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the file of a protocol takes longer than most of these tests."""
    monkeypatch.setattr("equipoise.trial.folder.read_protocol", lambda source: _read(Path(source).read_text()))


@cache
def _read(text: str) -> Protocol:
    return parse_protocol(text)


@cache
def prepared(kind: str, mode: Mode, size: int, number: int, stage: Stage | None) -> tuple[str, Path]:
    """Bring a trial to a stage, once a test process; return the name of its database and its folder."""
    name = f"scripted_{next(_numbers)}"
    home = Path(tempfile.mkdtemp(prefix="equipoise-scripted-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with database_url(running_server(kind).database(name)):
        script = begin(home / "trial", source=sized(home, size), mode=mode, flush=False)
        if stage is not None:
            bring(script, number, stage)
        script.running.book.flush()
        script.close()
    return name, home / "trial"


def sized(home: Path, size: int) -> Path:
    """Write the protocol with lists of so many places a stratum, and as many more as fill the last block."""
    text = TRIAL.read_text(encoding="utf-8")
    for old, new in (("size: 24", f"size: {size}"), ("[3, 6]", "[3]" if size < 6 else "[3, 6]")):
        assert old in text
        text = text.replace(old, new)
    (home / "trial.yaml").write_text(text, encoding="utf-8")
    return home / "trial.yaml"


@pytest.fixture(params=["wheel", "debian"])
def each_server(request: pytest.FixtureRequest) -> str:
    """The kind of server, once the wheel's and once Debian's."""
    if request.param == "debian" and not DEBIAN:
        pytest.skip(NO_DEBIAN)
    return str(request.param)


class TrialAt:
    """Gives the scripted trial at a stage, each time in a new database and folder; DATABASE_URL names the newest.

    `server` is that of the newest: it knows the programs of its PostgreSQL, and closes the connections it gave.
    `admin` is a connection to it with every right, for checks and mutations.
    """

    def __init__(self, kind: str, home: Path, patch: pytest.MonkeyPatch) -> None:
        self._kind, self._home, self._patch = kind, home, patch
        self._closing = ExitStack()
        self.server: Server
        self.admin: Connection[TupleRow]

    def __call__(
        self, stage: Stage | None = None, number: int = 0, *, mode: Mode = "rehearsal", size: int = 24
    ) -> Scripted:
        """Give a trial with `number` participants at a stage (None: nobody), with lists of `size` places."""
        name, folder = prepared(self._kind, mode, size, number, stage)
        return self.copy(name, folder)

    def copy(self, template: str, folder: Path) -> Scripted:
        """Give a trial as it stands in a database that nobody is connected to, with a copy of its folder."""
        self.database(template)
        home = self._home / f"trial-{next(_numbers)}"
        shutil.copytree(folder, home)
        return self.attach(home)

    def restored(self, backup: Path, folder: Path) -> Scripted:
        """Give a trial as a backup has it, restored into a new database; its folder is the one that is there."""
        restore(self.database(), backup)
        return self.attach(folder)

    def database(self, template: str = "template0") -> Server:
        """Give a new database; DATABASE_URL names it from now on."""
        database = fresh_database(running_server(self._kind), template=template)
        self.server = next(database)
        self.admin = self.server.connect_admin()
        self._closing.callback(next, database, None)
        self._closing.callback(self.admin.close)
        self._patch.setenv("DATABASE_URL", self.server.admin_url)
        return self.server

    def attach(self, folder: Path) -> Scripted:
        """Open the trial of a folder for work, in the newest database."""
        script = attach(folder)
        self._closing.callback(script.close)
        return script

    def close(self) -> None:
        """Close every trial that was given, and drop its database."""
        self._closing.close()


@pytest.fixture
def trial_at(each_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrialAt]:
    """The scripted trial, on either PostgreSQL."""
    trials = TrialAt(each_server, tmp_path, monkeypatch)
    yield trials
    trials.close()

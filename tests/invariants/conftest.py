"""The scripted trial on either PostgreSQL, at whatever stage a test begins with."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from tests.servers import DEBIAN, NO_DEBIAN, crash_server, each_database, fresh_database, running_server

from equipoise.record.server import Server

from .scripted import TRIAL, Mode, Scripted, Stage, attach, begin, bring

__all__ = ["crash_server", "each_database"]

_numbers = count(1)


@cache
def prepared(kind: str, mode: Mode, size: int, number: int, stage: Stage | None) -> tuple[str, Path]:
    """Bring a trial to a stage, once a test process; return the name of its database and its folder."""
    name = f"scripted_{next(_numbers)}"
    server = running_server(kind).database(name)
    home = Path(tempfile.mkdtemp(prefix="equipoise-scripted-"))
    with database_url(server):
        script = begin(home / "trial", source=sized(home, size), mode=mode, flush=False)
        if stage is not None:
            bring(script, number, stage)
        script.running.book.flush()
        script.close()
    return name, home / "trial"


def sized(home: Path, size: int) -> Path:
    """Write the protocol with lists of so many places a stratum."""
    text = TRIAL.read_text(encoding="utf-8")
    assert "size: 24" in text
    (home / "trial.yaml").write_text(text.replace("size: 24", f"size: {size}"), encoding="utf-8")
    return home / "trial.yaml"


@contextmanager
def database_url(server: Server) -> Iterator[None]:
    """Let DATABASE_URL name a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", server.admin_url)
        yield


@pytest.fixture(params=["wheel", "debian"])
def each_server(request: pytest.FixtureRequest) -> str:
    """The kind of server, once the wheel's and once Debian's."""
    if request.param == "debian" and not DEBIAN:
        pytest.skip(NO_DEBIAN)
    return str(request.param)


TrialAt = Callable[..., Scripted]


@pytest.fixture
def trial_at(each_server: str, tmp_path: Path) -> Iterator[TrialAt]:
    """Give the scripted trial at a stage, on a database of its own; DATABASE_URL names it until the test ends.

    `trial_at(stage, number, mode=, size=)`: `number` participants at this stage, `None` for none; lists of `size`
    places a stratum. `script.running.server` is the server by its URL; `trial_at.server` knows its programs.
    """
    opened: list[Scripted] = []
    with pytest.MonkeyPatch.context() as patch:
        databases: list[Iterator[Server]] = []

        def give(
            stage: Stage | None = None, number: int = 0, *, mode: Mode = "rehearsal", size: int = 24
        ) -> Scripted:
            name, folder = prepared(each_server, mode, size, number, stage)
            databases.append(fresh_database(running_server(each_server), template=name))
            server = next(databases[-1])
            patch.setenv("DATABASE_URL", server.admin_url)
            copy = tmp_path / f"trial-{len(opened)}"
            shutil.copytree(folder, copy)
            opened.append(attach(copy))
            give.server = server  # type: ignore[attr-defined]
            return opened[-1]

        yield give
        for script in opened:
            script.close()
        for database in databases:
            next(database, None)

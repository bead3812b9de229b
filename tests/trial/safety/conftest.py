"""The trial of the ward, with six participants who were infused."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt, database_url, protocols_are_read_once
from tests.invariants.scripted import Scripted, bring
from tests.servers import running_server

from .ward import begin_ward

__all__ = ["protocols_are_read_once"]


@cache
def prepared() -> tuple[str, Path]:
    home = Path(tempfile.mkdtemp(prefix="equipoise-ward-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with database_url(running_server("wheel").database("ward")):
        script = begin_ward(home)
        bring(script, 6, "infused", sites=["01"])
        bring(script, 1, "eligible", sites=["01"])
        script.running.book.flush()
        script.close()
    return "ward", home / "trial"


@pytest.fixture
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrialAt]:
    found = TrialAt("wheel", tmp_path, monkeypatch)
    yield found
    found.close()


@pytest.fixture
def ward(trials: TrialAt) -> Scripted:
    """Six participants of site 01 who were infused, and 01-007, who waits to be allocated."""
    return trials.copy(*prepared())

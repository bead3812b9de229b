"""The installation qualification: a sound installation passes, an altered file and a careless database do not."""

import base64
import hashlib
from collections.abc import Callable
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.record import Server
from equipoise.report.evidence import CheckFailed, NotExercised
from equipoise.simulation.qualification import installation
from equipoise.simulation.qualification.installation import Installation, compare_files, declared, hash_tree


def nobody() -> Connection[TupleRow]:
    raise AssertionError("no database is needed")


def installed(folder: Path, *, requires: str = "") -> PathDistribution:
    """A package as a wheel leaves it: two files, and the list of their hashes."""
    (folder / "thing").mkdir()
    info = folder / "thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n{requires}")
    lines = ["thing-1.0.dist-info/RECORD,,\n"]
    for name in ("a.py", "b.py"):
        content = f"name = '{name}'\n".encode()
        (folder / "thing" / name).write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"thing/{name},sha256={digest},{len(content)}\n")
    (info / "RECORD").write_text("".join(lines))
    return PathDistribution(info)


def test_files_are_compared_with_the_list_that_they_came_with(tmp_path: Path) -> None:
    package = installed(tmp_path)
    assert compare_files(package) == 2
    (tmp_path / "thing" / "b.py").write_text("name = 'changed'\n")
    with pytest.raises(CheckFailed, match=r"thing: thing/b\.py is not as it was delivered"):
        compare_files(package)
    (tmp_path / "thing" / "b.py").unlink()
    with pytest.raises(CheckFailed, match=r"thing: thing/b\.py is missing"):
        compare_files(package)


def test_a_package_without_a_list_cannot_be_vouched_for(tmp_path: Path) -> None:
    package = installed(tmp_path)
    (tmp_path / "thing-1.0.dist-info" / "RECORD").unlink()
    with pytest.raises(CheckFailed, match="comes with no list of its files"):
        compare_files(package)


@pytest.mark.parametrize(
    ("requires", "says"),
    [
        ("Requires-Dist: numpy>=999", "numpy>=999 is wanted"),
        ("Requires-Dist: no-such-package>=1", "no-such-package>=1 is not installed"),
    ],
)
def test_a_package_that_is_missing_or_too_old_is_named(
    requires: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = installed(tmp_path, requires=requires)
    monkeypatch.setattr(installation, "distribution", lambda _: package)
    with pytest.raises(CheckFailed, match=says):
        Installation(tmp_path, nobody).check_packages()


def test_what_only_an_extra_needs_is_not_asked_for(tmp_path: Path) -> None:
    package = installed(tmp_path, requires="Requires-Dist: numpy\nRequires-Dist: pytest; extra == 'test'")
    assert [wanted.name for wanted in declared(package)] == ["numpy"]


def test_a_sound_installation_passes(tmp_path: Path) -> None:
    tests = Installation(tmp_path, nobody)
    for test in (tests.check_python, tests.check_packages, tests.check_disk, tests.check_fonts):
        assert test()
    with pytest.raises(NotExercised, match="runs from a folder of sources"):
        tests.check_own_files()


def test_another_python_than_was_asked_for_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform.python_version", lambda: "3.4.1")
    with pytest.raises(CheckFailed, match=r"Got 3\.4\.1"):
        Installation(tmp_path, nobody).check_python()


def test_a_sign_that_no_font_has_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(installation.chinese.CHINESE, "a word", "\u0f00")
    with pytest.raises(CheckFailed, match="no font that comes with the program has \u0f00"):
        Installation(tmp_path, nobody).check_fonts()


def test_a_disk_that_is_full_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(installation, "LEAST_FREE", 1024**6)
    with pytest.raises(CheckFailed, match="GiB must be free"):
        Installation(tmp_path, nobody).check_disk()


def test_a_folder_has_another_hash_after_any_change(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    first = hash_tree(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("compiled")
    assert hash_tree(tmp_path) == first
    (tmp_path / "a.py").write_text("2")
    assert hash_tree(tmp_path) != first


def connecting(server: Server, setting: str = "") -> Callable[[], Connection[TupleRow]]:
    def connect() -> Connection[TupleRow]:
        connection = server.connect("conduct")
        if setting:
            connection.execute(setting.encode())
        return connection

    return connect


def test_a_database_that_does_not_wait_for_the_disk_is_found(database: Server, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match=r"fsync must be on\. Got off"):  # as the servers of the tests are set
        Installation(tmp_path, connecting(database)).check_database()
    hasty = connecting(database, "SET synchronous_commit = off")
    with pytest.raises(CheckFailed, match="synchronous_commit must not be off"):
        Installation(tmp_path, hasty).check_database()


def test_clocks_and_zones_agree_and_a_clock_that_is_off_is_found(
    database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = Installation(tmp_path, connecting(database))
    assert tests.check_times()
    monkeypatch.setattr(installation, "MOST_OFF", -60.0)
    with pytest.raises(CheckFailed, match="the clocks of machine and database must agree"):
        tests.check_times()

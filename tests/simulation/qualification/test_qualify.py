"""A qualification as a whole: its report, what stops it, and the rehearsal in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.command_line import equipoise

from equipoise.errors import DataError, Stopped
from equipoise.record import Server
from equipoise.report.evidence import Check, CheckFailed, Found, carry_out, check_report
from equipoise.simulation.qualification import qualify
from equipoise.simulation.qualification.performance import Performance
from equipoise.simulation.qualification.requirements import Planned, plan_performance
from equipoise.trial.drill.restored import schemas_of

WHOLE = "equipoise.simulation.qualification.qualifying"


def failing() -> Found:
    raise CheckFailed("it is broken")


def stopping() -> Found:
    raise Stopped("stopped; nothing was written")


def planned(*tests: object) -> Iterator[Planned]:
    for number, test in enumerate(tests):
        yield Check(f"XQ-{number}", "Some tests", "It works.", "Try it.", ("21 CFR 11.10(a)",)), test  # type: ignore[misc]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A qualification of three checks that need nothing."""
    monkeypatch.setattr(f"{WHOLE}.plan_installation", lambda *_: planned(lambda: {"found": 1}))
    monkeypatch.setattr(f"{WHOLE}.plan_operation", lambda *_: planned(failing, lambda: {"found": 2}))
    monkeypatch.setattr(f"{WHOLE}.plan_performance", lambda *_: planned())
    return monkeypatch


@pytest.mark.usefixtures("short")
def test_a_check_that_fails_is_named_and_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = equipoise(capsys, "qualify", "--out", tmp_path / "report", "--protocol", "admsc_inr")
    assert ended.status == 1
    assert ended.said.startswith("XQ-0 FAILED: It works. it is broken\n2 of 8 checks passed, 1 failed, 5 were not")
    said = check_report(tmp_path / "report")
    assert (said["failed"], said["passed"]) == (["XQ-0"], False)
    ended = equipoise(capsys, "qualify", "--check", tmp_path / "report")
    assert ended.status == 0
    assert "is unaltered: Qualification of an installation" in ended.said
    (tmp_path / "report" / "report.json").write_text("{}")
    ended = equipoise(capsys, "qualify", "--check", tmp_path / "report")
    assert ended.status == 1
    assert ended.error.endswith("report.json was changed after the report was signed")


def test_what_was_stopped_leaves_a_report_that_says_so(short: pytest.MonkeyPatch, tmp_path: Path) -> None:
    short.setattr(f"{WHOLE}.plan_performance", lambda *_: planned(stopping))
    with pytest.raises(Stopped, match=r"partial: it was stopped after 3 of 9 checks"):
        qualify(tmp_path / "report", protocol="admsc_inr")
    said = check_report(tmp_path / "report")
    assert (said["partial"], said["passed"]) == ("it was stopped after 3 of 9 checks", False)
    assert "PARTIAL REPORT" in (tmp_path / "report" / "index.html").read_text()


@pytest.mark.usefixtures("short")
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="holds files that Equipoise did not write"):
        qualify(tmp_path)
    with pytest.raises(DataError, match=r"trial\.json is missing"):
        qualify(tmp_path / "report", protocol="admsc_inr", trial=tmp_path / "nowhere")
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_a_trial_is_rehearsed_proved_and_a_changed_result_is_found(tmp_path: Path) -> None:
    begun: list[str] = []
    performance = Performance("admsc_inr", tmp_path / "archive", lambda: begun.append("begun"), lambda _: None)
    found = [carry_out(check, test) for check, test in plan_performance(performance)]
    assert [check.failure for check in found] == [""] * 4
    assert begun == ["begun"]
    assert "results.csv was changed" in found[2].evidence["said"]
    assert set(found[3].evidence) >= {"report.pdf", "results.csv"}


def test_without_an_archive_nothing_of_it_is_exercised(tmp_path: Path) -> None:
    def refuse() -> None:
        raise DataError("the database is not empty")

    performance = Performance("admsc_inr", tmp_path / "archive", refuse, lambda _: None)
    found = [carry_out(check, test) for check, test in plan_performance(performance)]
    assert [check.passed for check in found] == [False, None, None, None]


def test_the_database_that_is_given_is_used_and_left_empty_and_that_of_a_trial_never(
    short: pytest.MonkeyPatch, database: Server, tmp_path: Path
) -> None:
    short.setenv("DATABASE_URL", "postgresql://a.trial.may.live.here/trial")
    seen: dict[str, set[str]] = {}

    def look(name: str) -> Found:
        seen[name] = schemas_of(database)
        return {"schemas": seen[name]}

    def clear(performance: Performance) -> Found:
        performance.begin()
        return look("rehearsal")

    short.setattr(f"{WHOLE}.plan_installation", lambda _, bench: planned(lambda: {"at": bench().clock}))
    short.setattr(f"{WHOLE}.plan_operation", lambda _: planned(lambda: look("bench")))
    short.setattr(f"{WHOLE}.plan_performance", lambda performance: planned(lambda: clear(performance)))
    evidence, _ = qualify(tmp_path / "report", protocol="admsc_inr", database=database.admin_url)
    assert [check.failure for check in evidence.checks[:3]] == [""] * 3
    assert {"record", "vault", "guard"} <= seen["bench"]
    assert seen["rehearsal"] == schemas_of(database) == set()
    assert os.environ["DATABASE_URL"] == "postgresql://a.trial.may.live.here/trial"

"""Evidence: a check keeps what its test has found, and a signed report shows every change to it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from pypdf import PdfReader

from equipoise.errors import DataError, DecisionRefused, RecordCorrupt, Stopped
from equipoise.report.evidence import (
    Check,
    CheckFailed,
    Evidence,
    Found,
    NotExercised,
    carry_out,
    check_report,
    write_report,
)

KEY = SigningKey(bytes(range(32)))
PLANNED = Check("OQ-01", "Operation", "It holds.", "Try it.", ("21 CFR 11.10(a)",))


def raising(error: BaseException) -> Found:
    raise error


CHECKS = (
    carry_out(PLANNED, lambda: {"count": 3, "hash": "ab" * 32}),
    carry_out(PLANNED, lambda: raising(CheckFailed("it does not hold <here>"))),
    carry_out(PLANNED, lambda: raising(NotExercised("there is none"))),
)


def evidence(partial: str = "", checks: tuple[Check, ...] = CHECKS) -> Evidence:
    at = datetime(2026, 3, 2, 4, 5, tzinfo=UTC)
    return Evidence("A report", "of a test", at, {"Version": "1"}, checks, ("A note.",), partial)


def test_a_check_passes_fails_or_is_not_exercised() -> None:
    passed, failed, left = CHECKS
    assert (passed.passed, passed.evidence["count"], passed.failure) == (True, "3", "")
    assert (failed.passed, failed.failure) == (False, "it does not hold <here>")
    assert (left.passed, left.failure) == (None, "there is none")
    assert evidence().verdict == "1 of 3 checks passed, 1 failed, 1 were not exercised"


def test_whatever_a_test_raises_is_a_failure_but_for_the_word_to_stop() -> None:
    assert carry_out(PLANNED, lambda: raising(DecisionRefused("not now"))).failure == "not now"
    assert (
        carry_out(PLANNED, lambda: raising(ZeroDivisionError("by zero"))).failure == "ZeroDivisionError: by zero"
    )
    with pytest.raises(Stopped):
        carry_out(PLANNED, lambda: raising(Stopped("stopped")))


def test_a_report_says_the_same_as_a_page_on_paper_and_for_programs(tmp_path: Path) -> None:
    public = write_report(tmp_path / "report", evidence("it was stopped after 3 of 9 checks"), KEY)
    said = check_report(tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    paper = PdfReader(tmp_path / "report" / "report.pdf")
    text = "".join(page.extract_text() for page in paper.pages)
    assert said["key"] == public == KEY.verify_key.encode().hex()
    assert not said["passed"]
    for words in ("it was stopped after 3 of 9 checks", "PARTIAL REPORT", "OQ-01", "not exercised"):
        assert words in page and words in re.sub(r"\s+", " ", text), words
    assert "it does not hold &lt;here&gt;" in page
    assert b"pdfaid:part" in (tmp_path / "report" / "report.pdf").read_bytes()
    assert json.loads((tmp_path / "report" / "report.json").read_text())["failed"] == ["OQ-01"]


@pytest.mark.parametrize(
    "name", ["index.html", "report.pdf", "report.json", "manifest.json", "manifest.signature"]
)
def test_a_change_to_any_file_of_a_report_is_named(name: str, tmp_path: Path) -> None:
    write_report(tmp_path / "report", evidence(), KEY)
    file = tmp_path / "report" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(RecordCorrupt, match=r"was changed|not the one that was signed"):
        check_report(tmp_path / "report")


def test_a_file_that_is_missing_or_was_added_is_named(tmp_path: Path) -> None:
    write_report(tmp_path / "report", evidence(), KEY)
    (tmp_path / "report" / "more.txt").write_text("more")
    with pytest.raises(RecordCorrupt, match=r"more\.txt was added"):
        check_report(tmp_path / "report")
    (tmp_path / "report" / "more.txt").unlink()
    (tmp_path / "report" / "report.pdf").unlink()
    with pytest.raises(RecordCorrupt, match=r"report\.pdf is missing"):
        check_report(tmp_path / "report")
    with pytest.raises(DataError, match="holds no signed report"):
        check_report(tmp_path)


def test_a_report_signed_again_by_another_shows_another_key(tmp_path: Path) -> None:
    first = write_report(tmp_path / "report", evidence(), KEY)
    changed = evidence(checks=CHECKS[:1])
    other = write_report(tmp_path / "report", changed, SigningKey.generate())
    assert check_report(tmp_path / "report")["key"] == other != first

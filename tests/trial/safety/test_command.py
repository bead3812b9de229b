"""`equipoise safety` at the command line: what it shows, writes and refuses."""

import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.command_line import equipoise
from tests.invariants.scripted import SECRETS, Scripted

from equipoise.conduct.closing.locks import CutData

from .ward import MONITOR, RECORD, STATISTICIAN, report

WHO = "01-001"


@pytest.fixture(autouse=True)
def passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, secret in enumerate(SECRETS, start=1):
        monkeypatch.setenv(f"EQUIPOISE_PASSPHRASE_{number}", secret)


def test_the_list_shows_clocks_and_what_is_still_to_be_done(
    ward: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    assert equipoise(capsys, "safety", "list", ward.folder).said == "no clock runs and no case is open"
    report(ward, WHO)
    told = equipoise(capsys, "safety", "list", ward.folder).said
    assert f"{WHO} {RECORD}/suspected/nmpa" in told
    assert "Pulmonary embolism: assess; report" in told
    shown = json.loads(equipoise(capsys, "safety", "list", ward.folder, "--json").said)
    assert {one["clock"] for one in shown["clocks"]} == {
        f"{RECORD}/{clock}" for clock in ("serious/sponsor", "suspected/nmpa", "suspected/bfarm")
    }


def test_a_job_watches_and_the_board_gets_its_reports(
    ward: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report(ward, WHO)
    ward.do(CutData(through=ward.now().date()), "data manager")
    told = equipoise(capsys, "safety", "board", ward.folder, "--out", tmp_path / "open", "--language", "zh")
    assert told.status == 0, told.error
    assert "holds the open report" in told.said
    told = equipoise(
        *(capsys, "safety", "board", ward.folder, "--out", tmp_path / "closed", "--closed", "--by", STATISTICIAN)
    )
    assert "holds the closed report" in told.said, told.error
    told = equipoise(capsys, "safety", "watch", ward.folder, "--by", MONITOR)
    assert f"overdue: {WHO} {RECORD}/suspected/nmpa" in told.said, told.error
    assert "no new reason to pause enrolment" in told.said


def test_the_twins_are_written_and_the_clock_is_stopped(
    ward: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report(ward, WHO)
    case = ("safety", "case", ward.folder, WHO, RECORD, "--to", "nmpa", "--out")
    blinded, unblinded = tmp_path / "blinded.pdf", tmp_path / "unblinded.pdf"
    assert equipoise(capsys, *case, blinded).status == 0
    told = equipoise(capsys, *case, unblinded, "--unblinded", "--by", "unblinder")
    assert "is the unblinded report" in told.said, told.error
    assert unblinded.stat().st_mode & 0o077 == 0, "nobody else on this machine reads it"
    assert "UNBLINDED" in PdfReader(io.BytesIO(unblinded.read_bytes())).pages[0].extract_text()
    sent = ("safety", "sent", ward.folder, WHO, RECORD, "--to", "nmpa", "--by", "unblinder")
    told = equipoise(capsys, *sent, "--reference", "NMPA 7", "--document", unblinded)
    assert "is stopped" in told.said, told.error


def test_what_a_command_lacks_is_said_before_anything_is_done(
    ward: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report(ward, WHO)
    there = tmp_path / "there.pdf"
    there.touch()
    before, opened = ward.running.book.head(), ward.vault.vault.book.head()
    case = ("safety", "case", ward.folder, WHO, RECORD, "--out")
    unblinded = (
        "safety",
        "case",
        ward.folder,
        WHO,
        RECORD,
        "--to",
        "nmpa",
        "--unblinded",
        "--by",
        "unblinder",
        "--out",
    )
    board = ("safety", "board", ward.folder, "--out", tmp_path / "board")
    closed = ("safety", "board", ward.folder, "--closed", "--by", STATISTICIAN, "--out")
    sent = ("safety", "sent", ward.folder, WHO, RECORD, "--to", "nmpa", "--by", "unblinder")
    for command, said in (
        ((*case, there), "a report must be written to a new file, in a folder that is there (File exists)"),
        ((*case, tmp_path / "no" / "case.pdf"), "in a folder that is there (No such file or directory)"),
        ((*unblinded, there), "in a folder that is there (File exists)"),
        ((*unblinded, tmp_path / "no" / "case.pdf"), "in a folder that is there (No such file or directory)"),
        ((*case, tmp_path / "new.pdf", "--to", "mars"), "Got mars"),
        ((*closed, there), "the output must be a folder, and a file of that name is there"),
        ((*case, tmp_path / "new.pdf", "--unblinded"), "give --to AUTHORITY and --by PERSON"),
        ((*case, tmp_path / "new.pdf", "--language", "fr"), "must be en or zh. Got fr"),
        ((*board, "--closed"), "give --by PERSON"),
        (board, "cut the data first"),
        (sent, "or --not-due where none had to be sent"),
        ((*sent, "--not-due", "--reference", "x"), "or --not-due where none had to be sent"),
    ):
        told = equipoise(capsys, *command)
        assert (told.status, said in told.error) == (2, True), told.error
    assert ward.running.book.head() == before
    assert ward.vault.vault.book.head() == opened, "nothing was opened for nothing"
    assert not (tmp_path / "board").exists()
    assert not (tmp_path / "new.pdf").exists()

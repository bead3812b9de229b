"""The reports for the safety board in an archive: each is of the data that it names, and opened in the vault."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.invariants.scripted import Scripted

from equipoise.conduct.closing.locks import CutData
from equipoise.errors import RecordCorrupt
from equipoise.record import Book, Event
from equipoise.trial.safety.archived import BOARD, check_board
from equipoise.trial.safety.board import write_closed_report, write_open_report
from equipoise.vault.schema import OWN_RECORD

from .ward import STATISTICIAN, report

Read = Callable[[], Iterable[Event]]


@pytest.fixture
def documents(ward: Scripted, tmp_path: Path) -> Path:
    """Both reports of one cut, with an event after it."""
    report(ward, "01-001")
    ward.do(CutData(through=ward.now().date()), "data manager")
    write_open_report(ward.running, tmp_path / BOARD / "open")
    by = ward.by(STATISTICIAN)
    write_closed_report(ward.running, ward.vault, by, tmp_path / BOARD / "closed")  # type: ignore[arg-type]
    report(ward, "01-002")
    return tmp_path


@pytest.fixture
def records(ward: Scripted) -> Iterable[tuple[Read, Read]]:
    """Read both records."""
    with ward.running.server.connect("vault") as connection:
        yield (ward.running.book.read, Book(connection, OWN_RECORD).read)


def test_both_reports_hold_where_they_are_of_the_data_that_they_name(
    documents: Path, records: tuple[Read, Read]
) -> None:
    assert check_board(documents, *records) == 2
    assert check_board(documents / "elsewhere", *records) == 0


def test_a_report_of_other_data_is_named(documents: Path, records: tuple[Read, Read]) -> None:
    file = documents / BOARD / "open" / "manifest.json"
    about = json.loads(file.read_text(encoding="utf-8"))
    last = max(event.sequence for event in records[0]())
    file.write_text(json.dumps({**about, "sequence": last}), encoding="utf-8")
    with pytest.raises(RecordCorrupt, match=rf"open/manifest.json is not of the data .* at event {last}"):
        check_board(documents, *records)


def test_arms_that_were_not_opened_for_the_board_are_named(documents: Path, records: tuple[Read, Read]) -> None:
    with pytest.raises(RecordCorrupt, match=r"closed/manifest.json holds arms that the vault has not opened"):
        check_board(documents, records[0], list)

"""The casebook of a participant: what stands on its pages, whatever was recorded."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.datasets.odm.records import Record, full_record
from tests.invariants.spoken import listening

from equipoise.conduct.closing.signatures import content_hash
from equipoise.trial.site_archive.casebook import derive_casebook, derive_trail
from equipoise.trial.site_archive.document import Document, Section, showable
from equipoise.trial.site_archive.index import FILES, render_index
from equipoise.trial.site_archive.pages import render_document

WHO = "01-001"


def book_of(record: Record, language: str = "en") -> Document:
    events = [event for event in record.events if event.participant == WHO]
    return derive_casebook(
        record.trial, {record.version: record.protocol}, record.trial.participants[WHO], events, language=language
    )


def section(document: Document, title: str) -> Section:
    return next(one for one in document.sections if one.title.startswith(title))


def rows(document: Document, title: str) -> list[tuple[str, ...]]:
    grid = section(document, title).grid
    assert grid is not None
    return list(grid.rows)


def test_of_each_item_there_is_its_first_value_and_every_change(tmp_path: Path) -> None:
    book = book_of(full_record())
    age = [row for row in rows(book, "Demography") if row[0] == "Age" or "41 year →" in row[1]]
    assert [(row[1], row[2], row[4]) for row in age] == [
        ("41 year", "Li <Wei> & Söhne\n(coordinator)", ""),
        ("41 year → 42 year", "Li <Wei> & Söhne\n(coordinator)", "copied wrongly <&>"),
    ]
    assert age[1][3] == "2026-03-02 12:00:09 +08:00\n2026-03-02 04:00:09 UTC"
    pregnant = [row[1] for row in rows(book, "Demography") if "no (N)" in row[1]]
    assert pregnant == ["no (N)", "no (N) → no value: REFUSED (REFUSED)"]
    weights = [row[1] for row in rows(book, "Vital signs · Screening") if row[0] == "Weight"]
    assert weights == ["61.3 kg\n(typed as 135.1 lb)"]


def test_what_was_struck_out_raised_or_not_planned_is_said() -> None:
    book = book_of(full_record())
    struck = section(book, "Adverse event · At any time · record 1")
    assert any(line.startswith("STRUCK OUT: not this person's (Li <Wei>") for line in struck.lines)
    raised = section(book, "Vital signs · Screening")
    assert "Edit check that does not hold: The pulse is fast; please confirm (VS1)" in raised.lines
    assert "entered late: the <line> was down · event 12" in section(book, "T-cell counts · Screening").lines
    assert section(book, "Vital signs · Unscheduled visit U1").grid is not None
    assert [row[0] for row in rows(book, "Adverse events")] == ["Cough\nSTRUCK OUT", "发热"]


def test_a_signature_is_intact_until_something_is_changed() -> None:
    record = full_record()
    content = content_hash(record.trial.participants[WHO])
    record.of("Signed", {"meaning": "I have reviewed these data", "content": content}, role="investigator")
    assert [row[3][:6] for row in rows(book_of(record), "Signatures")] == ["BROKEN", "intact"]
    record.save(values={"age": 43}, reason="again")
    assert [row[3][:6] for row in rows(book_of(record), "Signatures")] == ["BROKEN", "BROKEN"]


def test_queries_stand_together_with_what_became_of_them() -> None:
    record = full_record()
    record.of("QueryAnswered", {"query": "Q1", "answer": "it is so"})
    record.of("QueryClosed", {"query": "Q1"}, reason="the source shows it", role="data manager")
    found = [(row[0], row[1], row[4]) for row in rows(book_of(record), "Queries")]
    assert found == [
        ("Q1", "raised: Is it so?\n(SCR/vitals/1)", ""),
        ("Q1", "answered: it is so", ""),
        ("Q1", "closed", "the source shows it"),
    ]


def test_in_chinese_labels_codes_and_roles_are_chinese() -> None:
    book = book_of(full_record(), "zh")
    assert rows(book, "Demography")[0][0] == "年龄"
    assert any("无数值: 拒绝 (REFUSED)" in row[1] for row in rows(book, "Demography"))
    assert rows(book, "Demography")[0][2].endswith("(协调员)")
    assert any(one.title == "知情同意" for one in book.sections)


def test_what_conduct_has_told_is_said_by_who_knows_its_words() -> None:
    """What conduct tells is English; who wants a casebook in another language says what each of it is there."""
    record = full_record()
    events, asked = [event for event in record.events if event.participant == WHO], list[str]()
    person, versions = record.trial.participants[WHO], {record.version: record.protocol}

    def told(text: str) -> str:
        asked.append(text)
        return f"«{text}»"

    book = derive_casebook(record.trial, versions, person, events, language="zh", told=told)
    shown = str(book)
    assert {one.why for one in person.ended.values()} | {one.what for one in person.deviations} <= set(asked)
    assert asked
    assert all(f"«{text}»" in shown for text in asked)


def test_whatever_is_said_has_its_chinese() -> None:
    record = full_record()
    record.of("VisitMissed", {"key": "W0", "why": "away"})
    record.of("VisitDateCorrected", {"key": "SCR", "on": "2026-03-01"}, reason="read wrongly")
    record.of("VisitWindowJudged", {"key": "SCR", "in_window": False})
    record.of("DeviationNoted", {"category": "VISIT", "weight": "MINOR", "what": "late", "on": "2026-03-02"})
    record.of("ParticipantEnded", {"what": "participation", "on": "2026-03-02", "why": "COMPLETED"})
    record.of("ConsentWithdrawn", {"on": "2026-03-02"}, role="investigator")
    with listening() as missing:
        book_of(record, "zh")
        derive_trail(record.trial, "01", record.events, protocol=record.protocol, language="zh")
        present = [*FILES, "protocols/x.yaml"]
        newest = record.events[-1]
        render_index(record.trial, "01", newest, record.protocol, present, rehearsed=True, language="zh")
    assert missing == set()


HOSTILE = (
    "#let x = 1; $x$ *b* _i_ `raw` @ref <label> \\ [c] // comment",
    "W" * 4000,
    "长" * 1500,
    "😀𠀀\ufffe\u200b\u202e",
    "a\tb\nc",
    "",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_text_there_is_it_is_set_and_nothing_runs_off_the_page(text: str, tmp_path: Path) -> None:
    record = Record()
    record.screen()
    record.save(values={"age": 41, "remark": text}, reason=text or None)
    (tmp_path / "book.pdf").write_bytes(render_document(book_of(record)))
    reader = PdfReader(tmp_path / "book.pdf")
    places: list[float] = []

    def visit(_text: Any, _matrix: Any, placed: Any, _font: Any, _size: Any) -> None:
        places.append(placed[4])

    for page in reader.pages:
        page.extract_text(visitor_text=visit)
    assert max(places) < 595
    said = "".join("".join(page.extract_text() for page in reader.pages).split())
    if set(text) == {"W"}:
        assert said.count("W") >= 2 * len(text)
    if set(text) == {"长"}:
        assert said.count("长") >= 2 * len(text)
    if "😀" in text:
        assert "[U+1F600]" in said.replace("\u200b", "")


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=200)
def test_nothing_is_lost_of_a_text_but_characters_without_a_sign(text: str) -> None:
    shown = showable(text).replace("\u200b", "")
    kept = "".join(sign for sign in text if sign in shown)
    assert all(sign in shown or f"[U+{ord(sign):04X}]" in shown for sign in text.replace("\u200b", ""))
    assert len(shown) >= len(kept.replace("\u200b", ""))


def test_a_trail_is_a_sentence_an_event_in_the_order_of_the_record() -> None:
    record = full_record()
    trail = derive_trail(record.trial, "01", record.events, protocol=record.protocol)
    found = rows(trail, "Events")
    assert [row[0] for row in found] == [str(event.sequence) for event in record.events]
    assert found[-1][4].startswith("was signed: I have reviewed these data")
    assert render_document(trail) == render_document(trail)

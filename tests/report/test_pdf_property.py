"""The PDF: key numbers are in its text, Chinese has its characters, pages are numbered, nothing is dated."""

import io
import re
from dataclasses import replace

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from equipoise.report.contents import Contents, Section
from equipoise.report.html import Stamp
from equipoise.report.language.chinese import CHINESE
from equipoise.report.pdf import render_pdf
from equipoise.report.tables.table import Row
from equipoise.standards.fonts import FONT_FOLDER

STAMP = Stamp("p" * 64, "d" * 64, "0.1.0")


@pytest.fixture(scope="module")
def reader(contents: Contents) -> PdfReader:
    """The English report."""
    return PdfReader(io.BytesIO(render_pdf(contents, STAMP)))


@pytest.fixture(scope="module")
def pages(reader: PdfReader) -> list[str]:
    """The text of each of its pages."""
    return [page.extract_text() for page in reader.pages]


@pytest.fixture(scope="module")
def text(pages: list[str]) -> str:
    """Its text, white space made even."""
    return re.sub(r"\s+", " ", " ".join(pages))


def test_the_numbers_of_the_tables_are_in_the_text(text: str, contents: Contents) -> None:
    table = next(t for t in contents.tables if t.name == "count_ancova")
    for row in table.rows:
        for cell in row.cells:
            assert cell.text in text


def test_every_title_and_account_is_there(text: str, contents: Contents) -> None:
    for title in [t.title for t in contents.tables] + [f.title for f in contents.figures]:
        assert title in text
    assert "How these numbers were made" in text
    assert "Analysis set All randomised: 30 participants" in text


def test_pages_are_numbered_and_headed(pages: list[str]) -> None:
    for number, words in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in words
        assert "small · Report of the analysis" in words


def test_wide_tables_lie_across_the_page(reader: PdfReader, pages: list[str]) -> None:
    boxes = [page.mediabox for page in reader.pages]
    across = [words for box, words in zip(boxes, pages, strict=True) if box.width > box.height]
    assert across
    assert any("Cell count" in words for words in across)


def test_no_heading_stands_at_the_foot_of_a_page_without_what_it_heads(contents: Contents) -> None:
    like = next(t for t in contents.tables if not t.is_wide)
    sections = tuple(
        Section(
            f"s{n}", f"Heading {n}.", tables=(replace(like, title=f"Table {n}.", rows=like.rows[:1] * (n % 17)),)
        )
        for n in range(60)
    )
    long = replace(contents, sections=sections)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(long, STAMP))).pages]
    beyond_contents = next(n for n, page in enumerate(pages) if "Table 0." in page)
    placed = {n: page for page in pages[beyond_contents:] for n in range(60) if f"Heading {n}." in page}
    assert len(placed) == 60
    assert len(pages) > 10
    assert [n for n, page in placed.items() if f"Table {n}." not in page] == []


def test_a_row_that_heads_others_is_not_parted_from_the_first_of_them(contents: Contents) -> None:
    like = next(t for t in contents.tables if not t.is_wide)
    value = replace(like.rows[0], indent=1)
    rows = [
        row
        for n in range(200)
        for row in (
            Row(f"Class {n}.", (), heading=True),
            *(replace(value, label=f"Term {n} {m}.") for m in range(n % 2 + 1)),
        )
    ]
    long = replace(contents, sections=(Section("s", "Long", tables=(replace(like, rows=tuple(rows)),)),))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(long, STAMP))).pages]
    placed = {n: page for page in pages for n in range(200) if f"Class {n}." in page}
    assert len(placed) == 200
    assert len(set(placed.values())) > 6
    assert [n for n, page in placed.items() if f"Term {n} 0." not in page] == []


def test_the_document_has_a_title_and_no_date(reader: PdfReader) -> None:
    assert reader.metadata is not None
    assert reader.metadata.title == "A small trial"
    assert "/CreationDate" not in reader.metadata
    assert "/ModDate" not in reader.metadata


def test_figures_are_drawn_and_not_pictures(reader: PdfReader) -> None:
    assert not [image for page in reader.pages for image in page.images]


def test_chinese_is_set_with_its_own_characters(chinese: Contents) -> None:
    made = PdfReader(io.BytesIO(render_pdf(chinese, STAMP)))
    words = re.sub(r"\s+", "", "".join(page.extract_text() for page in made.pages))
    for part in ("小型试验", "受试者流程", "低剂量组", "最小二乘均值", "第8周"):
        assert part in words


def test_the_fonts_have_every_character_of_our_words() -> None:
    covered = set(TTFont(FONT_FOLDER / "EquipoiseSans-Regular.otf").getBestCmap())
    needed = {ord(c) for phrase in (*CHINESE, *CHINESE.values()) for c in phrase}
    assert {chr(c) for c in needed - covered} == set()

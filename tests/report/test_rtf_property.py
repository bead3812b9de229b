"""RTF: one file a table with its numbers, headings, spanners and footnotes; signs of RTF in the data stay text."""

import re

import pytest

from equipoise.report.contents import Contents
from equipoise.report.rtf import render_rtf
from equipoise.report.tables.table import Cell, Column, Row, Table


def plain(rtf: str) -> str:
    """Return the words of an RTF text."""
    text = re.sub(r"\\u(-?\d+)\s?[*?]?", lambda m: chr(int(m[1]) % 65536), rtf)
    text = re.sub(r"\\'([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\([{}\\])", lambda m: {"{": "\x01", "}": "\x02", "\\": "\x03"}[m[1]], text)
    text = re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", text)
    return re.sub(r"\s+", " ", text).replace("\x01", "{").replace("\x02", "}").replace("\x03", "\\")


@pytest.mark.parametrize("name", ["count_ancova", "safety", "shifts", "baseline", "count_by_visit"])
def test_a_table_keeps_its_words_and_numbers(contents: Contents, name: str) -> None:
    table = next(t for t in contents.tables if t.name == name)
    words = plain(render_rtf(table, "the source"))
    assert table.title in words
    assert "the source" in words
    for column in table.columns:
        assert column.label in words
    for row in table.rows:
        assert row.label in words
        assert all(cell.text in words for cell in row.cells)
    for note in (*table.footnotes, *(spanner.label for spanner in table.spanners)):
        assert note in words


def test_wide_tables_lie_across_the_page(contents: Contents) -> None:
    for table in contents.tables:
        assert ("\\landscape" in render_rtf(table, "")) == table.is_wide


def test_signs_of_rtf_and_chinese_survive() -> None:
    table = Table(
        name="x",
        analysis="x",
        title="Title {a} \\b",
        population="全部受试者",
        stub="",
        columns=(Column("安慰剂组", "(N=3)"),),
        rows=(Row("Heading \\par", heading=True), Row("≤ 3 µmol", (Cell("1 {2}"),), 1)),
    )
    words = plain(render_rtf(table, "x"))
    for part in ("Title {a} \\b", "全部受试者", "安慰剂组", "Heading \\par", "≤ 3 µmol", "1 {2}"):
        assert part in words


def test_headings_of_columns_come_again_on_every_page(contents: Contents) -> None:
    shifts = next(t for t in contents.tables if t.name == "shifts")
    long = Table(
        name="long",
        analysis="long",
        title="Long",
        population="",
        stub="Row",
        columns=(Column("Arm"),),
        rows=tuple(Row(f"row {i}", (Cell(str(i)),)) for i in range(200)),
        footnotes=shifts.footnotes,
    )
    rtf = render_rtf(long, "")
    pages = rtf.count("\\page") - rtf.count("\\pagenumber")
    assert pages >= 3
    assert plain(rtf).count("Long") >= 3

"""A table as RTF for word processors, through rtflite: title, column headings on every page, footnotes, landscape.

One file a table, as reviewers want to paste them. Nothing in the file depends on the clock.
"""

from collections.abc import Sequence
from typing import Any

from .tables.table import Row, Table

_INDENT = "\u00a0\u00a0\u00a0"
_TITLE_SIZE = 10.0
_BODY_SIZE = 9.0
_SMALL_SIZE = 8.0
_WIDTH_PORTRAIT, _WIDTH_LANDSCAPE = 6.5, 9.5
_ROWS_PORTRAIT, _ROWS_LANDSCAPE = 56, 32
_MARGINS = (0.9, 0.9, 0.9, 0.7, 0.5, 0.5)
"""Left, right, top, bottom, header, footer, in inches."""


def render_rtf(table: Table, source: str) -> str:
    """Lay out a table as RTF text; `source` is the last line below it."""
    import polars as pl
    import rtflite as rtf

    wide = table.is_wide
    widths = [table.stub_width, *(column.width for column in table.columns)]
    frame = pl.DataFrame(
        [_row(row, len(table.columns)) for row in table.rows] or [_row(Row(""), len(table.columns))],
        schema=[f"c{i}" for i in range(len(widths))],
        orient="row",
    )
    document = rtf.RTFDocument(
        df=frame,
        rtf_page=rtf.RTFPage(
            orientation="landscape" if wide else "portrait",
            width=11.69 if wide else 8.27,
            height=8.27 if wide else 11.69,
            col_width=_WIDTH_LANDSCAPE if wide else _WIDTH_PORTRAIT,
            margin=list(_MARGINS),
            nrow=_ROWS_LANDSCAPE if wide else _ROWS_PORTRAIT,
            border_first="single",
            border_last="single",
        ),
        rtf_title=rtf.RTFTitle(
            text=[_plain(table.title), _plain(table.population)],
            text_font_size=[_TITLE_SIZE, _BODY_SIZE],
            text_format=["b", ""],
            text_justification=["l"],
            text_convert=[False],
        ),
        rtf_column_header=_headers(table, widths, rtf),
        rtf_body=rtf.RTFBody(
            col_rel_width=widths,
            text_justification=[["l", *("l" if c.align == "left" else "c" for c in table.columns)]],
            text_font_size=[[_BODY_SIZE]],
            text_convert=[[False]],
            border_left=[[""]],
            border_right=[[""]],
            border_top=[[""]],
            border_bottom=[[""]],
            cell_vertical_justification=[["top"]],
        ),
        rtf_footnote=_footnote(table, rtf),
        rtf_source=rtf.RTFSource(
            text=[_plain(source)], text_font_size=[_SMALL_SIZE], text_justification=["l"], text_convert=[False]
        ),
    )
    return str(document.rtf_encode())


def _row(row: Row, columns: int) -> list[str]:
    """Return the texts of a row; a heading is bold by a command in its text, which pages cannot displace."""
    label = f"{{\\b {_plain(row.label)}}}" if row.heading else _plain(row.label)
    cells = [_plain(cell.text) for cell in row.cells] or [""] * columns
    return [_INDENT * row.indent + label, *cells]


def _plain(text: str) -> str:
    """Keep the signs that RTF reads as commands from being read so."""
    return text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")


def _footnote(table: Table, rtf: Any) -> Any:
    if not table.footnotes:
        return None
    return rtf.RTFFootnote(
        text=[_plain(note) for note in table.footnotes],
        text_font_size=[_SMALL_SIZE],
        text_convert=[False],
        as_table=False,
    )


def _headers(table: Table, widths: Sequence[float], rtf: Any) -> list[Any]:
    """Make the row of spanners, where there are any, and the row of columns."""
    headers = []
    if table.spanners:
        texts = ["", *(_plain(spanner.label) for spanner in table.spanned)]
        spans = [widths[0], *(sum(widths[s.first + 1 : s.last + 2]) for s in table.spanned)]
        headers.append(
            rtf.RTFColumnHeader(
                text=texts,
                col_rel_width=spans,
                text_format=["b"],
                text_font_size=[_BODY_SIZE],
                text_justification=["l", *["c"] * (len(texts) - 1)],
                text_convert=[[False]],
                border_top=[["single"]],
                border_bottom=[["", *("single" if text else "" for text in texts[1:])]],
                border_left=[[""]],
                border_right=[[""]],
            )
        )
    labels = [f"{_plain(c.label)}\\line {_plain(c.below)}" if c.below else _plain(c.label) for c in table.columns]
    headers.append(
        rtf.RTFColumnHeader(
            text=[_plain(table.stub), *labels],
            col_rel_width=list(widths),
            text_format=["b"],
            text_font_size=[_BODY_SIZE],
            text_justification=["l", *("l" if c.align == "left" else "c" for c in table.columns)],
            text_convert=[[False]],
            border_top=[["" if table.spanners else "single"]],
            border_bottom=[["single"]],
            border_left=[[""]],
            border_right=[[""]],
            cell_vertical_justification=[["bottom"]],
        )
    )
    return headers

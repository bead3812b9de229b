"""The report as PDF, set by typst in this process: running heads, page numbers, table headings on every page.

Fonts come with Equipoise (Latin and Chinese) and with matplotlib (for the figures), never from the machine, so the
same report gives the same bytes anywhere. A warning of the typesetter is an error.
"""

import json
from collections.abc import Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

from ..errors import EstimationFailed
from ..standards.fonts import FONT_FOLDER
from ..standards.fonts.signs import spell_missing
from .contents import Contents, How, Section
from .figures.figure import Figure
from .html import Stamp
from .language import Phrases
from .tables.table import Row, Table
from .typesetting import latin_font

_NARROW_FIGURES = ("flow",)


def render_pdf(contents: Contents, stamp: Stamp) -> bytes:
    """Set a report as PDF; EstimationFailed with the words of the typesetter where it complains."""
    import typst

    fonts = typst.Fonts(font_paths=[str(FONT_FOLDER), str(latin_font())], include_system_fonts=False)
    template = (files("equipoise.report") / "templates" / "report.typ").read_bytes()
    content = spell_missing(json.dumps(_content(contents, stamp), ensure_ascii=False))
    pdf, warnings = typst.compile_with_warnings(
        template, font_paths=fonts, format="pdf", sys_inputs={"report": content}
    )
    if warnings:
        raise EstimationFailed(f"the report could not be set as PDF: {'; '.join(str(w) for w in warnings)}")
    return bytes(pdf)


def _content(contents: Contents, stamp: Stamp) -> dict[str, Any]:
    say = Phrases(contents.language)
    return {
        "trial": contents.trial,
        "title": contents.title,
        "notice": contents.notice,
        "watermark": contents.watermark,
        "lang": contents.language,
        "stamp": {
            "protocol": stamp.protocol,
            "short": stamp.protocol[:12],
            "data": stamp.data,
            "software": stamp.software,
        },
        "facts": [list(fact) for fact in contents.facts],
        "answer": {
            "question": contents.answer.question,
            "found": list(contents.answer.found),
            "cautions": list(contents.answer.cautions),
        },
        "sections": [_section(section, say) for section in contents.sections],
        "groups": _groups(contents.sections),
        "origins": [list(origin) for origin in contents.origins],
        "absent": list(contents.absent),
        "words": {
            "report": contents.heading or say("Report of the analysis"),
            "synthetic": say("invented participants"),
            "protocol": say("Protocol version"),
            "page": say("Page {n} of {all}"),
            "primary": say("Primary question"),
            "cautions": say("What to keep in mind"),
            "not_done": say("Not done"),
            "contents": say("Contents"),
            "how": say("How these numbers were made"),
            "analysis": say("Analysis"),
            "set": say("Analysis set"),
            "account": say("Account"),
            "records": say("Records"),
            "data": say("Data and versions"),
            "fingerprint": say("Data fingerprint"),
            "origins": say("Where the data came from"),
            "absent": say("What the data do not hold"),
        },
    }


def _groups(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Put sections that follow each other on pages of one direction."""
    numbered = list(enumerate(sections))
    groups = groupby(numbered, key=lambda pair: any(table.is_wide for table in pair[1].tables))
    return [
        {"wide": wide, "sections": [i for i, _ in members], "breaks": place == 0}
        for place, (wide, members) in enumerate(groups)
    ]


def _section(section: Section, say: Phrases) -> dict[str, Any]:
    return {
        "title": section.title,
        "not_done": section.not_done,
        "tables": [_table(table) for table in section.tables],
        "figures": [_figure(figure) for figure in section.figures],
        "how": None if section.how is None else _how(section.how, say),
    }


def _how(how: How, say: Phrases) -> dict[str, Any]:
    return {
        "analysis": how.analysis,
        "method": how.method,
        "set": how.analysis_set,
        "estimand": [{"name": a.name, "lines": list(a.lines)} for a in how.estimand],
        "account": list(how.account),
        "records": f"{say('{n} records behind these numbers', n=how.record_count)}: {how.records}",
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "title": figure.title,
        "population": figure.population,
        "svg": figure.svg,
        "alt": figure.alt,
        "footnotes": list(figure.footnotes),
        "width": 0.92 if figure.name in _NARROW_FIGURES else 1.0,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "population": table.population,
        "stub": table.stub,
        "stub_width": table.stub_width,
        "wide": table.is_wide,
        "columns": [
            {"label": c.label, "below": c.below, "align": c.align, "width": c.width} for c in table.columns
        ],
        "spanners": [{"label": s.label, "width": s.width} for s in table.spanned],
        "rows": [
            {
                "label": row.label,
                "indent": row.indent,
                "heading": row.heading,
                "cells": [cell.text for cell in row.cells],
                "held": held,
            }
            for row, held in zip(table.rows, _held_together(table.rows), strict=True)
        ],
        "footnotes": list(table.footnotes),
    }


def _held_together(rows: Sequence[Row]) -> list[int]:
    """Return by row how many rows from it on stay on one page, 0 for those that an earlier one has taken along.

    A row that heads others (what follows is set in) goes with what it heads, down to the first row with values.
    """
    held = [0] * len(rows)
    first = 0
    while first < len(rows):
        last = first
        while last + 1 < len(rows) and rows[last + 1].indent > rows[last].indent:
            last += 1
        held[first] = last - first + 1
        first = last + 1
    return held

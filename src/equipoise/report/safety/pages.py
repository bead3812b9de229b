"""Sets the report of a case as PDF, by typst in this process, with the fonts that come with Equipoise."""

import json
from dataclasses import asdict
from importlib.resources import files

from ...errors import EstimationFailed
from ...standards.fonts import FONT_FOLDER
from ...standards.fonts.signs import spell_missing
from .case import CaseReport


def render_case(report: CaseReport) -> bytes:
    """Set a case as PDF: the same case gives the same bytes; EstimationFailed where the typesetter complains."""
    import typst

    template = (files("equipoise.report.safety") / "templates" / "case.typ").read_bytes()
    pdf, warnings = typst.compile_with_warnings(
        template,
        font_paths=typst.Fonts(font_paths=[str(FONT_FOLDER)], include_system_fonts=False),
        format="pdf",
        sys_inputs={"case": spell_missing(json.dumps(asdict(report), ensure_ascii=False))},
    )
    if warnings:
        raise EstimationFailed(f"the report could not be set: {'; '.join(str(w.message) for w in warnings)}")
    return bytes(pdf)

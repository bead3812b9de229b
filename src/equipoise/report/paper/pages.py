"""Sets a pack as PDF/A, by typst in this process, with the fonts of Equipoise: same pack, same bytes."""

from importlib.resources import files
from typing import Literal

import msgspec

from ...errors import EstimationFailed
from ...standards.fonts import FONT_FOLDER
from ...standards.fonts.signs import spell_missing
from .sheets import Pack

PROFILE: Literal["a-2u"] = "a-2u"
"""PDF/A-2, level U (ISO 19005-2): fonts embedded, every character of the text known, nothing outside needed."""


def render_pack(pack: Pack) -> bytes:
    """Set a pack as PDF/A; EstimationFailed with the words of the typesetter where it complains."""
    import typst

    template = (files("equipoise.report.paper") / "templates" / "pack.typ").read_bytes()
    try:
        pdf, warnings = typst.compile_with_warnings(
            template,
            font_paths=typst.Fonts(font_paths=[str(FONT_FOLDER)], include_system_fonts=False),
            format="pdf",
            pdf_standards=[PROFILE],
            pdf_tags=False,
            sys_inputs={"pack": spell_missing(msgspec.json.encode(pack).decode())},
        )
    except typst.TypstError as error:
        raise EstimationFailed(f"the paper pack could not be set: {error}") from error
    if warnings:
        raise EstimationFailed(f"the paper pack could not be set: {'; '.join(str(w.message) for w in warnings)}")
    return bytes(pdf)

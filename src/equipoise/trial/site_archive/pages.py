"""Sets documents as PDF/A-2u by typst in this process, with the fonts of Equipoise: same document, same bytes.

PDF/A-2, level U (ISO 19005-2): fonts embedded, every character of the text known, nothing outside needed. The
typesetter refuses what the standard does not allow. Without tags of structure (level A) a file has a sixth of the
size; whoever needs the content for a screen reader finds it in `record.jsonl` and `odm.xml` too.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from ...errors import EstimationFailed
from ...standards.fonts import FONT_FOLDER
from ...standards.fonts.signs import spell_missing
from .document import Document, as_content

PROFILE: Literal["a-2u"] = "a-2u"


def render_document(document: Document) -> bytes:
    """Set a document; EstimationFailed with the words of the typesetter where it complains."""
    import typst

    content = spell_missing(json.dumps(as_content(document), ensure_ascii=False))
    template = (files("equipoise.trial.site_archive") / "templates" / "document.typ").read_bytes()
    try:
        pdf, warnings = typst.compile_with_warnings(
            template,
            font_paths=_fonts(),
            format="pdf",
            pdf_standards=[PROFILE],
            pdf_tags=False,
            sys_inputs={"document": content},
        )
    except typst.TypstError as error:
        raise EstimationFailed(f"{document.title} could not be set: {error}") from error
    if warnings:
        raise EstimationFailed(f"{document.title} could not be set: {'; '.join(str(w.message) for w in warnings)}")
    return bytes(pdf)


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=[str(FONT_FOLDER)], include_system_fonts=False)

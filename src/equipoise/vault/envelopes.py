"""Sealed envelopes on paper: the code of one participant, for the hour when no machine answers.

A sheet for each participant, folded in three: outside who it is for and when it may be opened, inside the arm, and
lines for who opened it and why, to be reported to the vault afterwards (MHRA and ICH E6(R3) 3.15 ask that the
treatment can be known at once, without unblinding others). The file is encrypted (AES-256, PDF 2.0) so that it can
travel to whoever prints it. Fonts come with Equipoise, Chinese included.
"""

import io
import json
from collections.abc import Sequence
from importlib.resources import files

import msgspec

from ..errors import DecisionRefused, EstimationFailed
from ..standards.fonts import FONT_FOLDER
from ..standards.fonts.signs import spell_missing

SHORTEST_PASSWORD = 12


class Envelope(msgspec.Struct, frozen=True):
    """What one sheet says; `arm` and `doses` stand inside, the number only there too."""

    trial: str
    title: str
    site: str
    participant: str
    number: str
    arm: str
    doses: list[str]


def render_envelopes(envelopes: Sequence[Envelope], password: str, language: str = "en") -> bytes:
    """Set a page for each envelope and encrypt the file with a password.

    Raises `DecisionRefused` for no envelope and for a password shorter than twelve characters.
    """
    from pypdf import PdfReader, PdfWriter

    if not envelopes:
        raise DecisionRefused("envelopes are printed for participants with a randomisation number. Got nobody")
    if len(password) < SHORTEST_PASSWORD:
        raise DecisionRefused(
            f"the file of envelopes needs a password of {SHORTEST_PASSWORD} characters. Got {len(password)}"
        )
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_set_pages(envelopes, language))))
    writer.encrypt(password, algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _set_pages(envelopes: Sequence[Envelope], language: str) -> bytes:
    import typst

    template = (files("equipoise.vault") / "templates" / "envelope.typ").read_bytes()
    fonts = typst.Fonts(font_paths=[str(FONT_FOLDER)], include_system_fonts=False)
    content = {
        "lang": language,
        "words": WORDS.get(language, WORDS["en"]),
        "sheets": [msgspec.to_builtins(envelope) for envelope in envelopes],
    }
    pdf, warnings = typst.compile_with_warnings(
        template,
        font_paths=fonts,
        format="pdf",
        sys_inputs={"envelopes": spell_missing(json.dumps(content, ensure_ascii=False))},
    )
    if warnings:
        raise EstimationFailed(f"the envelopes could not be set: {'; '.join(str(w.message) for w in warnings)}")
    return bytes(pdf)


WORDS: dict[str, dict[str, str | list[str]]] = {
    "en": {
        "title": "Sealed treatment code of one participant",
        "site": "Site",
        "participant": "Participant",
        "number": "Randomisation number",
        "outside": "Open only in an emergency, if the treatment must be known to care for this participant and "
        "the trial's code service cannot be reached. Fold along the lines like a Z, this part outside, and seal "
        "all open edges with tamper-evident tape. Return it unopened at the end of the trial.",
        "inside": "Treatment given to this participant alone; it says nothing of others",
        "opening": "To be filled in by the person who opens this envelope; report it to the trial at once",
        "fields": ["Opened on (date, time)", "By (name, role)", "Reason", "Signature"],
    },
    "zh": {
        "title": "受试者个体治疗编码（密封）",
        "site": "研究中心",
        "participant": "受试者编号",
        "number": "随机号",
        "outside": "仅在紧急情况下、救治该受试者必须知晓所用治疗且无法联系揭盲服务时方可拆开。"
        "请沿虚线按Z形折叠，本面朝外，并以防拆胶带封好全部开口。试验结束时须将未拆封的信封交回。",
        "inside": "仅为该受试者所用治疗，不涉及其他受试者",
        "opening": "由拆封人填写，并立即报告试验组",
        "fields": ["拆封日期和时间", "拆封人（姓名、职务）", "原因", "签名"],
    },
}

"""Invariant 24: English and Chinese are complete, what is stored knows no language, printed signs have glyphs."""

import ast
import io
import json
import re
from collections.abc import Iterator
from functools import cache

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from tests.conduct.forms.desk import DAY_1, SCREENED, VITALS, Desk
from tests.conduct.safety.cases import GRAVE, RECORD, WHO, report
from tests.report.small import small_trial
from tests.shipped import shipped
from tests.simulation.pages.small import small_simulation

from equipoise.conduct.door.chapters import INTENTS
from equipoise.conduct.door.state import Grant, Person
from equipoise.conduct.forms.entry import FormSaved
from equipoise.datasets.assemble import assemble
from equipoise.datasets.folder import DataFolder
from equipoise.datasets.from_record import Opened, write_sdtm
from equipoise.protocol import shipped_protocols, untranslated_labels
from equipoise.protocol.model import Text
from equipoise.protocol.read import locate_protocol
from equipoise.protocol.walk import walk
from equipoise.report import labels
from equipoise.report.contents import build_contents
from equipoise.report.html import Stamp, render_html
from equipoise.report.language.chinese import CHINESE as OF_ALL_REPORTS
from equipoise.report.paper.chinese import CHINESE as OF_THE_PAPER
from equipoise.report.paper.pack import derive_pack, derive_site_pack
from equipoise.report.paper.pages import render_pack
from equipoise.report.paper.site import SiteState
from equipoise.report.pdf import render_pdf
from equipoise.report.safety.board import EVERYBODY, Frozen, board_protocol, derive_board
from equipoise.report.safety.case import Given, derive_case
from equipoise.report.safety.pages import render_case
from equipoise.simulation.pages.contents import build_page
from equipoise.simulation.pages.html import render_page
from equipoise.standards.fonts import FONT_FOLDER
from equipoise.trial.paper.site import site_state
from equipoise.vault import envelopes

from .spoken import SOURCE, SYMBOLS, chinese_for, listening, modules, phrases_in

INR = "hucmsc_inr"
CHINESE_SIGN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]")
STAMP = Stamp("0" * 64, "1" * 64, "0")
AT = DAY_1.replace(day=28)


# --- every text of a protocol, every phrase of the program ---


@pytest.mark.parametrize("name", shipped_protocols())
def test_every_text_of_a_shipped_protocol_has_all_its_languages(name: str) -> None:
    assert untranslated_labels(shipped(name)) == ()


def test_a_text_that_loses_its_chinese_is_found() -> None:
    protocol = shipped(INR)
    places = [place for place in walk(protocol) if isinstance(place.value, Text)]
    assert len(places) > 200
    for place in places[:: len(places) // 12]:
        whole = dict(place.value.root)
        object.__setattr__(place.value, "root", {"en": whole["en"]})
        try:
            (missing,) = untranslated_labels(protocol)
        finally:
            object.__setattr__(place.value, "root", whole)
        assert missing.endswith("(zh)")
    assert untranslated_labels(protocol) == ()


SPOKEN_BY_PAGES = "running.py"
"""Figures of a trial that runs: their words are the pages' own, which have their Chinese there."""


def silent() -> list[tuple[str, int, str]]:
    """The phrases of all documents that have no Chinese: module, line, phrase."""
    return [
        (str(module.relative_to(SOURCE)), line, text)
        for module in modules()
        for chinese in [chinese_for(module)]
        for line, text in phrases_in(module)
        if text not in chinese and text not in SYMBOLS and module.name != SPOKEN_BY_PAGES
    ]


def test_every_phrase_of_a_document_has_its_chinese() -> None:
    assert sum(len(list(phrases_in(module))) for module in modules()) > 1000
    assert silent() == []


def test_a_phrase_without_chinese_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(OF_THE_PAPER, "Contact sheet")
    monkeypatch.delitem(OF_ALL_REPORTS, "Satterthwaite")
    found = silent()
    assert ("report/paper/site.py", "Contact sheet") in [(module, text) for module, _, text in found]
    assert {text for _, _, text in found} == {"Contact sheet", "Satterthwaite"}


def test_placeholders_of_a_phrase_are_those_of_its_chinese() -> None:
    wrong = [
        (english, chinese)
        for module in modules()
        for english, chinese in chinese_for(module).items()
        if set(re.findall(r"{(\w+)", english)) != set(re.findall(r"{(\w+)", chinese))
    ]
    assert not dict.fromkeys(wrong)


@pytest.mark.parametrize("words", [labels.WORDS, envelopes.WORDS], ids=["labels", "envelopes"])
def test_labels_and_envelopes_have_each_word_in_both_languages(words: dict[str, dict[str, object]]) -> None:
    assert words.keys() == {"en", "zh"}
    assert words["en"].keys() == words["zh"].keys()
    assert all(CHINESE_SIGN.search(str(said)) for said in words["zh"].values())
    assert not [said for said in words["en"].values() if CHINESE_SIGN.search(str(said))]


def test_routes_of_products_are_said_in_chinese_where_the_trial_speaks_it() -> None:
    spoken = [shipped(name) for name in shipped_protocols() if "zh" in shipped(name).trial.languages]
    routes = {product.route for protocol in spoken for product in protocol.interventions.values()}
    assert routes and not [route for route in routes if not CHINESE_SIGN.search(OF_ALL_REPORTS.get(route, ""))]


# --- documents while they are made ---


@pytest.fixture(scope="module")
def desk() -> Desk:
    """A participant who was infused, with a grave adverse event."""
    desk = Desk()
    desk.hold("SCR", SCREENED)
    desk.save("demography", "SCR", {"age": 41, "sex": "F"})
    desk.start_from_day_1()
    desk.save("vitals", "W0", VITALS)
    desk.today = DAY_1.replace(day=28)
    report(desk, GRAVE)
    return desk


def site_of(desk: Desk) -> SiteState:
    return site_state(desk.protocol, desk.trial, "01", desk.events[-1].at)


def board(desk: Desk, *, closed: bool) -> bytes:
    arms = {WHO: "high" if closed else EVERYBODY}
    protocol = board_protocol(desk.protocol, closed=closed)
    sdtm = write_sdtm(protocol, desk.trial, opened=Opened(arms=arms))
    frozen = Frozen(len(desk.events), desk.events[-1].at, "0" * 64)
    contents, _ = derive_board(
        protocol,
        desk.trial,
        assemble(protocol, DataFolder.of(sdtm.values())),
        frozen,
        arms=arms if closed else None,
        held=("rule",) if closed else (),
        language="zh",
    )
    return render_pdf(contents, STAMP)


def case(desk: Desk, given: Given | None = None) -> bytes:
    at = desk.events[-1].at
    found = derive_case(desk.protocol, desk.trial, WHO, RECORD, at, given=given, authority="nmpa", language="zh")
    return render_case(found)


def chinese_report() -> bytes:
    contents = build_contents(*small_trial(), language="zh")
    assert CHINESE_SIGN.search(render_html(contents, STAMP))
    return render_pdf(contents, STAMP)


LABEL = labels.Label("试验", "人脐带间充质干细胞", "K-1", (("编号", "1"),))
IN_THE_DATA = {"Declined", "Did not meet the criteria", "HEADACHE <mild> & long"}
"""Words of the small trial's data, which nobody can translate."""

GIVEN = Given(arm="high", by_visit={"W0": "92,300,000 cells"}, reportable=True)
DOCUMENTS = {
    "report": lambda _: chinese_report(),
    "open report of the board": lambda desk: board(desk, closed=False),
    "closed report of the board": lambda desk: board(desk, closed=True),
    "blinded case": case,
    "unblinded case": lambda desk: case(desk, GIVEN),
    "paper pack": lambda desk: render_pack(derive_pack(desk.protocol, "zh")),
    "pack of a site": lambda desk: render_pack(derive_site_pack(desk.protocol, site_of(desk), "zh")),
    "label": lambda _: labels.render_labels([LABEL], "zh"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_asks_for_no_phrase_that_has_no_chinese_and_prints_it_with_its_glyphs(
    name: str, desk: Desk
) -> None:
    with listening() as missing:
        made = DOCUMENTS[name](desk)
    assert not missing - IN_THE_DATA
    reader = PdfReader(io.BytesIO(made))
    text = "".join(page.extract_text() for page in list(reader.pages)[:12])
    assert len(CHINESE_SIGN.findall(text)) > 5
    assert "\N{REPLACEMENT CHARACTER}" not in text and "\x00" not in text
    fonts = [font for page in reader.pages for font in fonts_of(page)]
    assert fonts
    assert all(is_embedded(font) for font in fonts)


def test_the_page_of_a_simulation_asks_for_no_phrase_that_has_no_chinese() -> None:
    with listening() as missing:
        render_page(build_page(small_simulation(), "zh"))
    assert not missing


def test_a_phrase_that_is_asked_for_while_a_document_is_made_is_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(OF_THE_PAPER, "safety unblinder")
    desk.trial.people["gao"] = Person(
        name="Gao", grants=[Grant(role="safety unblinder", site=None, since=SCREENED)]
    )
    with listening() as missing:
        derive_site_pack(desk.protocol, site_of(desk), "zh")
    assert missing == {"safety unblinder"}


# --- glyphs ---


def fonts_of(page: DictionaryObject) -> Iterator[DictionaryObject]:
    resources = page.get("/Resources", {})
    yield from (font.get_object() for font in resources.get("/Font", {}).values())


def is_embedded(font: DictionaryObject) -> bool:
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    descriptor = inner["/FontDescriptor"].get_object()
    return "/ToUnicode" in font and any(f"/FontFile{kind}" in descriptor for kind in ("", "2", "3"))


@cache
def glyphs() -> frozenset[int]:
    """The characters of the shipped font; that in bold has no Chinese, and the plain one steps in."""
    return frozenset(TTFont(FONT_FOLDER / "EquipoiseSans-Regular.otf").getBestCmap())


def without_glyph(text: str) -> set[str]:
    return {sign for sign in text if CHINESE_SIGN.match(sign) and ord(sign) not in glyphs()}


def test_every_chinese_sign_of_the_texts_has_a_glyph() -> None:
    said = [text for module in modules() for text in chinese_for(module).values()]
    said += [str(words) for words in (labels.WORDS, envelopes.WORDS)]
    said += [locate_protocol(name).read_text(encoding="utf-8") for name in shipped_protocols()]
    assert sum(len(CHINESE_SIGN.findall(text)) for text in said) > 10_000
    assert not set().union(*map(without_glyph, said))


def test_a_sign_without_glyph_is_found() -> None:
    assert without_glyph("随机化 \u9f98 \u4dae") == {"\u9f98", "\u4dae"}


# --- what is stored ---

STORES = ("conduct", "record", "datasets")


def test_no_step_takes_a_language_of_the_screen_and_nothing_stored_is_said_in_one() -> None:
    named = {field for kind in INTENTS.values() for field in kind.__struct_fields__ if "lang" in field}
    assert named <= {"language"}
    asking = {name for name, kind in INTENTS.items() if "language" in kind.__struct_fields__}
    assert asking == {"ApproveConsentDocument", "SignConsent"}, "the language of the consent form, which is a fact"
    spoken = [
        (path.relative_to(SOURCE), node.lineno)
        for chapter in STORES
        for path in (SOURCE / chapter).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "say"
        and (node.args or node.keywords)
        and ast.unparse(node.func.value).endswith(("label", "text", "say", "title"))
    ]
    assert not spoken


def test_the_same_steps_beside_chinese_documents_give_the_same_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(language: str) -> list[str]:
        monkeypatch.setenv("LANG", f"{language}_CN.UTF-8" if language == "zh" else "C.UTF-8")
        monkeypatch.setenv("LC_ALL", f"{language}_CN.UTF-8" if language == "zh" else "C.UTF-8")
        desk = Desk()
        desk.hold("SCR", SCREENED)
        derive_pack(desk.protocol, language)
        desk.save("demography", "SCR", {"age": 41, "sex": "F"})
        desk.start_from_day_1()
        desk.save("vitals", "W0", VITALS)
        desk.today = DAY_1.replace(day=28)
        report(desk, GRAVE)
        derive_case(desk.protocol, desk.trial, WHO, RECORD, desk.events[-1].at, language=language)
        desk.save("vitals", "W0", {"weight": 62}, on=DAY_1, reason="重新核对")
        return [event.kind + str(event.payload) for event in desk.events]

    assert steps("zh") == steps("en")


def test_codes_are_stored_never_their_labels(desk: Desk) -> None:
    with_codes = [
        (form, name) for form, one in shipped(INR).forms.items() for name, i in one.items.items() if i.codes
    ]
    stored = [
        fact for event in desk.events if event.kind == FormSaved.__name__ for fact in [json.loads(event.payload)]
    ]
    values = [
        value for fact in stored for name, value in fact["values"].items() if (fact["form"], name) in with_codes
    ]
    assert "F" in values and "POSSIBLY RELATED" in values
    assert not CHINESE_SIGN.search(json.dumps(values, ensure_ascii=False))

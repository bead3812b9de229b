"""The paper pack of a protocol: every form, item and criterion is on it, nothing of the arms, the same bytes."""

import io
import re
from collections.abc import Iterator
from functools import cache

import msgspec
import pytest
from pypdf import PdfReader
from tests.shipped import shipped

from equipoise.conduct.forms.planned import forms_planned_at
from equipoise.conduct.forms.reading import MISSING
from equipoise.errors import EstimationFailed
from equipoise.protocol import Protocol, parse_protocol, protocol_version, shipped_protocols
from equipoise.protocol.read import locate_protocol
from equipoise.report.language import Phrases
from equipoise.report.paper.chinese import CHINESE
from equipoise.report.paper.items import blank_form, form_version
from equipoise.report.paper.pack import MISSING_ON_PAPER, derive_pack
from equipoise.report.paper.pages import PROFILE, render_pack
from equipoise.report.paper.sheets import Criteria, Field, FormGrid, Pack, Sheet

INR = "hucmsc_inr"
READ = [(INR, "en"), (INR, "zh"), ("actg320", "en")]
"""Packs whose pages are read; of the others, what stands on them before it is set in type."""


@cache
def printed(name: str, language: str) -> bytes:
    return render_pack(derive_pack(shipped(name), language))


@cache
def pages(name: str, language: str) -> tuple[str, ...]:
    return tuple(page.extract_text() for page in PdfReader(io.BytesIO(printed(name, language))).pages)


def plain(text: str) -> str:
    """A text without what a line break may add or take, and without the spaces that the typesetter puts in."""
    return re.sub(r"\s", "", text)


def forms_of(sheet: Sheet) -> Iterator[FormGrid]:
    return (block for block in sheet.blocks if isinstance(block, FormGrid) and block.version)


def sheet(pack: Pack, title: str) -> Sheet:
    return next(one for one in pack.sheets if one.title.startswith(title))


def edited(*changes: tuple[str, str]) -> Protocol:
    text = locate_protocol(INR).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse_protocol(text)


@pytest.mark.parametrize("name", shipped_protocols())
def test_every_form_of_the_schedule_is_there_at_every_visit_in_its_order(name: str) -> None:
    protocol, pack = shipped(name), derive_pack(shipped(name))
    asked = [(visit, forms_planned_at(protocol, visit)) for visit in protocol.schedule.visits]
    visits = [one for one in pack.sheets if one.head == "visit"]
    found = [(one.title.rpartition("(")[2][:-1], tuple(form.name for form in forms_of(one))) for one in visits]
    assert found == [(visit, forms) for visit, forms in asked if forms]
    events = [form.name for one in pack.sheets if one.head == "event" for form in forms_of(one)]
    assert events == list(protocol.schedule.at_any_time)


@pytest.mark.parametrize(("name", "language"), READ)
def test_every_item_code_and_criterion_can_be_read_on_the_pages(name: str, language: str) -> None:
    protocol, text = shipped(name), plain("".join(pages(name, language)))
    derived_or_masked = set(protocol.blinding.masked_after_randomisation)
    planned = {*protocol.schedule.activities, *protocol.schedule.at_any_time}
    wanted = [
        label.say(language)
        for form_name, form in protocol.forms.items()
        if form_name in planned
        for key, item in form.items.items()
        if item.derive is None and key not in derived_or_masked
        for label in (item.label, *item.codes.values())
    ]
    criteria = {**protocol.population.inclusion, **protocol.population.exclusion}
    wanted += [criterion.text.say(language) for criterion in criteria.values()]
    assert not [label for label in wanted if plain(label) not in text]


def test_each_page_says_its_number_the_version_and_a_form_its_own() -> None:
    protocol, found = shipped(INR), pages(INR, "en")
    for number, page in enumerate(found, 1):
        assert f"Page {number} of {len(found)}" in page
        assert protocol_version(protocol)[:16] in page
    versions = {form_version(form) for form in protocol.forms.values()}
    shown = [set(re.findall(r"form version ([0-9a-f]{8})", page)) for page in found]
    first, last = next(n for n, one in enumerate(shown) if one), max(n for n, one in enumerate(shown) if one)
    assert {one for some in shown for one in some} == versions
    without = [n for n in range(first, last + 1) if not shown[n]]
    assert all("If the event is serious" in found[n] for n in without), "only what follows the form of an event"


def test_a_form_keeps_its_version_as_long_as_it_asks_the_same() -> None:
    before, other = shipped(INR), edited(("range: [30, 200]", "range: [30, 210]"))
    changed = [
        name for name in before.forms if form_version(before.forms[name]) != form_version(other.forms[name])
    ]
    assert changed == ["vitals"]
    assert protocol_version(before) != protocol_version(other)


def test_boxes_fit_what_the_range_and_the_decimals_need() -> None:
    form = blank_form(shipped(INR), "vitals", Phrases("en"), allocated=True)
    fields = {entry.label: entry.field for entry in form.entries}
    assert (fields["Weight"].whole, fields["Weight"].decimals, fields["Weight"].unit) == (3, 1, "kg")
    assert (fields["Body temperature"].whole, fields["Body temperature"].decimals) == (2, 1)
    blood = blank_form(shipped(INR), "haematology", Phrases("en"), allocated=True)
    assert next(e.field for e in blood.entries if e.label == "Haemoglobin").other_units == "g/dL"
    days = blank_form(shipped(INR), "infusion", Phrases("en"), allocated=True)
    kinds = {entry.label: entry.field.kind for entry in days.entries}
    assert (kinds["Start"], kinds["Infusion given"], kinds["Number of the bag"]) == (
        "date and time",
        "choices",
        "text",
    )


def test_a_number_without_range_gets_a_line_and_a_negative_one_a_sign() -> None:
    protocol = edited(
        ("range: [34, 42.5], decimals: 1, testcd: TEMP", "range: [-40, 42.5], decimals: 1, testcd: TEMP")
    )
    form = blank_form(protocol, "vitals", Phrases("en"), allocated=True)
    field = next(e.field for e in form.entries if e.label == "Body temperature")
    assert field == Field(kind="number", whole=2, decimals=1, signed=True, unit="°C")
    open_end = edited((", range: [34, 42.5], decimals: 1, testcd: TEMP", ", testcd: TEMP"))
    form = blank_form(open_end, "vitals", Phrases("en"), allocated=True)
    assert next(e.field for e in form.entries if e.label == "Body temperature").kind == "text"


def test_derived_items_are_not_asked_and_masked_ones_only_before_randomisation() -> None:
    protocol = shipped(INR)
    counts = blank_form(protocol, "immunology", Phrases("en"), allocated=True)
    assert "CD4/CD8 ratio" not in {entry.label for entry in counts.entries}
    assert "CD4/CD8 ratio" in " ".join(counts.notes)
    before = blank_form(protocol, "hla_antibodies", Phrases("en"), allocated=False)
    after = blank_form(protocol, "hla_antibodies", Phrases("en"), allocated=True)
    assert len(before.entries) == 2 and not before.notes
    assert not after.entries and "vault" in after.notes[0]
    late = [
        form for one in derive_pack(protocol).sheets for form in forms_of(one) if form.name == "hla_antibodies"
    ]
    assert late and not any(form.entries for form in late), "all its visits come with or after randomisation"


def test_what_is_required_only_then_is_said_in_words() -> None:
    protocol = shipped(INR)
    english = {e.label: e.hint for e in blank_form(protocol, "infusion", Phrases("en"), allocated=True).entries}
    assert english["Why it was not given"] == 'only if "Infusion given" is No'
    say = Phrases("zh", CHINESE)
    chinese = {e.label: e.hint for e in blank_form(protocol, "infusion", say, allocated=True).entries}
    assert chinese["未输注原因"] == "仅当“是否输注”为否时填写"
    exam = {e.label: e.hint for e in blank_form(protocol, "physical_exam", Phrases("en"), allocated=True).entries}
    assert exam["What is abnormal"].endswith('"Nervous system" is Abnormal')


def test_the_codes_of_missing_values_are_those_of_the_system() -> None:
    assert tuple(MISSING_ON_PAPER.values()) == MISSING
    text = plain(pages(INR, "en")[0])
    assert all(plain(f"{short} {code}") in text for short, code in MISSING_ON_PAPER.items())


def test_the_event_has_the_moment_of_awareness_first_and_the_clocks_behind_it() -> None:
    pack = derive_pack(shipped(INR))
    text = str(sheet(pack, "Adverse event").blocks)
    assert text.index("When the site became aware") < text.index("FormGrid") < text.index("24 hours")
    assert (
        "within 15 days" in text and "within 7 days" in text and "8 days later" in text and "Asia/Shanghai" in text
    )


def test_criteria_say_what_they_are_answered_from() -> None:
    rows = [
        row
        for block in sheet(derive_pack(shipped(INR)), "Screening and eligibility").blocks
        if isinstance(block, Criteria)
        for row in block.rows
    ]
    source = {row.id: row.source for row in rows}
    assert source["I5"] == "judged by the investigator"
    assert source["E8"] == "Sex, Pregnancy test, Breast-feeding"


def test_a_trial_without_blind_or_randomisation_has_no_sheet_for_them() -> None:
    titles = {one.title for one in derive_pack(shipped("hucmsc_pilot")).sheets}
    assert not {"Code break in an emergency", "Randomisation: why it waits"} & titles
    assert {"Consent", "Screening and eligibility", "Preparation: hUC-MSC suspension"} <= titles


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_gets_what_changes_nothing_but_the_version_of_the_protocol(language: str) -> None:
    protocol = shipped(INR)
    high, low, placebo = protocol.arms
    ids = dict(zip((low, placebo, high), protocol.arms.values(), strict=True))
    turned = protocol.model_copy(update={"arms": ids})
    one, other = derive_pack(protocol, language), derive_pack(turned, language)
    assert one.version != other.version
    facts = tuple((name, one.version if value == other.version else value) for name, value in other.facts)
    assert msgspec.structs.replace(other, version=one.version, facts=facts) == one
    assert render_pack(one) == printed(INR, language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_arm_and_no_dose_is_on_any_page(language: str) -> None:
    text = plain("".join(pages(INR, language)))
    for arm in shipped(INR).arms.values():
        assert plain(arm.label.say(language)) not in text
        assert not [dose for dose in arm.doses.values() if plain(str(dose)) in text and dose.value]


def test_the_file_is_pdf_a_with_its_fonts_inside() -> None:
    content = printed(INR, "zh")
    part, level = re.search(rb"pdfaid:part>(\d)<", content), re.search(rb"pdfaid:conformance>(\w)<", content)
    assert part and level
    assert f"a-{part[1].decode()}{level[1].decode().lower()}" == PROFILE


def test_what_cannot_be_set_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    def refuse(*_: object, **__: object) -> None:
        raise typst.TypstError("no such box")

    monkeypatch.setattr(typst, "compile_with_warnings", refuse)
    with pytest.raises(EstimationFailed, match="paper pack could not be set"):
        render_pack(derive_pack(shipped("actg175")))

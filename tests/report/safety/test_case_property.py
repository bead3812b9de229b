"""The report of a case: every box filled from the record, the blinded twin without any word of a treatment."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pypdf import PdfReader
from tests.conduct.forms.desk import DAY_1, SCREENED, VITALS, Desk, without_kits
from tests.conduct.safety.cases import GRAVE, RECORD, WHO, as_monitor, report

from equipoise.conduct.follow_up.infusions import IssueBag, OrderInfusion
from equipoise.conduct.safety.reporting import AssessCase, MeetClock
from equipoise.errors import DecisionRefused
from equipoise.report.safety.case import CaseReport, Given, derive_case, grading_line, laboratory_line
from equipoise.report.safety.chinese import CHINESE
from equipoise.report.safety.pages import render_case

AT = datetime(2024, 3, 28, 4, tzinfo=UTC)
HIGH = Given(arm="high", by_visit={"W0": "92,300,000 cells"}, reportable=True)
PLACEBO = Given(arm="placebo", by_visit={"W0": "0 cells"}, reportable=False)


@pytest.fixture(scope="module")
def desk() -> Desk:
    """A participant who was infused once and had a life-threatening event ten days later."""
    desk = Desk(without_kits())
    desk.hold("SCR", SCREENED)
    desk.save("demography", "SCR", {"age": 41, "sex": "F"})
    desk.start_from_day_1()
    desk.save("vitals", "W0", {**VITALS, "weight": 61.5})
    desk.do(OrderInfusion(participant=WHO, visit="W0"), role="investigator")
    bag = IssueBag(participant=WHO, order=f"{WHO}/W0", bag="B-482137-5", volume="100 mL")
    desk.do(bag, role="pharmacist")
    desk.today = DAY_1 + timedelta(days=10)
    report(desk, GRAVE)
    as_monitor(desk, AssessCase(participant=WHO, record=RECORD, suspected=True, comment="no other cause"))
    return desk


def case(desk: Desk, given: Given | None = None, language: str = "en") -> CaseReport:
    found = derive_case(
        desk.protocol, desk.trial, WHO, RECORD, AT, given=given, authority="nmpa", language=language
    )
    assert replace(found) == found
    return found


def boxes(found: CaseReport) -> dict[str, str]:
    return {box.number: "; ".join(box.lines) for part in found.parts for box in part.boxes if box.number}


def text_of(found: CaseReport) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(render_case(found))).pages)


def test_what_the_fonts_do_not_have_is_spelt_out(desk: Desk) -> None:
    known = case(desk)
    typed = "fell 😀 at night \u9f98 \U0001f469\u200d\u2695\ufe0f \ue000 ≥ 39 °C 发热"
    box = replace(known.parts[0].boxes[-1], lines=(typed,))
    said = text_of(replace(known, parts=(replace(known.parts[0], boxes=(box,)),)))
    for part in ("fell [grinning face] at night [U+9F98]", "[woman]", "[U+E000]", "≥ 39 °C 发热"):
        assert part in " ".join(said.split()), part


def test_the_boxes_say_what_the_record_holds(desk: Desk) -> None:
    found = case(desk)
    filled = boxes(found)
    assert filled["1"] == WHO, "the screening number, never who the person is"
    assert (filled["1a"], filled["2a"], filled["3"]) == ("CHN", "41", "Female")
    assert filled["4–6"] == "2024-03-18"
    assert filled["7+13"].startswith("Pulmonary embolism; ")
    assert filled["18"] == "2024-03-18"
    assert filled["24c"] == "2024-03-27 22:15 (Asia/Shanghai)"
    assert {text for text, ticked in found.ticks if ticked} == {
        "is life-threatening",
        "requires a hospital stay or prolongs one",
    }
    assert ("Due by", "2024-04-03 23:59 (Asia/Shanghai)") in found.facts
    assert ("Kind of report", "Initial") in found.facts


def test_the_twins_differ_in_the_suspect_product_and_the_band_alone(desk: Desk) -> None:
    blinded, unblinded = case(desk), case(desk, HIGH)
    assert blinded.band != unblinded.band
    assert boxes(blinded)["14"] == "hUC-MSC suspension or Placebo"
    assert boxes(unblinded)["14"] == "hUC-MSC suspension (High dose)"
    differing = {number for number in boxes(unblinded) if boxes(blinded).get(number) != boxes(unblinded)[number]}
    assert differing == {"14", "15", "18a"}


def test_after_placebo_the_copy_says_that_it_need_not_be_sent(desk: Desk) -> None:
    found = case(desk, PLACEBO)
    assert boxes(found)["14"] == "Placebo"
    assert any("need not be reported" in note for note in found.notes)
    assert not any("need not be reported" in note for note in case(desk, HIGH).notes)


def test_the_blinded_page_tells_no_arm_and_the_unblinded_one_tells_it(desk: Desk) -> None:
    page = text_of(case(desk))
    assert not any(word in page for word in ("High dose", "Low dose", "92,300,000", "1,500,000"))
    assert "High dose" in text_of(case(desk, HIGH))


def test_the_same_case_gives_the_same_bytes(desk: Desk) -> None:
    assert render_case(case(desk)) == render_case(case(desk))


def test_in_chinese_every_fixed_word_is_chinese(desk: Desk) -> None:
    found = case(desk, PLACEBO, "zh")
    assert found.title == "可疑不良反应报告"
    labels = [box.label for part in found.parts for box in part.boxes] + [part.title for part in found.parts]
    assert not [label for label in labels if label in CHINESE]
    assert "国家药品监督管理局" in text_of(found)


def test_a_report_after_the_first_is_a_follow_up(desk: Desk) -> None:
    clock = desk.participant.clocks[f"{RECORD}/fatal/nmpa"]
    as_monitor(desk, MeetClock(participant=WHO, clock=f"{RECORD}/fatal/nmpa"))
    assert ("Kind of report", "Follow-up") in case(desk).facts
    clock.met_at = None


def test_a_case_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(DecisionRefused, match="nobody has the screening number"):
        derive_case(desk.protocol, desk.trial, "01-777", RECORD, AT)
    with pytest.raises(DecisionRefused, match="these authorities: nmpa"):
        derive_case(desk.protocol, desk.trial, WHO, RECORD, AT, authority="ema")


def test_the_grade_is_told_in_the_words_of_the_scale(desk: Desk) -> None:
    values = desk.participant.forms[RECORD].values
    values["ae_term"].value = "thromboembolic event"
    assert any(note.startswith("Thromboembolic event, 4: Life-threatening") for note in case(desk).notes)
    values["ae_term"].value = "Headache"
    assert "Headache, 4: the scale has no such grade of this term" in case(desk).notes
    values["ae_term"].value = "Pulmonary embolism"


def test_a_published_scale_is_named_with_version_and_licence() -> None:
    assert grading_line("CTCAE 5.0") == (
        "CTCAE 5.0 (version 5.0, 27 November 2017; public domain (NCI); table of tcoRs, MIT)"
    )
    assert laboratory_line("DAIDS 2.1").startswith("DAIDS 2.1 (2.1, July 2017; data: Apache-2.0")
    assert grading_line("mild, moderate, severe") == "mild, moderate, severe"

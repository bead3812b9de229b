"""Labels: a page each, in both languages, with the number that is on the kit or the bag and nothing of the arm."""

import io
from datetime import date

import pytest
from pypdf import PdfReader
from tests.conduct.supply.pharmacy import ORDER, Pharmacy

from equipoise.conduct.door.state import Grant, Person
from equipoise.errors import DecisionRefused
from equipoise.report.labels import Label, dose_label, kit_labels, render_labels

DAY = date(2024, 1, 2)


def pages(labels: list[Label], language: str = "en") -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(render_labels(labels, language))).pages]


def label_of_dose(pharmacy: Pharmacy, language: str = "en") -> Label:
    return dose_label(pharmacy.protocol, pharmacy.trial, pharmacy.participant, ORDER, language)


def test_every_kit_of_a_carton_has_a_label_and_all_say_the_same_but_for_the_number() -> None:
    pharmacy = Pharmacy().stock()
    one, other = kit_labels(pharmacy.protocol, pharmacy.trial, ["C-01"])
    assert (one.number, other.number) == ("K-01a", "K-01b")
    assert one.lines == other.lines
    first, second = pages([one, other])
    assert "K-01a" in first
    assert first.replace("K-01a", "") == second.replace("K-01b", "")
    for said in ("hUC-MSC suspension", "2024-09-30", "2 to 8 °C", "For clinical trial use only"):
        assert said in first


def test_every_label_names_the_sponsor_and_who_stands_for_it() -> None:
    pharmacy = Pharmacy().prepared()
    pharmacy.trial.people["zhou"] = Person(name="Zhou Ming", grants=[Grant(role="sponsor", site=None, since=DAY)])
    gone = Grant(role="sponsor", site=None, since=DAY, until=DAY)
    pharmacy.trial.people = {"gone": Person(name="Gone", grants=[gone]), **pharmacy.trial.people}
    kit, *_ = kit_labels(pharmacy.protocol, pharmacy.trial, ["C-01"])
    first, second = pages([kit, label_of_dose(pharmacy)])
    for said in (first, second):
        assert "Sponsor Beijing 302 Hospital, Zhou Ming" in said
    nobody = pharmacy.protocol.model_copy(
        update={"trial": pharmacy.protocol.trial.model_copy(update={"sponsor": None})}
    )
    pharmacy.trial.people = {}
    assert dict(kit_labels(nobody, pharmacy.trial, ["C-01"])[0].lines)["Sponsor"] == "", "to be written in"


def test_the_label_of_a_dose_leaves_a_line_for_the_second_signature_until_it_is_there() -> None:
    pharmacy = Pharmacy().prepared()
    before = dict(label_of_dose(pharmacy).lines)
    assert before["Checked by"] == ""
    pharmacy.check()
    after = dict(label_of_dose(pharmacy).lines)
    assert after["Checked by"] == "Li Wei"
    assert (after["Participant"], after["Kit"], after["Volume"]) == ("01-001", "K-01a", "100 mL")
    assert after["Prepared"].startswith("2024-03-18 12:00")
    assert after["Give out before"] == "2024-03-18 16:00"


def test_labels_speak_chinese_with_glyphs_for_every_sign() -> None:
    pharmacy = Pharmacy().prepared()
    kits = kit_labels(pharmacy.protocol, pharmacy.trial, ["C-01"], "zh")
    kit, _, dose = pages([*kits, label_of_dose(pharmacy, "zh")], "zh")
    for said in ("人脐带间充质干细胞悬液", "有效期至", "仅供临床试验使用"):
        assert said in kit
    assert "受试者编号" in dose


def test_no_label_names_an_arm() -> None:
    pharmacy = Pharmacy().prepared()
    labels = [*kit_labels(pharmacy.protocol, pharmacy.trial, ["C-01"]), label_of_dose(pharmacy)]
    said = " ".join(pages(labels)).lower()
    words = [word for arm in pharmacy.protocol.arms.values() for word in (arm.label.say().lower(),)]
    assert not [word for word in [*words, *pharmacy.protocol.arms] if word in said]


def test_what_is_not_there_has_no_label() -> None:
    pharmacy = Pharmacy().stock()
    with pytest.raises(DecisionRefused, match="no carton has this number"):
        kit_labels(pharmacy.protocol, pharmacy.trial, ["C-77"])
    with pytest.raises(DecisionRefused, match="no dose was prepared for this order yet"):
        label_of_dose(pharmacy)
    with pytest.raises(DecisionRefused, match="there is nothing to label"):
        render_labels([])

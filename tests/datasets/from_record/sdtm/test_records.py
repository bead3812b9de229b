"""AE, CM, MH, DV: a row a record, with what has no variable among the supplemental qualifiers."""

from datetime import date
from typing import Any

from equipoise.conduct.door.state import Deviation, Value
from equipoise.datasets.from_record import write_sdtm
from equipoise.protocol import names_in

EVENT = {
    "ae_term": "Pyrexia",
    "ae_started": "2026-03-04",
    "ae_outcome": "RECOVERED/RESOLVED",
    "ae_ended": "2026-03-06",
    "ae_grade": "2",
    "ae_serious": "Y",
    "ae_aware": "2026-03-04T11:00",
    "ae_hospital": "Y",
    "ae_causality": "POSSIBLY RELATED",
    "ae_action": "DOSE NOT CHANGED",
}


def test_an_adverse_event_has_its_dates_days_and_judgements(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4"))
    inr.add_form(trial.participants["01-001"], "adverse_event", date(2026, 3, 5), EVENT, repeat=1)
    sdtm = write_sdtm(inr.protocol, trial)
    told = ("AESEQ", "AETERM", "AEDECOD", "AESTDTC", "AESTDY", "AEENDTC", "AEENDY", "EPOCH")
    assert rows(sdtm["ae"], *told) == [(1, "Pyrexia", "Pyrexia", "2026-03-04", 3, "2026-03-06", 5, "TREATMENT")]
    judged = ("AESER", "AESHOSP", "AESDTH", "AETOXGR", "AEREL", "AEACN", "AEOUT", "AEBODSYS")
    assert rows(sdtm["ae"], *judged) == [
        ("Y", "Y", None, "2", "POSSIBLY RELATED", "DOSE NOT CHANGED", "RECOVERED/RESOLVED", None)
    ]
    assert rows(sdtm["suppae"], "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL") == [
        ("AESEQ", "1", "AEAWARE", "When the site became aware", "2026-03-04T11:00")
    ]


def test_records_are_numbered_as_they_were_filled_in_and_those_struck_out_are_not(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4"))
    person = trial.participants["01-001"]
    for repeat, term in ((2, "Cough"), (10, "Rash"), (1, "Fever"), (3, "Nothing")):
        inr.add_form(person, "adverse_event", date(2026, 3, 5), EVENT | {"ae_term": term}, repeat=repeat)
    person.forms["/adverse_event/3"].removed = "entered twice"
    ae = write_sdtm(inr.protocol, trial)["ae"]
    assert rows(ae, "AESEQ", "AETERM", "AESPID") == [
        (1, "Fever", "/adverse_event/1"),
        (2, "Cough", "/adverse_event/2"),
        (3, "Rash", "/adverse_event/10"),
    ]


def test_a_trial_without_events_has_an_empty_dataset_that_says_so(inr: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4"))
    sdtm = write_sdtm(inr.protocol, trial)
    assert sdtm["ae"].frame.is_empty()
    assert {"AETERM", "AEDECOD", "AESTDTC", "AESER"} <= set(sdtm["ae"].frame.columns)


def test_a_missing_end_is_missing(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4"))
    made = inr.add_form(trial.participants["01-001"], "adverse_event", date(2026, 3, 5), EVENT)
    made.values["ae_ended"] = Value(missing="UNKNOWN")
    assert rows(write_sdtm(inr.protocol, trial)["ae"], "AEENDTC", "AEENDY") == [(None, None)]


def test_drugs_are_told_apart_by_the_category_of_their_form(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4"))
    person = trial.participants["01-001"]
    drug = {"drug": "Prednisone", "indication": "Rash", "drug_started": "2026-03-20", "drug_ongoing": "Y"}
    inr.add_form(person, "concomitant_medication", date(2026, 3, 21), {**drug, "immunomodulator": "Y"})
    switch = {"new_regimen": "TDF 3TC DTG", "art_changed": "2026-03-25", "art_change_why": "TOXICITY"}
    inr.add_form(person, "art_change", date(2026, 3, 25), switch)
    sdtm = write_sdtm(inr.protocol, trial)
    assert rows(sdtm["cm"], "CMSEQ", "CMTRT", "CMCAT", "CMSTDTC", "CMSTDY", "CMADJ") == [
        (1, "as told", None, "2026-02-16", -14, None),
        (2, "Prednisone", "CONCOMITANT MEDICATION", "2026-03-20", 19, None),
        (3, "TDF 3TC DTG", "ANTIRETROVIRAL CHANGE", "2026-03-25", 24, "TOXICITY"),
    ]
    assert rows(sdtm["suppcm"], "QNAM", "QVAL", IDVARVAL="2") == [("DRUGONGO", "Y"), ("IMMUNOMO", "Y")]


def test_a_form_about_one_thing_is_called_after_it(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    condition = {"condition": "Asthma", "condition_started": "2011-05-02", "condition_ongoing": "Y"}
    inr.add_form(trial.participants["01-001"], "medical_history", date(2026, 2, 16), condition, visit="SCR")
    sdtm = write_sdtm(inr.protocol, trial)
    assert rows(sdtm["mh"], "MHTERM", "MHPRESP", "MHOCCUR", "MHSTDTC", "VISIT") == [
        ("History of HIV infection", "Y", "Y", "2026-02-16", "Screening"),
        ("Asthma", None, None, "2011-05-02", "Screening"),
    ]
    assert ("CATEGORY", "N") in rows(sdtm["suppmh"], "QNAM", "QVAL", IDVARVAL="1")


def test_deviations_come_from_the_form_and_from_what_decisions_found(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4"))
    person = trial.participants["01-001"]
    noticed = {
        "deviation_category": "PROHIBITED MEDICATION",
        "deviation_weight": "MAJOR",
        "deviation_date": "2026-03-20",
        "deviation_what": "Took prednisone",
    }
    inr.add_form(person, "deviation", date(2026, 3, 21), noticed)
    person.deviations = [
        Deviation(category="VISIT", weight="MINOR", what="Week 4 was late", on=date(2026, 4, 9), visit="W4")
    ]
    told = ("DVSEQ", "DVTERM", "DVCAT", "DVSCAT", "DVSTDTC", "DVSTDY", "VISIT")
    assert rows(write_sdtm(inr.protocol, trial)["dv"], *told) == [
        (1, "Took prednisone", "PROHIBITED MEDICATION", "MAJOR", "2026-03-20", 19, None),
        (2, "Week 4 was late", "VISIT", "MINOR", "2026-04-09", 39, "Week 4"),
    ]


def test_no_two_qualifiers_of_a_record_share_a_name(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W0"))
    trial.participants["01-001"].forms["W0/infusion/1"].values |= {
        "reaction": Value(value="Y"),
        "reaction_what": Value(value="Chills"),
    }
    suppec = write_sdtm(inr.protocol, trial)["suppec"]
    assert rows(suppec, "QNAM", "QVAL") == [
        ("INTERRUP", "N"),
        ("TEMPERAT", "36.8"),
        ("REACTION", "Y"),
        ("REACTIO2", "Chills"),
    ]


def test_no_two_qualifiers_of_a_domain_share_a_label(inr: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W24"))
    forms = trial.participants["01-001"].forms
    forms["SCR/physical_exam/1"].values["exam_finding"] = Value(value="Eczema")
    forms["SCR/eye_hearing/1"].values["eye_hearing_finding"] = Value(value="Myopia")
    supppe = write_sdtm(inr.protocol, trial)["supppe"]
    assert supppe.frame.select("QNAM", "QLABEL", "QVAL").rows() == [
        ("EXAMFIND", "What is abnormal", "Eczema"),
        ("EYEHEARI", "Eyes and hearing: What is abnormal", "Myopia"),
    ]


def test_every_qualifier_that_a_variable_asks_for_bears_the_name_under_which_it_is_looked_for(inr: Any) -> None:
    asked = {
        name for v in inr.protocol.variables.values() if v.recorded_in and v.when for name in names_in(v.when)
    }
    assert asked == {"immunomodulator", "deviation_weight"}

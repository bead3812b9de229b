"""SV and SE: visits held, missed, not planned; elements passed."""

from datetime import date
from typing import Any

from equipoise.conduct.door.state import Visit
from equipoise.datasets.from_record import write_sdtm


def test_a_visit_that_was_held_has_its_number_its_day_and_the_day_planned(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4"))
    trial.participants["01-001"].visits["W4"].on = date(2026, 3, 28)
    sv = write_sdtm(inr.protocol, trial)["sv"]
    assert rows(sv, "VISITNUM", "VISIT", "VISITDY", "SVSTDTC", "SVSTDY", "SVOCCUR") == [
        (1.0, "Screening", -1, "2026-02-16", -14, "Y"),
        (2.0, "Baseline", 1, "2026-03-02", 1, "Y"),
        (3.0, "Week 4", 29, "2026-03-28", 27, "Y"),
    ]


def test_a_missed_visit_did_not_occur_and_says_why(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", missed=("W4",), until="W12"))
    sv = write_sdtm(inr.protocol, trial)["sv"]
    assert rows(sv, "VISIT", "SVPRESP", "SVOCCUR", "SVREASOC", "SVSTDTC", SVOCCUR="N") == [
        ("Week 4", "Y", "N", "ill", None)
    ]


def test_an_unscheduled_visit_is_numbered_behind_the_visit_before_it(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"))
    visits = trial.participants["01-001"].visits
    visits |= {"U1": Visit(name=None, on=date(2026, 4, 20)), "U2": Visit(name=None, on=date(2026, 4, 10))}
    sv = write_sdtm(inr.protocol, trial)["sv"]
    assert rows(sv, "VISITNUM", "VISIT", "SVSTDTC", "SVPRESP")[2:] == [
        (3.0, "Week 4", "2026-03-30", "Y"),
        (3.01, "Unscheduled 3.01", "2026-04-10", None),
        (3.02, "Unscheduled 3.02", "2026-04-20", None),
        (4.0, "Week 12", "2026-05-25", "Y"),
    ]


def test_elements_follow_each_other_and_the_last_ends_with_participation(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "low", missed=("W60",)))
    inr.end(trial.participants["01-001"], "participation", date(2028, 1, 3), "COMPLETED")
    told = ("SESEQ", "ETCD", "ELEMENT", "EPOCH", "SESTDTC", "SEENDTC")
    assert rows(write_sdtm(inr.protocol, trial, opened=opened)["se"], *told) == [
        (1, "SCREENIN", "Screening", "SCREENING", "2026-02-16", "2026-03-02"),
        (2, "LOW", "Infusions: Low dose", "TREATMENT", "2026-03-02", "2027-07-19"),
        (3, "OBSERVAT", "Observation", "OBSERVATION", "2027-07-19", "2028-01-03"),
    ]
    closed = rows(write_sdtm(inr.protocol, trial)["se"], "ETCD", "ELEMENT")
    assert closed[1] == ("MASKED", "Infusions: masked")


def test_the_element_of_a_screen_failure_ends_with_the_verdict(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", None))
    assert rows(write_sdtm(inr.protocol, trial)["se"], "ETCD", "SESTDTC", "SEENDTC") == [
        ("SCREENIN", "2026-02-16", "2026-02-16")
    ]

"""DM and IE: who took part, from when to when, in which arm, and why others did not."""

from datetime import date
from typing import Any

from equipoise.conduct.door.state import Value
from equipoise.datasets.from_record import write_sdtm

DATES = ("RFICDTC", "RFSTDTC", "RFXSTDTC", "RFXENDTC", "RFENDTC", "RFPENDTC")
ARMS = ("ARMCD", "ARM", "ACTARMCD", "ACTARM", "ARMNRS")


def test_a_participant_has_age_sex_site_and_country_as_recorded(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "high"))
    dm = write_sdtm(inr.protocol, trial, opened=opened)["dm"]
    assert rows(dm, "STUDYID", "USUBJID", "SUBJID", "SITEID", "COUNTRY", "AGE", "AGEU", "SEX") == [
        ("HUCMSC_INR", "HUCMSC_INR-01-001", "01-001", "01", "CHN", 41, "YEARS", "M")
    ]


def test_the_reference_dates_are_consent_first_infusion_last_infusion_and_last_seen(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W24", not_infused=("W24",)))
    inr.end(trial.participants["01-001"], "participation", date(2026, 9, 1), "LOST TO FOLLOW-UP")
    dm = write_sdtm(inr.protocol, trial)["dm"]
    assert rows(dm, *DATES) == [
        ("2026-02-16", "2026-03-02", "2026-03-02T09:30", "2026-05-25T10:15", "2026-09-01", "2026-09-01")
    ]


def test_who_is_still_in_the_trial_was_last_seen_at_the_last_visit(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"))
    assert rows(write_sdtm(inr.protocol, trial)["dm"], "RFENDTC", "RFPENDTC") == [("2026-05-25", None)]


def test_arms_stand_there_once_the_codes_are_open_and_are_empty_for_all_before(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "high"), inr.script("01-002", "placebo"))
    closed = write_sdtm(inr.protocol, trial)["dm"]
    assert rows(closed, *ARMS) == [(None,) * 5] * 2
    assert rows(write_sdtm(inr.protocol, trial, opened=opened)["dm"], *ARMS) == [
        ("HIGH", "High dose", "HIGH", "High dose", None),
        ("PLACEBO", "Placebo", "PLACEBO", "Placebo", None),
    ]


def test_who_was_allocated_but_never_treated_has_a_planned_arm_only(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "low", until="SCR"))
    dm = write_sdtm(inr.protocol, trial, opened=opened)["dm"]
    assert rows(dm, *ARMS) == [("LOW", "Low dose", None, None, "ASSIGNED, NOT TREATED")]
    assert rows(dm, "RFSTDTC", "RFXSTDTC") == [("2026-03-02", None)], "study day 1 is that of the allocation"


def test_a_screen_failure_has_no_dates_of_the_trial_and_the_criterion_that_failed(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", None))
    trial.participants["01-001"].eligibility.not_met = ("I2", "E6")
    sdtm = write_sdtm(inr.protocol, trial)
    assert rows(sdtm["dm"], *DATES, "ARMNRS") == [
        ("2026-02-16", None, None, None, None, "2026-02-16", "SCREEN FAILURE")
    ]
    assert rows(sdtm["ie"], "IESEQ", "IETESTCD", "IECAT", "IEORRES", "IEDTC") == [
        (1, "I2", "INCLUSION", "N", "2026-02-16"),
        (2, "E6", "EXCLUSION", "Y", "2026-02-16"),
    ]
    assert sdtm["ie"].frame["IETEST"][1] == "Platelets below 50 x 10^9/L"


def test_who_is_still_in_screening_is_not_assigned(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", None))
    trial.participants["01-001"].eligibility = None
    assert rows(write_sdtm(inr.protocol, trial)["dm"], "ARMNRS", "RFPENDTC") == [("NOT ASSIGNED", None)]


def test_a_death_stands_with_its_date_and_its_cause(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"), inr.script("01-002", "low", until="W12"))
    inr.end(trial.participants["01-002"], "life", date(2026, 6, 3), "Sepsis")
    sdtm = write_sdtm(inr.protocol, trial)
    assert rows(sdtm["dm"], "SUBJID", "DTHFL", "DTHDTC", "RFENDTC") == [
        ("01-001", None, None, "2026-05-25"),
        ("01-002", "Y", "2026-06-03", "2026-06-03"),
    ]
    assert rows(sdtm["suppdm"], "USUBJID", "IDVAR", "QVAL", QNAM="DEATHCAU") == [
        ("HUCMSC_INR-01-002", None, "Sepsis")
    ]


def test_the_stratum_used_and_the_true_one_are_both_kept(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W0"))
    trial.participants["01-001"].allocation.true_strata = {"site": "02"}
    told = rows(write_sdtm(inr.protocol, trial)["suppdm"], "QNAM", "QVAL")
    assert told == [("STRATUM", "site 01"), ("TRUESTRA", "site=02")]


def test_a_missing_age_is_missing(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W0"))
    trial.participants["01-001"].forms["SCR/demography/1"].values["age"] = Value(missing="REFUSED")
    assert rows(write_sdtm(inr.protocol, trial)["dm"], "AGE", "AGEU", "SEX") == [(None, None, "M")]


def test_participants_come_in_the_order_of_their_numbers_not_of_screening(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("02-001", "low", until="W0"), inr.script("01-001", "high", until="W0"))
    assert rows(write_sdtm(inr.protocol, trial)["dm"], "SUBJID") == [("01-001",), ("02-001",)]

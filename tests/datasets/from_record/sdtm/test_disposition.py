"""DS: milestones, endings and what else happened, from facts and forms."""

from datetime import date
from typing import Any

from equipoise.conduct.door.state import Consent, Leaving
from equipoise.datasets.from_record import write_sdtm

TOLD = ("DSDECOD", "DSCAT", "DSSCAT", "DSSTDTC", "DSSTDY")


def test_consent_eligibility_and_randomisation_are_milestones(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W0"))
    trial.participants["01-001"].consents.append(
        Consent(document="2.0", language="zh", signed_on=date(2026, 4, 1))
    )
    ds = write_sdtm(inr.protocol, trial)["ds"]
    assert rows(ds, "DSSEQ", "DSDECOD", "DSREFID", "DSSTDTC") == [
        (1, "INFORMED CONSENT OBTAINED", "1.0", "2026-02-16"),
        (2, "ELIGIBILITY CRITERIA MET", None, "2026-02-16"),
        (3, "RANDOMIZED", "R-01-001", "2026-03-02"),
        (4, "INFORMED CONSENT OBTAINED", "2.0", "2026-04-01"),
    ]


def test_a_trial_without_randomisation_enters_its_participants(single_arm: Any, rows: Any) -> None:
    trial, _ = single_arm.play(single_arm.script("01-001", "cells", until="W0"))
    assert ("ENTERED INTO TRIAL",) in rows(write_sdtm(single_arm.protocol, trial)["ds"], "DSDECOD")


def test_the_end_of_participation_comes_before_that_of_treatment(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"))
    person = trial.participants["01-001"]
    inr.end(person, "treatment", date(2026, 5, 25), "ADVERSE EVENT")
    inr.end(person, "participation", date(2026, 5, 25), "LOST TO FOLLOW-UP")
    assert rows(write_sdtm(inr.protocol, trial)["ds"], *TOLD)[:2] == [
        ("LOST TO FOLLOW-UP", "DISPOSITION EVENT", "STUDY PARTICIPATION", "2026-05-25", 85),
        ("ADVERSE EVENT", "DISPOSITION EVENT", "STUDY TREATMENT", "2026-05-25", 85),
    ]


def test_the_words_of_a_form_are_the_reported_term(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"))
    values = {
        "study_ended": "2026-05-30",
        "study_end_why": "PHYSICIAN DECISION",
        "study_end_detail": "Moved to another city",
    }
    inr.add_form(trial.participants["01-001"], "end_of_study", date(2026, 6, 1), values)
    ds = write_sdtm(inr.protocol, trial)["ds"]
    assert rows(ds, "DSTERM", "DSDECOD", "DSSTDTC", "DSSPID", DSSCAT="STUDY PARTICIPATION") == [
        ("Moved to another city", "PHYSICIAN DECISION", "2026-05-30", "/end_of_study/1")
    ]


def test_a_death_ends_participation_unless_it_had_ended_before(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"), inr.script("01-002", "low", until="W12"))
    before, after = trial.participants.values()
    inr.end(before, "life", date(2026, 6, 3), "Sepsis")
    inr.end(after, "participation", date(2026, 6, 1), "COMPLETED")
    inr.end(after, "life", date(2026, 6, 9), "Sepsis")
    ds = write_sdtm(inr.protocol, trial)["ds"]
    deaths = [row for row in rows(ds, "USUBJID", *TOLD) if row[1] == "DEATH"]
    assert deaths == [
        ("HUCMSC_INR-01-001", "DEATH", "DISPOSITION EVENT", "STUDY PARTICIPATION", "2026-06-03", 94),
        ("HUCMSC_INR-01-002", "DEATH", "OTHER EVENT", None, "2026-06-09", 100),
    ]


def test_a_screen_failure_and_one_who_withdrew_are_told_apart(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", None), inr.script("01-002", None))
    trial.participants["01-002"].eligibility = None
    trial.participants["01-002"].consent_withdrawn_on = date(2026, 2, 20)
    ds = write_sdtm(inr.protocol, trial)["ds"]
    assert rows(ds, "DSSEQ", "DSDECOD", "DSSTDTC", DSCAT="DISPOSITION EVENT") == [
        (1, "SCREEN FAILURE", "2026-02-16"),
        (1, "WITHDRAWAL BY SUBJECT", "2026-02-20"),
    ]


def test_an_ending_without_a_form_is_told_as_recorded_and_one_struck_out_is_not(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"), inr.script("01-002", "low", until="W12"))
    plain, struck_out = trial.participants.values()
    plain.ended["participation"] = Leaving(on=date(2026, 6, 1), why="LOST TO FOLLOW-UP")
    inr.end(struck_out, "participation", date(2026, 6, 1), "COMPLETED")
    struck_out.forms["/end_of_study/1"].removed = "wrong participant"
    ds = write_sdtm(inr.protocol, trial)["ds"]
    assert rows(ds, "USUBJID", "DSDECOD", DSSCAT="STUDY PARTICIPATION") == [
        ("HUCMSC_INR-01-001", "LOST TO FOLLOW-UP")
    ]


def test_a_code_break_is_told_without_the_arm(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"))
    trial.participants["01-001"].code_broken_at = inr.at_noon(date(2026, 5, 1))
    ds = write_sdtm(inr.protocol, trial)["ds"]
    assert rows(ds, "DSTERM", "DSSTDTC", DSCAT="OTHER EVENT") == [("TREATMENT UNBLINDED", "2026-05-01")]

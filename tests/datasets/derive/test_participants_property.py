"""ADSL: who is in it, when treated, in which group, and how the study ended."""

from datetime import date

import polars as pl
import pytest

from equipoise.datasets.derive.participants import (
    derive_adsl,
    derive_exposure,
    derive_groups,
    derive_last_known_alive,
    derive_screen_failures,
    derive_treatment_end,
)
from equipoise.errors import DataError

DM = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4", "5"],
        "AGE": [64, 65, 80, 81, 50],
        "ARMCD": ["P", "A", "A", "Scrnfail", None],
        "ARM": ["Placebo", "Active", "Active", "Screen Failure", None],
        "ACTARM": ["Placebo", "Active", None, "Screen Failure", None],
        "DTHFL": [None, "Y", None, None, None],
        "DTHDTC": [None, "2026-03-01", None, None, None],
    }
)
EX = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "2", "2", "3"],
        "EXTRT": ["PLACEBO", "PLACEBO", "DRUG", "DRUG", "DRUG"],
        "EXDOSE": [0, 0, 10, 10, 0],
        "EXSTDTC": ["2026-01-10", "2026-01-01", "2026-01-05", "2026-02-01T08:00", "2026-01-07"],
        "EXENDTC": ["2026-01-20", "2026-01-09", "2026-01-31", None, "2026-01-07"],
    }
)
DS = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "2"],
        "DSCAT": ["DISPOSITION EVENT", "OTHER EVENT", "DISPOSITION EVENT"],
        "DSTERM": ["COMPLETED", "FINAL VISIT", "WENT AWAY"],
        "DSDECOD": ["COMPLETED", "FINAL VISIT", "DEATH"],
        "DSSTDTC": ["2026-04-01", "2026-05-01", "2026-03-01"],
    }
)
AGES = {"<65": 18, "65-80": 65, ">80": 81}


def test_randomised_are_in_and_screen_failures_are_apart() -> None:
    adsl = derive_adsl(DM, EX, DS, age_groups=AGES)
    assert adsl["USUBJID"].to_list() == ["1", "2", "3"]
    assert derive_screen_failures(DM)["USUBJID"].to_list() == ["4", "5"]
    assert adsl["TRT01P"].to_list() == ["Placebo", "Active", "Active"]
    assert adsl["TRT01A"].to_list() == ["Placebo", "Active", None]


def test_a_dose_makes_the_safety_set_and_its_dates() -> None:
    adsl = derive_adsl(DM, EX)
    # Participant 3 has a record of exposure with dose 0 of the active product: not treated.
    assert adsl["SAFFL"].to_list() == ["Y", "Y", "N"]
    assert adsl.select("TRTSDT", "TRTEDT", "TRTDURD").rows() == [
        (date(2026, 1, 1), date(2026, 1, 20), 20),
        (date(2026, 1, 5), None, None),
        (None, None, None),
    ]


def test_a_treatment_whose_end_is_not_recorded_ends_by_the_fallback() -> None:
    adsl = derive_treatment_end(derive_adsl(DM, EX, DS), "EOSDT")
    assert adsl["TRTEDT"].to_list() == [date(2026, 1, 20), date(2026, 3, 1), None]
    assert adsl["TRTDURD"].to_list() == [20, 56, None]


def test_the_end_of_study_is_the_disposition_and_who_has_none_is_in_the_study() -> None:
    adsl = derive_adsl(DM, EX, DS, reasons={"COMPLETED": "Completed", "WENT AWAY": "Left"})
    assert adsl.select("EOSSTT", "EOSDT", "DCSREAS", "DCREASCD").rows() == [
        ("COMPLETED", date(2026, 4, 1), None, "Completed"),
        ("DISCONTINUED", date(2026, 3, 1), "DEATH", "Left"),
        ("ONGOING", None, None, None),
    ]
    assert adsl.select("DTHFL", "DTHDT").rows()[1] == ("Y", date(2026, 3, 1))
    with pytest.raises(
        DataError, match=r"reasons must word every end of study, by DSTERM or DSDECOD. Got none for DEATH"
    ):
        derive_adsl(DM, EX, DS, reasons={"COMPLETED": "Completed"})


def test_who_stopped_treatment_is_still_in_the_study() -> None:
    stopped = pl.DataFrame(
        {
            "USUBJID": ["1", "2", "2"],
            "DSCAT": ["DISPOSITION EVENT"] * 3,
            "DSSCAT": ["STUDY TREATMENT", "STUDY TREATMENT", "STUDY PARTICIPATION"],
            "DSTERM": ["ADVERSE EVENT", "PREGNANCY", "COMPLETED"],
            "DSDECOD": ["ADVERSE EVENT", "PREGNANCY", "COMPLETED"],
            "DSSTDTC": ["2026-02-01", "2026-03-01", "2026-03-01"],
        }
    )
    adsl = derive_adsl(DM, EX, stopped)
    assert adsl.select("EOSSTT", "EOSDT", "DCSREAS").rows() == [
        ("ONGOING", None, None),
        ("COMPLETED", date(2026, 3, 1), None),
        ("ONGOING", None, None),
    ]


def test_groups_begin_at_their_lowest_value() -> None:
    adsl = derive_adsl(DM, age_groups=AGES)
    assert adsl.select("AGEGR1", "AGEGR1N").rows() == [("<65", 1), ("65-80", 2), ("65-80", 2)]
    missing = derive_groups(pl.DataFrame({"X": [None, 1.0]}), "X", "G", {"all": 0})
    assert missing.rows() == [(None, None, None), (1.0, "all", 1)]
    with pytest.raises(DataError, match=r"variable AGE must be at least 70, the lowest group of AGEGR1. Got 64"):
        derive_adsl(DM, age_groups={"old": 70})
    with pytest.raises(DataError, match=r"groups of G must ascend"):
        derive_groups(DM, "AGE", "G", {"b": 5, "a": 1})


def test_last_known_alive_is_the_latest_contact_but_not_after_death() -> None:
    adsl = derive_adsl(DM)
    visits = pl.DataFrame({"USUBJID": ["1", "2", "1"], "SVSTDTC": ["2026-02", "2026-03-05", "2026-01-30"]})
    alive = derive_last_known_alive(adsl, [(visits, "SVSTDTC"), (EX, "EXSTDTC")])
    assert alive["LSTALVDT"].to_list() == [date(2026, 2, 1), date(2026, 3, 1), date(2026, 1, 7)]


def test_refuses_a_participant_twice_and_names_absent_variables() -> None:
    with pytest.raises(DataError, match=r"one row a participant \(USUBJID\). Got 1 twice"):
        derive_adsl(pl.concat([DM, DM]))
    with pytest.raises(DataError, match=r"exposure \(EX\) needs variable EXSTDTC"):
        derive_exposure(EX.drop("EXSTDTC"))
    with pytest.raises(DataError, match=r"disposition \(DS\) needs variable DSDECOD"):
        derive_adsl(DM, ds=DS.drop("DSDECOD"))

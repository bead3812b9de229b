"""What is said of a dataset that cannot be used: one sentence a finding, with file, variable and rows."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets import Dataset
from equipoise.datasets.check import (
    check_dataset,
    check_known_values,
    require_dataset,
    require_known_values,
    require_variables,
)
from equipoise.errors import DataError

ADSL = Dataset(
    "adsl",
    pl.DataFrame(
        {
            "USUBJID": ["01", "02", "02", "04"],
            "AGE": ["61", "NA", None, "n.d."],
            "BMI": [21.5, float("inf"), None, 20.0],
            "TRTSDT": [date(2026, 1, 1)] * 4,
            "ADTM": [datetime(2026, 1, 1, 8)] * 4,
            "ARM": ["Placebo", "placebo", "Activ", None],
            "NOTE": [None] * 4,
        },
        schema_overrides={"NOTE": pl.String},
    ),
    path=Path("data/ADSL.csv"),
)


def test_nothing_is_said_of_a_dataset_in_order() -> None:
    required = {"USUBJID": "text", "TRTSDT": "date", "ADTM": "date", "NOTE": "number"}
    assert check_dataset(ADSL, required, ["USUBJID", "AGE"][:0]) == []
    assert require_dataset(ADSL, required) is ADSL


def test_an_absent_variable_is_named_with_the_closest_there_are() -> None:
    assert check_dataset(ADSL, {"USUBJD": "text"}) == [
        "data/ADSL.csv (adsl) lacks variable USUBJD; did you mean 'USUBJID'?; "
        "it has USUBJID, AGE, BMI, TRTSDT, ADTM, ARM, NOTE"
    ]
    assert "did you mean 'ARM'?" in check_dataset(ADSL, {"arm": "text"})[0]


def test_a_wrong_kind_is_named_with_the_rows_that_spoil_it() -> None:
    assert check_dataset(ADSL, {"AGE": "number", "TRTSDT": "text", "BMI": "number"}) == [
        "data/ADSL.csv (adsl) variable AGE must hold number, not text; rows 2, 4 are no numbers, leave missing "
        "values empty. Got 'NA'",
        "data/ADSL.csv (adsl) variable TRTSDT must hold text, not date. Got datetime.date(2026, 1, 1)",
        "data/ADSL.csv (adsl) variable BMI must hold finite numbers; rows 2. Got inf",
    ]


def test_a_key_that_repeats_or_is_missing_is_named_with_rows_and_values() -> None:
    assert check_dataset(ADSL, {}, ["USUBJID", "TRTSDT"]) == [
        "data/ADSL.csv (adsl) must have one row for each USUBJID TRTSDT; rows 2, 3 agree. "
        "Got USUBJID=02, TRTSDT=2026-01-01"
    ]
    assert "variable AGE is part of the key and must not be missing; rows 3" in check_dataset(ADSL, {}, ["AGE"])[0]
    many = Dataset("x", pl.DataFrame({"K": [n // 2 for n in range(40)]}))
    findings = check_dataset(many, {}, ["K"])
    assert len(findings) == 5
    assert "(20 such keys in all)" in findings[0]


def test_unknown_values_are_named_with_the_allowed() -> None:
    assert check_known_values(ADSL, "ARM", ["Placebo", "Active"]) == [
        "data/ADSL.csv (adsl) variable ARM must be one of 'Placebo', 'Active'; did you mean 'Placebo'?; rows 2. "
        "Got 'placebo'",
        "data/ADSL.csv (adsl) variable ARM must be one of 'Placebo', 'Active'; did you mean 'Active'?; rows 3. "
        "Got 'Activ'",
    ]
    with pytest.raises(DataError, match=r"Got 'placebo'"):
        require_known_values(ADSL, "ARM", ["Placebo"])
    assert require_known_values(ADSL, "ARM", ["Placebo", "placebo", "Activ"]) is ADSL
    assert "lacks variable ARN; did you mean 'ARM'?" in check_known_values(ADSL, "ARN", [])[0]


def test_all_findings_are_raised_at_once() -> None:
    with pytest.raises(DataError) as caught:
        require_dataset(ADSL, {"AGE": "number", "SEX": "text"}, ["USUBJID"])
    assert len(str(caught.value).splitlines()) == 3


def test_a_derivation_names_what_it_needs() -> None:
    with pytest.raises(DataError, match=r"the baseline needs variable AVALL; did you mean 'AVAL'"):
        require_variables(pl.DataFrame({"AVAL": [1.0]}), ["AVALL"], "the baseline")

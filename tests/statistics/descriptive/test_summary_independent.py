"""Summaries agree with R (core_trial72.json, references/r/descriptive.R) and the CDISC pilot's report."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.statistics.descriptive import geometric_summary, mean_interval, summarise


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def visits(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_long.csv")


@pytest.fixture(scope="module")
def read(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "descriptive.out.json").read_text()))


def test_change_by_arm_and_visit(visits: pl.DataFrame, references: Path) -> None:
    rows = json.loads((references / "core_trial72.json").read_text())["descriptive"]["chg_by_visit"]
    table = summarise(visits, "CHG", ["ARM", "VISIT"]).rows_by_key(["ARM", "VISIT"], named=True, unique=True)
    assert len(table) == len(rows)
    for row in rows:
        found = table[row["ARM"], row["VISIT"]]
        assert found["n"] == row["n"]
        assert found["n"] + found["missing"] == 24
        for name in ("mean", "sd", "median", "min", "max"):
            assert found[name] == close(row[name])
        assert found["q1"] == close(row["q1_type2"])
        assert found["q3"] == close(row["q3_type2"])


def test_change_at_week_48_by_arm_and_sex_with_intervals(visits: pl.DataFrame, read: dict[str, Any]) -> None:
    week_48 = visits.filter(pl.col("VISIT") == "W48")
    keys = ["ARM", "SEX"]
    table = summarise(week_48, "CHG", keys).rows_by_key(keys, named=True, unique=True)
    means = mean_interval(week_48, "CHG", keys, level=0.9).rows_by_key(keys, named=True, unique=True)
    for row in read["w48_by_arm_and_sex"]:
        key = row["ARM"], row["SEX"]
        for name in ("n", "missing", "mean", "sd", "se", "median", "q1", "q3", "min", "max"):
            assert table[key][name] == close(row[name])
        assert means[key]["lower"] == close(row["lower90"])
        assert means[key]["upper"] == close(row["upper90"])
        assert means[key]["df"] == row["n"] - 1


def test_geometric_mean_and_coefficient_of_variation(references: Path, read: dict[str, Any]) -> None:
    subjects = pl.read_csv(references / "trial72_subj.csv")
    for row in geometric_summary(subjects, "ALT", ["ARM"]).iter_rows(named=True):
        expected = read["geometric_ALT"][row["ARM"]]
        assert row["geometric_mean"] == close(expected["mean"])
        assert row["geometric_cv"] == close(expected["cv"])
        assert row["lower"] == close(expected["lower"])
        assert row["upper"] == close(expected["upper"])


@pytest.mark.shared
def test_age_and_weight_of_the_cdisc_pilot(shared: Path) -> None:
    adsl = pl.read_parquet(shared / "data" / "cdiscpilot01" / "adam" / "adsl.parquet")
    ages = {
        "Placebo": (75.2, 8.59, 76, 52, 89),
        "Xanomeline Low Dose": (75.7, 8.29, 77.5, 51, 88),
        "Xanomeline High Dose": (74.4, 7.89, 76, 56, 88),
    }
    weights = {
        "Placebo": (86, 62.8, 12.77),
        "Xanomeline Low Dose": (83, 67.3, 14.12),
        "Xanomeline High Dose": (84, 70.0, 14.65),
    }
    # the report rounds; half a unit of its last digit, and a hair for halves
    for row in summarise(adsl, "AGE", ["TRT01P"]).iter_rows(named=True):
        mean, sd, median, low, high = ages[row["TRT01P"]]
        assert row["mean"] == pytest.approx(mean, abs=0.0501)
        assert row["sd"] == pytest.approx(sd, abs=0.00501)
        assert (row["median"], row["min"], row["max"]) == (median, low, high)
    for row in summarise(adsl, "WEIGHTBL", ["TRT01P"]).iter_rows(named=True):
        n, mean, sd = weights[row["TRT01P"]]
        assert row["n"] == n
        assert row["mean"] == pytest.approx(mean, abs=0.0501)
        assert row["sd"] == pytest.approx(sd, abs=0.00501)

"""t tests and one-way analysis of variance agree with R (core_trial72.json, references/r/linear.R)."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.statistics.linear import TTest, anova_one_way, t_test, t_test_one_sample, t_test_paired


def close(value: float | list[float]) -> Any:
    return pytest.approx(value, rel=1e-9)


@pytest.fixture(scope="module")
def week_48(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_long.csv").filter(pl.col("VISIT") == "W48")


@pytest.fixture(scope="module")
def linear(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "linear.out.json").read_text()))


def assert_test(test: TTest, row: dict[str, Any]) -> None:
    assert test.t == close(row["statistic"])
    assert test.df == close(row["parameter"])
    assert test.p == close(row["p.value"])
    assert [test.lower, test.upper] == close(row["conf.int"])
    assert test.se == close(row["stderr"])


@pytest.mark.parametrize(("variance", "key"), [("welch", "t_welch"), ("pooled", "t_pooled")])
@pytest.mark.parametrize("name", ["ALT_Low_vs_Placebo", "CHG_W48_High_vs_Placebo"])
def test_two_samples(week_48: pl.DataFrame, references: Path, name: str, variance: Any, key: str) -> None:
    expected = json.loads((references / "core_trial72.json").read_text())["rank_tests"][name][key]
    subjects = pl.read_csv(references / "trial72_subj.csv")
    value, frame = ("ALT", subjects) if name.startswith("ALT") else ("CHG", week_48)
    arms = frame.filter(pl.col("ARM").is_in(["Placebo", "Low" if "Low" in name else "High"]))
    test = t_test(arms, value, "ARM", versus="Placebo", variance=variance)
    assert test.t == close(expected["statistic"]["t"])
    assert test.df == close(expected["parameter"]["df"])
    assert test.p == close(expected["p_value"])
    assert [test.lower, test.upper] == close(expected["conf_int"])
    assert test.estimate == close(expected["estimate"]["mean of x"] - expected["estimate"]["mean of y"])


def test_welch_with_a_90_percent_interval(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    arms = week_48.filter(pl.col("ARM") != "High")
    # R subtracts the second level, Low
    assert_test(t_test(arms, "CHG", "ARM", versus="Low", level=0.9), linear["t"]["welch_90"])


def test_pairs(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    test = t_test_paired(week_48, "AVAL", "BASE")
    assert_test(test, linear["t"]["paired"])
    assert test.estimate == close(linear["t"]["paired"]["estimate"])
    assert (test.n, test.dropped) == (60, 12)


def test_one_sample_about_50(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    test = t_test_one_sample(week_48, "CHG", null=50)
    assert_test(test, linear["t"]["one_sample_mu_50"])
    assert test.estimate == close(linear["t"]["one_sample_mu_50"]["estimate"])


def test_one_way(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    test = anova_one_way(week_48, "CHG", "ARM")
    assert test.f == close(linear["one_way"]["statistic"])
    assert [test.df_between, test.df_within] == linear["one_way"]["parameter"]
    assert test.p == close(linear["one_way"]["p.value"])

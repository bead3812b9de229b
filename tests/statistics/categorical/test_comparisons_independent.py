"""Comparisons of proportions agree with R (core_trial72.json; references/r/categorical.R).

Closed forms to 1e-9. The score limits of core_trial72.json come from gsDesign, which leaves out the factor
N / (N - 1) unless told, and whose root finder stops near 1e-5: they check method score to 1e-4 of their size.
Limits with the factor come from a program with its own constrained estimates, to 1e-8.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.categorical import odds_ratio, proportion, risk_difference, risk_ratio

ARMS = pl.Enum(["Placebo", "Low", "High"])
PAIRS = {"ANYAE_Low_vs_Placebo": ("ANYAE", "Low"), "SAE_High_vs_Placebo": ("SAE", "High")}


@pytest.fixture(scope="module")
def trial72(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "core_trial72.json").read_text())["categorical"])


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "categorical.out.json").read_text()))


def limits(comparison: Any, arm: str | None = None) -> tuple[float, float]:
    table = comparison.estimates
    row = table.row(0, named=True) if arm is None else table.row(by_predicate=pl.col("arm") == arm, named=True)
    return row["lower"], row["upper"]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(("method", "name"), [("wald", "wald"), ("newcombe", "newcombe_no_cc")])
def test_risk_difference(
    pair: str, method: Any, name: str, trial72: pl.DataFrame, expected: dict[str, Any]
) -> None:
    response, arm = PAIRS[pair]
    found = risk_difference(trial72, response, "ARM", method=method)
    reference = expected["two_by_two"][pair]["risk_difference"]
    assert found.estimates.filter(pl.col("arm") == arm)["estimate"][0] == pytest.approx(reference["estimate"])
    assert limits(found, arm) == pytest.approx(tuple(reference[name]), rel=1e-9)


@pytest.mark.parametrize("pair", PAIRS)
def test_score_limits_without_the_factor(pair: str, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    response, arm = PAIRS[pair]
    reference = expected["two_by_two"][pair]
    for compare, limit in (
        (risk_difference, reference["risk_difference"]["miettinen_nurminen"]),
        (risk_ratio, reference["risk_ratio_MN"]),
        (odds_ratio, reference["odds_ratio_MN"]),
    ):
        found = compare(trial72, response, "ARM", method="score")  # type: ignore[operator]
        assert limits(found, arm) == pytest.approx(tuple(limit), rel=1e-4, abs=2e-5)


def test_miettinen_nurminen(r: dict[str, Any]) -> None:
    for case in r["score"]:
        x1, n1, x0, n0 = case["counts"]
        counts = [[x0, n0 - x0], [x1, n1 - x1]]
        for compare, name in ((risk_difference, "difference"), (risk_ratio, "ratio"), (odds_ratio, "odds")):
            found = compare(counts, method="miettinen-nurminen", level=case["level"])  # type: ignore[operator]
            assert limits(found) == pytest.approx(tuple(case[name]), rel=1e-8), (case, name)


@pytest.mark.parametrize("pair", PAIRS)
def test_proportions(pair: str, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    response, arm = PAIRS[pair]
    for method, name in (("clopper-pearson", "clopper_pearson"), ("wilson", "wilson")):
        table = proportion(trial72, response, "ARM", method=method).estimates  # type: ignore[arg-type]
        for label, key in (("Placebo", "placebo"), (arm, "arm")):
            row = table.row(by_predicate=pl.col("ARM") == label, named=True)
            reference = tuple(expected["two_by_two"][pair][key][name])
            assert (row["lower"], row["upper"]) == pytest.approx(reference, rel=1e-9)


def test_proportions_at_the_ends(r: dict[str, Any]) -> None:
    for case in r["single"]:
        x, n = case["counts"]
        for method, name in (("clopper-pearson", "exact"), ("wilson", "wilson")):
            row = proportion([x, n - x], method=method, level=0.9).estimates.row(0, named=True)  # type: ignore[arg-type]
            assert (row["lower"], row["upper"]) == pytest.approx(tuple(case[name]), rel=1e-9, abs=1e-12)


def test_stratified_difference_with_satos_variance(trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    reference = expected["mh_risk_difference_sato"]["ANYAE_by_STRATUM"]
    found = risk_difference(trial72, "ANYAE", "ARM", strata="STRATUM")
    row = found.estimates.row(by_predicate=pl.col("arm") == "High", named=True)
    assert (row["estimate"], row["se"]) == pytest.approx((reference["estimate"], reference["se"]), rel=1e-9)
    assert (row["lower"], row["upper"]) == pytest.approx(tuple(reference["ci"]), rel=1e-9)


def test_stratified_comparisons_of_a_table(r: dict[str, Any]) -> None:
    table = r["strata"]["table"]
    difference = risk_difference(table, versus=1).estimates.row(0, named=True)
    assert (difference["estimate"], difference["se"]) == pytest.approx(tuple(r["strata"]["difference"]), rel=1e-9)
    ratio = risk_ratio(table, versus=1).estimates.row(0, named=True)
    assert (ratio["estimate"], ratio["se"]) == pytest.approx(tuple(r["strata"]["ratio"]), rel=1e-9)
    odds = odds_ratio(table, versus=1)
    assert odds.estimates["estimate"][0] == pytest.approx(r["strata"]["plain"]["odds"], rel=1e-9)
    assert limits(odds) == pytest.approx(tuple(r["strata"]["plain"]["limits"]), rel=1e-9)
    # R's root finder for the exact limits stops near 1e-4
    exact = odds_ratio(table, versus=1, method="exact")
    assert exact.estimates["estimate"][0] == pytest.approx(r["strata"]["exact"]["odds"], rel=1e-4)
    assert limits(exact) == pytest.approx(tuple(r["strata"]["exact"]["limits"]), rel=1e-4)


def test_exact_odds_ratio(r: dict[str, Any]) -> None:
    for case in r["odds"]:
        x1, n1, x0, n0 = case["counts"]
        found = odds_ratio([[x0, n0 - x0], [x1, n1 - x1]], method="exact").estimates.row(0, named=True)
        for ours, theirs in (("estimate", "estimate"), ("lower", "lower"), ("upper", "upper")):
            assert found[ours] == pytest.approx(case[theirs], rel=1e-9)


def test_scipy_agrees_on_the_odds_ratio() -> None:
    from scipy.stats.contingency import odds_ratio as reference

    table = np.array([[7, 12], [15, 4]])
    for method, kind in (("exact", "conditional"), ("wald", "sample")):
        other = reference(table, kind=kind)
        found = odds_ratio(table, versus=1, method=method).estimates.row(0, named=True)  # type: ignore[arg-type]
        interval = other.confidence_interval(0.95)
        assert found["estimate"] == pytest.approx(other.statistic, rel=1e-6)
        assert (found["lower"], found["upper"]) == pytest.approx((interval.low, interval.high), rel=1e-6)

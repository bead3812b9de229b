"""Tests of means, ranks and proportions between arms, on outcomes that can be reckoned by hand."""

from typing import Any

import pytest

from equipoise.analysis.context import Context
from equipoise.errors import EstimationFailed

from ..conftest import Trial, measured, plan, series
from ..reading import analyse, cell

CHANGE: dict[str, Any] = {
    "question": "Effect on the count",
    "variable": {"item": "count", "summary": "change from baseline", "at": "W12", "better": "higher"},
    "set": "full",
    "summary": "difference in means",
}
RESPONSE = CHANGE | {
    "variable": {"item": "count", "at": "W12", "response": "change >= 10"},
    "summary": "difference in proportions",
}
PLACE = {"parameter": "CNT", "visit": "Week 12"}
PLACEBO, LOW = [0, 2, 4, 6], [10, 13, 13, 16]


def two_arms(trial: Trial, analysis: dict[str, Any], estimand: dict[str, Any] = CHANGE, **people: Any) -> Context:
    """Eight participants: changes of 0, 2, 4, 6 under placebo and of 10, 13, 13, 16 under the low dose."""
    protocol = plan({"effect": estimand}, {"a": {"estimand": "effect", **analysis}}, arms=["placebo", "low"])
    changes = [("placebo", change) for change in PLACEBO] + [("low", change) for change in LOW]
    rows = [
        {"participant": f"P{i}", "arm": arm, "region": "NS"[i % 2], **people} for i, (arm, _) in enumerate(changes)
    ]
    counts = [
        row for i, (_, d) in enumerate(changes) for row in series(f"P{i}", BL=100 + i % 3, W12=100 + i % 3 + d)
    ]
    return trial(protocol, rows, measurements={"count": measured(counts)})


def test_students_t_pools_the_variances(trial: Trial) -> None:
    read = cell(analyse(two_arms(trial, {"method": "t test", "variances": "equal"}), "a"))
    compared = {"arm": "Low dose", "versus": "Placebo", **PLACE}
    assert read("estimate", **compared) == 10
    assert read("df", **compared) == 6
    variance = (20 + 18) / 6
    assert read("se", **compared) == pytest.approx((variance / 2) ** 0.5)


def test_welchs_t_is_the_default(trial: Trial) -> None:
    read = cell(analyse(two_arms(trial, {"method": "t test"}), "a"))
    assert read("df", arm="Low dose", versus="Placebo", **PLACE) < 6


def test_the_shift_of_a_rank_sum_test_is_the_median_difference(trial: Trial) -> None:
    read = cell(analyse(two_arms(trial, {"method": "rank-sum"}), "a"))
    assert read("estimate", arm="Low dose", versus="Placebo", **PLACE) == 10
    assert read("p", arm="Low dose", versus="Placebo", **PLACE) < 0.05


def test_a_stratified_rank_sum_test_says_so(trial: Trial) -> None:
    result = analyse(two_arms(trial, {"method": "rank-sum", "strata": ["region"]}), "a")
    assert any("van Elteren's test, stratified by region" in sentence for sentence in result.account)


def test_a_change_within_an_arm_is_tested_against_none(trial: Trial) -> None:
    result = analyse(two_arms(trial, {"method": "within-arm change"}), "a")
    read = cell(result)
    assert read("estimate", arm="Placebo", **PLACE) == 3
    assert read("df", arm="Low dose", **PLACE) == 3
    assert "Within an arm; not a comparison of arms." in result.account


def test_a_comparison_needs_an_arm_to_compare_with(trial: Trial) -> None:
    context = two_arms(trial, {"method": "t test"}, CHANGE | {"summary": "mean"})
    with pytest.raises(EstimationFailed, match="compares no arms"):
        analyse(context, "a")


def test_proportions_their_difference_and_the_odds_ratio(trial: Trial) -> None:
    estimand = RESPONSE | {"variable": {"item": "count", "at": "W12", "response": "change >= 6"}}
    result = analyse(two_arms(trial, {"method": "categorical", "test": "fisher"}, estimand), "a")
    read = cell(result)
    assert (read("count", arm="Placebo", **PLACE), read("percent", arm="Placebo", **PLACE)) == (1, 25)
    compared = {"arm": "Low dose", "versus": "Placebo", **PLACE}
    assert read("risk_difference", group="measure=risk_difference", **compared) == 0.75
    assert read("p", **PLACE) == pytest.approx(10 / 70)
    assert any("No odds ratio" in sentence for sentence in result.account)


def test_a_measurement_may_be_a_category(trial: Trial) -> None:
    analysis = {"method": "categorical", "test": "cochran-mantel-haenszel", "association": "mean scores"}
    read = cell(analyse(two_arms(trial, analysis), "a"))
    assert read("count", arm="Low dose", group="level=13", **PLACE) == 2
    # row mean scores of two arms: (n - 1) times the squared correlation with the arm
    assert read("chi2", **PLACE) == pytest.approx(7 * 200 / 238)


def test_ancova_without_an_arm_in_its_terms_gives_no_contrast(trial: Trial) -> None:
    result = analyse(two_arms(trial, {"method": "ancova", "terms": ["baseline"]}), "a")
    assert not (result.results["versus"] != "").any()


def test_an_unbalanced_covariate_moves_the_contrast(trial: Trial) -> None:
    read = cell(analyse(two_arms(trial, {"method": "ancova", "terms": ["arm"]}), "a"))
    assert read("estimate", arm="Low dose", versus="Placebo", **PLACE) == pytest.approx(10)
    assert read("df", group="term=Residual", **PLACE) == 6


def test_subgroups_have_contrasts_and_a_test_of_interaction(trial: Trial) -> None:
    analysis = {"method": "ancova", "terms": ["arm"], "subgroups": ["region"]}
    read = cell(analyse(two_arms(trial, analysis), "a"))
    # region N has changes 0, 4 and 10, 13; region S 2, 6 and 13, 16
    north = read("estimate", arm="Low dose", versus="Placebo", group="region=N", **PLACE)
    south = read("estimate", arm="Low dose", versus="Placebo", group="region=S", **PLACE)
    assert (north, south) == (pytest.approx(9.5), pytest.approx(10.5))
    assert read("df", group="model=interaction;by=region", **PLACE) == 1


def test_a_subgroup_that_cannot_be_estimated_does_not_cost_the_analysis(trial: Trial) -> None:
    analysis = {"method": "ancova", "terms": ["arm"], "subgroups": ["sex", "age"]}
    result = analyse(two_arms(trial, analysis, age=40.0), "a")
    assert result.results.height > 0
    said = " ".join(result.account)
    assert "Subgroup sex: not estimated, because the data hold no values of sex" in said
    assert "Subgroup age: not estimated" in said


def test_a_trend_needs_the_dose_of_every_arm(trial: Trial) -> None:
    context = two_arms(trial, {"method": "ancova", "terms": ["arm"], "trend": {"low": 10}})
    with pytest.raises(EstimationFailed, match="lacks Placebo"):
        analyse(context, "a")


def test_the_dose_response_of_two_arms_is_their_difference_by_dose(trial: Trial) -> None:
    analysis = {"method": "ancova", "terms": ["arm"], "trend": {"placebo": 0, "low": 10}}
    read = cell(analyse(two_arms(trial, analysis), "a"))
    assert read("estimate", group="trend=dose", **PLACE) == pytest.approx(1.0)

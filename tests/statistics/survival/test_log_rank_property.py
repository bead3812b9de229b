"""What holds for log-rank tests whatever the data, and what is refused."""

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.statistics.survival.strategies import trials

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.survival import LogRank, cox, log_rank


def test(data: pl.DataFrame, **options: object) -> LogRank:
    try:
        return log_rank(data, "time", "event", "arm", **options)  # type: ignore[arg-type]
    except EstimationFailed:
        assume(False)
        raise


test.__test__ = False  # type: ignore[attr-defined]


@given(trials(arms=3), st.randoms(), st.sampled_from([None, "stratum"]))
def test_the_order_of_rows_does_not_matter(data: pl.DataFrame, random: object, strata: str | None) -> None:
    order = list(range(data.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    first, second = test(data, strata=strata), test(data[order], strata=strata)
    assert second.chi2 == pytest.approx(first.chi2, rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(second.covariance, first.covariance, atol=1e-12)


@given(trials(arms=3), st.permutations(["A", "B", "C"]))
def test_the_names_of_arms_do_not_matter(data: pl.DataFrame, names: list[str]) -> None:
    renamed = data.with_columns(pl.col("arm").replace_strict(dict(zip("ABC", names, strict=True))))
    first, second = test(data, rho=1), test(renamed, rho=1)
    assert second.chi2 == pytest.approx(first.chi2, rel=1e-7, abs=1e-9)
    assert second.df == first.df


@given(trials(), st.floats(0.001, 1000))
def test_another_unit_of_time_changes_nothing(data: pl.DataFrame, factor: float) -> None:
    scaled = data.with_columns(pl.col("time") * factor)
    assert test(scaled).chi2 == pytest.approx(test(data).chi2, rel=1e-12, abs=1e-15)


@given(trials(arms=3))
def test_observed_and_expected_events_add_up(data: pl.DataFrame) -> None:
    found = test(data, strata="stratum")
    assert found.table["observed"].sum() == pytest.approx(data["event"].sum())
    assert found.table["expected"].sum() == pytest.approx(data["event"].sum())
    np.testing.assert_allclose(found.covariance.sum(axis=0), 0.0, atol=1e-10)


@given(trials(tied=False, events=4))
def test_without_ties_it_is_the_score_test_of_a_cox_regression(data: pl.DataFrame) -> None:
    found = test(data)
    try:
        fit = cox("arm", data, time="time", event="event")
    except EstimationFailed:
        assume(False)
    score = fit.tests.row(by_predicate=pl.col("test") == "score", named=True)
    assert score["chi2"] == pytest.approx(found.chi2, rel=1e-7, abs=1e-10)


@given(trials(arms=2), st.floats(-5, 5), st.floats(0.1, 10))
def test_a_trend_over_two_arms_is_the_test_itself(data: pl.DataFrame, start: float, step: float) -> None:
    found = test(data)
    trend = found.trend([start, start + step])
    assert trend.chi2 == pytest.approx(found.chi2, rel=1e-6, abs=1e-9)


@given(trials(arms=2))
def test_one_stratum_is_no_stratum(data: pl.DataFrame) -> None:
    one = data.with_columns(stratum=pl.lit("x"))
    assert test(one, strata="stratum").chi2 == pytest.approx(test(data).chi2, rel=1e-12, abs=1e-15)


def test_an_arm_that_is_never_at_risk_costs_a_degree_of_freedom() -> None:
    data = pl.DataFrame({"arm": ["A", "A", "B", "B", "C"], "time": [3, 4, 5, 6, 1], "event": [1, 1, 1, 0, 0]})
    assert log_rank(data, "time", "event", "arm").df == 1


GOOD = {"arm": ["A", "A", "B", "B"], "time": [1.0, 2.0, 3.0, 4.0], "event": [1, 0, 1, 1]}


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({"arm": ["A"] * 4}, {}, DataError, "two or more levels in column arm. Got A"),
        ({"event": [0] * 4}, {}, EstimationFailed, "at least one event"),
        ({}, {"weights": "wilcoxon"}, DataError, "weights must be one of"),
        ({}, {"rho": -1}, DataError, "rho and gamma must be 0 or above"),
        ({}, {"weights": "peto-peto", "gamma": 1}, DataError, "go with fleming-harrington"),
        ({"stratum": list("wxyz")}, {"strata": "stratum"}, EstimationFailed, "strata may be too fine"),
    ],
)
def test_wrong_input_is_refused(
    change: dict[str, list[object]], options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        log_rank(pl.DataFrame(GOOD | change), "time", "event", "arm", **options)  # type: ignore[arg-type]


def test_scores_must_name_every_arm() -> None:
    found = log_rank(pl.DataFrame(GOOD), "time", "event", "arm")
    with pytest.raises(DataError, match=r"scores must name every arm: A, B\. Got none for B"):
        found.trend({"A": 1})
    with pytest.raises(DataError, match="not all equal"):
        found.trend([1, 1])

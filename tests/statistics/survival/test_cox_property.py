"""What holds for Cox regressions whatever the data, and what is refused."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.statistics.survival.strategies import trials

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.survival import Cox, cox
from equipoise.statistics.survival.covariates import build_covariates

TIES = st.sampled_from(["efron", "breslow", "exact"])
data_of = trials(events=6)
slow_data = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)


def fit(data: pl.DataFrame, model: str = "arm + z", **options: Any) -> Cox:
    try:
        return cox(model, data, time="time", event="event", **options)
    except EstimationFailed:
        assume(False)
        raise


def same(first: Cox, second: Cox, tolerance: float = 1e-6) -> None:
    assert second.log_likelihood == pytest.approx(first.log_likelihood, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(
        second.coefficients["estimate"], first.coefficients["estimate"], rtol=tolerance, atol=tolerance
    )
    np.testing.assert_allclose(second.covariance, first.covariance, rtol=tolerance, atol=tolerance)


@slow_data
@given(data_of, st.randoms(), TIES, st.sampled_from([None, "stratum"]))
def test_the_order_of_rows_does_not_matter(data: pl.DataFrame, random: Any, ties: Any, strata: str | None) -> None:
    order = list(range(data.height))
    random.shuffle(order)
    same(fit(data, ties=ties, strata=strata), fit(data[order], ties=ties, strata=strata))


@slow_data
@given(data_of, TIES, st.floats(0.01, 100))
def test_another_unit_of_time_changes_nothing(data: pl.DataFrame, ties: Any, factor: float) -> None:
    same(fit(data, ties=ties), fit(data.with_columns(pl.col("time") * factor), ties=ties))


@slow_data
@given(data_of, TIES, st.floats(0.01, 100), st.floats(-50, 50))
def test_another_unit_of_a_covariate_scales_its_coefficient(
    data: pl.DataFrame, ties: Any, factor: float, shift: float
) -> None:
    first = fit(data, ties=ties)
    second = fit(data.with_columns(pl.col("z") * factor + shift), ties=ties)
    estimates = second.coefficients["estimate"].to_numpy() * np.array([1.0, factor])
    np.testing.assert_allclose(estimates, first.coefficients["estimate"], rtol=1e-5, atol=1e-6)
    assert second.log_likelihood == pytest.approx(first.log_likelihood, rel=1e-9, abs=1e-9)


@slow_data
@given(data_of)
def test_another_reference_turns_the_sign(data: pl.DataFrame) -> None:
    first, second = fit(data, "arm"), fit(data, "arm", reference={"arm": "B"})
    assert first.coefficients["term"].to_list() == ["arm[T.B]"]
    assert second.coefficients["term"].to_list() == ["arm[T.A]"]
    assert second.coefficients["estimate"][0] == pytest.approx(-first.coefficients["estimate"][0], abs=1e-6)


@slow_data
@given(trials(tied=False, events=6))
def test_without_ties_all_ways_with_ties_agree(data: pl.DataFrame) -> None:
    efron = fit(data)
    same(efron, fit(data, ties="breslow"))
    same(efron, fit(data, ties="exact"))


@slow_data
@given(data_of, TIES, st.integers(1, 11))
def test_time_cut_in_two_pieces_is_the_same_time(data: pl.DataFrame, ties: Any, cut: int) -> None:
    whole = fit(data, ties=ties)
    early = data.with_columns(
        start=pl.lit(0.0),
        event=pl.when(pl.col("time") > cut).then(0).otherwise(pl.col("event")),
        time=pl.min_horizontal(pl.col("time"), pl.lit(float(cut))),
    )
    late = data.filter(pl.col("time") > cut).with_columns(start=pl.lit(float(cut)))
    pieces = pl.concat([early.select(sorted(early.columns)), late.select(sorted(late.columns))])
    same(whole, fit(pieces, ties=ties, entry="start"))


@slow_data
@given(data_of, st.sampled_from(["efron", "breslow"]))
def test_every_row_its_own_cluster_is_robust(data: pl.DataFrame, ties: Any) -> None:
    numbered = data.with_row_index("id")
    same(fit(data, ties=ties, robust=True), fit(numbered, ties=ties, cluster="id"))


def test_a_plain_sum_is_coded_as_the_linear_models_code_it() -> None:
    from equipoise.statistics.linear.design import build_design

    data = pl.DataFrame(
        {"arm": ["b", "a", "c", "a"], "sex": [True, False, True, True], "age": [30, 41, 52, 63], "y": [1, 2, 3, 4]}
    )
    ours = build_covariates("arm + age + sex", data, response="y", reference={"arm": "c"})
    theirs = build_design("y ~ arm + age + sex", data, reference={"arm": "c"})
    assert ours.names == theirs.columns[1:]
    np.testing.assert_array_equal(ours.matrix.T, theirs.matrix[:, 1:])


def test_a_product_of_terms_names_its_columns_and_tests_each_term() -> None:
    rng = np.random.default_rng(3)
    data = pl.DataFrame(
        {"arm": rng.choice(["A", "B", "C"], 200), "z": rng.normal(size=200), "time": rng.exponential(size=200)}
    ).with_columns(event=pl.lit(1))
    found = cox("arm * z", data, time="time", event="event")
    assert found.term_tests["term"].to_list() == ["arm", "z", "arm:z"]
    assert found.term_tests["df"].to_list() == [2, 1, 2]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(20261123)
    hits = 0
    for _ in range(400):
        arm = rng.integers(0, 2, 120)
        time = rng.exponential(np.exp(-0.5 * arm))
        data = pl.DataFrame({"arm": arm, "time": np.minimum(time, 1.5), "event": time < 1.5})
        row = cox("arm", data, time="time", event="event").coefficients.row(0, named=True)
        hits += row["lower"] <= np.exp(0.5) <= row["upper"]
    assert hits / 400 == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 400))


BASE = {
    "arm": ["A", "B"] * 6,
    "z": [float(i * i % 7) for i in range(12)],
    "time": [float(i + 1) for i in range(12)],
}
DATA = pl.DataFrame(BASE).with_columns(event=pl.Series([1, 1, 0, 1] * 3))


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
def test_an_endless_likelihood_names_its_term(ties: Any) -> None:
    only_one_arm = DATA.with_columns(event=pl.when(pl.col("arm") == "A").then(1).otherwise(0))
    with pytest.raises(EstimationFailed, match=r"rises without end in arm\[T.B\]"):
        cox("arm + z", only_one_arm, time="time", event="event", ties=ties)


@pytest.mark.parametrize(
    ("model", "options", "change", "error", "message"),
    [
        ("arm + z + w", {}, {"w": [2 * v + 1 for v in BASE["z"]]}, EstimationFailed, "leave out w, which"),
        ("arm + w", {}, {"w": [1.0] * 12}, EstimationFailed, "w must vary between rows"),
        (
            "arm + w",
            {"strata": "w"},
            {"w": [1.0] * 6 + [2.0] * 6},
            EstimationFailed,
            "w must vary among those at risk",
        ),
        ("arm", {}, {"event": [0] * 12}, EstimationFailed, "at least one event"),
        ("arm", {}, {"arm": ["A"] * 12}, EstimationFailed, "two or more levels"),
        ("arm + age", {}, {}, DataError, "must have a column age"),
        ("arm", {"reference": {"arm": "Q"}}, {}, DataError, "no level of that name"),
        ("arm + z", {"reference": {"z": 1}}, {}, DataError, r"write C\(z\)"),
        ("arm", {"ties": "cox"}, {}, DataError, "ties must be efron, breslow or exact. Got cox"),
        ("arm", {"ties": "exact", "robust": True}, {}, DataError, "robust variances go with"),
        ("arm", {"entry": "z"}, {"z": [0.0] * 11 + [99.0]}, DataError, "must come before time"),
        ("arm", {"level": 0}, {}, DataError, "level must lie"),
        ("arm * z - 1", {}, {}, DataError, "must not leave out the intercept"),
        ([], {}, {}, DataError, "one or more columns"),
    ],
)
def test_wrong_input_is_refused(
    model: Any, options: dict[str, Any], change: dict[str, list[Any]], error: type[Exception], message: str
) -> None:
    data = DATA.with_columns(**{name: pl.Series(values) for name, values in change.items()})
    with pytest.raises(error, match=message):
        cox(model, data, time="time", event="event", **options)


def test_missing_values_are_dropped_and_counted() -> None:
    holes = DATA.with_columns(z=pl.when(pl.col("time") == 3).then(None).otherwise(pl.col("z")))
    found = cox("arm + z", holes, time="time", event="event")
    assert (found.n, found.dropped) == (11, 1)

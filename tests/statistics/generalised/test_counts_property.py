"""Poisson and negative binomial fits: closed forms, invariances, limits, and what is refused."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.generalised import negative_binomial, poisson
from equipoise.statistics.generalised.dispersion import dispersion_information, dispersion_score
from equipoise.statistics.generalised.families import POISSON, negative_binomial_family

QUICK = settings(max_examples=8, deadline=None)
SEEDS = st.integers(0, 10_000)


def draw_trial(seed: int, n: int = 90, k: float = 0.8) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.repeat(["A", "B", "C"], n // 3)
    x = rng.normal(size=n)
    time = rng.uniform(0.5, 2.0, n)
    mean = time * np.exp(0.8 + 0.3 * x - 0.3 * (arm == "C"))
    count = rng.poisson(mean * rng.gamma(1 / k, k, n)) if k else rng.poisson(mean)
    return pl.DataFrame({"arm": arm, "x": x, "time": time, "count": count})


@QUICK
@given(SEEDS)
def test_rates_of_arms_alone_are_events_over_time(seed: int) -> None:
    data = draw_trial(seed)
    rates = poisson("count ~ arm", data, exposure="time").rates("arm")
    sums = data.group_by("arm", maintain_order=True).agg(pl.col("count").sum(), pl.col("time").sum())
    np.testing.assert_allclose(rates["rate"], sums["count"] / sums["time"], rtol=1e-9)
    np.testing.assert_allclose(rates["se"], 1 / np.sqrt(sums["count"]), rtol=1e-9)
    ratio = poisson("count ~ arm", data, exposure="time").ratios("arm", versus="A")
    np.testing.assert_allclose(
        ratio["rate_ratio"], (sums["count"] / sums["time"])[1:] / (sums["count"][0] / sums["time"][0]), rtol=1e-9
    )


@QUICK
@given(SEEDS, st.sampled_from([poisson, negative_binomial]))
def test_rescaled_exposure_moves_the_intercept_only(seed: int, fit: Any) -> None:
    data = draw_trial(seed)
    years = fit("count ~ arm + x", data, exposure="time").coefficients["estimate"].to_numpy()
    weeks = data.with_columns(pl.col("time") * 52)
    found = fit("count ~ arm + x", weeks, exposure="time").coefficients["estimate"].to_numpy()
    np.testing.assert_allclose(found[1:], years[1:], atol=1e-8)
    assert found[0] == pytest.approx(years[0] - np.log(52), abs=1e-8)
    logged = data.with_columns(pl.col("time").log())
    offset = fit("count ~ arm + x", logged, offset="time").coefficients["estimate"]
    np.testing.assert_allclose(offset, years, atol=1e-9)


@QUICK
@given(SEEDS, st.sampled_from([poisson, negative_binomial]))
def test_order_of_rows_names_of_arms_and_scale_of_covariates_do_not_matter(seed: int, fit: Any) -> None:
    data = draw_trial(seed)
    ratios = fit("count ~ arm + x", data, exposure="time").ratios("arm", versus="A")
    renamed = pl.col("arm").replace_strict({"A": "z", "B": "y", "C": "x"})
    other = data.with_columns(renamed, pl.col("x") * 1e6 + 1e7).sample(fraction=1.0, shuffle=True, seed=seed)
    found = fit("count ~ arm + x", other, exposure="time", reference={"arm": "z"}).ratios("arm", versus="z")
    for name in ("estimate", "se", "p"):
        np.testing.assert_allclose(found.sort("arm", descending=True)[name], ratios[name], rtol=1e-6, atol=1e-9)


@QUICK
@given(SEEDS)
def test_weights_are_frequencies(seed: int) -> None:
    data = draw_trial(seed).with_columns(times=pl.Series(np.random.default_rng(seed).integers(1, 4, 90)))
    repeated = data.select(pl.exclude("times").repeat_by("times").explode())
    for fit in (poisson, negative_binomial):
        one = fit("count ~ arm + x", data, exposure="time", weights="times")
        many = fit("count ~ arm + x", repeated, exposure="time")
        np.testing.assert_allclose(
            one.coefficients["estimate"], many.coefficients["estimate"], rtol=1e-7, atol=1e-9
        )
        np.testing.assert_allclose(one.coefficients["se"], many.coefficients["se"], rtol=1e-7)
        np.testing.assert_allclose(
            one.standardised_rates("arm")["se"], many.standardised_rates("arm")["se"], rtol=1e-7
        )


@QUICK
@given(st.floats(1e-9, 20.0), st.floats(0.01, 200.0), st.integers(0, 60))
def test_dispersion_derivatives_are_those_of_the_likelihood(k: float, mean: float, count: int) -> None:
    y, mu = np.array([float(count)]), np.array([mean])
    h = 1e-4 * k
    log_likelihood = lambda at: negative_binomial_family(at).log_likelihood(y, np.log(mu))[0]  # noqa: E731
    size = 1e-9 * (abs(log_likelihood(k)) + 1) / h
    slope = (log_likelihood(k + h) - log_likelihood(k - h)) / (2 * h)
    assert dispersion_score(y, mu, k)[0] == pytest.approx(slope, rel=1e-5, abs=size)
    curve = (dispersion_score(y, mu, k + h)[0] - dispersion_score(y, mu, k - h)[0]) / (2 * h)
    noise = 1e-9 * (abs(dispersion_score(y, mu, k)[0]) + mean**2 + count**2) / h
    assert dispersion_information(y, mu, k)[0] == pytest.approx(-curve, rel=1e-5, abs=noise)


def test_a_small_dispersion_is_the_poisson_likelihood() -> None:
    y, eta = np.arange(20.0), np.linspace(-1, 3, 20)
    near = negative_binomial_family(1e-12).log_likelihood(y, eta)
    np.testing.assert_allclose(near, POISSON.log_likelihood(y, eta), rtol=1e-9)


def test_counts_with_less_variance_than_poisson_end_at_the_boundary() -> None:
    data = draw_trial(3).with_columns(count=pl.Series([2, 3, 2, 4, 3] * 18))
    fit = negative_binomial("count ~ arm", data)
    assert fit.at_poisson_boundary
    assert fit.overdispersion_p == 1.0
    np.testing.assert_allclose(fit.coefficients["se"], poisson("count ~ arm", data).coefficients["se"], rtol=1e-12)


def test_over_dispersion_is_found_and_tested() -> None:
    fit = negative_binomial("count ~ arm + x", draw_trial(5, 900), exposure="time")
    assert fit.dispersion == pytest.approx(0.8, abs=3 * (fit.dispersion_se or 0.0))
    assert fit.note == ""
    assert fit.overdispersion_p < 1e-6
    assert fit.theta * fit.dispersion == pytest.approx(1.0)


def test_without_covariates_standardised_rates_are_those_of_the_arms() -> None:
    data = draw_trial(8)
    fit = poisson("count ~ arm", data, exposure="time")
    np.testing.assert_allclose(fit.standardised_rates("arm")["rate"], fit.rates("arm")["rate"], rtol=1e-10)
    # augmented by mean residuals, so that a wrong model has the means of the arms too
    augmented = negative_binomial("count ~ arm * x", data).standardised_rates("arm", variance="ye")
    plain = negative_binomial("count ~ arm", data).standardised_rates("arm", variance="ye")
    means = data.group_by("arm", maintain_order=True).agg(
        pl.col("count").mean(), se=pl.col("count").std() / 30**0.5
    )
    np.testing.assert_allclose(plain["rate"], means["count"], rtol=1e-8)
    np.testing.assert_allclose(plain["se"], means["se"], rtol=1e-8)
    assert augmented["se"].to_numpy().mean() < plain["se"].to_numpy().mean() * 1.1


def test_a_wald_test_by_the_robust_covariance_has_its_size() -> None:
    """200 trials of over-dispersed counts without an effect: 5% within four Monte Carlo standard errors."""
    p = [
        poisson("count ~ arm", draw_trial(seed).filter(pl.col("arm") != "C"), exposure="time", covariance="HC3")
        .ratios("arm")["p"]
        .item()
        for seed in range(200)
    ]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 200)


def test_a_model_of_the_intercept_alone_is_the_overall_rate() -> None:
    data = draw_trial(2)
    fit = poisson("count ~ 1", data, exposure="time")
    assert fit.coefficients["estimate"].item() == pytest.approx(np.log(data["count"].sum() / data["time"].sum()))


REFUSED: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "none ~ arm": (EstimationFailed, r"arm A has no event among 30 rows", {}),
    "bare ~ arm": (EstimationFailed, r"no finite coefficient fits arm\[T.B\]: arm B has no event", {}),
    "count ~ x + twice": (EstimationFailed, r"twice \(from x\)", {}),
    "x ~ arm": (DataError, "must be a count", {}),
    "count ~ far": (DataError, r"rescale far. Got 1e\+200", {}),
    "count ~ arm": (DataError, "not both", {"offset": "x", "exposure": "time"}),
    "count ~ arm + x": (DataError, "must be above 0", {"exposure": "x"}),
    "count ~ x": (DataError, "covariance must be one of", {"covariance": "HC7"}),
}


@pytest.mark.parametrize("formula", REFUSED)
def test_refusals_name_what_is_wrong(formula: str) -> None:
    data = draw_trial(4).with_columns(
        none=0,
        far=1e200 * (pl.col("x") / pl.col("x").abs().max()).abs(),
        bare=pl.when(pl.col("arm") == "B").then(0).otherwise("count"),
        twice=2 * pl.col("x"),
    )
    kind, sentence, options = REFUSED[formula]
    for fit in (poisson, negative_binomial):
        with pytest.raises(kind, match=sentence):
            fit(formula, data, **options)


def test_rows_with_a_missing_value_are_dropped_and_counted() -> None:
    data = draw_trial(6).with_columns(time=pl.when(pl.int_range(90) < 7).then(None).otherwise("time"))
    fit = poisson("count ~ arm", data, exposure="time")
    assert (fit.observations, fit.dropped) == (83, 7)
    assert fit.residuals["row"].to_list() == list(range(7, 90))


def test_counts_beyond_all_sums_and_counts_without_spread_are_refused() -> None:
    data = draw_trial(4)
    with pytest.raises(DataError, match="counts up to 1,000,000"):
        negative_binomial("count ~ arm", data.with_columns(count=pl.col("count") * 10_000_000))
    with pytest.raises(EstimationFailed, match="counts that vary about their fit"):
        poisson("count ~ arm", data.with_columns(count=3), scale="pearson")

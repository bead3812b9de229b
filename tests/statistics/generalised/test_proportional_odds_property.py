"""Proportional odds: collapsing, reversing, relabelling, and what is refused."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.generalised import logistic, proportional_odds

QUICK = settings(max_examples=8, deadline=None)
SEEDS = st.integers(0, 10_000)


def draw_trial(seed: int, n: int = 150, parallel: bool = True) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.resize(["A", "B"], n)
    x = rng.normal(size=n)
    latent = rng.logistic(size=n) + 0.5 * x + 0.7 * (arm == "B")
    grade = np.digitize(latent if parallel else latent * np.where(arm == "B", 3.0, 1.0), [-1.0, 0.2, 1.5])
    return pl.DataFrame({"arm": arm, "x": x, "grade": grade})


@QUICK
@given(SEEDS)
def test_reversed_categories_change_the_sign(seed: int) -> None:
    data = draw_trial(seed)
    fit = proportional_odds("grade ~ arm + x", data)
    back = proportional_odds("grade ~ arm + x", data.with_columns(grade=3 - pl.col("grade")))
    np.testing.assert_allclose(back.coefficients["estimate"], -fit.coefficients["estimate"].to_numpy(), rtol=1e-7)
    np.testing.assert_allclose(
        back.thresholds["estimate"], -fit.thresholds["estimate"].to_numpy()[::-1], rtol=1e-7
    )
    np.testing.assert_allclose(back.coefficients["se"], fit.coefficients["se"], rtol=1e-7)
    assert back.score_test()["chi2"].item() == pytest.approx(fit.score_test()["chi2"].item(), rel=1e-6)


@QUICK
@given(SEEDS)
def test_order_of_rows_labels_scale_and_frequencies_do_not_matter(seed: int) -> None:
    data = draw_trial(seed)
    fit = proportional_odds("grade ~ arm + x", data)
    levels = ["none", "mild", "moderate", "severe"]
    named = pl.col("grade").replace_strict(dict(enumerate(levels))).cast(pl.Enum(levels))
    other = data.with_columns(named, x=pl.col("x") * 1000 + 5e4).sample(fraction=1.0, shuffle=True, seed=seed)
    found = proportional_odds("grade ~ arm + x", other)
    assert found.categories == tuple(levels)
    a, b = fit.odds_ratios("arm"), found.odds_ratios("arm")
    for name in ("estimate", "se", "odds_ratio"):
        assert b[name].item() == pytest.approx(a[name].item(), rel=1e-7)
    twice = proportional_odds("grade ~ arm + x", data.with_columns(two=2), weights="two")
    np.testing.assert_allclose(twice.coefficients["se"] * 2**0.5, fit.coefficients["se"], rtol=1e-8)
    assert found.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-11)


@QUICK
@given(SEEDS)
def test_thresholds_without_an_effect_are_the_proportions(seed: int) -> None:
    """A covariate with coefficient 0 by symmetry: each participant once with it at 1, once at -1."""
    data = draw_trial(seed)
    mirrored = pl.concat([data.with_columns(side=pl.lit(one)) for one in (1.0, -1.0)])
    fit = proportional_odds("grade ~ side", mirrored)
    assert fit.coefficients["estimate"].item() == pytest.approx(0.0, abs=1e-10)
    share = np.cumsum(np.bincount(data["grade"].to_numpy()) / data.height)[:-1]
    np.testing.assert_allclose(fit.thresholds["estimate"], np.log(share / (1 - share)), rtol=1e-9, atol=1e-12)


def test_standardised_probabilities_add_to_one_and_keep_the_order_of_the_arms() -> None:
    found = proportional_odds("grade ~ arm + x", draw_trial(3)).standardised_probabilities("arm")
    sums = found.group_by("arm").agg(pl.col("probability").sum())
    np.testing.assert_allclose(sums["probability"], 1.0, rtol=1e-12)
    top = found.filter(pl.col("category") == 3)
    assert top.filter(arm="B")["probability"].item() > top.filter(arm="A")["probability"].item()


def test_tests_of_proportional_odds_find_what_is_not_parallel() -> None:
    crossed = proportional_odds("grade ~ arm + x", draw_trial(5, 600, parallel=False))
    assert crossed.score_test()["p"].item() < 1e-4
    assert crossed.brant_test().filter(term="all")["p"].item() < 1e-4
    p = [proportional_odds("grade ~ arm + x", draw_trial(seed)).score_test()["p"].item() for seed in range(200)]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 200)


def test_two_logistic_models_agree_where_one_cut_point_is_left() -> None:
    """Categories between the cuts emptied by weight: the odds ratio nears the logistic one."""
    data = draw_trial(9, 400).with_columns(
        weight=pl.when(pl.col("grade").is_in([1, 2])).then(1e-7).otherwise(1.0),
        high=(pl.col("grade") == 3).cast(int),
    )
    ordered = proportional_odds("grade ~ arm", data, weights="weight").odds_ratios("arm")["estimate"].item()
    plain = logistic("high ~ arm", data, weights="weight").odds_ratios("arm")["estimate"].item()
    assert ordered == pytest.approx(plain, rel=1e-4)


REFUSED = {
    "binary ~ arm": (EstimationFailed, "three categories; use logistic"),
    "top ~ arm + x": (EstimationFailed, r"no finite coefficient fits arm\[T.B\]"),
    "grade ~ x + twice": (EstimationFailed, r"twice \(from x\)"),
    "grade ~ 0 + arm": (DataError, "has its thresholds"),
    "grade ~ 1": (DataError, "needs a term"),
    "exp(x) ~ arm": (DataError, "must be a column"),
    "broken ~ arm": (DataError, "finite numbers in column broken"),
}


@pytest.mark.parametrize("formula", REFUSED)
def test_refusals_name_what_is_wrong(formula: str) -> None:
    data = draw_trial(4).with_columns(
        binary=(pl.col("grade") > 1).cast(int),
        top=pl.when(pl.col("arm") == "B").then(3).otherwise("grade"),
        twice=2 * pl.col("x"),
        broken=pl.when(pl.col("x") > 0).then(float("nan")).otherwise(pl.col("grade").cast(float)),
    )
    kind, sentence = REFUSED[formula]
    with pytest.raises(kind, match=sentence):
        proportional_odds(formula, data)

"""Estimating equations: what independence is, invariances, small-sample sandwiches, and what is refused."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.generalised import gee, logistic, poisson

QUICK = settings(max_examples=8, deadline=None)
SEEDS = st.integers(0, 10_000)
KINDS = ("independence", "exchangeable", "ar1", "unstructured")
FAMILIES = ("gaussian", "binomial", "poisson")


def draw_trial(seed: int, subjects: int = 40, gaps: float = 0.15) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    frailty = np.repeat(rng.normal(size=subjects), 4)
    n = 4 * subjects
    arm = np.repeat(np.resize(["A", "B"], subjects), 4)
    visit = np.tile(["W1", "W2", "W3", "W4"], subjects)
    base = np.repeat(rng.normal(size=subjects), 4)
    linear = 0.2 + 0.4 * base + 0.4 * (arm == "B") + 0.7 * frailty
    frame = pl.DataFrame(
        {
            "id": np.repeat([f"P{one:03d}" for one in range(subjects)], 4),
            "arm": arm,
            "visit": visit,
            "base": base,
            "gaussian": linear + rng.normal(size=n),
            "binomial": (rng.random(n) < 1 / (1 + np.exp(-linear))).astype(int),
            "poisson": rng.poisson(np.exp(linear)),
        }
    )
    return frame.filter(pl.Series(rng.random(n) > gaps))


@QUICK
@given(SEEDS, st.sampled_from(["binomial", "poisson"]))
def test_independence_is_the_generalised_linear_model(seed: int, family: Any) -> None:
    data = draw_trial(seed)
    formula = f"{family} ~ arm + base"
    found = gee(formula, data, subject="id", visit="visit", family=family, correlation="independence")
    plain = (logistic if family == "binomial" else poisson)(formula, data)
    np.testing.assert_allclose(found.coefficients["estimate"], plain.coefficients["estimate"], atol=1e-8)
    # each row its own cluster: the sandwich of White
    rows = data.with_row_index("row")
    single = gee(formula, rows, subject="row", family=family, correlation="independence")
    robust = (logistic if family == "binomial" else poisson)(formula, data, covariance="HC0")
    np.testing.assert_allclose(single.coefficients["se"], robust.coefficients["se"], rtol=1e-7)
    spread = gee(
        formula, rows, subject="row", family=family, correlation="independence", covariance="mancl-derouen"
    )
    jackknife = (logistic if family == "binomial" else poisson)(formula, data, covariance="HC3")
    np.testing.assert_allclose(spread.coefficients["se"], jackknife.coefficients["se"], rtol=1e-7)


@QUICK
@given(SEEDS, st.sampled_from(KINDS), st.sampled_from(FAMILIES))
def test_order_of_rows_and_names_do_not_matter(seed: int, kind: Any, family: Any) -> None:
    data = draw_trial(seed, 90)
    formula = f"{family} ~ arm * visit + base"
    options: dict[str, Any] = {"subject": "id", "visit": "visit", "family": family, "correlation": kind}
    other = data.with_columns(
        pl.col("arm").replace_strict({"A": "z", "B": "y"}),
        "x" + pl.col("id").str.reverse(),
        base=1e5 + 1e3 * pl.col("base"),
    ).sample(fraction=1.0, shuffle=True, seed=seed)
    try:
        fit = gee(formula, data, **options)
    except EstimationFailed:  # moments may give no correlation matrix, in no order of rows
        with pytest.raises(EstimationFailed):
            gee(formula, other, reference={"arm": "z"}, **options)
        return
    turned = gee(formula, other, reference={"arm": "z"}, **options)
    for name in ("estimate", "se"):
        np.testing.assert_allclose(
            turned.contrasts("arm", by="visit")[name], fit.contrasts("arm", by="visit")[name], rtol=1e-5, atol=1e-7
        )
    np.testing.assert_allclose(turned.working_correlation, fit.working_correlation, atol=1e-7)


@QUICK
@given(SEEDS, st.sampled_from(["sas", "geepack"]))
def test_complete_data_and_one_arm_factor_give_the_arm_means(seed: int, moments: Any) -> None:
    """Exchangeable correlation, nothing missing: the estimate is the mean, its sandwich that of cluster means."""
    data = draw_trial(seed, gaps=0.0)
    fit = gee("gaussian ~ arm", data, subject="id", moments=moments)
    means = (
        data.group_by("arm", "id")
        .agg(pl.col("gaussian").mean())
        .group_by("arm")
        .agg(mean=pl.col("gaussian").mean(), spread=pl.col("gaussian").var(ddof=0), size=pl.len())
    )
    row = {one["arm"]: one for one in means.to_dicts()}
    contrast = fit.contrasts("arm").row(0, named=True)
    assert contrast["estimate"] == pytest.approx(row["B"]["mean"] - row["A"]["mean"], rel=1e-7, abs=1e-9)
    variance = sum(row[arm]["spread"] / row[arm]["size"] for arm in "AB")
    assert contrast["se"] == pytest.approx(np.sqrt(variance), rel=1e-7)


@QUICK
@given(SEEDS)
def test_sandwiches_are_ordered(seed: int) -> None:
    data = draw_trial(seed, 16)
    se = {
        kind: gee("gaussian ~ arm + base", data, subject="id", covariance=kind).coefficients["se"][1]  # type: ignore[arg-type]
        for kind in ("robust", "kauermann-carroll", "mancl-derouen")
    }
    assert se["robust"] < se["kauermann-carroll"] < se["mancl-derouen"]


def test_two_visits_have_one_correlation_whatever_it_is_called() -> None:
    data = draw_trial(7).filter(pl.col("visit").is_in(["W1", "W2"]))
    fits = [
        gee("gaussian ~ arm + base", data, subject="id", visit="visit", correlation=kind)  # type: ignore[arg-type]
        for kind in KINDS[1:]
    ]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.coefficients["se"], fits[0].coefficients["se"], rtol=1e-9)
        np.testing.assert_allclose(fit.working_correlation, fits[0].working_correlation, atol=1e-9)


def test_small_sample_tests_keep_their_size() -> None:
    """200 trials of 14 participants without an effect: 5% within four Monte Carlo standard errors."""
    p = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        data = pl.DataFrame(
            {
                "id": np.repeat(np.arange(14), 3).astype(str),
                "arm": np.repeat(np.resize(["A", "B"], 14), 3),
                "y": np.repeat(rng.normal(size=14), 3) + rng.normal(size=42),
            }
        )
        fit = gee("y ~ arm", data, subject="id", covariance="kauermann-carroll", df="clusters")
        p.append(fit.contrasts("arm")["p"].item())
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 200)


def test_means_by_visit_are_on_the_scale_of_the_outcome_too() -> None:
    fit = gee("binomial ~ arm * visit", draw_trial(5), subject="id", visit="visit", family="binomial")
    means = fit.means("arm", by="visit")
    np.testing.assert_allclose(means["probability"], 1 / (1 + np.exp(-means["estimate"].to_numpy())), rtol=1e-12)
    ratios = fit.contrasts("arm", versus="A", by="visit")
    np.testing.assert_allclose(ratios["odds_ratio"], np.exp(ratios["estimate"]), rtol=1e-12)
    assert fit.clusters == 40
    assert fit.coefficients.columns == ["term", "estimate", "se", "z", "p", "lower", "upper"]
    assert gee("poisson ~ arm", draw_trial(5), subject="id", family="poisson").means("arm").columns[-3:] == [
        "rate",
        "lower",
        "upper",
    ]


REFUSED: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "gaussian ~ arm": (DataError, "Got two for P000 at W1", {"visit": "doubled"}),
    "gaussian ~ base": (DataError, "needs the column of visits", {"visit": None, "correlation": "ar1"}),
    "gaussian ~ base + twice": (EstimationFailed, r"twice \(from base\)", {}),
    "never ~ arm": (EstimationFailed, "arm B has no event", {"family": "binomial"}),
    "gaussian ~ arm + base": (EstimationFailed, "at least 2 clusters", {"subject": "one", "visit": None}),
    "gaussian ~ visit": (DataError, "correlation must be one of", {"correlation": "toeplitz"}),
    "poisson ~ arm": (DataError, "must be 0 or 1", {"family": "binomial"}),
    "one ~ arm": (DataError, "must hold numbers", {}),
}


@pytest.mark.parametrize("formula", REFUSED)
def test_refusals_name_what_is_wrong(formula: str) -> None:
    data = draw_trial(4, gaps=0.0).with_columns(
        doubled=pl.lit("W1"),
        twice=2 * pl.col("base"),
        never=pl.when(pl.col("arm") == "B").then(0).otherwise("binomial"),
        one=pl.lit("all"),
    )
    kind, sentence, options = REFUSED[formula]
    with pytest.raises(kind, match=sentence):
        gee(formula, data, **({"subject": "id", "visit": "visit"} | options))


def test_an_unstructured_correlation_of_too_few_participants_is_refused() -> None:
    with pytest.raises(EstimationFailed, match="use exchangeable or ar1"):
        gee("gaussian ~ arm * visit", draw_trial(4, 8), subject="id", visit="visit", correlation="unstructured")


def test_too_few_clusters_for_a_joint_test_and_clusters_fitted_exactly_are_refused() -> None:
    few = draw_trial(3, 3, gaps=0.0)
    fit = gee("gaussian ~ visit + base", few, subject="id", visit="visit", correlation="independence")
    with pytest.raises(EstimationFailed, match=r"covariance of full rank.*Got 3 coefficients"):
        fit.type_three()
    exact = few.with_columns(arm=pl.col("id"), gaussian=pl.col("id").str.tail(1).cast(pl.Float64))
    with pytest.raises(EstimationFailed, match=r"outcomes that vary|rows that vary"):
        gee("gaussian ~ arm", exact, subject="id", correlation="independence")

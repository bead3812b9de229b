"""Poisson and negative binomial fits agree with R: `glm`, `MASS::glm.nb`, sandwich, emmeans (r/generalised.R)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.generalised import negative_binomial, poisson

ARMS = pl.Enum(["Placebo", "Low", "High"])


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "generalised.out.json").read_text()))


@pytest.fixture(scope="module")
def trial(r: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(r["trial"]).with_columns(pl.col("arm").cast(ARMS))


@pytest.fixture(scope="module")
def trial72(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))


FORMULA = "events ~ arm + site + base"


def test_poisson_of_trial72(trial72: pl.DataFrame, references: Path) -> None:
    expected = json.loads((references / "core_trial72.json").read_text())["models"]["poisson_AE_rate"]
    fit = poisson("NAE ~ ARM + STRATUM", trial72, exposure="EXPOWK")
    for ours, theirs in {"estimate": "Estimate", "se": "Std. Error", "z": "z value", "p": "Pr(>|z|)"}.items():
        np.testing.assert_allclose(fit.coefficients[ours], [row[theirs] for row in expected["coef"]], rtol=1e-9)
    assert fit.log_likelihood == pytest.approx(expected["loglik"], rel=1e-11)
    assert fit.deviance == pytest.approx(expected["deviance"], rel=1e-11)


def test_poisson_with_exposure(trial: pl.DataFrame, r: dict[str, Any]) -> None:
    expected = r["poisson"]
    fit = poisson(FORMULA, trial, exposure="time")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-10)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"], rtol=1e-10)
    for ours, theirs in {
        "log_likelihood": "log_likelihood",
        "aic": "aic",
        "bic": "bic",
        "deviance": "deviance",
        "pearson_chi2": "pearson",
    }.items():
        assert getattr(fit, ours) == pytest.approx(expected[theirs], rel=1e-11)
    np.testing.assert_allclose(fit.type_three(test="likelihood ratio")["chi2"], expected["lrt"], rtol=1e-8)
    quasi = poisson(FORMULA, trial, exposure="time", scale="pearson")
    np.testing.assert_allclose(quasi.coefficients["se"], expected["quasi_se"], rtol=1e-9)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_covariances_of_poisson(kind: Any, trial: pl.DataFrame, r: dict[str, Any]) -> None:
    fit = poisson(FORMULA, trial, exposure="time", covariance=kind)
    np.testing.assert_allclose(fit.coefficients["se"], r["poisson"]["hc"][kind], rtol=1e-9)


@pytest.mark.parametrize(("margins", "key"), [("equal", "rates"), ("observed", "rates_observed")])
def test_rates_and_ratios(margins: Any, key: str, trial: pl.DataFrame, r: dict[str, Any]) -> None:
    fit = poisson(FORMULA, trial, exposure="time")
    expected = r["poisson"][key]
    rates = fit.rates("arm", margins=margins)
    np.testing.assert_allclose(rates["estimate"], expected["emmean"], rtol=1e-9)
    np.testing.assert_allclose(rates["se"], expected["SE"], rtol=1e-9)
    np.testing.assert_allclose(rates["lower"], np.exp(expected["asymp.LCL"]), rtol=1e-9)
    ratios = fit.ratios("arm", versus="Placebo")
    expected = r["poisson"]["ratios"]
    np.testing.assert_allclose(ratios["rate_ratio"], np.exp(expected["estimate"]), rtol=1e-9)
    np.testing.assert_allclose(ratios["se"], expected["SE"], rtol=1e-9)
    np.testing.assert_allclose(ratios["p"], expected["p.value"], rtol=1e-8)


def test_weights_and_interaction(trial: pl.DataFrame, r: dict[str, Any]) -> None:
    expected = r["poisson_weighted"]
    fit = poisson("events ~ arm * site", trial, exposure="time", weights="freq")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"], rtol=1e-9)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], rel=1e-11)
    assert fit.deviance == pytest.approx(expected["deviance"], rel=1e-10)
    by_site = fit.rates("arm", by="site")
    np.testing.assert_allclose(by_site["estimate"], expected["by_site"]["emmean"], rtol=1e-8)
    np.testing.assert_allclose(by_site["se"], expected["by_site"]["SE"], rtol=1e-8)


def _counts(name: str, trial: pl.DataFrame, r: dict[str, Any]) -> tuple[str, pl.DataFrame, dict[str, Any]]:
    if name == "negative_binomial":
        return FORMULA, trial, {"exposure": "time"}
    data = pl.DataFrame(r[name]["data"])
    if name == "quine":
        return "Days ~ Sex + Eth + Age", data, {}
    logs = data.with_columns(lbase=(pl.col("base") / 4).log(), lage=pl.col("age").log())
    return "y ~ trt + lbase + lage + V4", logs, {}


@pytest.mark.parametrize("name", ["negative_binomial", "quine", "epil"])
def test_negative_binomial(name: str, trial: pl.DataFrame, r: dict[str, Any]) -> None:
    formula, data, options = _counts(name, trial, r)
    expected = r[name]
    theirs = expected["glm_nb"]
    fit = negative_binomial(formula, data, information="expected", **options)
    np.testing.assert_allclose(fit.coefficients["estimate"], theirs["estimate"], rtol=1e-6)
    np.testing.assert_allclose(fit.coefficients["se"], theirs["se"], rtol=1e-6)
    assert fit.theta == pytest.approx(theirs["theta"], rel=1e-6)
    assert fit.theta_se == pytest.approx(expected["theta_se"], rel=1e-8)
    # MASS keeps the information of theta one step before its end
    assert fit.theta_se == pytest.approx(theirs["theta_se"], rel=2e-4)
    assert fit.log_likelihood == pytest.approx(theirs["log_likelihood"], rel=1e-11)
    assert fit.aic == pytest.approx(theirs["aic"], rel=1e-11)
    assert fit.deviance == pytest.approx(theirs["deviance"], rel=1e-6)
    robust = negative_binomial(formula, data, covariance="HC0", **options)
    np.testing.assert_allclose(robust.coefficients["se"], expected["hc0"], rtol=1e-6)
    # the observed information of coefficients and dispersion together, by differences of the score
    observed = negative_binomial(formula, data, **options)
    np.testing.assert_allclose(observed.coefficients["estimate"], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(observed.coefficients["se"], expected["observed_se"], rtol=1e-7)
    assert observed.dispersion == pytest.approx(expected["dispersion"], rel=1e-8)
    assert observed.dispersion_se == pytest.approx(expected["dispersion_se"], rel=1e-7)


def test_the_poisson_boundary_is_reached_and_said(trial72: pl.DataFrame) -> None:
    fit = negative_binomial("NAE ~ ARM + STRATUM", trial72, exposure="EXPOWK")
    poissonian = poisson("NAE ~ ARM + STRATUM", trial72, exposure="EXPOWK")
    assert fit.at_poisson_boundary
    assert "no over-dispersion" in fit.note
    assert (fit.dispersion, fit.dispersion_se, fit.theta, fit.theta_se) == (0.0, None, np.inf, None)
    assert fit.coefficients.equals(poissonian.coefficients)
    assert fit.log_likelihood == poissonian.log_likelihood

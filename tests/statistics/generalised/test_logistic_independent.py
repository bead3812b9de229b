"""Logistic fits agree with R: `glm`, profile limits by root search, Firth's penalty, standardised risks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.generalised import logistic

ARMS = pl.Enum(["Placebo", "Low", "High"])
FORMULA = "response ~ arm + site + base"


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "generalised.out.json").read_text()))


@pytest.fixture(scope="module")
def trial(r: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(r["trial"]).with_columns(pl.col("arm").cast(ARMS))


def test_trial72(references: Path) -> None:
    data = pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))
    expected = json.loads((references / "core_trial72.json").read_text())["models"]["logistic_RESP48"]
    fit = logistic("RESP48 ~ ARM + BASE + STRATUM", data)
    for ours, theirs in {"estimate": "Estimate", "se": "Std. Error", "z": "z value", "p": "Pr(>|z|)"}.items():
        np.testing.assert_allclose(fit.coefficients[ours], [row[theirs] for row in expected["coef"]], rtol=1e-8)
    assert fit.deviance == pytest.approx(expected["deviance"], rel=1e-11)
    profile = fit.profile_limits()
    # R's confint interpolates the profile by a spline
    for side, theirs in {"lower": "2.5 %", "upper": "97.5 %"}.items():
        np.testing.assert_allclose(
            np.exp(profile[side]), [row[theirs] for row in expected["or_profile_ci"]], rtol=2e-4
        )
    means = fit.means("ARM")
    for ours, theirs in {"estimate": "emmean", "se": "SE", "lower": "asymp.LCL", "upper": "asymp.UCL"}.items():
        np.testing.assert_allclose(means[ours], [row[theirs] for row in expected["lsmeans_link"]], rtol=1e-7)
    np.testing.assert_allclose(fit.standardised_risks("ARM")["risk"], expected["g_computation"], rtol=1e-10)


def test_fit(trial: pl.DataFrame, r: dict[str, Any]) -> None:
    expected = r["logistic"]
    fit = logistic(FORMULA, trial)
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"], rtol=1e-9)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], rel=1e-11)
    np.testing.assert_allclose(fit.type_three(test="likelihood ratio")["chi2"], expected["lrt"], rtol=1e-8)
    profile = fit.profile_limits()
    np.testing.assert_allclose(profile.select("lower", "upper").to_numpy(), expected["profile"], rtol=1e-8)
    pairs = fit.odds_ratios("arm", pairwise=True)
    np.testing.assert_allclose(np.log(pairs["odds_ratio"]), expected["contrasts"]["estimate"], rtol=1e-8)
    np.testing.assert_allclose(pairs["se"], expected["contrasts"]["SE"], rtol=1e-8)
    versus = fit.odds_ratios("arm", limits="profile")
    np.testing.assert_allclose(
        np.log(versus.select("lower", "upper").to_numpy()), expected["profile"][1:3], rtol=1e-8
    )


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_covariances(kind: Any, trial: pl.DataFrame, r: dict[str, Any]) -> None:
    fit = logistic(FORMULA, trial, covariance=kind)
    np.testing.assert_allclose(fit.coefficients["se"], r["logistic"]["hc"][kind], rtol=1e-8)


def test_firth(trial: pl.DataFrame, r: dict[str, Any]) -> None:
    expected = r["firth"]
    fit = logistic(FORMULA, trial, penalised="firth")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-7)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"], rtol=1e-8)
    assert fit.penalised_log_likelihood == pytest.approx(expected["penalised"], rel=1e-11)
    np.testing.assert_allclose(
        fit.profile_limits().select("lower", "upper").to_numpy(), expected["profile"], rtol=1e-7
    )
    arm = fit.type_three(test="likelihood ratio").filter(pl.col("term") == "arm")["chi2"].item()
    assert arm == pytest.approx(expected["lrt_arm"], rel=1e-7)


def test_firth_where_an_arm_has_no_event(r: dict[str, Any]) -> None:
    expected = r["firth_separated"]
    fit = logistic("y ~ arm + x", pl.DataFrame(expected["data"]), penalised="firth")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-7)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"], rtol=1e-7)
    np.testing.assert_allclose(
        fit.profile_limits().select("lower", "upper").to_numpy(), expected["profile"], rtol=1e-6
    )


MODELS = {
    "standardised": FORMULA,
    "standardised_interaction": "response ~ arm * base + site",
    "standardised_without_site": "response ~ arm + base",
}
VARIANCES: dict[str, dict[str, Any]] = {
    "ge": {"variance": "ge"},
    "sandwich": {"variance": "sandwich"},
    "ye": {"variance": "ye"},
    "ye_residual": {"variance": "ye residual"},
    "ye_strata": {"variance": "ye", "strata": "site"},
}


@pytest.mark.parametrize("variance", VARIANCES)
@pytest.mark.parametrize("model", MODELS)
def test_standardised_risks(model: str, variance: str, trial: pl.DataFrame, r: dict[str, Any]) -> None:
    expected = r[model]
    fit = logistic(MODELS[model], trial)
    risks = fit.standardised_risks("arm", **VARIANCES[variance])
    np.testing.assert_allclose(risks["risk"], expected["estimate"], rtol=1e-10)
    covariance = np.array(expected[variance])
    np.testing.assert_allclose(risks["se"], np.sqrt(np.diagonal(covariance)), rtol=1e-8)
    effects = fit.standardised_effects("arm", versus="Placebo", **VARIANCES[variance])
    difference = effects.filter(measure="risk_difference")
    spread = np.diagonal(covariance) + covariance[0, 0] - 2 * covariance[0]
    np.testing.assert_allclose(difference["se"], np.sqrt(spread[1:]), rtol=1e-8)
    a, b = np.array(expected["estimate"])[1:], expected["estimate"][0]
    ratio = effects.filter(measure="risk_ratio")
    np.testing.assert_allclose(ratio["estimate"], a / b, rtol=1e-9)
    on_log = np.diagonal(covariance)[1:] / a**2 + covariance[0, 0] / b**2 - 2 * covariance[0, 1:] / (a * b)
    np.testing.assert_allclose(ratio["se"], np.sqrt(on_log), rtol=1e-8)


def test_delta_method_with_a_robust_covariance(trial: pl.DataFrame, r: dict[str, Any]) -> None:
    fit = logistic(FORMULA, trial, covariance="HC0")
    covariance = np.array(r["standardised"]["ge_hc0"])
    risks = fit.standardised_risks("arm", variance="ge")
    np.testing.assert_allclose(risks["se"], np.sqrt(np.diagonal(covariance)), rtol=1e-8)

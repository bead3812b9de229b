"""Fits of trial72 agree with R's mmrm, each of which was polished to a gradient near 0."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.repeated_measures import MmrmFit, mmrm

MODELS = ["us", "cs", "ar1", "us_ML", "us_base_by_visit"]
METHODS = {
    "satterthwaite": ("satterthwaite", "model"),
    "kenward_roger": ("kenward-roger-second-order", "model"),
    "kenward_roger_linear": ("kenward-roger", "model"),
    "residual": ("residual", "model"),
    "between_within": ("between-within", "model"),
    "empirical_satterthwaite": ("satterthwaite", "CR0"),
    "empirical_bias_reduced_satterthwaite": ("satterthwaite", "CR2"),
    "empirical_jackknife_satterthwaite": ("satterthwaite", "CR3"),
    "empirical_between_within": ("between-within", "CR0"),
}


REFERENCES = Path(__file__).parents[2] / "references"
REFERENCE = json.loads((REFERENCES / "mmrm_trial72.json").read_text())
CASES = [
    (name, method) for name in MODELS for method in METHODS if method in REFERENCE["models"][name]["inference"]
]


def _has(name: str, method: str, part: str) -> bool:
    return part in REFERENCE["models"][name]["inference"][method]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return REFERENCE  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def trial(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_long.csv")


def _fit(
    trial: pl.DataFrame, model: dict[str, Any], method: str = "satterthwaite", variance: str = "model"
) -> MmrmFit:
    formula, structure = model["formula"].rsplit(" + ", 1)
    return mmrm(
        formula,
        trial,
        subject="USUBJID",
        visit="VISIT",
        covariance=structure.split("(")[0],
        df=method,  # type: ignore[arg-type]
        variance=variance,  # type: ignore[arg-type]
        reml=model["reml"],
        reference={"ARM": "Placebo"},
    )


def _name(term: str) -> str:
    """Turn R's name of a coefficient into ours: ARMLow:VISITW08 into ARM[T.Low]:VISIT[T.W08]."""
    if term == "(Intercept)":
        return "Intercept"
    parts = []
    for part in term.split(":"):
        factor = next((name for name in ("ARM", "VISIT", "STRATUM") if part.startswith(name)), None)
        parts.append(part if factor is None else f"{factor}[T.{part.removeprefix(factor)}]")
    return ":".join(parts)


def _our_name(term: str, fit: MmrmFit) -> str:
    """Find a coefficient whatever the order in which an interaction names its factors."""
    wanted = set(_name(term).split(":"))
    return next(name for name in fit.coefficients["term"] if set(name.split(":")) == wanted)


@pytest.mark.parametrize("name", MODELS)
def test_the_maximum_is_that_of_mmrm(reference: dict[str, Any], trial: pl.DataFrame, name: str) -> None:
    """Log-likelihood and criteria 1e-7 absolute, covariance and coefficients 1e-6 relative."""
    model = reference["models"][name]
    fit = _fit(trial, model)
    assert fit.observations == model["n_obs"]
    assert fit.participants == model["n_subjects"]
    assert fit.parameters == model["n_theta"]
    assert fit.log_likelihood == pytest.approx(model["logLik"], abs=1e-7)
    assert fit.aic == pytest.approx(model["AIC"], abs=1e-6)
    assert fit.aicc == pytest.approx(model["AICc"], abs=1e-6)
    assert fit.bic == pytest.approx(model["BIC"], abs=1e-6)
    np.testing.assert_allclose(fit.covariance.drop("VISIT").to_numpy(), model["covariance"], rtol=1e-6)
    estimates = dict(fit.coefficients.select("term", "estimate").iter_rows())
    for term, value in model["beta"].items():
        assert estimates[_our_name(term, fit)] == pytest.approx(value, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_standard_errors_and_degrees_of_freedom_are_those_of_mmrm(
    reference: dict[str, Any], trial: pl.DataFrame, name: str, method: str
) -> None:
    """Standard errors 1e-6, degrees of freedom 1e-4, p 1e-5; F tests of whole terms likewise."""
    model = reference["models"][name]
    expected = model["inference"][method]
    fit = _fit(trial, model, *METHODS[method])
    ours = {row["term"]: row for row in fit.coefficients.iter_rows(named=True)}
    for row in expected["coefficients"]:
        got = ours[_our_name(row["term"], fit)]
        assert got["estimate"] == pytest.approx(row["Estimate"], rel=1e-6, abs=1e-7)
        assert got["se"] == pytest.approx(row["Std. Error"], rel=1e-6)
        assert got["df"] == pytest.approx(row["df"], rel=1e-4)
        assert got["p"] == pytest.approx(row["Pr(>|t|)"], abs=1e-5)
    for test in expected["f_tests"].values():
        names = test.get("coefficients") if isinstance(test, dict) else None
        if names is None:
            continue
        terms = [names] if isinstance(names, str) else names
        joint = fit.test(*(_our_name(term, fit) for term in terms))
        assert joint.df == test["num_df"]
        assert joint.f == pytest.approx(test["f_stat"], rel=1e-5)
        assert joint.df_residual == pytest.approx(test["denom_df"], rel=1e-4)
        assert joint.p == pytest.approx(test["p_val"], abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["us", "cs", "ar1"])
def test_a_combination_of_coefficients_is_estimated_as_by_mmrm(
    reference: dict[str, Any], trial: pl.DataFrame, name: str, method: str
) -> None:
    """High against placebo, averaged over weeks 36 to 96: standard error 1e-6, degrees of freedom 1e-4."""
    expected = reference["models"][name]["inference"][method]["f_tests"]["avg_W36_W96_High_vs_Placebo"]
    fit = _fit(trial, reference["models"][name], *METHODS[method])
    later = {f"ARM[T.High]:VISIT[T.{visit}]": 0.25 for visit in ("W36", "W48", "W72", "W96")}
    got = fit.estimate({"ARM[T.High]": 1.0} | later).row(0, named=True)
    assert got["estimate"] == pytest.approx(expected["est"], rel=1e-6)
    assert got["se"] == pytest.approx(expected["se"], rel=1e-6)
    assert got["df"] == pytest.approx(expected["df"], rel=1e-4)
    assert got["p"] == pytest.approx(expected["p_val"], abs=1e-5)


@pytest.mark.parametrize(("name", "method"), [case for case in CASES if _has(*case, "lsmeans")])
def test_means_and_contrasts_are_those_of_emmeans(
    reference: dict[str, Any], trial: pl.DataFrame, name: str, method: str
) -> None:
    """Estimates and standard errors 1e-6, degrees of freedom 1e-4."""
    expected = reference["models"][name]["inference"][method]
    fit = _fit(trial, reference["models"][name], *METHODS[method])
    means = {(row["ARM"], row["VISIT"]): row for row in fit.means("ARM", by="VISIT").iter_rows(named=True)}
    for row in expected["lsmeans"]:
        got = means[row["ARM"], row["VISIT"]]
        assert got["estimate"] == pytest.approx(row["emmean"], rel=1e-6, abs=1e-6)
        assert got["se"] == pytest.approx(row["SE"], rel=1e-6)
        assert got["df"] == pytest.approx(row["df"], rel=1e-4)
        assert got["lower"] == pytest.approx(row["lower.CL"], rel=1e-5, abs=1e-5)
    contrasts = fit.contrasts("ARM", versus="Placebo", by="VISIT")
    found = {(f"{row['ARM']} - {row['versus']}", row["VISIT"]): row for row in contrasts.iter_rows(named=True)}
    for row in expected["contrasts_vs_placebo"]:
        got = found[row["contrast"], row["VISIT"]]
        assert got["estimate"] == pytest.approx(row["estimate"], rel=1e-6, abs=1e-6)
        assert got["se"] == pytest.approx(row["SE"], rel=1e-6)
        assert got["df"] == pytest.approx(row["df"], rel=1e-4)
        assert got["p"] == pytest.approx(row["p.value"], abs=1e-5)

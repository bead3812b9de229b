"""Estimating equations agree with geepack, with sums written out in R (r/gee.R), and a QIC that SAS documents."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.generalised import GeeFit, gee

KINDS = ("independence", "exchangeable", "ar1", "unstructured")
SANDWICHES = {"robust": "robust", "mancl-derouen": "md", "kauermann-carroll": "kc", "fay-graubard": "fg"}


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "gee.out.json").read_text()))


@pytest.fixture(scope="module")
def trial72(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_long.csv").with_columns(
        pl.col("ARM").cast(pl.Enum(["Placebo", "Low", "High"]))
    )


def _respiratory(r: dict[str, Any], **options: Any) -> GeeFit:
    data = pl.DataFrame(r["respiratory"]["data"])
    formula = "outcome ~ treat + site + sex + age + baseline"
    reference = {"treat": "P", "sex": "M"}
    return gee(formula, data, subject="subject", visit="visit", family="binomial", reference=reference, **options)


def _epil(r: dict[str, Any], **options: Any) -> GeeFit:
    data = pl.DataFrame(r["epil"]["data"])
    formula = "y ~ trt * V4 + lbase + lage"
    return gee(formula, data, subject="subject", visit="period", family="poisson", **options)


def _trial72(data: pl.DataFrame, **options: Any) -> GeeFit:
    return gee("CHG ~ BASE + STRATUM + ARM*VISIT", data, subject="USUBJID", visit="VISIT", **options)


# R codes the interaction trt:V4 after lbase and lage, as we do
FITS = {"respiratory": _respiratory, "epil": _epil}
CASES = [(name, kind) for name in FITS for kind in KINDS]


@pytest.mark.parametrize(("name", "kind"), [case for case in CASES if case != ("epil", "unstructured")])
def test_agreement_with_geepack(name: str, kind: Any, r: dict[str, Any]) -> None:
    expected = r[name][kind]
    fit = FITS[name](r, correlation=kind, moments="geepack")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-7)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"], rtol=1e-7)
    assert fit.scale == pytest.approx(expected["scale"], rel=1e-8)
    naive = np.sqrt(np.diagonal(fit.model_covariance.drop("term").to_numpy()))
    np.testing.assert_allclose(naive, expected["naive"], rtol=1e-7)
    assert fit.qicu == pytest.approx(expected["qic"][1], rel=1e-9)
    if kind != "independence":
        upper = (
            fit.working_correlation[np.triu_indices(len(fit.visits), 1)] if kind == "unstructured" else fit.alpha
        )
        np.testing.assert_allclose(upper, expected["alpha"], rtol=1e-7)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_moments_divided_as_in_sas(name: str, kind: Any, r: dict[str, Any]) -> None:
    expected = r[name][f"{kind}_sas"]
    for ours, theirs in SANDWICHES.items():
        fit = FITS[name](r, correlation=kind, covariance=ours)
        np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-8)
        np.testing.assert_allclose(fit.coefficients["se"], expected["se"][theirs], rtol=1e-8)
    assert fit.scale == pytest.approx(expected["scale"], rel=1e-9)
    np.testing.assert_allclose(fit.working_correlation, expected["correlation"], atol=1e-9)
    naive = FITS[name](r, correlation=kind, covariance="model")
    np.testing.assert_allclose(naive.coefficients["se"], expected["naive"], rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_weights(kind: Any, r: dict[str, Any]) -> None:
    expected = r["epil"][f"{kind}_weighted"]
    fit = _epil(r, correlation=kind, weights="w")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"]["robust"], rtol=1e-8)


@pytest.mark.parametrize("kind", ["independence", "exchangeable", "ar1"])
def test_weights_as_in_geepack(kind: Any, r: dict[str, Any]) -> None:
    """A row counts its weight in the scale, and a pair the product of its weights in the correlation."""
    expected = r["epil"][f"{kind}_geepack_weighted"]
    fit = _epil(r, correlation=kind, weights="w", moments="geepack")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-7)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"], rtol=1e-7)
    assert fit.scale == pytest.approx(expected["scale"], rel=1e-8)
    if kind != "independence":
        assert fit.alpha == pytest.approx(expected["alpha"], rel=1e-7)


def test_respiratory_trial_as_sas_prints_it(r: dict[str, Any]) -> None:
    """SAS/STAT documentation, GENMOD, example 6, gives 512.34 as the QIC of this model (example 5)."""
    assert round(_respiratory(r, correlation="unstructured").qic, 2) == 512.34


@pytest.mark.parametrize("kind", ["independence", "exchangeable", "ar1"])
def test_trial72(kind: Any, r: dict[str, Any], trial72: pl.DataFrame) -> None:
    expected = r["trial72"][f"{kind}_sas"]
    fit = _trial72(trial72, correlation=kind)
    np.testing.assert_allclose(fit.coefficients["estimate"], expected["estimate"], rtol=1e-7)
    np.testing.assert_allclose(fit.coefficients["se"], expected["se"]["robust"], rtol=1e-7)


def test_trial72_by_geepack(references: Path, trial72: pl.DataFrame) -> None:
    models = json.loads((references / "core_trial72.json").read_text())["models"]
    expected = models["gee_gaussian"]["exchangeable"]
    fit = _trial72(trial72, correlation="exchangeable", moments="geepack")
    theirs = {row["term"]: row for row in expected["coef_robust"]}
    # geepack names a level without the brackets of formulaic
    names = [
        name.replace("[T.", "").replace("]", "").replace("Intercept", "(Intercept)")
        for name in fit.coefficients["term"]
    ]
    for name, estimate, se in zip(names, fit.coefficients["estimate"], fit.coefficients["se"], strict=True):
        assert estimate == pytest.approx(theirs[name]["Estimate"], rel=2e-6)
        assert se == pytest.approx(theirs[name]["Std.err"], rel=2e-6)
    assert fit.alpha == pytest.approx(expected["alpha"]["alpha"], rel=1e-6)
    assert fit.scale == pytest.approx(expected["scale"], rel=1e-7)


@pytest.mark.parametrize(("ours", "theirs"), [("robust", "cr0"), ("mancl-derouen", "cr3")])
def test_independence_is_least_squares_with_a_cluster_sandwich(
    ours: Any, theirs: str, r: dict[str, Any], trial72: pl.DataFrame
) -> None:
    fit = _trial72(trial72, correlation="independence", covariance=ours)
    np.testing.assert_allclose(fit.coefficients["se"], r["trial72"][theirs], rtol=1e-8)

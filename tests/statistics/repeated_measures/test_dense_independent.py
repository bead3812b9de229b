"""Every structure agrees with a program in R that works with dense matrices and uses no structure of the data.

`tests/references/r/mmrm_dense.R`: 40 participants, four visits, gaps; likelihoods maximised by optim from two
starts and Newton steps with numerical derivatives, standard errors by the formulas of the papers as printed.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures import MmrmFit

REFERENCE = json.loads((Path(__file__).parents[2] / "references" / "r" / "mmrm_dense.out.json").read_text())
DATA = pl.DataFrame(REFERENCE["data"])
CASES = range(len(REFERENCE["dense"]))
REML = [at for at in CASES if REFERENCE["dense"][at]["reml"]]


def _name(at: int) -> str:
    case = REFERENCE["dense"][at]
    covariates = {"Y ~ BASE + SEX + ARM * VISIT": "", "Y ~ BASE + DOSE + ARM * VISIT": "-changing"}
    parts = [
        case["structure"],
        "reml" if case["reml"] else "ml",
        case["time"].lower(),
        *([case["group"]] if case["group"] else []),
        *([case["weights"]] if case["weights"] else []),
    ]
    return "-".join(parts) + covariates.get(case["formula"], "-other")


@cache
def _fit(at: int, df: str = "satterthwaite", variance: str = "model") -> MmrmFit:
    case = REFERENCE["dense"][at]
    return mmrm(
        case["formula"],
        DATA,
        subject="ID",
        visit=case["time"],
        covariance=case["structure"],
        df=df,  # type: ignore[arg-type]
        variance=variance,  # type: ignore[arg-type]
        reml=case["reml"],
        group=case["group"] or None,
        weights=case["weights"] or None,
        reference={"ARM": "Placebo"},
    )


def _places(fit: MmrmFit, terms: list[str]) -> list[int]:
    """Find our coefficients in the order of R's, ARMActive:VISITV2 for ARM[T.Active]:VISIT[T.V2]."""
    ours = [set(term.replace("[T.", "").replace("]", "").split(":")) for term in fit.coefficients["term"]]
    return [ours.index({"Intercept"} if term == "(Intercept)" else set(term.split(":"))) for term in terms]


def _column(fit: MmrmFit, name: str, case: dict[str, Any]) -> list[float]:
    return fit.coefficients[name][_places(fit, case["terms"])].to_list()


@pytest.mark.parametrize("at", CASES, ids=_name)
def test_the_maximum_of_the_likelihood(at: int) -> None:
    """Log-likelihood 1e-12 relative; coefficients 1e-9 standard errors; covariance 1e-7 relative."""
    case, fit = REFERENCE["dense"][at], _fit(at)
    assert fit.log_likelihood == pytest.approx(case["log_likelihood"], rel=1e-12)
    assert fit.parameters == case["parameters"]
    error = np.array(_column(fit, "estimate", case)) - case["estimate"]
    assert np.abs(error / _column(fit, "se", case)).max() < 1e-9
    if case["time"] == "VISIT":
        # R has Placebo first, as the reference; our groups of covariance are in sorted order
        shown = fit.covariance.sort("ARM", descending=True) if case["group"] else fit.covariance
        values = shown.select("V1", "V2", "V3", "V4").to_numpy().ravel()
        np.testing.assert_allclose(values, case["covariance"], rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("at", [at for at in CASES if REFERENCE["dense"][at]["time"] == "DAY"], ids=_name)
def test_times_of_participants_own_are_kept_apart_where_they_are_many(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 28 days seen count as too many here: standard errors 1e-8; variance and correlation a day apart 1e-7."""
    monkeypatch.setattr("equipoise.statistics.repeated_measures.measurements._MOST_VISITS", 3)
    case = REFERENCE["dense"][at]
    fit = _fit.__wrapped__(at)
    assert fit.log_likelihood == pytest.approx(case["log_likelihood"], rel=1e-12)
    assert _column(fit, "se", case) == pytest.approx(case["satterthwaite"]["se"], rel=1e-8)
    assert _column(fit, "df", case) == pytest.approx(case["satterthwaite"]["df"], rel=1e-7)
    shown = fit.covariance.sort("ARM", descending=True) if case["group"] else fit.covariance
    theta = np.array(case["theta"]).reshape(-1, 2)
    np.testing.assert_allclose(shown["variance"], np.exp(theta[:, 0]), rtol=1e-7)
    np.testing.assert_allclose(shown["correlation"], 1.0 / (1.0 + np.exp(-theta[:, 1])), rtol=1e-7)
    if case["reml"]:
        second = _fit.__wrapped__(at, "kenward-roger-second-order")
        assert _column(second, "se", case) == pytest.approx(case["second_order"]["se"], rel=1e-8)
    jackknife = _fit.__wrapped__(at, "satterthwaite", "CR3")
    assert _column(jackknife, "se", case) == pytest.approx(case["empirical"]["CR3"]["se"], rel=1e-8)


@pytest.mark.parametrize("at", CASES, ids=_name)
def test_satterthwaite(at: int) -> None:
    """Standard errors 1e-8, degrees of freedom 1e-7 relative."""
    case, fit = REFERENCE["dense"][at], _fit(at)
    assert _column(fit, "se", case) == pytest.approx(case["satterthwaite"]["se"], rel=1e-8)
    assert _column(fit, "df", case) == pytest.approx(case["satterthwaite"]["df"], rel=1e-7)


@pytest.mark.parametrize("at", REML, ids=_name)
def test_kenward_roger_of_first_and_second_order(at: int) -> None:
    """Standard errors 1e-8, degrees of freedom 1e-7 relative; least-squares means likewise."""
    case, fit = REFERENCE["dense"][at], _fit(at, "kenward-roger")
    assert _column(fit, "se", case) == pytest.approx(case["kenward_roger"]["se"], rel=1e-8)
    assert _column(fit, "df", case) == pytest.approx(case["satterthwaite"]["df"], rel=1e-7)
    second = _fit(at, "kenward-roger-second-order")
    assert _column(second, "se", case) == pytest.approx(case["second_order"]["se"], rel=1e-8)
    means = {(row["ARM"], row["VISIT"]): row for row in fit.means("ARM", by="VISIT").iter_rows(named=True)}
    expected = case["means"]
    for place, cell in enumerate(zip(expected["ARM"], expected["VISIT"], strict=True)):
        assert means[cell]["estimate"] == pytest.approx(expected["estimate"][place], rel=1e-6, abs=1e-6)
        assert means[cell]["se"] == pytest.approx(expected["se"][place], rel=1e-6)
        assert means[cell]["df"] == pytest.approx(expected["df"][place], rel=1e-5)


@pytest.mark.parametrize("at", CASES, ids=_name)
def test_type_three_tests(at: int) -> None:
    """F and degrees of freedom 1e-7 relative, by Satterthwaite and by Kenward and Roger."""
    case = REFERENCE["dense"][at]
    methods = {"satterthwaite": "satterthwaite"} | ({"kenward-roger": "kr"} if case["reml"] else {})
    for df, name in methods.items():
        table = {frozenset(row["term"].split(":")): row for row in _fit(at, df).type_three().iter_rows(named=True)}
        for term, tests in case["type3"].items():
            row = table[frozenset(term.split(":"))]
            count, f, df_residual = tests[name]
            assert row["df"] == count
            assert row["f"] == pytest.approx(f, rel=1e-7)
            assert row["df_residual"] == pytest.approx(df_residual, rel=1e-7)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2", "CR3"])
@pytest.mark.parametrize("at", CASES, ids=_name)
def test_empirical_covariances(at: int, kind: str) -> None:
    """Standard errors 1e-8, degrees of freedom 1e-7 relative."""
    case, fit = REFERENCE["dense"][at], _fit(at, "satterthwaite", kind)
    assert _column(fit, "se", case) == pytest.approx(case["empirical"][kind]["se"], rel=1e-8)
    assert _column(fit, "df", case) == pytest.approx(case["empirical"][kind]["df"], rel=1e-7)

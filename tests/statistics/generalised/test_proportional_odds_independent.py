"""Proportional odds fits agree with R (`ordinal::clm`, `MASS::polr`, sums written out)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.generalised import proportional_odds


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "generalised.out.json").read_text()))


def _data(name: str, r: dict[str, Any]) -> tuple[str, pl.DataFrame, dict[str, Any]]:
    frame = pl.DataFrame(r[name]["data"])
    if name == "wine":
        return "rating ~ temp + contact", frame.with_columns(pl.col("rating").cast(pl.Int64)), {}
    if name == "housing":
        orders = {
            "Sat": ["Low", "Medium", "High"],
            "Infl": ["Low", "Medium", "High"],
            "Type": ["Tower", "Apartment", "Atrium", "Terrace"],
            "Cont": ["Low", "High"],
        }
        casts = [pl.col(column).cast(pl.Enum(levels)) for column, levels in orders.items()]
        return "Sat ~ Infl + Type + Cont", frame.with_columns(casts), {"weights": "Freq"}
    kept = frame.filter(pl.col("freq") > 0).with_columns(pl.col("additive").cast(pl.String))
    return "score ~ additive", kept, {"weights": "freq", "reference": {"additive": "4"}}


@pytest.mark.parametrize("name", ["wine", "housing", "cheese"])
def test_agreement_with_clm_and_polr(name: str, r: dict[str, Any]) -> None:
    formula, data, options = _data(name, r)
    expected = r[name]
    fit = proportional_odds(formula, data, **options)
    cuts = fit.thresholds.height
    estimate = [*fit.thresholds["estimate"], *fit.coefficients["estimate"]]
    se = [*fit.thresholds["se"], *fit.coefficients["se"]]
    np.testing.assert_allclose(estimate, expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(se, expected["se"], rtol=1e-8)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], rel=1e-11)
    # polr stops where its optimiser does, and differences the Hessian
    polr = expected["polr"]
    np.testing.assert_allclose(estimate[cuts:] + estimate[:cuts], polr["estimate"], atol=2e-4)
    np.testing.assert_allclose(se[cuts:] + se[:cuts], polr["se"], rtol=1e-3)


@pytest.mark.parametrize("name", ["housing", "cheese"])
def test_score_test_and_expected_information(name: str, r: dict[str, Any]) -> None:
    formula, data, options = _data(name, r)
    expected = r[name]["tests"]
    fit = proportional_odds(formula, data, information="expected", **options)
    se = [*fit.thresholds["se"], *fit.coefficients["se"]]
    np.testing.assert_allclose(se, expected["expected_se"], rtol=1e-8)
    test = fit.score_test()
    assert test["chi2"].item() == pytest.approx(expected["score"], rel=1e-7)
    assert test["df"].item() == expected["score_df"]
    other = fit.score_test(information="expected")
    assert other["chi2"].item() == pytest.approx(expected["score_expected"], rel=1e-7)


def test_brant(r: dict[str, Any]) -> None:
    formula, data, options = _data("housing", r)
    expected = r["housing"]["tests"]
    found = proportional_odds(formula, data, **options).brant_test()
    np.testing.assert_allclose(found["chi2"], [expected["brant"], *expected["brant_each"]], rtol=1e-7)

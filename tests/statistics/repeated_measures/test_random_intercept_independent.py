"""Compound symmetry agrees with a random intercept of R's lme4, tested by pbkrtest and lmerTest.

pbkrtest takes the expected information of the variances, we the observed one (as SAS and mmrm do): on complete
data they are the same number; with gaps they differ, and `mmrm_dense.R` checks that nothing else does.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures import MmrmFit
from equipoise.statistics.repeated_measures.inference import DfMethod

REFERENCE = json.loads((Path(__file__).parents[2] / "references" / "r" / "mmrm_dense.out.json").read_text())
INTERACTION = [f"ARM[T.Active]:VISIT[T.V{visit}]" for visit in (2, 3, 4)]


def _fit(case: dict[str, Any], df: DfMethod) -> MmrmFit:
    rows = pl.DataFrame(REFERENCE["data"]).filter(pl.col("ID").is_in(case["participants"]))
    return mmrm(
        "Y ~ ARM * VISIT",
        rows,
        subject="ID",
        visit="VISIT",
        covariance="cs",
        df=df,
        reference={"ARM": "Placebo"},
    )


def test_kenward_roger_on_complete_data_is_that_of_pbkrtest() -> None:
    """Standard errors 1e-6, F 1e-6, degrees of freedom 1e-5 relative."""
    case = REFERENCE["lmer"]["complete"]
    fit = _fit(case, "kenward-roger")
    assert fit.log_likelihood == pytest.approx(case["log_likelihood"], abs=1e-8)
    np.testing.assert_allclose(fit.coefficients["estimate"], case["estimate"], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(fit.coefficients["se"], case["se"], rtol=1e-6)
    test, expected = fit.test(*INTERACTION), case["kr_test"]
    assert test.df == expected["df"]
    assert test.f == pytest.approx(expected["f"], rel=1e-6)
    assert test.df_residual == pytest.approx(expected["df_residual"], rel=1e-5)
    assert test.p == pytest.approx(expected["p"], rel=1e-5)


def test_kenward_roger_with_gaps_differs_from_pbkrtest_by_the_information_alone() -> None:
    """Standard errors within 1e-3 of pbkrtest's; the test 1e-3."""
    case = REFERENCE["lmer"]["gaps"]
    fit = _fit(case, "kenward-roger")
    assert fit.log_likelihood == pytest.approx(case["log_likelihood"], abs=1e-7)
    difference = np.abs(fit.coefficients["se"].to_numpy() / case["se"] - 1.0)
    assert 1e-7 < difference.max() < 1e-3
    test, expected = fit.test(*INTERACTION), case["kr_test"]
    assert test.f == pytest.approx(expected["f"], rel=1e-3)
    assert test.df_residual == pytest.approx(expected["df_residual"], rel=2e-2)


@pytest.mark.parametrize("which", ["complete", "gaps"])
def test_satterthwaite_is_that_of_lmer_test(which: str) -> None:
    """1e-4: lmerTest differentiates numerically."""
    case = REFERENCE["lmer"][which]
    fit = _fit(case, "satterthwaite")
    expected = np.array(case["satterthwaite"])
    np.testing.assert_allclose(fit.coefficients["se"], expected[:, 0], rtol=1e-5)
    np.testing.assert_allclose(fit.coefficients["df"], expected[:, 1], rtol=1e-4)
    test, wanted = fit.test(*INTERACTION), case["satterthwaite_test"]
    assert test.f == pytest.approx(wanted["f"], rel=1e-5)
    assert test.df_residual == pytest.approx(wanted["df_residual"], rel=1e-4)

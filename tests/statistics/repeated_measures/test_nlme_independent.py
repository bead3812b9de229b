"""The maximum agrees with R's nlme::gls, and empirical covariances on it with clubSandwich."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures import MmrmFit

REFERENCES = Path(__file__).parents[2] / "references"
DENSE = json.loads((REFERENCES / "r" / "mmrm_dense.out.json").read_text())
TRIAL = json.loads((REFERENCES / "mmrm_trial72.json").read_text())["gls_check"]
TERMS = DENSE["dense"][0]["terms"]


def _fit(structure: str, **options: Any) -> MmrmFit:
    return mmrm(
        "Y ~ BASE + SEX + ARM * VISIT",
        pl.DataFrame(DENSE["data"]),
        subject="ID",
        visit="WEEK" if structure == "sp_exp" else "VISIT",
        covariance=structure,
        reference={"ARM": "Placebo"},
        **options,
    )


def _in_order(fit: MmrmFit, column: str) -> list[float]:
    """Put a column of our coefficients in R's order of them."""
    ours = [set(term.replace("[T.", "").replace("]", "").split(":")) for term in fit.coefficients["term"]]
    wanted = [{"Intercept"} if term == "(Intercept)" else set(term.split(":")) for term in TERMS]
    return fit.coefficients[column][[ours.index(term) for term in wanted]].to_list()


@pytest.mark.parametrize("case", DENSE["gls"], ids=lambda case: f"{case['structure']}-{case['reml']}")
def test_the_maximum_is_that_of_gls(case: dict[str, Any]) -> None:
    """Log-likelihood 1e-7 absolute; estimates 1e-3 standard errors and these 1e-3, as gls stops early."""
    fit = _fit(case["structure"], reml=case["reml"], df="satterthwaite")
    assert fit.log_likelihood == pytest.approx(case["log_likelihood"], abs=1e-7)
    se = np.array(case["se"])
    assert np.abs((np.array(_in_order(fit, "estimate")) - case["estimate"]) / se).max() < 1e-3
    np.testing.assert_allclose(_in_order(fit, "se"), se, rtol=1e-3)


@pytest.mark.parametrize("structure", TRIAL)
def test_the_maximum_for_trial72_is_that_of_gls(references: Path, structure: str) -> None:
    """Log-likelihood 5e-8 absolute, above that of gls where it stopped early."""
    trial = pl.read_csv(references / "trial72_long.csv")
    fit = mmrm(
        "CHG ~ BASE + STRATUM + ARM * VISIT",
        trial,
        subject="USUBJID",
        visit="VISIT",
        covariance=structure,
        reference={"ARM": "Placebo"},
    )
    assert fit.log_likelihood == pytest.approx(TRIAL[structure]["logLik_mmrm"], abs=5e-8)
    assert fit.log_likelihood > TRIAL[structure]["logLik_gls"] - 1e-8


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR3"])
@pytest.mark.parametrize("structure", ["cs", "ar1"])
def test_empirical_covariances_are_those_of_club_sandwich(structure: str, kind: str) -> None:
    """Standard errors and degrees of freedom 1e-5 relative (the covariance is that of gls)."""
    fit = _fit(structure, df="satterthwaite", variance=kind)
    expected = DENSE["club_sandwich"][structure][kind]
    np.testing.assert_allclose(_in_order(fit, "se"), expected["se"], rtol=1e-5)
    np.testing.assert_allclose(_in_order(fit, "df"), expected["df"], rtol=1e-5)


def test_club_sandwich_has_another_root_in_cr2() -> None:
    """(I - H)^(-1/2) has many roots; SAS (ROOT), mmrm and we take the principal one, clubSandwich another."""
    fit = _fit("ar1", df="satterthwaite", variance="CR2")
    expected = DENSE["club_sandwich"]["ar1"]["CR2"]
    np.testing.assert_allclose(_in_order(fit, "se"), expected["se"], rtol=5e-3)
    np.testing.assert_allclose(_in_order(fit, "df"), expected["df"], rtol=2e-2)

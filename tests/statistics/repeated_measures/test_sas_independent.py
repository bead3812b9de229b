"""Fits of the FEV data agree with SAS 9.4 PROC MIXED, from its listings and from numbers that mmrm's tests quote.

SAS stops when its convergence criterion falls below 1e-8, ours at rounding: our likelihood is never below that of
SAS, and where they differ in the sixth decimal, standard errors and degrees of freedom differ in the fourth digit.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures.likelihood import evaluate
from equipoise.statistics.repeated_measures.structures import build_structure

SAS = json.loads((Path(__file__).parents[2] / "references" / "sas_fev.json").read_text())
NUMBER = r"-?[\d.]+"


@pytest.fixture(scope="module")
def fev(shared: Path) -> pl.DataFrame:
    return pl.read_csv(shared / "data" / "fev_mmrm" / "fev_data.csv")


def _name(case: dict[str, Any]) -> str:
    how = "" if "reml" not in case else "-reml" if case["reml"] else "-ml"
    return case["structure"] + how + "".join(f"-{option}" for option in ("group", "weights") if option in case)


def _numbers(listing: str, pattern: str) -> list[float]:
    found = re.search(pattern, listing)
    assert found is not None, pattern
    return [float(part) for part in found.groups()]


@pytest.mark.parametrize("case", SAS["likelihood"], ids=_name)
def test_the_likelihood_is_that_of_sas_or_better(fev: pl.DataFrame, case: dict[str, Any]) -> None:
    """Minus twice the log-likelihood within 2e-5 and not above; standard error 1e-4, intercept within 1e-3."""
    fit = mmrm(
        "FEV1 ~ 1",
        fev,
        subject="USUBJID",
        visit="VISITN" if case["structure"] == "sp_exp" else "AVISIT",
        covariance=case["structure"],
        reml=case["reml"],
        df="satterthwaite",
        group=case.get("group"),
        weights=case.get("weights"),
    )
    deviance = -2.0 * fit.log_likelihood
    printed = 5e-5 if case["structure"] == "ad" else 1e-8
    assert -2e-5 < deviance - case["deviance"] < printed
    assert fit.coefficients["se"][0] == pytest.approx(case["se"], abs=1e-4)
    assert fit.coefficients["estimate"][0] == pytest.approx(case["estimate"], abs=1e-3)


@pytest.mark.parametrize("case", SAS["kenward_roger"], ids=_name)
def test_first_order_kenward_roger_is_that_of_sas(fev: pl.DataFrame, case: dict[str, Any]) -> None:
    """Standard error 2e-4 and degrees of freedom 5e-4 relative; 1e-6 where SAS converged (ar1, cs)."""
    fit = mmrm("FEV1 ~ ARMCD", fev, subject="USUBJID", visit="AVISIT", covariance=case["structure"])
    loose = case["structure"] not in ("ar1", "cs")
    assert fit.coefficients["se"][1] == pytest.approx(case["se"], rel=2e-4 if loose else 1e-6)
    assert fit.coefficients["df"][1] == pytest.approx(case["df"], rel=5e-4 if loose else 1e-6)


@pytest.mark.parametrize("case", SAS["empirical"], ids=_name)
def test_the_empirical_variance_is_that_of_sas(fev: pl.DataFrame, case: dict[str, Any]) -> None:
    """Variances 1e-4 relative, as they follow from covariances that SAS iterated to 1e-8 only."""
    fit = mmrm(
        "FEV1 ~ ARMCD",
        fev,
        subject="USUBJID",
        visit="AVISIT",
        covariance=case["structure"],
        df="residual",
        variance="CR0",
        weights=case.get("weights"),
    )
    assert fit.coefficients["se"][0] ** 2 == pytest.approx(case["intercept"], rel=1e-4)
    assert fit.coefficients["se"][1] ** 2 == pytest.approx(case["contrast"], rel=1e-4)


def test_the_unstructured_listing_is_met_at_the_digits_printed(fev: pl.DataFrame, shared: Path) -> None:
    listing = (shared / "reference" / "sas_fev" / "sas_coef_ci_reml_un.txt").read_text()
    fit = mmrm(
        "FEV1 ~ ARMCD + SEX",
        fev,
        subject="USUBJID",
        visit="AVISIT",
        df="satterthwaite",
        reference={"SEX": "Male"},
    )
    rows = {row["term"]: row for row in fit.coefficients.iter_rows(named=True)}
    line = rf"\s+({NUMBER})\s+({NUMBER})\s+(\d+)\s+({NUMBER})\s+\S+\s+{NUMBER}\s+({NUMBER})\s+({NUMBER})"
    for term, start in (
        ("Intercept", "Intercept"),
        ("ARMCD[T.TRT]", "ARMCD +TRT"),
        ("SEX[T.Female]", "SEX +Female"),
    ):
        estimate, se, df, t, lower, upper = _numbers(listing, start + line)
        row = rows[term]
        # the estimates of SAS are 0.001 standard errors away from the maximum, see the next test
        assert row["estimate"] == pytest.approx(estimate, abs=6e-4)
        assert row["se"] == pytest.approx(se, abs=1.01e-4)
        assert round(row["df"]) == df
        assert row["t"] == pytest.approx(t, abs=0.0101)
        assert (row["lower"], row["upper"]) == pytest.approx((lower, upper), abs=8e-4)
    for row in fit.type_three().iter_rows(named=True):
        test = rf"{row['term']}\s+(1)\s+(\d+)\s+({NUMBER})\s+({NUMBER})\s"
        number, df, _, f = _numbers(listing, test)
        assert (row["df"], round(row["df_residual"])) == (number, df)
        assert row["f"] == pytest.approx(f, abs=0.0051)
    assert -2.0 * fit.log_likelihood == pytest.approx(_numbers(listing, rf"\s3\s+1\s+({NUMBER})")[0], abs=1e-5)
    assert fit.aic == pytest.approx(_numbers(listing, rf"AIC .*?({NUMBER})\n")[0], abs=0.051)
    assert fit.aicc == pytest.approx(_numbers(listing, rf"AICC .*?({NUMBER})\n")[0], abs=0.051)


def test_our_likelihood_at_the_covariance_that_sas_prints_is_the_one_sas_prints(
    fev: pl.DataFrame, shared: Path
) -> None:
    """So that the last decimals of SAS are its convergence criterion, and not another model."""
    listing = (shared / "reference" / "sas_fev" / "sas_coef_ci_reml_un.txt").read_text()
    fit = mmrm("FEV1 ~ ARMCD + SEX", fev, subject="USUBJID", visit="AVISIT", reference={"SEX": "Male"})
    printed = [float(value) for value in re.findall(rf"UN\(\d,\d\)\s+USUBJID\s+({NUMBER})", listing)]
    sums = fit._measured.sums
    point = evaluate(sums, build_structure("us", 4), np.array(printed) / sums.scale**2, reml=True)
    assert point is not None
    assert point.deviance == pytest.approx(_numbers(listing, rf"\s3\s+1\s+({NUMBER})")[0], abs=1e-6)
    assert point.deviance > -2.0 * fit.log_likelihood
    found = fit.covariance.drop("AVISIT").to_numpy()[np.tril_indices(4)]
    np.testing.assert_allclose(found, printed, atol=0.02)


def test_sas_counts_participants_without_a_value_in_its_criterion(fev: pl.DataFrame, shared: Path) -> None:
    """BIC: SAS takes the 200 participants of the data, we take the 197 that were measured, as R's mmrm does."""
    listing = (shared / "reference" / "sas_fev" / "sas_coef_ci_reml_un.txt").read_text()
    fit = mmrm("FEV1 ~ ARMCD + SEX", fev, subject="USUBJID", visit="AVISIT")
    assert fit.participants == 197
    with_all = fit.bic + fit.parameters * np.log(200 / 197)
    assert with_all == pytest.approx(_numbers(listing, rf"BIC .*?({NUMBER})\n")[0], abs=0.051)


@pytest.mark.parametrize(("structure", "last"), [("csh", 4), ("ar1", 3)])
def test_the_listings_of_simple_structures_are_met_at_the_digits_printed(
    fev: pl.DataFrame, shared: Path, structure: str, last: int
) -> None:
    listing = (shared / "reference" / "sas_fev" / f"sas_{structure}_reml.txt").read_text()
    fit = mmrm("FEV1 ~ 1", fev, subject="USUBJID", visit="AVISIT", covariance=structure, df="satterthwaite")
    estimate, se, df, t = _numbers(listing, rf"Intercept\s+({NUMBER})\s+({NUMBER})\s+(\d+)\s+({NUMBER})")
    row = fit.coefficients.row(0, named=True)
    assert row["estimate"] == pytest.approx(estimate, abs=7e-5)
    assert row["se"] == pytest.approx(se, abs=5.1e-5)
    assert round(row["df"]) == df
    assert row["t"] == pytest.approx(t, abs=0.0051)
    deviance = _numbers(listing, rf"\s{last}\s+1\s+({NUMBER})\s+0\.00000000")[0]
    assert -2.0 * fit.log_likelihood == pytest.approx(deviance, abs=1e-8)
    for name, value in (("AIC", fit.aic), ("AICC", fit.aicc)):
        assert value == pytest.approx(_numbers(listing, rf"{name} .*?({NUMBER})\n")[0], abs=0.051)
    sigma = fit.covariance.drop("AVISIT").to_numpy()
    if structure == "csh":
        sd = np.sqrt(np.diag(sigma))
        for place in range(4):
            variance = _numbers(listing, rf"Var\({place + 1}\)\s+USUBJID\s+({NUMBER})")[0]
            assert sigma[place, place] == pytest.approx(variance, abs=6e-3)
        rho = _numbers(listing, rf"CSH\s+USUBJID\s+({NUMBER})")[0]
        assert sigma[0, 1] / sd[0] / sd[1] == pytest.approx(rho, abs=5.1e-5)
    else:
        assert sigma[0, 0] == pytest.approx(_numbers(listing, rf"Residual\s+({NUMBER})")[0], abs=2e-4)
        assert sigma[0, 1] / sigma[0, 0] == pytest.approx(
            _numbers(listing, rf"AR\(1\)\s+USUBJID\s+({NUMBER})")[0], abs=5.1e-5
        )

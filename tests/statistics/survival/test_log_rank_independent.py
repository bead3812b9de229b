"""Log-rank tests agree with R survival 3.5 and sums written out in R (references/r/survival.R), to 1e-9."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.survival import log_rank

ARMS = pl.Enum(["Placebo", "Low", "High"])
TRIAL72: dict[str, dict[str, Any]] = {
    "three_arm": {},
    "three_arm_stratified_STRATUM": {"strata": "STRATUM"},
    "three_arm_stratified_SITE": {"strata": "SITE"},
    "peto_peto_rho1": {"rho": 1},
    "rho0.5": {"rho": 0.5},
}


@pytest.fixture(scope="module")
def trial72(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    reference = json.loads((references / "core_trial72.json").read_text())
    return dict(reference["survival"]["days"]["logrank"])


@pytest.fixture(scope="module")
def tied(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "survival.out.json").read_text()))


@pytest.mark.parametrize("name", TRIAL72)
def test_three_arms(name: str, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    found = log_rank(trial72, "TTRDY", "EVENT", "ARM", **TRIAL72[name])
    reference = expected[name]
    assert found.chi2 == pytest.approx(reference["chisq"], rel=1e-9)
    assert found.df == reference["df"]
    assert found.p == pytest.approx(reference["p"], rel=1e-9)
    np.testing.assert_allclose(found.table["observed"], reference["observed"], rtol=1e-9)
    np.testing.assert_allclose(found.table["expected"], reference["expected"], rtol=1e-9)
    np.testing.assert_allclose(found.covariance, reference["var"], rtol=1e-9)


@pytest.mark.parametrize("arm", ["Low", "High"])
@pytest.mark.parametrize("strata", [None, "STRATUM"])
def test_two_arms(arm: str, strata: str | None, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    two = trial72.filter(pl.col("ARM").is_in(["Placebo", arm]))
    reference = expected[f"{arm}_vs_Placebo" + (f"_stratified_{strata}" if strata else "")]
    found = log_rank(two, "TTRDY", "EVENT", "ARM", strata=strata)
    assert (found.chi2, found.p) == pytest.approx((reference["chisq"], reference["p"]), rel=1e-9)


def test_trend(trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    test = log_rank(trial72, "TTRDY", "EVENT", "ARM").trend({"Placebo": 0, "Low": 1, "High": 2})
    reference = expected["trend_scores_0_1_2"]
    assert (test.chi2, test.p) == pytest.approx((reference["chisq"], reference["p"]), rel=1e-9)


WEIGHTS: dict[str, dict[str, Any]] = {
    "gehan-breslow": {"weights": "gehan-breslow"},
    "tarone-ware": {"weights": "tarone-ware"},
    "peto-peto": {"weights": "peto-peto"},
    "modified-peto-peto": {"weights": "modified-peto-peto"},
    "fh_0_1": {"gamma": 1},
    "fh_1_1": {"rho": 1, "gamma": 1},
    "fh_0.5_2": {"rho": 0.5, "gamma": 2},
}


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("strata", ["plain", "strata"])
def test_weights(name: str, strata: str, tied: dict[str, Any]) -> None:
    data = pl.DataFrame(tied["data"]).with_columns(pl.col("arm").cast(ARMS))
    found = log_rank(data, "time", "event", "arm", strata="site" if strata == "strata" else None, **WEIGHTS[name])
    reference = tied["tests"][strata][name]
    assert found.chi2 == pytest.approx(reference["chisq"], rel=1e-9)
    np.testing.assert_allclose(found.table["observed"], reference["observed"], rtol=1e-9)
    np.testing.assert_allclose(found.table["expected"], reference["expected"], rtol=1e-9)
    np.testing.assert_allclose(found.covariance, reference["variance"], rtol=1e-9)


SURVDIFF: dict[str, dict[str, Any]] = {
    "plain": {},
    "strata": {"strata": "site"},
    "rho": {"rho": 1},
    "rho_strata": {"rho": 0.7, "strata": "site"},
}


@pytest.mark.parametrize("name", SURVDIFF)
def test_heavily_tied_times(name: str, tied: dict[str, Any]) -> None:
    data = pl.DataFrame(tied["data"]).with_columns(pl.col("arm").cast(ARMS))
    found = log_rank(data, "time", "event", "arm", **SURVDIFF[name])
    assert found.chi2 == pytest.approx(tied["survdiff"][name]["chisq"], rel=1e-9)
    np.testing.assert_allclose(found.covariance, tied["survdiff"][name]["variance"], rtol=1e-9)

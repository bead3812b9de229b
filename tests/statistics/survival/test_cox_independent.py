"""Cox regressions agree with R survival 3.5 (core_trial72.json to 1e-6; references/r/survival.R to 1e-8)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.survival import cox

ARMS = pl.Enum(["Placebo", "Low", "High"])
TIES = ("efron", "breslow", "exact")


@pytest.fixture(scope="module")
def trial72(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    reference = json.loads((references / "core_trial72.json").read_text())
    return dict(reference["survival"]["days"]["cox"])


@pytest.fixture(scope="module")
def tied(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "survival.out.json").read_text()))


MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "arm": ("ARM", {}),
    "arm_base": ("ARM + BASE", {}),
    "arm_base_strata": ("ARM + BASE", {"strata": "STRATUM"}),
}


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("model", MODELS)
def test_trial72(ties: Any, model: str, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    formula, options = MODELS[model]
    reference = expected[ties][model]
    fit = cox(formula, trial72, time="TTRDY", event="EVENT", ties=ties, **options)
    table, ratios = reference["coef"], reference["hr"]
    for ours, theirs in {"estimate": "coef", "se": "se(coef)", "z": "z", "p": "Pr(>|z|)"}.items():
        np.testing.assert_allclose(fit.coefficients[ours], [row[theirs] for row in table], rtol=1e-6)
    for ours, theirs in {"hazard_ratio": "exp(coef)", "lower": "lower .95", "upper": "upper .95"}.items():
        np.testing.assert_allclose(fit.coefficients[ours], [row[theirs] for row in ratios], rtol=1e-6)
    np.testing.assert_allclose(fit.covariance, reference["vcov"], rtol=1e-6)
    likelihoods = (fit.log_likelihood_null, fit.log_likelihood)
    assert likelihoods == pytest.approx(tuple(reference["loglik_null_model"]), rel=1e-9)
    tests = {row["test"]: row for row in fit.tests.to_dicts()}
    for ours, theirs in {"likelihood ratio": "lr", "score": "score"}.items():
        assert tests[ours]["chi2"] == pytest.approx(reference[theirs]["test"], rel=1e-8)
        assert tests[ours]["df"] == reference[theirs]["df"]
        assert tests[ours]["p"] == pytest.approx(reference[theirs]["pvalue"], rel=1e-8)
    # R's summary rounds the Wald statistic to two decimals
    assert tests["wald"]["chi2"] == pytest.approx(reference["wald"]["test"], abs=0.005)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("model", MODELS)
def test_robust_by_site(ties: Any, model: str, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    formula, options = MODELS[model]
    fit = cox(formula, trial72, time="TTRDY", event="EVENT", ties=ties, cluster="SITE", **options)
    reference = expected[ties][model]["robust_se_cluster_SITE"]
    np.testing.assert_allclose(fit.coefficients["se"], list(reference.values()), rtol=1e-8)


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("arm + age + marker", {}),
    "strata": ("arm + age + marker", {"strata": "site"}),
    "entry": ("arm + age + marker", {"entry": "entry"}),
    "entry_strata": ("arm + age + marker", {"entry": "entry", "strata": "site"}),
    "interaction": ("arm*age", {}),
    "robust": ("arm + age + marker", {"robust": True}),
    "cluster": ("arm + age + marker", {"cluster": "id"}),
    "cluster_entry_strata": ("arm + age + marker", {"entry": "entry", "strata": "site", "cluster": "id"}),
}


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("case", CASES)
def test_heavily_tied_times(ties: Any, case: str, tied: dict[str, Any]) -> None:
    if case not in tied["cox"][ties]:
        pytest.skip("R has no robust variance with exact ties")
    data = pl.DataFrame(tied["data"]).with_columns(pl.col("arm").cast(ARMS))
    formula, options = CASES[case]
    fit = cox(formula, data, time="time", event="event", ties=ties, **options)
    reference = tied["cox"][ties][case]
    np.testing.assert_allclose(fit.coefficients["estimate"], reference["coef"], rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, reference["vcov"], rtol=1e-7, atol=1e-12)
    assert (fit.log_likelihood_null, fit.log_likelihood) == pytest.approx(tuple(reference["loglik"]), rel=1e-11)
    chi2 = dict(zip(fit.tests["test"], fit.tests["chi2"], strict=True))
    assert chi2["wald"] == pytest.approx(reference["wald"], rel=1e-8)
    if "naive" in reference:
        np.testing.assert_allclose(fit.model_covariance, reference["naive"], rtol=1e-7, atol=1e-12)
    else:
        assert chi2["score"] == pytest.approx(reference["score"], rel=1e-8)


def test_lifelines_agrees_on_continuous_times() -> None:
    from lifelines import CoxPHFitter

    rng = np.random.default_rng(7)
    n = 400
    data = pl.DataFrame({"a": rng.normal(size=n), "b": rng.integers(0, 2, n), "event": rng.integers(0, 2, n)})
    data = data.with_columns(time=rng.exponential(size=n) * np.exp(-0.5 * data["a"].to_numpy()))
    other = CoxPHFitter().fit(_pandas(data), "time", "event")
    fit = cox(["a", "b"], data, time="time", event="event")
    np.testing.assert_allclose(fit.coefficients["estimate"], other.params_.to_numpy(), rtol=1e-5)
    np.testing.assert_allclose(fit.coefficients["se"], other.standard_errors_.to_numpy(), rtol=1e-5)


def _pandas(data: pl.DataFrame) -> Any:
    import pandas as pd

    return pd.DataFrame(data.to_dict(as_series=False))

"""Three trials with dropout and gaps agree with R's nlme::gls, restricted and full likelihood."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equipoise.statistics.replicates.repeated_measures import MmrmReplicates, replicate_mmrm

REFERENCE = json.loads((Path(__file__).parents[3] / "references" / "r" / "replicates_mmrm.out.json").read_text())
VISITS = 4


def _fit_all(**options: Any) -> MmrmReplicates:
    """Fit intercept, baseline and two arms by visit, two sites in common; all coefficients."""
    outcome = np.array([trial["y"] for trial in REFERENCE], dtype=float)
    base, arm, site = (np.array([trial[name] for trial in REFERENCE]) for name in ("base", "arm", "site"))
    columns = [np.ones(base.shape), base, arm == 1, arm == 2, site == 1, site == 2]
    covariates = np.stack(columns, axis=2).astype(float)
    by_visit = [True, True, True, True, False, False]
    return replicate_mmrm(outcome, covariates, by_visit, np.eye(4 * VISITS + 2), df="satterthwaite", **options)


def _in_order(terms: list[str], values: list[float]) -> list[float]:
    """Put R's coefficients in our order: by visit within a column, sites last."""
    named = dict(zip(terms, values, strict=True))
    ours = [f"when{visit + 1}{column}" for column in ("", ":base", ":arm1", ":arm2") for visit in range(VISITS)]
    return [named[term] for term in [*ours, "site1", "site2"]]


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_replicates_are_those_of_gls(method: str) -> None:
    """Log-likelihood 1e-6 absolute; estimates 1e-3 standard errors and these 1e-3, as gls stops early."""
    fits = _fit_all(reml=method == "REML")
    assert fits.converged.all()
    for trial, reference in enumerate(REFERENCE):
        expected = reference[method]
        assert fits.log_likelihood[trial] == pytest.approx(expected["log_likelihood"], abs=1e-6)
        se = np.array(_in_order(expected["terms"], expected["se"]))
        estimate = np.array(_in_order(expected["terms"], expected["estimate"]))
        assert np.abs((fits.estimate[trial] - estimate) / se).max() < 1e-3
        np.testing.assert_allclose(fits.se[trial], se, rtol=1e-3)

"""Every replicate is what the single fit gives, whatever is missing and whoever is beside it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.repeated_measures import MmrmFit
from equipoise.statistics.replicates.repeated_measures import MmrmReplicates, replicate_mmrm

SHAPES: dict[str, dict[str, Any]] = {
    "monotone": {"participants": 60, "visits": 4, "dropout": 0.4, "gaps": 0.0},
    "monotone, sites": {"participants": 60, "visits": 4, "sites": 3, "dropout": 0.4, "gaps": 0.0},
    "complete": {"participants": 40, "visits": 3, "sites": 2, "dropout": 0.0, "gaps": 0.0},
    "gaps": {"participants": 50, "visits": 3, "arms": 2, "gaps": 0.1},
    "many gaps, sites": {"participants": 80, "visits": 6, "sites": 6, "dropout": 0.3, "gaps": 0.2},
    "ten visits": {"participants": 72, "visits": 10, "sites": 4},
    "two visits": {"participants": 30, "visits": 2, "arms": 2, "gaps": 0.1},
    "one visit": {"participants": 30, "visits": 1, "sites": 2, "gaps": 0.1},
}
METHODS: list[dict[str, Any]] = [
    {"df": "kenward-roger"},
    {"df": "satterthwaite"},
    {"df": "residual"},
    {"df": "satterthwaite", "reml": False},
]


def _some_contrasts(by_visit: np.ndarray[Any, Any], visits: int) -> np.ndarray[Any, Any]:
    """Coefficients of the last visit, the last common one, and a mixture of all."""
    size = int(np.where(by_visit, visits, 1).sum())
    rows = [np.eye(size)[visits * (column + 1) - 1] for column in range(int(by_visit.sum()))]
    return np.array([*rows, np.eye(size)[-1], np.linspace(-1.0, 2.0, size)])


def _compare(fits: MmrmReplicates, trial: int, rows: np.ndarray[Any, Any], fit: MmrmFit) -> None:
    """Everything 1e-8 relative; estimates relative to their standard errors."""
    table = fit._estimate(rows, 0.95)
    assert fits.converged[trial]
    assert fits.log_likelihood[trial] == pytest.approx(fit.log_likelihood, rel=1e-10)
    scale = np.maximum(np.abs(table["estimate"].to_numpy()), table["se"].to_numpy())
    np.testing.assert_allclose(fits.estimate[trial] / scale, table["estimate"].to_numpy() / scale, atol=1e-8)
    for column in ("se", "df", "p"):
        np.testing.assert_allclose(
            getattr(fits, column)[trial], table[column].to_numpy(), rtol=1e-8, err_msg=column
        )
    vcov = fit.vcov.drop("term").to_numpy()
    np.testing.assert_allclose(
        fits.covariance_of_contrasts[trial], rows @ vcov @ rows.T, rtol=1e-8, atol=1e-9 * float(np.abs(vcov).max())
    )
    sigma = fit.covariance.drop("VISIT").to_numpy()
    np.testing.assert_allclose(fits.sigma[trial], sigma, rtol=1e-8, atol=1e-9 * float(sigma.max()))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: "-".join(map(str, method.values())))
@pytest.mark.parametrize("shape", SHAPES)
def test_a_replicate_is_the_single_fit(
    shape: str, method: dict[str, Any], draw: Any, single: Callable[..., MmrmFit]
) -> None:
    outcome, covariates, by_visit = draw(2, **SHAPES[shape])
    rows = _some_contrasts(by_visit, outcome.shape[2])
    fits = replicate_mmrm(outcome, covariates, by_visit, rows, **method)
    for trial in range(2):
        _compare(fits, trial, rows, single(outcome[trial], covariates[trial], by_visit, **method))

"""Residuals and predictions follow from coefficients and covariance by direct calculation."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from equipoise.errors import DataError
from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures import MmrmFit


@pytest.fixture(scope="module")
def trial(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_long.csv")


@pytest.fixture(scope="module")
def fit(trial: pl.DataFrame) -> MmrmFit:
    return mmrm("CHG ~ BASE + ARM * VISIT", trial, subject="USUBJID", visit="VISIT")


def _covariance(fit: MmrmFit) -> np.ndarray:
    return fit.covariance.drop("VISIT").to_numpy()


def test_residuals_are_what_the_coefficients_leave(fit: MmrmFit, trial: pl.DataFrame) -> None:
    table = fit.residuals
    assert table.height == fit.observations
    rows = trial[table["row"].cast(pl.UInt32)]
    np.testing.assert_array_equal(table["observed"].to_numpy(), rows["CHG"].to_numpy())
    unconditional = fit.predict(rows, conditional=False)
    np.testing.assert_allclose(
        table["fitted"].to_numpy(), unconditional["estimate"].to_numpy(), rtol=1e-9, atol=1e-9
    )
    sd = dict(zip(fit.covariance["VISIT"], np.sqrt(np.diag(_covariance(fit))), strict=True))
    scaled = (table["observed"] - table["fitted"]).to_numpy() / np.array([sd[visit] for visit in rows["VISIT"]])
    np.testing.assert_allclose(table["standardised"].to_numpy(), scaled, rtol=1e-9, atol=1e-9)


def test_whitened_residuals_sum_to_the_quadratic_form_of_each_participant(
    fit: MmrmFit, trial: pl.DataFrame
) -> None:
    table = fit.residuals
    rows = trial[table["row"].cast(pl.UInt32)]
    joined = table.with_columns(rows["USUBJID"], rows["VISIT"])
    visits = fit.covariance["VISIT"].to_list()
    for _, own in list(joined.group_by("USUBJID"))[:10]:
        at = [visits.index(visit) for visit in own["VISIT"]]
        sigma = _covariance(fit)[np.ix_(at, at)]
        residual = own["residual"].to_numpy()
        expected = residual @ np.linalg.solve(sigma, residual)
        assert (own["whitened"] ** 2).sum() == pytest.approx(expected, rel=1e-8)


def test_a_missing_value_is_predicted_from_the_values_that_are_there(fit: MmrmFit, trial: pl.DataFrame) -> None:
    own = trial.filter(pl.col("USUBJID") == "T72-006")
    assert own["CHG"].null_count() > 0
    plain = fit.predict(own, conditional=False)["estimate"].to_numpy()
    predicted = fit.predict(own)
    value = own["CHG"].cast(pl.Float64).to_numpy()
    known = np.isfinite(value)
    sigma = _covariance(fit)
    weights = np.linalg.solve(sigma[np.ix_(known, known)], value[known] - plain[known])
    np.testing.assert_allclose(
        predicted["estimate"].to_numpy()[~known], plain[~known] + sigma[np.ix_(~known, known)] @ weights, rtol=1e-9
    )
    np.testing.assert_allclose(predicted["estimate"].to_numpy()[known], value[known], rtol=1e-9)
    np.testing.assert_allclose(predicted["sd"].to_numpy()[known], 0.0, atol=1e-4)
    schur = sigma[np.ix_(~known, ~known)] - sigma[np.ix_(~known, known)] @ np.linalg.solve(
        sigma[np.ix_(known, known)], sigma[np.ix_(known, ~known)]
    )
    np.testing.assert_allclose(predicted["sd"].to_numpy()[~known] ** 2, np.diag(schur), rtol=1e-8)


def test_without_conditioning_the_standard_error_is_that_of_the_mean(fit: MmrmFit) -> None:
    means = fit.means("ARM", by="VISIT", at={"BASE": 200.0})
    rows = means.select("ARM", "VISIT").with_columns(
        BASE=pl.lit(200.0), USUBJID=pl.col("ARM").cast(pl.String), CHG=pl.lit(None, dtype=pl.Float64)
    )
    predicted = fit.predict(rows, conditional=False)
    np.testing.assert_allclose(predicted["estimate"].to_numpy(), means["estimate"].to_numpy(), rtol=1e-9)
    np.testing.assert_allclose(predicted["se"].to_numpy(), means["se"].to_numpy(), rtol=1e-9)


def test_a_visit_that_the_model_has_not_is_refused(fit: MmrmFit, trial: pl.DataFrame) -> None:
    with pytest.raises(DataError, match=r"VISIT has no level of that name.*Got W97"):
        fit.predict(trial.head(1).with_columns(VISIT=pl.lit("W97")))

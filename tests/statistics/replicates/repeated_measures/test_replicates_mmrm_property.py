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
NUMBERS = ("estimate", "se", "df", "t", "p", "covariance_of_contrasts", "log_likelihood", "sigma")


def _some_contrasts(by_visit: np.ndarray[Any, Any], visits: int) -> np.ndarray[Any, Any]:
    """Coefficients of the last visit, the last one of all, and a mixture of all."""
    size = int(np.where(by_visit, visits, 1).sum())
    rows = [np.eye(size)[visits * (column + 1) - 1] for column in range(int(by_visit.sum()))]
    return np.array([*rows, np.eye(size)[-1], np.linspace(-1.0, 2.0, size)])


def _compare(fits: MmrmReplicates, trial: int, rows: np.ndarray[Any, Any], fit: MmrmFit) -> None:
    """Everything 1e-8 relative; estimates relative to their standard errors where these are larger."""
    table = fit._estimate(rows, 0.95)
    assert fits.converged[trial]
    assert fits.log_likelihood[trial] == pytest.approx(fit.log_likelihood, rel=1e-10)
    scale = np.maximum(np.abs(table["estimate"].to_numpy()), table["se"].to_numpy())
    np.testing.assert_allclose(fits.estimate[trial] / scale, table["estimate"].to_numpy() / scale, atol=1e-8)
    for name in ("se", "df", "p"):
        np.testing.assert_allclose(getattr(fits, name)[trial], table[name].to_numpy(), rtol=1e-8, err_msg=name)
    vcov = fit.vcov.drop("term").to_numpy()
    np.testing.assert_allclose(
        fits.covariance_of_contrasts[trial], rows @ vcov @ rows.T, rtol=1e-8, atol=1e-9 * float(np.abs(vcov).max())
    )
    sigma = fit.covariance.drop("VISIT").to_numpy()
    np.testing.assert_allclose(fits.sigma[trial], sigma, rtol=1e-8, atol=1e-9 * float(sigma.max()))


def _assert_lost(fits: MmrmReplicates, trial: int) -> None:
    assert not fits.converged[trial]
    for name in NUMBERS:
        assert np.isnan(getattr(fits, name)[trial]).all(), name


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


def test_any_pattern_of_missing_values_converges(draw: Any, single: Callable[..., MmrmFit]) -> None:
    """A third of all values missing at random, the first visit too."""
    outcome, covariates, by_visit = draw(3, 70, 5, arms=2, dropout=0.0, gaps=0.33, seed=4)
    rows = _some_contrasts(by_visit, 5)
    fits = replicate_mmrm(outcome, covariates, by_visit, rows)
    for trial in range(3):
        _compare(fits, trial, rows, single(outcome[trial], covariates[trial], by_visit))


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_a_replicate_has_the_same_bytes_alone_and_beside_others(df: Any, draw: Any) -> None:
    outcome, covariates, by_visit = draw(40, 40, 5, sites=3, gaps=0.05)
    rows = _some_contrasts(by_visit, 5)
    whole = replicate_mmrm(outcome, covariates, by_visit, rows, df=df)
    for part in (slice(0, 1), slice(1, 18), slice(18, 40)):
        some = replicate_mmrm(outcome[part], covariates[part], by_visit, rows, df=df)
        for name in (*NUMBERS, "converged"):
            np.testing.assert_array_equal(getattr(whole, name)[part], getattr(some, name), err_msg=name)


def test_order_scale_and_centre_do_not_matter(draw: Any) -> None:
    """1e-9 relative, for participants in another order, outcomes in other units, and a baseline about 0."""
    outcome, covariates, by_visit = draw(4, 50, 4, sites=2, gaps=0.05)
    row = np.zeros((1, 4 * int(by_visit.sum()) + 1))
    row[0, 11] = 1.0
    first = replicate_mmrm(outcome, covariates, by_visit, row)
    order = np.random.default_rng(2).permutation(50)
    centred = covariates[:, order].copy()
    centred[:, :, 1] = 10.0 * (centred[:, :, 1] - 180.0)
    other = replicate_mmrm(1e6 * (outcome[:, order] + 3e3), centred, by_visit, row)
    np.testing.assert_allclose(other.estimate, 1e6 * first.estimate, rtol=1e-9)
    np.testing.assert_allclose(other.se, 1e6 * first.se, rtol=1e-9)
    np.testing.assert_allclose(other.df, first.df, rtol=1e-9)


def test_whoever_does_not_count_might_not_be_there(draw: Any) -> None:
    """Left out, without any outcome, or without a covariate: 1e-9 relative to the trial without them."""
    outcome, covariates, by_visit = draw(3, 60, 4, sites=2)
    rows = _some_contrasts(by_visit, 4)
    kept = np.ones((3, 60), dtype=bool)
    kept[:, :5] = False
    outcome[:, 5:9] = np.nan
    covariates[:, 9, 1] = np.nan
    fits = replicate_mmrm(outcome, covariates, by_visit, rows, participants=kept)
    without = replicate_mmrm(outcome[:, 10:], covariates[:, 10:], by_visit, rows)
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(fits, name), getattr(without, name), rtol=1e-9, err_msg=name)


def test_a_site_that_lost_everybody_leaves_the_model(draw: Any, single: Callable[..., MmrmFit]) -> None:
    """The others are as fitted without its column; what weighs it is not a number."""
    outcome, covariates, by_visit = draw(2, 50, 3, sites=3)
    outcome[0, covariates[0, :, 5] == 1.0] = np.nan
    rows = np.eye(14)[[11, 12, 13]]
    fits = replicate_mmrm(outcome, covariates, by_visit, rows)
    assert fits.converged.all()
    assert np.isnan(fits.estimate[0, 2])
    assert np.isnan(fits.covariance_of_contrasts[0, 2]).all()
    assert np.isfinite(fits.estimate[1]).all()
    fit = single(outcome[0], covariates[0, :, :5], by_visit[:5])
    table = fit._estimate(np.eye(13)[[11, 12]], 0.95)
    np.testing.assert_allclose(fits.se[0, :2], table["se"].to_numpy(), rtol=1e-8)
    assert fits.log_likelihood[0] == pytest.approx(fit.log_likelihood, rel=1e-10)


def test_what_the_single_fit_refuses_is_not_a_number(draw: Any, single: Callable[..., MmrmFit]) -> None:
    """Each trial spoilt in its own way, alone or beside others; the last is fitted all the same."""
    outcome, covariates, by_visit = draw(7, 40, 4, sites=2, gaps=0.0)
    covariates[0, :, 4] = covariates[0, :, 2]  # a site that is an arm
    covariates[1, :, 3] = 1.0 - covariates[1, :, 2]  # arms that add up to the constant
    outcome[2, :, 3] = outcome[2, :, 2]  # visits that repeat each other
    outcome[3, 20:, 0], outcome[3, :20, 1] = np.nan, np.nan  # visits never seen together
    outcome[4, covariates[4, :, 2] == 1.0, 3] = np.nan  # an arm without anybody at the last visit
    outcome[5, 6:] = np.nan  # too few participants
    rows = _some_contrasts(by_visit, 4)
    fits = replicate_mmrm(outcome, covariates, by_visit, rows)
    for trial in range(6):
        _assert_lost(fits, trial)
        for df in METHODS[:2]:
            _assert_lost(replicate_mmrm(outcome[trial, None], covariates[trial, None], by_visit, rows, **df), 0)
        with pytest.raises(EstimationFailed):
            single(outcome[trial], covariates[trial], by_visit)
    _compare(fits, 6, rows, single(outcome[6], covariates[6], by_visit))


def test_each_trial_may_have_contrasts_of_its_own_and_covariates_may_be_shared(draw: Any) -> None:
    outcome, covariates, by_visit = draw(3, 40, 3, arms=2)
    rows = np.random.default_rng(3).normal(size=(3, 2, 9))
    shared = replicate_mmrm(outcome, covariates[0], by_visit, rows)
    for trial in range(3):
        alone = replicate_mmrm(outcome[trial : trial + 1], covariates[:1], by_visit, rows[trial])
        np.testing.assert_allclose(shared.estimate[trial], alone.estimate[0], rtol=1e-10)


def test_size_and_coverage_without_an_effect(draw: Any) -> None:
    """1,000 trials: 5% of p below 0.05 within three Monte Carlo errors, and the limits leave out 0 as often."""
    outcome, covariates, by_visit = draw(1000, 40, 3, arms=2, dropout=0.3, gaps=0.0, seed=11)
    row = np.zeros((1, 9))
    row[0, 8] = 1.0
    fits = replicate_mmrm(outcome, covariates, by_visit, row)
    assert fits.converged.all()
    rejected = fits.p[:, 0] < 0.05
    assert rejected.mean() == pytest.approx(0.05, abs=3.0 * np.sqrt(0.05 * 0.95 / 1000))
    lower, upper = fits.limits()
    np.testing.assert_array_equal((lower > 0.0) | (upper < 0.0), rejected[:, None])


BAD: list[tuple[dict[str, Any], str]] = [
    ({"outcome": np.zeros((2, 10))}, "trials x participants x visits"),
    ({"outcome": np.full((2, 20, 3), np.inf)}, "outcomes must be finite"),
    ({"covariates": np.zeros((2, 19, 4))}, "covariates must be 2 trials x 20"),
    ({"covariates": np.full((2, 20, 4), np.inf)}, "covariates must be finite"),
    ({"by_visit": [True, True]}, "for each of 4 covariates"),
    ({"by_visit": [1, 1, 1, 1]}, "True"),
    ({"by_visit": [False] * 4}, "at least must have a coefficient for every visit"),
    ({"contrasts": np.zeros((1, 5))}, "rows of 12 weights"),
    ({"contrasts": np.full((1, 12), np.nan)}, "weights of a contrast must be finite"),
    ({"df": "between-within"}, "must be one of"),
    ({"reml": False}, "needs restricted likelihood"),
    ({"participants": np.ones((2, 20))}, "participants must be True"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_bad_input_is_refused_in_a_sentence(change: dict[str, Any], sentence: str, draw: Any) -> None:
    outcome, covariates, by_visit = draw(2, 20, 3)
    good = {"outcome": outcome, "covariates": covariates, "by_visit": by_visit, "contrasts": np.eye(12)[:1]}
    with pytest.raises(DataError, match=sentence):
        replicate_mmrm(**{**good, **change})

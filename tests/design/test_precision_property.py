"""Precision is that of least squares at one visit, else Lu, Luo and Chen's; simulated fits agree with it."""

import numpy as np
import pytest

from equipoise.design.models.measurements import residual_covariance
from equipoise.design.plan import model_of
from equipoise.design.precision import expected_precision
from equipoise.design.procedure import Procedure
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.replicates.repeated_measures import replicate_mmrm
from equipoise.statistics.sample_size import ar1_covariance
from equipoise.statistics.sample_size.mmrm import contrast_variance

from .trials import small_trial, three_visits

ALLOCATION = np.array([0.5, 0.3, 0.2])
STAY = (0.95, 0.88, 0.8)


def monotone(stay: tuple[float, ...]) -> tuple[Floats, Floats]:
    visits = len(stay)
    return np.vstack([np.zeros(visits), np.tri(visits)]), -np.diff([1.0, *stay, 0.0])


def test_one_visit_is_least_squares_on_those_seen() -> None:
    known = expected_precision(
        ALLOCATION, np.full((3, 1, 1), 4.0), np.array([[1.0], [0.0]]), np.tile([0.8, 0.2], (3, 1)), 0
    )
    assert known.true_first == pytest.approx(4.0 / (0.8 * ALLOCATION), rel=1e-12)
    assert known.model_first == pytest.approx(known.true_first, rel=1e-12)
    # the expectation of 1 / n for a binomial n of mean m and share seen p: (1 + (1 - p) / m) / m
    assert known.true_second == pytest.approx(4.0 * 0.2 / (0.8 * ALLOCATION) ** 2, rel=1e-12)
    assert known.df_rate == pytest.approx([0.8, 0.8], rel=1e-12)
    assert known.common == pytest.approx(1.0)


def test_arms_that_differ_at_one_visit_have_their_own_variance_and_the_pooled_estimate() -> None:
    variances = np.array([1.0, 4.0, 9.0])
    known = expected_precision(ALLOCATION, variances[:, None, None], np.ones((1, 1)), np.ones((3, 1)), 0)
    assert known.true_first == pytest.approx(variances / ALLOCATION)
    assert known.model_first == pytest.approx(float(ALLOCATION @ variances) / ALLOCATION)


def test_separate_variances_have_the_degrees_of_freedom_of_welch() -> None:
    variances = np.array([1.0, 4.0, 9.0])
    known = expected_precision(
        ALLOCATION, variances[:, None, None], np.ones((1, 1)), np.ones((3, 1)), 0, separate=True
    )
    terms = variances / ALLOCATION
    expected = [(terms[0] + terms[k]) ** 2 / (terms[0] ** 2 / 0.5 + terms[k] ** 2 / ALLOCATION[k]) for k in (1, 2)]
    assert known.df_rate == pytest.approx(expected, rel=1e-12)


def test_monotone_missing_values_are_those_of_lu_luo_and_chen() -> None:
    covariance, (patterns, shares) = ar1_covariance(3.0, 0.7, 3), monotone(STAY)
    known = expected_precision(ALLOCATION, np.stack([covariance] * 3), patterns, np.tile(shares, (3, 1)), 2)
    expected = contrast_variance(covariance, np.array(STAY), np.array([0.0, 0.0, 1.0]))
    assert known.true_first * ALLOCATION == pytest.approx([expected] * 3, rel=1e-12)


def test_with_everyone_seen_the_last_visit_stands_alone() -> None:
    covariance = ar1_covariance(3.0, 0.7, 4)
    known = expected_precision(ALLOCATION, np.stack([covariance] * 3), np.ones((1, 4)), np.ones((3, 1)), 3)
    assert known.true_first == pytest.approx(9.0 / ALLOCATION)
    assert known.true_second == pytest.approx([0.0] * 3, abs=1e-9)
    assert known.df_rate == pytest.approx([1.0, 1.0])


def test_correction_adds_what_no_correction_takes_off() -> None:
    covariance, (patterns, shares) = ar1_covariance(3.0, 0.7, 3), monotone(STAY)
    given = (ALLOCATION, np.stack([covariance] * 3), patterns, np.tile(shares, (3, 1)), 2)
    corrected, plain = expected_precision(*given), expected_precision(*given, corrected=False)
    growth = (corrected.model_second - plain.model_second) / 2
    assert (growth > 0).all()
    assert corrected.model_second == pytest.approx(corrected.true_second)
    assert plain.true_second == pytest.approx(corrected.true_second)


def test_a_slope_for_each_visit_leaves_the_conditional_covariance() -> None:
    trial = small_trial("mmrm")
    moments = three_visits([0.0])
    from equipoise.design.models.compared import compare_arms

    compared = compare_arms(trial, trial.estimands["primary"], moments.arms)
    given = residual_covariance(compared, moments.covariance, "each visit")
    whole = moments.covariance[0]
    expected = whole[1:, 1:] - np.outer(whole[1:, 0], whole[0, 1:]) / whole[0, 0]
    assert given == pytest.approx(np.stack([expected] * 2))
    one = residual_covariance(compared, moments.covariance, "one")
    assert (np.linalg.eigvalsh(one[0] - expected) > -1e-12).all()


@pytest.mark.parametrize(("size", "effects", "trials"), [(72, (0.75, 0.5), 4000), (510, (0.28, 0.2), 2000)])
def test_simulated_mmrm_has_the_power_that_is_calculated(
    size: int, effects: tuple[float, float], trials: int
) -> None:
    # 24 and 170 an arm; three Monte Carlo errors are at most 0.024 and 0.034
    trial = small_trial("mmrm", doses=2, size=size)
    moments = three_visits(effects, stay=STAY)
    model = model_of(trial, trial.analyses["mmrm"], moments)  # type: ignore[arg-type]
    expected = model.at(size)
    power = Procedure("none", 0.05, 2).power(expected)
    rng = np.random.default_rng(5)
    root = np.linalg.cholesky(moments.covariance[0])
    arm = np.arange(size) % 3
    shown, df = [], []
    contrasts = np.zeros((2, 12))
    contrasts[[0, 1], [5, 8]] = 1.0
    for _ in range(trials // 500):
        values = rng.standard_normal((500, size, 4)) @ root.T
        outcome = values[..., 1:] + moments.means[arm]
        last = rng.choice(4, (500, size), p=moments.shares[0])
        outcome[np.arange(3) >= last[..., None]] = np.nan
        columns = [np.ones((500, size)), *(np.broadcast_to(arm == k, (500, size)) for k in (1, 2)), values[..., 0]]
        fit = replicate_mmrm(outcome, np.stack(columns, axis=-1).astype(float), np.ones(4, dtype=bool), contrasts)
        shown.append(fit.t > -t_quantile(np.full(fit.df.shape, 0.025), fit.df))
        df.append(fit.df)
    found = np.concatenate(shown).mean(axis=0)
    error = np.sqrt(found * (1 - found) / trials)
    assert (np.abs(found - power.each) < 3 * error).all(), (found, power.each)
    assert np.concatenate(df).mean() == pytest.approx(expected.common_df, rel=0.02)

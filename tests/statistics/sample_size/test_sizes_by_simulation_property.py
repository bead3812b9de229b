"""Power that is promised is power that simulated trials have; seeded, so each run draws the same trials."""

import numpy as np
import pytest
from scipy import special

from equipoise.statistics.sample_size import (
    ar1_covariance,
    event_probability,
    power_cochran_armitage,
    power_dunnett,
    power_equivalence,
    power_log_rank,
    power_mmrm,
    power_negative_binomial,
    power_ordinal,
    power_t_test,
)

TRIALS = 20_000


def agrees(rejected: float, power: float, *, more: float = 0.0, trials: int = TRIALS) -> bool:
    """Four Monte Carlo standard errors, and `more` where the power is an approximation."""
    return abs(rejected - power) < 4 * np.sqrt(power * (1 - power) / trials) + more


def test_welch_and_equivalence() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(1, 1, (TRIALS, 8)), rng.normal(0, 2, (TRIALS, 20))
    v, w = x.var(1, ddof=1) / 8, y.var(1, ddof=1) / 20
    df = (v + w) ** 2 / (v**2 / 7 + w**2 / 19)
    rejected = np.mean(x.mean(1) - y.mean(1) > special.stdtrit(df, 0.975) * np.sqrt(v + w))
    assert agrees(rejected, power_t_test(1, 1, sd_control=2, n=(8, 20), method="welch").power)
    a, b = rng.normal(0.1, 1, (TRIALS, 25)), rng.normal(0, 1, (TRIALS, 25))
    half = special.stdtrit(48, 0.95) * np.sqrt((a.var(1, ddof=1) + b.var(1, ddof=1)) / 25)
    difference = a.mean(1) - b.mean(1)
    inside = np.mean((difference - half > -0.6) & (difference + half < 0.6))
    assert agrees(inside, power_equivalence(0.1, lower=-0.6, upper=0.6, n=50).power)


def test_dunnett_step_down_for_two_doses_of_72_participants() -> None:
    rng = np.random.default_rng(2)
    planned = power_dunnett(0.8, shape=(0.6, 1.0), n=72, step="down")
    means = rng.normal([0, 0.48, 0.8], 24**-0.5, (TRIALS, 3))
    s = np.sqrt(rng.chisquare(69, TRIALS) / 69)
    t = (means[:, 1:] - means[:, :1]) / (s * np.sqrt(2 / 24))[:, None]
    one, two = planned.critical
    high, low = np.abs(t).max(1), np.abs(t).min(1)
    shown = ((high > two)[:, None]) & ((np.abs(t) == high[:, None]) | (low > one)[:, None]) & (t > 0)
    for found, power in zip(shown.mean(0), planned.each_dose, strict=True):
        assert agrees(found, power)
    assert agrees(shown.any(1).mean(), planned.any_dose)
    assert agrees(shown.all(1).mean(), planned.all_doses)


def test_repeated_measures_with_dropout_without_the_formula() -> None:
    # each trial: means by generalised least squares over the participants as they dropped out, covariance known
    rng = np.random.default_rng(3)
    trials, n, visits = 4_000, 40, 4
    covariance = ar1_covariance(1.0, 0.6, visits)
    retention = np.array([1.0, 0.9, 0.75, 0.6])
    seen = np.rint(n * retention).astype(int)
    inverse = {j: np.linalg.inv(covariance[:j, :j]) for j in range(1, visits + 1)}
    last = np.array([np.sum(person < seen) for person in range(n)])
    root = np.linalg.cholesky(covariance)
    estimates = []
    for effect in (0.7, 0.0):
        values = rng.standard_normal((trials, n, visits)) @ root.T
        values[:, :, -1] += effect
        information, score = np.zeros((visits, visits)), np.zeros((trials, visits))
        for person in range(n):
            j = last[person]
            information[:j, :j] += inverse[j]
            score[:, :j] += values[:, person, :j] @ inverse[j]
        estimates.append((np.linalg.solve(information, score.T)[-1], np.linalg.inv(information)[-1, -1]))
    (treated, v), (control, w) = estimates
    rejected = np.mean(treated - control > 1.959964 * np.sqrt(v + w))
    planned = power_mmrm(0.7, covariance=covariance, retention=retention, n=2 * n)
    assert agrees(rejected, planned.power, trials=trials)


def test_log_rank_under_accrual_and_dropout() -> None:
    rng = np.random.default_rng(4)
    trials, n, duration = 2_000, 150, 24.0
    planned = power_log_rank(0.6, control_hazard=0.08, accrual=12, duration=duration, dropout=0.02, n=2 * n)
    hazard = np.repeat([0.048, 0.08], n)
    entry = rng.uniform(0, 12, (trials, 2 * n))
    event, loss = rng.exponential(1 / hazard, (trials, 2 * n)), rng.exponential(50.0, (trials, 2 * n))
    time = np.minimum(np.minimum(event, loss), duration - entry)
    died = event == time
    for arm, rate in ((slice(0, n), 0.048), (slice(n, None), 0.08)):
        share = event_probability(duration, rate, accrual=12, dropout=0.02)
        assert agrees(died[:, arm].mean(), share, trials=trials * n)
    order = np.argsort(time, axis=1)
    treated = order < n
    at_risk = np.cumsum(treated[:, ::-1], axis=1)[:, ::-1]
    share = at_risk / np.arange(2 * n, 0, -1)
    sorted_died = np.take_along_axis(died, order, axis=1)
    u = ((share - treated) * sorted_died).sum(1)
    z = u / np.sqrt((share * (1 - share) * sorted_died).sum(1))
    assert agrees(np.mean(z > 1.959964), planned.power, trials=trials, more=0.01)


def test_ordered_categories_trend_and_rates() -> None:
    rng = np.random.default_rng(5)
    a, b = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.25, 0.3, 0.25, 0.2])
    x, y = rng.multinomial(60, a, TRIALS), rng.multinomial(60, b, TRIALS)
    u = (x * (np.cumsum(y, 1) - y / 2)).sum(1) - 1800
    ties = ((x + y) ** 3 - (x + y)).sum(1) / (120 * 119)
    z = u / np.sqrt(3600 / 12 * (121 - ties))
    assert agrees(np.mean(z > 1.959964), power_ordinal(a, b, n=120).power, more=0.01)
    p, d = np.array([0.2, 0.3, 0.4]), np.array([-1.0, 0.0, 1.0])
    events = rng.binomial(50, p, (TRIALS, 3))
    pooled = events.sum(1) / 150
    z = events @ d / np.sqrt(pooled * (1 - pooled) * 100)
    assert agrees(np.mean(z > 1.959964), power_cochran_armitage(p, n=150).power, more=0.01)
    counts = [rng.poisson(rng.gamma(2.0, rate / 2.0, (TRIALS, 150))) for rate in (1.05, 1.5)]
    mean = [c.mean(1) for c in counts]
    z = np.log(mean[1] / mean[0]) / np.sqrt(sum((1 / m + 0.5) / 150 for m in mean))
    planned = power_negative_binomial(0.7, control_rate=1.5, dispersion=0.5, n=300, null_variance="true")
    assert agrees(np.mean(z > 1.959964), planned.power, more=0.01)


def test_power_at_no_effect_is_the_level() -> None:
    assert power_t_test(0, n=60, strict=True).power == pytest.approx(0.05, abs=1e-12)
    assert power_dunnett(0.0, n=72, alpha=0.025, sides=1, step="down").power == pytest.approx(0.025, abs=1e-10)
    assert power_log_rank(1.0, control_hazard=0.1, accrual=5, duration=9, n=90).power == pytest.approx(0.025)

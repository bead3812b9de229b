"""Size of tests that know the scheme or not, by simulation under the null hypothesis.

Outcomes are normal with variance 1 around a mean that depends on the levels of the factors and drifts over the
order of entry, and not on the arm. Tests of no difference between the arms: F of the arm alone (with two arms
the t test), with the strata, with the strata and the order of entry (analysis of covariance), and the
re-randomisation test by the method itself. Stratified or restricted schemes make a test that ignores them
conservative where what they balance matters (Kahan and Morris, Statistics in Medicine 2012;31:328-340); a trend
in time does the same to tests that leave it out. Each size comes with its Monte Carlo standard error.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.randomisation.schemes import Scheme
from equipoise.randomisation.sequences import redraw_of
from equipoise.randomisation.strata import Integers, combine_levels
from equipoise.statistics.distributions import Floats, f_upper_p
from equipoise.statistics.permutation import compare_arms, mean_scores, permutation_test

ANALYSES = ("arm alone", "with strata", "with strata and entry", "re-randomisation")


@dataclass(frozen=True)
class AnalysisSize:
    """Share of `trials` in which a test rejects at the level asked for, and its Monte Carlo standard error."""

    analysis: str
    size: float
    error: float
    trials: int


def draw_null_outcomes(rng: np.random.Generator, levels: Integers, trend: float, effect: float) -> Floats:
    """Draw outcomes that no arm changes, T x n, standard deviation 1.

    `trend`: rise of the mean from the first to the last entry; `effect`: of each factor, from its lowest to its
    highest level.
    """
    trials, n, k = levels.shape
    mean = np.broadcast_to(trend * np.linspace(-0.5, 0.5, n), (trials, n)).copy()
    for factor in range(k):
        mean += effect * levels[:, :, factor] / max(1, int(levels[:, :, factor].max(initial=0)))
    return mean + rng.standard_normal((trials, n))


def simulate_analysis_sizes(
    scheme: Scheme,
    allocation: Integers,
    levels: Integers,
    rng: np.random.Generator,
    *,
    trend: float = 1.0,
    effect: float = 1.0,
    alpha: float = 0.05,
    retests: int = 0,
    redraws: int = 199,
) -> tuple[AnalysisSize, ...]:
    """Simulate the size of the tests for allocations drawn by `scheme`, T x n, with factors `levels`, T x n x k.

    `trend` and `effect` (in standard deviations) as in `draw_null_outcomes`. The re-randomisation test is done
    in the first `retests` trials, with `redraws` allocations each; alpha (redraws + 1) should be whole.
    """
    outcomes = draw_null_outcomes(rng, levels, trend, effect)
    strata, count = combine_levels(levels)
    members = (strata[:, :, None] == np.arange(count)).astype(float)
    entry = np.broadcast_to(np.linspace(-0.5, 0.5, strata.shape[1]), strata.shape)[:, :, None]
    arms = (allocation[:, :, None] == np.arange(1, scheme.arms)).astype(float)
    covariates = (np.ones_like(entry), members, np.concatenate([members, entry], axis=2))
    sizes = [
        _size(test, f_test_of_arms(outcomes, arms, columns) <= alpha)
        for test, columns in zip(ANALYSES[:3], covariates, strict=True)
    ]
    if retests:
        sizes.append(
            _size(ANALYSES[3], _retest(scheme, allocation, levels, outcomes, rng, retests, redraws) <= alpha)
        )
    return tuple(sizes)


def f_test_of_arms(outcomes: Floats, arms: Floats, covariates: Floats) -> Floats:
    """Find the p of the F test of the arms in each of T trials.

    `outcomes` T x n; `arms` T x n x (arms - 1), indicators; `covariates` T x n x q, with the constant in their
    span. Columns that repeat others or are empty count nothing.
    """
    gram = np.einsum("tnq,tnr->tqr", covariates, covariates)
    both = np.concatenate([arms, outcomes[:, :, None]], axis=2)
    left = both - covariates @ (
        np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ np.einsum("tnq,tnr->tqr", covariates, both)
    )
    x, y = left[:, :, :-1], left[:, :, -1]
    inner = np.einsum("tnq,tnr->tqr", x, x)
    moment = np.einsum("tnq,tn->tq", x, y)
    explained = np.einsum("tq,tqr,tr->t", moment, np.linalg.pinv(inner, rcond=1e-10, hermitian=True), moment)
    df1 = np.linalg.matrix_rank(inner, hermitian=True, tol=1e-8).astype(float)
    df2 = outcomes.shape[1] - np.linalg.matrix_rank(gram, hermitian=True) - df1
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (explained / df1) / (((y**2).sum(axis=1) - explained) / df2)
    p = np.ones(outcomes.shape[0])
    usable = (df1 > 0) & (df2 > 0)
    for first, second in {(a, b) for a, b in zip(df1[usable], df2[usable], strict=True)}:
        which = usable & (df1 == first) & (df2 == second)
        p[which] = f_upper_p(statistic[which], float(first), float(second))
    return p


def _retest(
    scheme: Scheme,
    allocation: Integers,
    levels: Integers,
    outcomes: Floats,
    rng: np.random.Generator,
    retests: int,
    redraws: int,
) -> Floats:
    names = list(range(scheme.arms))
    return np.array(
        [
            permutation_test(
                compare_arms(mean_scores(outcomes[trial]), names),
                allocation[trial],
                redraw_of(scheme, levels[trial]),
                rng,
                draws=redraws,
            ).p
            for trial in range(min(retests, allocation.shape[0]))
        ]
    )


def _size(test: str, rejected: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> AnalysisSize:
    share = float(rejected.mean())
    return AnalysisSize(test, share, float(np.sqrt(share * (1.0 - share) / rejected.size)), int(rejected.size))

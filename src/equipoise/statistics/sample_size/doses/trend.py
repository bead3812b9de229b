"""Trend of proportions over doses by the Cochran-Armitage test.

With scores d centred at their weighted mean, U = sum n_i p_i (d_i - mean), variance p q sum n_i (d_i - mean)^2
under the hypothesis and sum n_i p_i q_i (d_i - mean)^2 otherwise: power = Phi((|U| - c - z root(V0)) / root(V1)),
c half the spacing of equally spaced doses for the continuity correction, else 0. Source: Nam, Biometrics
1987;43:701-5. Checked against the manual of R TrialSize (its example 11.5), a program in R and simulation.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, normal_upper_p
from equipoise.statistics.sample_size.doses.contrast import read_allocation
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_share,
    solve,
)


def power_cochran_armitage(
    proportions: Sequence[float] | None = None,
    *,
    doses: Sequence[float] | None = None,
    control: float | None = None,
    slope: float | None = None,
    n: float | tuple[float, ...] | None = None,
    power: float | None = None,
    allocation: Literal["equal", "sqrt"] | Sequence[float] = "equal",
    correction: bool = False,
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "above",
) -> SampleSize:
    """Relate sample size, power and trend of the proportions (0-1) of control and k doses.

    Give `proportions` (control first), or `control` and the `slope` of the log odds per unit of `doses` (default
    0, 1, 2, ...); left open, the slope is the effect that is found. In the result `effect` is the slope, or for
    `proportions` the difference between the last and the first. `allocation` as in `power_dunnett`; `correction`
    needs equally spaced doses. Raises `DataError` for values out of range, `EstimationFailed` where no answer
    exists.
    """
    require_one_of("direction", direction, Direction)
    if (proportions is None) == (control is None):
        raise DataError("give proportions, or control and the doses. Got both or neither")
    given = None if proportions is None else np.asarray(proportions, dtype=float)
    if given is not None:
        require_share("proportions", *np.atleast_1d(given))
    if doses is None:
        if given is None:
            raise DataError("doses must be given with control and slope. Got none")
        scores = np.arange(given.size, dtype=float)
    else:
        scores = np.asarray(doses, dtype=float)
    if control is not None:
        require_share("control", control)
    if scores.size < 2 or not np.all(np.diff(scores) > 0) or (given is not None and given.shape != scores.shape):
        raise DataError(f"doses must rise, one for each proportion. Got {scores.tolist()}")
    gap = float(scores[1] - scores[0])
    if correction and not np.allclose(np.diff(scores), gap):
        raise DataError(f"the continuity correction needs equally spaced doses. Got {scores.tolist()}")
    effect = slope if given is None else float(given[-1] - given[0])
    question = Question(n, power, effect, alpha, sides)

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        p = _logistic(control, effect, scores) if given is None else given
        counts = np.array(sizes)
        centred = scores - counts @ scores / counts.sum()
        pooled = float(counts @ p / counts.sum())
        trend = abs(float(counts @ (p * centred))) - (gap / 2.0 if correction else 0.0)
        null_sd = np.sqrt(pooled * (1.0 - pooled) * (counts @ centred**2))
        sd = np.sqrt(counts @ (p * (1.0 - p) * centred**2))
        return normal_upper_p(float((question.critical * null_sd - trend) / sd))

    return solve(
        question,
        curve,
        method=f"Cochran-Armitage trend test, {'with' if correction else 'no'} continuity correction",
        arms=("control", *(f"dose {one}" for one in range(1, scores.size))),
        allocation=read_allocation(allocation, scores.size - 1),
        fewest=float(scores.size),
        # beyond this all participants with a dose respond, or none
        farthest=(30.0 if direction == "above" else -30.0) / float(scores[-1] - scores[0]),
    )


def _logistic(control: float | None, slope: float, scores: Floats) -> Floats:
    assert control is not None
    p: Floats = 1.0 / (1.0 + (1.0 / control - 1.0) * np.exp(-slope * (scores - scores[0])))
    return p

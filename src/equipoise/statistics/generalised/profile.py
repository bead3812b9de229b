"""Profile-likelihood limits: where twice the fall of the maximised log-likelihood reaches the chi-square quantile.

For a linear function a of the coefficients, the log-likelihood is maximised over all else at a fixed value of a;
its derivative by that value is the Lagrange multiplier, so that Newton's method finds each limit (Venzon and
Moolgavkar, Applied Statistics 1988;37:87-94). Checked against R's `uniroot` on refits with an offset and against
`MASS::confint`.
"""

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats, chi2_quantile
from equipoise.statistics.generalised.likelihood import Likelihood, Maximum, climb, null_space

MOST_STEPS = 100


def profile_limits(
    likelihood: Likelihood, best: Maximum, row: Floats, *, level: float, scale: float = 1.0
) -> tuple[float, float]:
    """Find the limits at `level` of the linear function `row` (p) of the coefficients.

    `scale` is the dispersion that the log-likelihood is divided by. Raises `EstimationFailed` where a limit is
    not reached.
    """
    direction = likelihood.basis.back.T @ row
    target = best.log_likelihood - 0.5 * chi2_quantile(level, 1) * scale
    return _limit(likelihood, best, direction, target, -1.0), _limit(likelihood, best, direction, target, 1.0)


def _limit(likelihood: Likelihood, best: Maximum, direction: Floats, target: float, side: float) -> float:
    towards = np.linalg.solve(best.evaluation.information, direction)
    variance = float(direction @ towards)
    drop = best.log_likelihood - target
    value = shift = side * np.sqrt(2.0 * drop * variance)
    along = towards / variance
    free = null_space(direction[None, :])
    point = best.point
    held = 0.0
    for _ in range(MOST_STEPS):
        found = climb(likelihood, start=point + along * (value - held), directions=free)
        point, held = found.point, value
        slope = float(direction @ found.evaluation.gradient) / float(direction @ direction)
        if slope * side >= 0.0:
            break
        change = (found.log_likelihood - target) / slope
        value = held - float(np.clip(change, -4.0 * abs(shift), 4.0 * abs(shift)))
        if abs(value - held) <= 1e-10 * (abs(value) + abs(shift)):
            return float(direction @ best.point + value)
    raise EstimationFailed(
        "a profile-likelihood limit was not reached; use the Wald limits or penalised='firth'. "
        f"Got a search that stopped {abs(held) / abs(shift):.3g} Wald half-widths away"
    )

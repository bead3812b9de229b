"""Rectangle probabilities and equicoordinate quantiles of the multivariate normal and t distributions.

T = (Z + mean) / S with Z normal with a correlation matrix (it may be singular) and S an independent
sqrt(chi-square / df): the central, or Kshirsagar's noncentral, multivariate t; infinite df give the normal.
One-factor correlations (several arms against one control) are integrated in one dimension, all others over the
faces of the rectangle, with an error below 1e-9; only where those are too many (about 11 variables two-sided, 17
one-sided, both of full rank) a lattice takes over, with an error up to 1e-4. No random numbers. Definitions: Genz
and Bretz, Computation of Multivariate Normal and t Probabilities, Springer 2009. Checked against mvtnorm.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, normal_quantile, t_quantile
from equipoise.statistics.multivariate.chi import chi_nodes
from equipoise.statistics.multivariate.correlation import Correlation, read_correlation
from equipoise.statistics.multivariate.curve import FAR, Curve, curve_nodes, fit_curve
from equipoise.statistics.multivariate.faces import scaled_outside

NEAR_NOUGHT = 1e-10


def normal_rectangle(
    lower: ArrayLike, upper: ArrayLike, correlation: ArrayLike, *, mean: ArrayLike = 0.0
) -> float:
    """Probability that lower < X < upper for X normal with means `mean`, variances 1 and `correlation` (k x k).

    `lower`, `upper` (may be infinite) and `mean` are numbers or arrays of k. `DataError` for limits in the wrong
    order or not a number, or a matrix that is no correlation matrix.
    """
    return float(t_rectangles(lower, upper, correlation, np.inf, mean=mean)[0])


def normal_rectangles(
    lower: ArrayLike, upper: ArrayLike, correlation: ArrayLike, *, mean: ArrayLike = 0.0
) -> Floats:
    """Probabilities of many rectangles at once: limits and means n x k (or broadcast to it), n probabilities."""
    return t_rectangles(lower, upper, correlation, np.inf, mean=mean)


def t_rectangle(
    lower: ArrayLike, upper: ArrayLike, correlation: ArrayLike, df: float, *, mean: ArrayLike = 0.0
) -> float:
    """Probability that lower < T < upper for T multivariate t with `correlation` and `df` degrees of freedom.

    T = (Z + mean) / S: `mean` is Kshirsagar's noncentrality (`pmvt(delta=, type="Kshirsagar")`); for a shifted t
    move the limits. Arguments and errors as in `normal_rectangle`; `df` above 0, may be infinite.
    """
    return float(t_rectangles(lower, upper, correlation, df, mean=mean)[0])


def t_rectangles(
    lower: ArrayLike, upper: ArrayLike, correlation: ArrayLike, df: float, *, mean: ArrayLike = 0.0
) -> Floats:
    """Probabilities of many rectangles at once: limits and means n x k (or broadcast to it), n probabilities."""
    form = read_correlation(correlation)
    require_df(df)
    low, high, centre = (np.asarray(one, dtype=float) for one in (lower, upper, mean))
    try:
        low, high, centre, _ = np.broadcast_arrays(low, high, centre, np.zeros((1, form.size)))
    except ValueError:
        raise DataError(
            f"limits and means must be numbers or arrays of {form.size} columns. "
            f"Got shapes {low.shape}, {high.shape}, {centre.shape}"
        ) from None
    if np.isnan(low).any() or np.isnan(high).any() or not np.isfinite(centre).all():
        raise DataError("limits must be numbers, or infinite, and means finite. Got one that is not")
    if (low > high).any():
        raise DataError("a lower limit must not lie above its upper limit. Got one that does")
    return np.clip(1.0 - _outside(form, low, high, centre, df), 0.0, 1.0)


def t_maximum_p(statistics: ArrayLike, correlation: ArrayLike, df: float, *, two_sided: bool = True) -> Floats:
    """Probability that the largest of k central t statistics is at least each of `statistics` (any shape).

    The single-step adjusted p-value: P(max |T| >= |t|), or P(max T >= t) with `two_sided=False`. `correlation`
    (k x k) and `df` are those of T, `df` may be infinite (normal). Formed as an upper tail. `DataError`
    for statistics that are not finite, and as in `t_rectangle`.
    """
    form = read_correlation(correlation)
    require_df(df)
    value = np.asarray(statistics, dtype=float)
    if not np.isfinite(value).all():
        raise DataError("test statistics must be finite. Got one that is not")
    return _Maximum(form, df, two_sided).exceeds(np.abs(value) if two_sided else value)


def t_equicoordinate_quantile(level: float, correlation: ArrayLike, df: float, *, two_sided: bool = True) -> float:
    """Critical value c with P(max |T| <= c) = `level`, or P(max T <= c) with `two_sided=False`.

    T is central multivariate t with `correlation` (k x k) and `df` (may be infinite: normal). `level` at least 0.5
    and below 1, else `DataError`, as for a wrong matrix. The same as `qmvt(level, tail="both.tails")` of mvtnorm,
    or with `tail="lower.tail"`.
    """
    form = read_correlation(correlation)
    require_df(df)
    if not 0.5 <= level < 1.0:
        raise DataError(f"the level of a critical value must lie between 0.5 and 1; try 0.95. Got {level:g}")
    alpha = (1.0 - level) / (2.0 if two_sided else 1.0)
    least, most = -t_quantile(alpha, df), -t_quantile(alpha / form.size, df)
    if form.size == 1:
        return least
    maximum = _Maximum(form, df, two_sided)
    target = normal_quantile(1.0 - level)

    # on the scale of normal deviates the probability is close to a straight line in c
    def excess(critical: float) -> float:
        return normal_quantile(float(maximum.exceeds(np.array(critical), least))) - target

    if excess(least) <= 0.0:
        return least
    return float(optimize.brentq(excess, least, most + 1e-9, xtol=1e-12, rtol=1e-14))


def normal_equicoordinate_quantile(level: float, correlation: ArrayLike, *, two_sided: bool = True) -> float:
    """Critical value of the largest of k normal statistics: `t_equicoordinate_quantile` with infinite df."""
    return t_equicoordinate_quantile(level, correlation, np.inf, two_sided=two_sided)


def require_df(df: float) -> None:
    """Refuse degrees of freedom that are not above 0 (infinity is) with `DataError`."""
    if not df > 0:
        raise DataError(f"degrees of freedom must be above 0. Got {df:g}")


def _outside(form: Correlation, lower: Floats, upper: Floats, mean: Floats, df: float) -> Floats:
    if np.isinf(df):
        return form.outside(lower - mean, upper - mean)
    nodes, weights = chi_nodes(df)
    if mean.any() or form.loadings is not None or not form.few_faces(lower, upper):
        scale = nodes[:, None, None]
        rows = (-1, form.size)
        found = form.outside((scale * lower - mean).reshape(rows), (scale * upper - mean).reshape(rows))
        return weights @ found.reshape(nodes.size, -1)
    found = np.zeros(lower.shape[0])
    for row in range(lower.shape[0]):
        directions, offsets = form.constraints(lower[row : row + 1], upper[row : row + 1])
        if offsets.shape[1]:
            reach = max(float(np.abs(offsets).max()), 1.0)
            curve = scaled_outside(directions, offsets[0], max(float(nodes.min()), NEAR_NOUGHT / reach))
            found[row] = weights @ curve.at(nodes)
    return found


class _Maximum:
    """The largest of k t statistics: its upper tail for any critical value, from one integration where it can."""

    def __init__(self, form: Correlation, df: float, two_sided: bool) -> None:
        self.form, self.two_sided = form, two_sided
        self.nodes, self.weights = chi_nodes(df)
        self._curves: dict[float, Curve] = {}

    def exceeds(self, critical: Floats, least: float | None = None) -> Floats:
        """Probability that the maximum is at least `critical`, none of which will be below `least` in size."""
        scaled = critical[..., None] * self.nodes
        found = np.zeros(scaled.shape)
        for sign in (1.0, -1.0):
            chosen = (critical < 0.0) == (sign < 0.0)
            if chosen.any():
                low = float(np.abs(scaled[chosen]).min()) if least is None else least * float(self.nodes.min())
                found[chosen] = self._curve(sign, max(low, NEAR_NOUGHT)).at(np.abs(scaled[chosen]))
        return np.clip(found @ self.weights, 0.0, 1.0)

    def _curve(self, sign: float, lowest: float) -> Curve:
        if sign not in self._curves:
            limit = np.full((1, self.form.size), sign)
            below = -limit if self.two_sided else np.full_like(limit, -np.inf)
            if self.form.loadings is None and self.form.few_faces(below, limit):
                directions, offsets = self.form.constraints(below, limit)
                self._curves[sign] = scaled_outside(directions, offsets[0], lowest)
            else:
                scale = curve_nodes(lowest, FAR)[:, None]
                self._curves[sign] = fit_curve(lowest, self.form.outside(scale * below, scale * limit))
        return self._curves[sign]

"""The restricted mean survival time: the mean time free of the event up to a horizon tau.

RMST = area under the Kaplan-Meier curve from 0 to tau; var RMST = sum over event times t_i <= tau of
A_i^2 d_i / (n_i (n_i - d_i)), where A_i is the area from t_i to tau (Irwin 1949; Klein and Moeschberger 2003,
formula 4.5.2). Differences between arms are normal with the sum of the variances.
Checked against R survival 3.5 (`print(survfit, rmean=)`) and a program in R that sums the formula.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import normal_two_sided_p
from equipoise.statistics.frames import require_level
from equipoise.statistics.survival.kaplan_meier import kaplan_meier


@dataclass(frozen=True)
class RestrictedMean:
    """Restricted means to `tau`, in the unit of time.

    `means`: the column of arms, `estimate`, `se`, `lower`, `upper`. `differences`: `arm`, `versus`, `estimate`
    (arm minus versus), `se`, `z`, `p`, `lower`, `upper`; a row for each arm after the one compared with.
    """

    means: pl.DataFrame
    differences: pl.DataFrame
    tau: float
    level: float
    dropped: int


def restricted_mean(
    data: IntoFrame,
    time: str,
    event: str,
    tau: float,
    by: str | None = None,
    *,
    versus: object = None,
    level: float = 0.95,
) -> RestrictedMean:
    """Estimate the mean time free of the event up to `tau` (unit of `time`) in each level of `by`.

    `versus` is the arm that the others are compared with, the first unless given. Raises `DataError` for bad
    columns, a tau that is not above 0 or an unknown arm; `EstimationFailed` where an arm whose curve has not
    reached 0 is not followed up to tau, because the area beyond is unknown.
    """
    if not tau > 0 or not np.isfinite(tau):
        raise DataError(f"tau must be a time above 0. Got {tau:g}")
    z = critical_value(level)
    fit = kaplan_meier(data, time, event, by, level=level)
    labels = fit.summary[by] if by is not None else pl.Series("all", ["all"])
    estimates, errors = [], []
    for label in labels:
        curve = fit.curve.filter(pl.col(by) == label) if by is not None else fit.curve
        estimate, se = _area(curve, tau, f"{by} {label}" if by is not None else "the data")
        estimates.append(estimate)
        errors.append(se)
    mean, se_mean = np.array(estimates), np.array(errors)
    means = pl.DataFrame(
        [
            *([labels] if by is not None else []),
            pl.Series("estimate", mean),
            pl.Series("se", se_mean),
            pl.Series("lower", mean - z * se_mean),
            pl.Series("upper", mean + z * se_mean),
        ]
    )
    order = labels.to_list()
    control = 0 if versus is None else order.index(require_level(order, versus, by or "of arms"))
    others = [arm for arm in range(len(order)) if arm != control]
    difference = mean[others] - mean[control]
    se = np.hypot(se_mean[others], se_mean[control])
    if np.any(se == 0):
        raise EstimationFailed(
            f"the arms must have an event before tau for a difference to have a SE. Got tau {tau:g}"
        )
    differences = pl.DataFrame(
        [
            labels[others].alias("arm"),
            pl.Series("versus", [order[control]] * len(others), dtype=labels.dtype),
            pl.Series("estimate", difference),
            pl.Series("se", se),
            pl.Series("z", difference / se),
            pl.Series("p", normal_two_sided_p(difference / se)),
            pl.Series("lower", difference - z * se),
            pl.Series("upper", difference + z * se),
        ]
    )
    return RestrictedMean(means, differences, tau, level, fit.dropped)


def _area(curve: pl.DataFrame, tau: float, where: str) -> tuple[float, float]:
    last, survival = float(curve["time"][-1]), curve["survival"].to_numpy()
    if tau > last and survival[-1] > 0:
        raise EstimationFailed(
            f"{where} must be followed up to tau or to survival 0; choose tau at most {last:g}. Got tau {tau:g}"
        )
    rows = curve.filter((pl.col("time") <= tau) & (pl.col("events") > 0))
    time = np.r_[0.0, rows["time"].to_numpy(), tau]
    steps = np.r_[1.0, rows["survival"].to_numpy()] * np.diff(time)
    events, at_risk = rows["events"].to_numpy(), rows["at_risk"].to_numpy()
    beyond = np.cumsum(steps[::-1])[::-1][1:]
    left = at_risk - events
    # nobody left: no area beyond, no variance
    variance = np.where(left > 0, beyond**2 * events / (at_risk * np.maximum(left, 1)), 0.0)
    return float(steps.sum()), float(np.sqrt(variance.sum()))

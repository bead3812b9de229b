"""Standardised means: what the outcome would be on average if every participant had one arm (g-computation).

theta_a = mean over participants of mu(x_i with arm a). Variances of (theta_a):

- `ge`: J V J', J the derivative of theta by the coefficients, V the fit's covariance; the covariates are taken as
  given. Ge, Durham, Meyer, Xie and Thomas, Drug Information J 2011;45:481-93.
- `sandwich`: the empirical variance of the influence functions mu_a(x_i) - theta_a + J_a A^-1 s_i, so that the
  covariates are a sample too (M-estimation; Stefanski and Boos, The American Statistician 2002;56:29-38).
- `ye`: robust to a wrong model, for the participants as a sample and for simple or stratified randomisation: Ye,
  Bannick, Yi and Shao, Statistical Theory and Related Fields 2023;7:159-63. The variance of Y - mu_a within
  arm a is put together from its parts, that of mu_a taken over all participants (RobinCar's default);
  `ye residual` takes it from the residuals (beeca's default). `strata` subtracts what the randomisation balanced.

Checked against the formulas written out in R.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats, normal_two_sided_p
from equipoise.statistics.factors import Codes, code_strata
from equipoise.statistics.frames import require_columns
from equipoise.statistics.generalised.fit import GeneralisedFit, working_residuals
from equipoise.statistics.generalised.linear_predictor import choose_pairs
from equipoise.statistics.linear.grid import require_factor

Variance = Literal["ge", "sandwich", "ye", "ye residual"]


@dataclass(frozen=True, eq=False)
class StandardisedMeans:
    """Standardised means of each level of a factor and their covariance (levels x levels)."""

    levels: tuple[object, ...]
    estimate: Floats
    covariance: Floats


def estimate_standardised_means(
    fit: GeneralisedFit, factor: str, *, variance: Variance = "ye", strata: str | Sequence[str] | None = None
) -> StandardisedMeans:
    """Estimate the mean outcome, offset 0, with every participant at each level of `factor`.

    `strata` are columns of the data within whose combinations participants were randomised, for `ye`. Raises
    `DataError` for an unknown variance and where `ye` meets an offset, weights or (with `strata`) another
    variance; `EstimationFailed` where it meets an arm of one participant.
    """
    if variance not in get_args(Variance):
        raise DataError(f"variance must be one of {', '.join(get_args(Variance))}. Got {variance}")
    model = fit._model
    design = model.design
    require_factor(design, factor)
    levels = design.factors[factor]
    family = fit._likelihood.family
    predicted, slopes = [], []
    settings = {name: design.frame[name].to_list() for name in design.formula.columns}
    share = model.weights / model.weights.sum()
    for level in levels:
        rows = design.rows_at({**settings, factor: [level] * design.frame.height})
        mean = family.mean(rows @ fit._predictor.beta)
        predicted.append(mean)
        slopes.append((share * family.slope(mean)) @ rows)
    means, jacobian = np.column_stack(predicted), np.array(slopes)
    estimate = share @ means
    if variance in ("ye", "ye residual"):
        _require_plain(fit, variance)
        arm = np.array([levels.index(one) for one in settings[factor]], dtype=np.intp)
        means = means + _mean_residuals(model.response, means, arm)
        estimate = share @ means
        names = [strata] if isinstance(strata, str) else list(strata or ())
        require_columns(model.frame, names)
        groups = code_strata(model.frame, names).codes
        covariance = _ye(model.response, means, arm, groups, decomposed=variance == "ye")
    elif strata:
        raise DataError(f"strata of the randomisation go with variance ye. Got {variance}")
    elif variance == "ge":
        covariance = jacobian @ fit._predictor.vcov @ jacobian.T
    else:
        back = fit._likelihood.basis.back
        bread = back @ np.linalg.solve(fit._best.evaluation.information, back.T)
        residual, _ = working_residuals(fit._likelihood, fit._best)
        # a row of weight w stands for w participants, each with this influence on the means
        score = (design.matrix * (residual / share)[:, None]) @ bread @ jacobian.T
        influence = means - estimate + score
        covariance = (influence * (share / model.weights.sum())[:, None]).T @ influence
    return StandardisedMeans(levels, estimate, np.asarray(covariance, dtype=float))


def tabulate_standardised_means(
    found: StandardisedMeans, factor: str, column: pl.Series, name: str, level: float
) -> pl.DataFrame:
    """Table of the means: `factor`, `name`, se, lower, upper; limits on the scale of the mean."""
    half = critical_value(level) * np.sqrt(np.diagonal(found.covariance))
    return pl.DataFrame(
        [
            pl.Series(factor, list(found.levels), dtype=column.dtype),
            pl.Series(name, found.estimate),
            pl.Series("se", np.sqrt(np.diagonal(found.covariance))),
            pl.Series("lower", found.estimate - half),
            pl.Series("upper", found.estimate + half),
        ]
    )


def tabulate_standardised_effects(
    fit: GeneralisedFit,
    found: StandardisedMeans,
    factor: str,
    measures: Sequence[str],
    *,
    versus: object = None,
    pairwise: bool = False,
    level: float = 0.95,
) -> pl.DataFrame:
    """Table of effects: `factor`, versus, measure, estimate, se, z, p, lower, upper.

    `measures` are names that end in difference, ratio or odds_ratio; se, z and limits of ratios are found on the
    log scale, by the delta method, and the limits carried back.
    """
    design = fit._model.design
    critical = critical_value(level)
    column = design.frame[factor]
    rows = []
    for one, other in choose_pairs(design, factor, versus, pairwise):
        i, j = found.levels.index(one), found.levels.index(other)
        a, b = float(found.estimate[i]), float(found.estimate[j])
        block = found.covariance[np.ix_([i, j], [i, j])]
        for measure in measures:
            value, slope = _effect(measure, a, b)
            se = float(np.sqrt(slope @ block @ slope))
            if se == 0.0:
                raise EstimationFailed(
                    f"a standardised effect needs outcomes that vary. Got no variance of {one} versus {other}"
                )
            ends = (value, value - critical * se, value + critical * se)
            shown = ends if measure.endswith("difference") else tuple(float(np.exp(end)) for end in ends)
            rows.append(
                (one, other, measure, shown[0], se, value / se, normal_two_sided_p(value / se), *shown[1:])
            )
    labels = (factor, "versus")
    parts = list(zip(*rows, strict=True))
    names = ("measure", "estimate", "se", "z", "p", "lower", "upper")
    return pl.DataFrame(
        [pl.Series(name, parts[at], dtype=column.dtype) for at, name in enumerate(labels)]
        + [pl.Series(name, part) for name, part in zip(names, parts[2:], strict=True)]
    )


def _effect(measure: str, a: float, b: float) -> tuple[float, Floats]:
    if measure.endswith("difference"):
        return a - b, np.array([1.0, -1.0])
    if measure.endswith("odds_ratio"):
        value = np.log(a / (1.0 - a)) - np.log(b / (1.0 - b))
        return float(value), np.array([1.0 / (a * (1.0 - a)), -1.0 / (b * (1.0 - b))])
    return float(np.log(a / b)), np.array([1.0 / a, -1.0 / b])


def _require_plain(fit: GeneralisedFit, variance: str) -> None:
    if fit._model.has_offset or fit._model.design.weights is not None:
        raise DataError(
            f"variance {variance} needs one outcome a participant, without offset or weights; use sandwich. "
            f"Got a model with {'an offset' if fit._model.has_offset else 'weights'}"
        )


def _mean_residuals(y: Floats, means: Floats, arm: Codes) -> Floats:
    """Mean residual of each arm: 0 for a canonical link with the arm in the model, else what augments the mean."""
    arms = means.shape[1]
    size = np.bincount(arm, minlength=arms)
    if size.min() < 2:
        raise EstimationFailed(
            f"variance ye needs two participants in every arm; use sandwich. Got an arm of {size.min()}"
        )
    return np.bincount(arm, weights=y - means[np.arange(y.size), arm], minlength=arms) / size


def _ye(y: Floats, means: Floats, arm: Codes, strata: Codes, *, decomposed: bool) -> Floats:
    n, arms = means.shape
    share = np.bincount(arm, minlength=arms) / n
    spread = np.atleast_2d(np.cov(means, rowvar=False))
    # row a: the covariances within arm a of Y with each column of the means
    cross = np.array([np.cov(y[arm == a], means[arm == a], rowvar=False)[0, 1:] for a in range(arms)])
    residual = y - means[np.arange(n), arm]
    if decomposed:
        own = np.array([y[arm == a].var(ddof=1) for a in range(arms)])
        within = own - 2.0 * np.diagonal(cross) + np.diagonal(spread)
    else:
        within = np.array([residual[arm == a].var(ddof=1) for a in range(arms)])
    covariance = np.diag(within / share) + cross + cross.T - spread - _balanced(residual, arm, share, strata)
    return np.asarray(covariance / n, dtype=float)


def _balanced(residual: Floats, arm: Codes, share: Floats, strata: Codes) -> Floats:
    """Average over strata, by their size, of R (diag(pi) - pi pi') R, R the mean residuals over pi.

    Nothing for one stratum, whose mean residuals are 0.
    """
    arms, count = share.size, int(strata.max()) + 1
    cells = strata * arms + arm
    total = np.bincount(cells, weights=residual, minlength=count * arms).reshape(count, arms)
    size = np.bincount(cells, minlength=count * arms).reshape(count, arms)
    ratio = total / np.maximum(size, 1) / share
    omega = np.diag(share) - np.outer(share, share)
    return np.asarray(np.einsum("z,za,ab,zb->ab", size.sum(axis=1) / arm.size, ratio, omega, ratio), dtype=float)

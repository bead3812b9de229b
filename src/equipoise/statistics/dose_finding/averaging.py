"""Averages over dose-response models: by Akaike weights, and by the model chosen in each of many bootstrap draws.

Weights: w_m proportional to exp(-criterion_m / 2), the criterion AIC or gAIC; the averaged curve is sum w_m
f_m(d), its standard error sum w_m sqrt(var_m + (f_m - f)^2), the target dose sum w_m TD_m: Buckland, Burnham and
Augustin, Biometrics 1997;53:603-18. Bootstrap: draw the dose estimates from their normal distribution, fit every
model by generalised least squares, keep the one with the smallest gAIC; the curve is the median over the draws:
Pinheiro, Bornkamp, Glimm and Bretz, Statistics in Medicine 2014;33:1646-61; Schorning, Bornkamp, Bretz and Dette,
ibid. 2016;35:4021-40. As `selModel = "aveAIC"` and `maFitMod` of the R package DoseFinding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.linalg import solve_triangular

from equipoise.errors import DataError
from equipoise.statistics.confidence import critical_value, require_confidence
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.estimates import DoseEstimates
from equipoise.statistics.dose_finding.fits.curve import Curve
from equipoise.statistics.dose_finding.fits.fit import Bound, DoseResponseFit, require_bounds, require_doses_for
from equipoise.statistics.dose_finding.fits.search import Search
from equipoise.statistics.dose_finding.models.candidates import Direction
from equipoise.statistics.dose_finding.models.shapes import Shape, find_shape


@dataclass(frozen=True, eq=False)
class AveragedFit:
    """Fits averaged by Akaike weights: `table` has model, criterion, weight."""

    fits: tuple[DoseResponseFit, ...]
    weights: Floats
    table: pl.DataFrame

    def means(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Average the mean responses at `doses`: dose, estimate, se, lower, upper (normal interval at `level`)."""
        return self._average([fit.means(doses, level=level) for fit in self.fits], level)

    def effects(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Average the effects over dose 0 at `doses`: columns as in `means`."""
        return self._average([fit.effects(doses, level=level) for fit in self.fits], level)

    def target_dose(self, delta: float, direction: Direction = "increasing") -> float | None:
        """Average the target doses of the models; None where one of them has none."""
        return self._average_dose([fit.target_dose(delta, direction) for fit in self.fits])

    def effective_dose(self, share: float, direction: Direction | None = None) -> float | None:
        """Average the effective doses of the models; None where one of them has none."""
        return self._average_dose([fit.effective_dose(share, direction) for fit in self.fits])

    def _average_dose(self, found: Sequence[float | None]) -> float | None:
        known = [dose for dose in found if dose is not None]
        return float(self.weights @ np.array(known)) if len(known) == len(found) else None

    def _average(self, tables: Sequence[pl.DataFrame], level: float) -> pl.DataFrame:
        half = critical_value(level)
        estimate = np.stack([table["estimate"].to_numpy() for table in tables])
        mean = self.weights @ estimate
        result = pl.DataFrame({"dose": tables[0]["dose"], "estimate": mean})
        if any(table["se"].null_count() for table in tables):
            return result.with_columns(
                pl.lit(None, dtype=pl.Float64).alias(name) for name in ("se", "lower", "upper")
            )
        se = np.stack([table["se"].to_numpy() for table in tables])
        spread = self.weights @ np.sqrt(se**2 + (estimate - mean) ** 2)
        return result.with_columns(
            se=pl.Series(spread), lower=pl.Series(mean - half * spread), upper=pl.Series(mean + half * spread)
        )


def average_fits(fits: Sequence[DoseResponseFit]) -> AveragedFit:
    """Average fits of different models to the same data by Akaike weights.

    Raises `DataError` for no fits, and for fits to participants and to estimates together.
    """
    if not fits or len({fit.aic is None for fit in fits}) > 1 or len({fit.observations for fit in fits}) > 1:
        raise DataError(f"an average needs one or more fits, all to the same data. Got {len(fits)}")
    criterion = np.array([fit.criterion for fit in fits])
    weights = np.exp(-0.5 * (criterion - criterion.min()))
    weights /= weights.sum()
    names = [fit.model for fit in fits]
    return AveragedFit(
        tuple(fits), weights, pl.DataFrame({"model": names, "criterion": criterion, "weight": weights})
    )


@dataclass(frozen=True, eq=False)
class BootstrapFit:
    """Dose response averaged over bootstrap draws.

    `selected`: model, share of the draws in which it was chosen. The curves of all draws are kept.
    """

    draws: int
    selected: pl.DataFrame
    _curves: tuple[Curve, ...]
    _placebo: Floats

    def means(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Summarise the means at `doses`: dose, estimate (median), lower, upper (quantiles at `level`)."""
        return self._summarise(doses, self._placebo[:, None], level)

    def effects(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Summarise the effects over dose 0: columns as in `means`."""
        return self._summarise(doses, np.zeros((1, 1)), level)

    def target_dose(
        self, delta: float, direction: Direction = "increasing", *, level: float = 0.95
    ) -> dict[str, float | None]:
        """Summarise the target doses: estimate (median), lower, upper, and the `share` of draws that have one.

        A draw without a target dose counts as an infinite one; a summary that falls on those is None.
        """
        require_confidence(level)
        found = [curve.target_dose(delta, direction) for curve in self._curves]
        doses = np.sort([np.inf if dose is None else dose for dose in found])
        share = float(np.isfinite(doses).mean())
        at = [_quantile(doses, p) for p in (0.5, 0.5 - level / 2.0, 0.5 + level / 2.0)]
        return {**dict(zip(("estimate", "lower", "upper"), at, strict=True)), "share": share}

    def _summarise(self, doses: Sequence[float] | Floats, placebo: Floats, level: float) -> pl.DataFrame:
        require_confidence(level)
        at = np.asarray(doses, dtype=float)
        values = np.stack([curve.effects(at) for curve in self._curves]) + placebo
        lower, middle, upper = np.quantile(values, [0.5 - level / 2.0, 0.5, 0.5 + level / 2.0], axis=0)
        return pl.DataFrame({"dose": at, "estimate": middle, "lower": lower, "upper": upper})


def average_by_bootstrap(
    estimates: DoseEstimates,
    models: Sequence[str],
    *,
    rng: np.random.Generator,
    draws: int = 1000,
    bounds: Mapping[str, Bound] | None = None,
    scal: float | None = None,
    off: float | None = None,
) -> BootstrapFit:
    """Average `models` over `draws` of the dose estimates, choosing by gAIC in each.

    `rng` gives the draws, one set of normal deviates at once; `bounds` by model, `scal` and `off` as in
    `fit_dose_response`. Raises `DataError` for models that are not known or given twice, `EstimationFailed` for
    one that has more parameters than there are doses.
    """
    if not models or len(set(models)) < len(models) or draws < 1:
        raise DataError(f"a bootstrap needs models, none twice, and draws. Got {', '.join(models)} and {draws}")
    lower = np.linalg.cholesky(estimates.covariance)
    drawn = estimates.estimate + rng.standard_normal((draws, estimates.doses.size)) @ lower.T
    fitted = []
    for name in models:
        shape = find_shape(name, float(estimates.doses[-1]), scal=scal, off=off)
        fitted.append(_fit_many(estimates, drawn, shape, (bounds or {}).get(name)))
    chosen = np.stack([one.criterion for one in fitted]).argmin(axis=0)
    curves = tuple(fitted[model].curve(draw) for draw, model in enumerate(chosen.tolist()))
    placebo = np.array([fitted[model].placebo[draw] for draw, model in enumerate(chosen.tolist())])
    share = np.bincount(chosen, minlength=len(models)) / draws
    return BootstrapFit(draws, pl.DataFrame({"model": list(models), "share": share}), curves, placebo)


@dataclass(frozen=True, eq=False)
class _Many:
    """Fits of one model to many draws."""

    shape: Shape
    slopes: Floats
    nonlinear: Floats
    placebo: Floats
    criterion: Floats

    def curve(self, draw: int) -> Curve:
        return Curve(self.shape, self.slopes[draw], self.nonlinear[draw])


def _fit_many(estimates: DoseEstimates, drawn: Floats, shape: Shape, bounds: Bound | None) -> _Many:
    intercept = not estimates.placebo_adjusted
    parameters = require_doses_for(shape, estimates)
    limits = require_bounds(shape, bounds)
    search = Search.of(shape, limits, estimates.doses, estimates.covariance, intercept=intercept)
    nonlinear = search.many(drawn)
    doses = np.append(estimates.doses, 0.0)
    if limits:
        curves = shape.curves(doses, nonlinear)[..., None]
    else:
        curves = np.broadcast_to(shape.columns(doses, ()), (len(drawn), doses.size, len(shape.linear) - 1))
    change = curves[:, :-1] - curves[:, -1:]
    columns = np.einsum("kj,bjm->bkm", search.transform, change)
    target = drawn @ search.transform.T
    slopes = np.einsum("bmk,bk->bm", np.linalg.pinv(columns), target)
    residual = target - np.einsum("bkm,bm->bk", columns, slopes)
    placebo = np.zeros(len(drawn))
    if intercept:
        lower = np.linalg.cholesky(estimates.covariance)
        weight = solve_triangular(
            lower, solve_triangular(lower, np.ones(doses.size - 1), lower=True), lower=True, trans="T"
        )
        placebo = (drawn - np.einsum("bkm,bm->bk", change, slopes)) @ weight / weight.sum()
    criterion = (residual**2).sum(axis=1) + 2.0 * parameters
    return _Many(shape, slopes, nonlinear, placebo, criterion)


def _quantile(ordered: Floats, probability: float) -> float | None:
    """Find a quantile of sorted values (type 7); None where it falls on an infinite one."""
    place = probability * (ordered.size - 1)
    below, above = float(ordered[int(np.floor(place))]), float(ordered[int(np.ceil(place))])
    if not np.isfinite(above):
        return None
    return below + float(place - np.floor(place)) * (above - below)

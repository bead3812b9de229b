"""Tipping points: how far imputed outcomes must change before the conclusion does.

Deltas are added to the imputed outcomes of one arm, or of both arms compared, until p crosses alpha (Yan, Lee and
Li, J Biopharm Stat 2009;19:1085-98; Ratitch, O'Kelly and Tosiello, Pharm Stat 2013;12:337-47). Estimate and
variance are known functions of the deltas (`response`), so the surface costs no further analysis and the tipping
delta is a root, not a grid point. Checked by adding deltas and analysing anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from scipy.optimize import brentq

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, t_quantile, t_two_sided_p
from equipoise.statistics.frames import require_level
from equipoise.statistics.missing.analysis import arms_of
from equipoise.statistics.missing.deltas.delta import Delta, delta_multipliers
from equipoise.statistics.missing.deltas.response import DeltaResponse
from equipoise.statistics.missing.imputation.outcomes import Outcomes

_STEPS = 400  # of the search for a change of sign before the root is found


class Imputed(Protocol):
    """What a tipping point needs of an imputation: the outcomes and how a comparison answers to deltas."""

    @property
    def outcomes(self) -> Outcomes:
        """The outcomes as they were read."""
        ...

    def respond(self, visit: object, arm: object, versus: object, moved: Floats) -> DeltaResponse:
        """Describe the comparison as a function of k deltas that add `moved` (N x k) at the visit."""
        ...


@dataclass(frozen=True, eq=False)
class TippingPoint:
    """The comparison of `arm` with `versus` at `visit` over a grid of deltas.

    `surface`: delta, delta_versus, estimate, se, df, t, p, lower, upper. `tipping_delta`: the delta nearest to 0
    at which p is `alpha`, with the estimate on the side that it has without deltas, while the other arm keeps its
    values; null if there is none in the range. `tipping_line`: the same for each delta_versus.
    """

    visit: object
    arm: object
    versus: object
    alpha: float
    surface: pl.DataFrame
    tipping_delta: float | None
    tipping_line: pl.DataFrame
    response: DeltaResponse


def tipping_point(
    imputed: Imputed,
    *,
    visit: object,
    arm: object,
    versus: object,
    deltas: tuple[float, float],
    versus_deltas: tuple[float, float] | None = None,
    also: Sequence[object] = (),
    by_visit: Mapping[object, float] | None = None,
    from_event: bool = False,
    cumulative: bool = False,
    points: int = 41,
    alpha: float = 0.05,
) -> TippingPoint:
    """Search the deltas at which the comparison of `arm` with `versus` at `visit` crosses `alpha`.

    `imputed`: what `multiple_imputation` or `conditional_mean_imputation` returned. `deltas` and `versus_deltas`:
    the ranges (low, high) for imputed outcomes of `arm` (and of the arms in `also`) and of `versus`, in units of
    the outcome; without the second, one dimension. `by_visit`, `from_event`, `cumulative`: as in `Delta`; the
    deltas come on top of those that `imputed` already has. `points`: of the grid in each direction. Raises
    `DataError` for unknown labels, empty ranges, fewer than two points, alpha outside 0-1, and when the arm has
    no imputed outcome that a delta would change.
    """
    outcomes = imputed.outcomes
    _require_grid(deltas, versus_deltas, points, alpha)
    arms = [arm, *also]
    if len(set(arms) | {versus}) != len(arms) + 1:
        raise DataError(f"the arms of a tipping point must differ. Got {', '.join(map(str, [*arms, versus]))}")
    pattern = Delta({}, by_visit, from_event, cumulative)
    at = _visit_place(outcomes, visit)
    multiplier = delta_multipliers(outcomes, pattern)[:, at]
    moved = np.zeros((multiplier.size, 2))
    for one in arms:
        members = arms_of(outcomes, one)
        moved[members, 0] = multiplier[members]
    members = arms_of(outcomes, versus)
    moved[members, 1] = multiplier[members]
    for column, name in enumerate((arm, versus) if versus_deltas else (arm,)):
        if not moved[:, column].any():
            raise DataError(
                f"a tipping point needs imputed outcomes at {visit} that a delta changes. Got none in {name}"
            )
    response = imputed.respond(visit, arm, versus, moved)

    first = np.linspace(*deltas, points)
    second = np.linspace(*versus_deltas, points) if versus_deltas else np.zeros(1)
    line = [_nearest_root(response, deltas, other, alpha) for other in second.tolist()]
    return TippingPoint(
        visit=visit,
        arm=arm,
        versus=versus,
        alpha=alpha,
        surface=_surface(response, first, second, alpha),
        tipping_delta=_nearest_root(response, deltas, 0.0, alpha),
        tipping_line=pl.DataFrame(
            {"delta_versus": second, "delta": line}, schema={"delta_versus": pl.Float64, "delta": pl.Float64}
        ),
        response=response,
    )


def _surface(response: DeltaResponse, first: Floats, second: Floats, alpha: float) -> pl.DataFrame:
    grid = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    estimate, se, df = response.at(grid)
    half = t_quantile(np.full(df.shape, 1.0 - alpha / 2.0), df) * se
    t = estimate / se
    return pl.DataFrame(
        {
            "delta": grid[:, 0],
            "delta_versus": grid[:, 1],
            "estimate": estimate,
            "se": se,
            "df": df,
            "t": t,
            "p": t_two_sided_p(t, df),
            "lower": estimate - half,
            "upper": estimate + half,
        }
    )


def _nearest_root(
    response: DeltaResponse, deltas: tuple[float, float], other: float, alpha: float
) -> float | None:
    """Find the delta nearest to 0 where p is alpha, the arm compared with being moved by `other`."""

    def margin(delta: float) -> float:
        return float(response.margin(np.array([delta, other]), alpha))

    grid = np.linspace(*deltas, _STEPS + 1)
    signs = np.sign(response.margin(np.column_stack([grid, np.full(grid.shape, other)]), alpha))
    changes = np.flatnonzero(signs[:-1] * signs[1:] <= 0)
    roots = [brentq(margin, grid[at], grid[at + 1], xtol=1e-13, rtol=1e-14) for at in changes]
    return float(min(roots, key=abs)) if roots else None


def _visit_place(outcomes: Outcomes, visit: object) -> int:
    return outcomes.visits.index(require_level(outcomes.visits, visit, outcomes.visit))


def _require_grid(
    deltas: tuple[float, float], versus_deltas: tuple[float, float] | None, points: int, alpha: float
) -> None:
    for low, high in (deltas, versus_deltas or (0.0, 1.0)):
        if not (np.isfinite([low, high]).all() and low < high):
            raise DataError(
                f"a range of deltas must be two finite numbers, the lower first. Got {low:g} to {high:g}"
            )
    if points < 2:
        raise DataError(f"a grid of deltas needs at least two points. Got {points}")
    if not 0 < alpha < 1:
        raise DataError(f"alpha must lie between 0 and 1 (exclusive); did you mean 0.05? Got {alpha:g}")

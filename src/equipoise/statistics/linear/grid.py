"""The reference grid: which combinations of the coefficients are the least-squares means of a factor.

The grid holds every combination of the factors' levels, covariates at their mean over the rows used. A mean of a
factor averages its grid rows over the other factors, with equal weights (LSMEANS in SAS, `emmeans` in R) or with
the weights of the other factors' combinations in the data (`OM` in SAS, `weights = "proportional"` in emmeans).
Sources: Searle, Speed and Milliken, The American Statistician 1980;34:216-21; Lenth, J Statistical Software
2016;69(1). A covariate inside a function stands at its mean first: log(BASE) at the log of the mean of BASE.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Literal, get_args

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import require_level, show_levels
from equipoise.statistics.linear.design import Design

Margins = Literal["equal", "observed"]


def mean_rows(
    design: Design,
    factors: Sequence[str],
    *,
    at: Mapping[str, object] | None = None,
    margins: Margins = "equal",
) -> tuple[list[tuple[object, ...]], Floats]:
    """Find the least-squares means of the combinations of `factors`.

    `at` sets a covariate to a number or holds a factor at one level. Returns the levels of each mean and, a row
    each, the coefficients' weights. Raises `DataError` for names or levels that the model does not have.
    """
    fixed = dict(at or {})
    for place, name in enumerate(factors):
        require_factor(design, name)
        if name in fixed or name in factors[:place]:
            raise DataError(
                f"means of a factor must not hold it by `at` or `by` as well; drop it there. Got {name}"
            )
    if margins not in get_args(Margins):
        raise DataError(f"margins must be one of {', '.join(get_args(Margins))}. Got {margins}")
    levels = dict(design.factors)
    settings = {name: float(design.frame[name].cast(pl.Float64).to_numpy().mean()) for name in design.covariates}
    for name, value in fixed.items():
        if name in levels:
            levels[name] = (require_level(levels[name], value, name),)
        elif name in settings:
            settings[name] = _number(name, value)
        else:
            known = show_levels([*levels, *settings])
            raise DataError(f"`at` must name a column of the model, one of {known}. Got {name}")

    others = [name for name in levels if name not in factors]
    targets = list(product(*(levels[name] for name in factors)))
    averaged = list(product(*(levels[name] for name in others)))
    cells = [(*target, *rest) for target in targets for rest in averaged]
    grid: dict[str, Sequence[object]] = {
        name: [cell[place] for cell in cells] for place, name in enumerate([*factors, *others])
    }
    grid |= {name: [value] * len(cells) for name, value in settings.items()}
    rows = design.rows_at({name: grid[name] for name in design.formula.columns})
    weights = _weights(design, others, averaged, margins)
    return targets, np.einsum("j,ijk->ik", weights, rows.reshape(len(targets), len(averaged), -1))


def require_factor(design: Design, name: str) -> None:
    """Refuse a name that is not a factor of the model with `DataError`."""
    if name not in design.factors:
        hint = f"write C({name}) to treat it as one" if name in design.covariates else "it is not in the model"
        known = show_levels(list(design.factors))
        raise DataError(f"means need a factor of {design.formula.text}, one of {known}; {hint}. Got {name}")


def _weights(
    design: Design, others: Sequence[str], averaged: Sequence[tuple[object, ...]], margins: Margins
) -> Floats:
    if margins == "equal" or not others:
        return np.full(len(averaged), 1.0 / len(averaged))
    table = design.frame.group_by(others).len()
    seen = {tuple(row[:-1]): row[-1] for row in table.iter_rows()}
    weights = np.array([seen.get(cell, 0.0) for cell in averaged])
    if weights.sum() == 0.0:
        raise DataError(f"observed margins need rows at the levels of `at`. Got none for {averaged[0]}")
    return np.asarray(weights / weights.sum(), dtype=float)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise DataError(f"`at` must set covariate {name} to a finite number. Got {value}")
    return float(value)

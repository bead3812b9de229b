"""The design of a linear model: the response, the matrix of its terms, and rows for settings not in the data.

Factors are coded by treatment (the first level is the reference), as R's `contr.treatment` does and as SAS does
with `REF=FIRST`. Rows with a missing value in a column of the model are left out and counted. Checked against R's
`model.matrix` through the fits in `ancova`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes, Factor, code_factor
from equipoise.statistics.frames import (
    keep_complete,
    require_columns,
    require_level,
    require_numbers,
    show_levels,
    to_polars,
)
from equipoise.statistics.linear.coding import Coding, ProductCoding, Values, product_coding
from equipoise.statistics.linear.formula import ModelFormula, parse_formula
from equipoise.statistics.linear.functions import evaluate, formulaic_coding

_MOST_CORNERS = 50_000


@dataclass(frozen=True, eq=False)
class Design:
    """What a linear model is fitted to.

    `frame` has the rows used, with their place in the data as `_row`; `factors` maps a factor to its levels, the
    reference first; `covariates` are the columns that enter as numbers; `values` has, for each column of the
    formula, the places of levels or the numbers of the rows used.
    """

    formula: ModelFormula
    frame: pl.DataFrame
    dropped: int
    response: Floats
    weights: Floats | None
    factors: Mapping[str, tuple[object, ...]]
    covariates: tuple[str, ...]
    values: Values
    coding: Coding

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of `matrix`."""
        return self.coding.columns

    @property
    def terms(self) -> Mapping[str, tuple[int, ...]]:
        """The places of each term's columns in `matrix`."""
        return self.coding.terms

    @cached_property
    def matrix(self) -> Floats:
        """A row for each row of `frame`, a column for each of `columns`."""
        return self.coding.matrix(self.values) if self.values else np.ones((self.frame.height, 1))

    def rows_at(self, settings: Mapping[str, Sequence[object]]) -> Floats:
        """Build matrix rows for `settings`: equally long lists, one for each column of the formula."""
        values: dict[str, Codes | Floats] = {}
        for name, cells in settings.items():
            if name in self.factors:
                place = {level: at for at, level in enumerate(self.factors[name])}
                values[name] = np.array([place[cell] for cell in cells], dtype=np.intp)
            else:
                values[name] = np.asarray(cells, dtype=float)
        return self.coding.matrix(values)

    def effect_change(self) -> tuple[Floats, Mapping[str, tuple[int, ...]]]:
        """Find the change from these coefficients (p) to those of factors coded by deviations, for type III.

        Returns a p x p matrix and the places of each term in the other coding.
        """
        values = self._corners() or self.values
        coded, terms = self.coding.effect_matrix(values)
        change: Floats = np.linalg.lstsq(coded, self.coding.matrix(values), rcond=None)[0].astype(float)
        return change, terms

    def _corners(self) -> Values | None:
        """Every combination of levels with covariates at 0 and 1: enough to tell products apart, and few."""
        if not isinstance(self.coding, ProductCoding):
            return None
        axes = [range(len(self.factors[name]) if name in self.factors else 2) for name in self.formula.columns]
        if not axes or np.prod([float(len(axis)) for axis in axes]) > _MOST_CORNERS:
            return None
        grid = np.meshgrid(*(np.array(axis) for axis in axes), indexing="ij")
        return {
            name: cells.ravel().astype(np.intp if name in self.factors else float)
            for name, cells in zip(self.formula.columns, grid, strict=True)
        }


def build_design(
    formula: str,
    data: IntoFrame,
    *,
    reference: Mapping[str, object] | None = None,
    weights: str | None = None,
) -> Design:
    """Read `formula` on `data`.

    `reference` maps a factor to its reference level (default: the first of an `Enum`, else the first in sorted
    order); `weights` names a column of positive weights. Text, booleans and categories are factors, numbers are
    covariates unless written `C(column)`. Raises `DataError` for what is wrong with the data or the formula,
    `EstimationFailed` when no rows are left or a factor has one level.
    """
    model = parse_formula(formula)
    frame = to_polars(data)
    needed = list(dict.fromkeys([*model.response_columns, *model.columns, *([weights] if weights else [])]))
    require_columns(frame, needed)
    complete = keep_complete(frame.select(needed).with_row_index("_row"), needed)
    kept = complete.frame
    if kept.height == 0:
        raise EstimationFailed(f"{formula} needs rows with a value in each of {', '.join(needed)}. Got none")

    coded = _factors(kept, model, reference or {})
    factors = {name: factor.levels for name, factor in coded.items()}
    values: dict[str, Codes | Floats] = {
        name: coded[name].codes if name in coded else require_numbers(kept, name) for name in model.columns
    }
    coding = product_coding(model, factors) or formulaic_coding(model, factors, values, kept.height)
    if not coding.columns:
        raise DataError(f"a model needs at least one term. Got {formula}")
    return Design(
        formula=model,
        frame=kept,
        dropped=complete.dropped,
        response=_response(kept, model),
        weights=_weights(kept, weights),
        factors=factors,
        covariates=tuple(name for name in model.columns if name not in factors),
        values=values,
        coding=coding,
    )


def _factors(frame: pl.DataFrame, model: ModelFormula, reference: Mapping[str, object]) -> dict[str, Factor]:
    factors: dict[str, Factor] = {}
    for name in model.columns:
        kind = frame[name].dtype
        if kind.is_numeric() and name not in model.as_levels:
            continue
        if not (kind.is_numeric() or kind in (pl.String, pl.Boolean, pl.Categorical, pl.Enum)):
            raise DataError(f"column {name} must hold numbers or labels; convert it first. Got {kind}")
        factor = code_factor(frame[name])
        if len(factor.levels) < 2:
            raise EstimationFailed(
                f"factor {name} must have at least two levels in the rows used; leave it out of "
                f"{model.text}. Got {show_levels(factor.levels)}"
            )
        if name in reference:
            factor = _first(factor, require_level(factor.levels, reference[name], name))
        factors[name] = factor
    for name in reference:
        if name not in factors:
            raise DataError(
                f"a reference level needs a factor of the model, one of {show_levels(list(factors))}; "
                f"write C({name}) if it holds numbers. Got {name}"
            )
    return factors


def _first(factor: Factor, level: object) -> Factor:
    """Put a level first."""
    at = factor.levels.index(level)
    order = [at, *(place for place in range(len(factor.levels)) if place != at)]
    places = np.empty(len(order), dtype=np.intp)
    places[order] = np.arange(len(order))
    return Factor(places[factor.codes], tuple(factor.levels[place] for place in order))


def _response(frame: pl.DataFrame, model: ModelFormula) -> Floats:
    if model.response in frame.columns:
        return require_numbers(frame, model.response)
    values = {name: require_numbers(frame, name) for name in model.response_columns}
    return evaluate(f"0 + {model.response}", values)


def _weights(frame: pl.DataFrame, name: str | None) -> Floats | None:
    if name is None:
        return None
    weights = require_numbers(frame, name)
    if (weights <= 0).any():
        raise DataError(f"weights in column {name} must be above 0; drop rows of weight 0. Got {weights.min():g}")
    return weights

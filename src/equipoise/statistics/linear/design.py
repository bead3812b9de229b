"""The design of a linear model: the response, the matrix of its terms, and rows for settings not in the data.

Factors are coded by treatment (the first level is the reference), as R's `contr.treatment` does and as SAS does
with `REF=FIRST`. Rows with a missing value in a column of the model are left out and counted. Checked against R's
`model.matrix` through the fits in `ancova`.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import (
    factor_levels,
    keep_complete,
    require_columns,
    require_level,
    require_numbers,
    show_levels,
    to_polars,
)
from equipoise.statistics.linear.formula import ModelFormula, parse_formula, with_effect_coding


@dataclass(frozen=True, eq=False)
class Design:
    """What a linear model is fitted to.

    `matrix` has a row for each row of `frame` (those used) and a column for each of `columns`; `terms` maps a
    term to the places of its columns; `factors` maps a factor to its levels, the reference first; `covariates`
    are the columns that enter as numbers.
    """

    formula: ModelFormula
    frame: pl.DataFrame
    dropped: int
    response: Floats
    matrix: Floats
    weights: Floats | None
    columns: tuple[str, ...]
    terms: Mapping[str, tuple[int, ...]]
    factors: Mapping[str, tuple[object, ...]]
    covariates: tuple[str, ...]
    _spec: Any

    def rows_at(self, settings: Mapping[str, Sequence[object]]) -> Floats:
        """Build matrix rows for `settings`: equally long lists, one for each column of the formula."""
        frame = _pandas({name: list(cells) for name, cells in settings.items()}, self.factors)
        return _matrix(self._spec, frame)[0]

    def effect_coded(self) -> tuple[Floats, Mapping[str, tuple[int, ...]]]:
        """Build the same model with factors coded as deviations from the mean of their levels, for type III."""
        formula = with_effect_coding(self.formula.right, dict(self.factors))
        settings = {name: self.frame[name].to_list() for name in self.formula.columns}
        matrix, spec = _matrix(formula, _pandas(settings, self.factors, height=self.frame.height))
        places = [tuple(found) for found in spec.term_indices.values()]
        return matrix, dict(zip(self.terms, places, strict=True))


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

    factors = _factors(kept, model, reference or {})
    covariates = tuple(name for name in model.columns if name not in factors)
    settings: dict[str, Any] = {
        name: kept[name].to_list() if name in factors else require_numbers(kept, name) for name in model.columns
    }
    matrix, spec = _matrix(model.right, _pandas(settings, factors, height=kept.height))
    if matrix.shape[1] == 0:
        raise DataError(f"a model needs at least one term. Got {formula}")
    return Design(
        formula=model,
        frame=kept,
        dropped=complete.dropped,
        response=_response(kept, model),
        matrix=matrix,
        weights=_weights(kept, weights),
        columns=tuple(spec.column_names),
        terms={_term_name(term): tuple(places) for term, places in spec.term_indices.items()},
        factors=factors,
        covariates=covariates,
        _spec=spec,
    )


def _factors(
    frame: pl.DataFrame, model: ModelFormula, reference: Mapping[str, object]
) -> dict[str, tuple[object, ...]]:
    factors: dict[str, tuple[object, ...]] = {}
    for name in model.columns:
        kind = frame[name].dtype
        if kind.is_numeric() and name not in model.as_levels:
            continue
        if not (kind.is_numeric() or kind in (pl.String, pl.Boolean, pl.Categorical, pl.Enum)):
            raise DataError(f"column {name} must hold numbers or labels; convert it first. Got {kind}")
        levels = factor_levels(frame[name])
        if len(levels) < 2:
            raise EstimationFailed(
                f"factor {name} must have at least two levels in the rows used; leave it out of "
                f"{model.text}. Got {show_levels(levels)}"
            )
        if name in reference:
            first = require_level(levels, reference[name], name)
            levels = [first, *(level for level in levels if level != first)]
        factors[name] = tuple(levels)
    for name in reference:
        if name not in factors:
            raise DataError(
                f"a reference level needs a factor of the model, one of {show_levels(list(factors))}; "
                f"write C({name}) if it holds numbers. Got {name}"
            )
    return factors


def _response(frame: pl.DataFrame, model: ModelFormula) -> Floats:
    if model.response in frame.columns:
        return require_numbers(frame, model.response)
    settings = {name: require_numbers(frame, name) for name in model.response_columns}
    return _matrix(f"0 + {model.response}", _pandas(settings, {}))[0][:, 0]


def _weights(frame: pl.DataFrame, name: str | None) -> Floats | None:
    if name is None:
        return None
    weights = require_numbers(frame, name)
    if (weights <= 0).any():
        raise DataError(f"weights in column {name} must be above 0; drop rows of weight 0. Got {weights.min():g}")
    return weights


def _pandas(
    settings: Mapping[str, Any], factors: Mapping[str, tuple[object, ...]], height: int | None = None
) -> Any:
    """Hand formulaic what it reads fastest: categories with their levels in order, numbers as floats."""
    import pandas as pd  # type: ignore[import-untyped]

    columns: dict[str, Any] = {}
    for name, cells in settings.items():
        if name in factors:
            place = {level: at for at, level in enumerate(factors[name])}
            codes = [place[cell] for cell in cells]
            columns[name] = pd.Categorical.from_codes(codes, categories=pd.Index(list(factors[name])))
        else:
            columns[name] = np.asarray(cells, dtype=float)
    return pd.DataFrame(columns, index=range(height) if height is not None else None)


def _matrix(formula: Any, frame: Any) -> tuple[Floats, Any]:
    """Evaluate terms; what is not finite is refused by the name of its column."""
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    formula = Formula(formula) if isinstance(formula, str) else formula
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            built = formula.get_model_matrix(frame, output="numpy", na_action="ignore", context={})
    except (FormulaicError, ValueError, TypeError) as error:
        raise DataError(f"the terms of a formula must be computable from the data. Got {error}") from None
    matrix = cast("Floats", np.asarray(built, dtype=float).reshape(len(frame), -1))
    spec = built.model_spec
    wrong = np.flatnonzero(~np.isfinite(matrix).all(axis=0))
    if wrong.size:
        bad = int((~np.isfinite(matrix[:, wrong[0]])).sum())
        raise DataError(
            f"the terms of a formula must be finite in every row; look at {spec.column_names[wrong[0]]}. "
            f"Got {bad} of {matrix.shape[0]} rows that are not"
        )
    return matrix, spec


def _term_name(term: Any) -> str:
    name = str(term)
    return "Intercept" if name == "1" else name

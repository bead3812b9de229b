"""Terms with functions, such as `log(BASE)` or `bs(AGE, df=3)`, coded by formulaic.

Factors are coded by treatment, the first level being the reference. A function that learns from the data (`poly`,
`center`, `scale`, splines) keeps what it learned when rows are built for other settings.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.linear.coding import Values
from equipoise.statistics.linear.formula import with_effect_coding

if TYPE_CHECKING:
    from equipoise.statistics.linear.formula import ModelFormula


@dataclass(frozen=True, eq=False)
class FormulaicCoding:
    """Columns that formulaic builds."""

    model: "ModelFormula"
    factors: Mapping[str, Sequence[object]]
    columns: tuple[str, ...]
    terms: Mapping[str, tuple[int, ...]]
    _spec: Any

    def matrix(self, values: Values) -> Floats:
        """Build a row for each of the equally long `values`; `DataError` where a term is not finite."""
        return _matrix(self._spec, _pandas(values, self.factors))[0]

    def effect_matrix(self, values: Values) -> tuple[Floats, Mapping[str, tuple[int, ...]]]:
        """Build the same model with factors coded as deviations from the mean of their levels."""
        formula = with_effect_coding(self.model.right, {name: tuple(had) for name, had in self.factors.items()})
        matrix, spec = _matrix(formula, _pandas(values, self.factors))
        places = [tuple(found) for found in spec.term_indices.values()]
        return matrix, dict(zip(self.terms, places, strict=True))


def formulaic_coding(
    model: "ModelFormula", factors: Mapping[str, Sequence[object]], values: Values, height: int
) -> FormulaicCoding:
    """Code `model` for rows of `values` (`height` of them); `DataError` where a term cannot be computed."""
    _, spec = _matrix(model.right, _pandas(values, factors, height))
    terms = {_term_name(term): tuple(places) for term, places in spec.term_indices.items()}
    return FormulaicCoding(model, factors, tuple(spec.column_names), terms, spec)


def evaluate(expression: str, values: Mapping[str, Floats]) -> Floats:
    """Compute an `expression` of formula language from equally long `values`: an array of their length."""
    return _matrix(expression, _pandas(values, {}))[0][:, 0]


def _pandas(values: Mapping[str, Any], factors: Mapping[str, Sequence[object]], height: int | None = None) -> Any:
    """Hand formulaic what it reads fastest: categories with their levels in order, numbers as floats."""
    import pandas as pd  # type: ignore[import-untyped]

    columns = {
        name: pd.Categorical.from_codes(cells, categories=pd.Index(list(factors[name])))
        if name in factors
        else np.asarray(cells, dtype=float)
        for name, cells in values.items()
    }
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

"""How the terms of a formula become columns of numbers, for terms that are products of plain columns.

A factor is coded by treatment: an indicator of each level but the reference; by every level where the term
without that factor is not in the model (`BASE:VISIT` beside no `BASE`), which is R's rule (Chambers and Hastie,
Statistical Models in S, 1992, section 2.4.1). Names and order of the columns are those of formulaic, which codes
every other formula. Checked against formulaic by `tests/statistics/linear/test_coding_property.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes

if TYPE_CHECKING:
    from equipoise.statistics.linear.formula import ModelFormula

Values = Mapping[str, Codes | Floats]  # by column: places of levels for a factor, numbers for a covariate
Part = tuple[str, int | None]  # a column and the place of a level; no level for a covariate


class Coding(Protocol):
    """Turns the columns of a formula into the columns of a model."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the model's columns."""

    @property
    def terms(self) -> Mapping[str, tuple[int, ...]]:
        """The places of each term's columns."""

    def matrix(self, values: Values) -> Floats:
        """Build a row for each of the equally long `values`."""

    def effect_matrix(self, values: Values) -> tuple[Floats, Mapping[str, tuple[int, ...]]]:
        """Build the same model with factors coded as deviations from the mean of their levels."""


@dataclass(frozen=True, eq=False)
class ProductCoding:
    """Columns that are products: `parts` names for each column the indicators and covariates it multiplies."""

    columns: tuple[str, ...]
    terms: Mapping[str, tuple[int, ...]]
    parts: tuple[tuple[Part, ...], ...]
    reduced: frozenset[tuple[str, str]]  # (term, factor) coded without the reference level

    def matrix(self, values: Values) -> Floats:
        """Build a row for each of the equally long `values`; `DataError` where a product is not finite."""
        return self._build(values, deviations=False)

    def effect_matrix(self, values: Values) -> tuple[Floats, Mapping[str, tuple[int, ...]]]:
        """Build the same model with factors coded as deviations from the mean of their levels."""
        return self._build(values, deviations=True), self.terms

    def _build(self, values: Values, *, deviations: bool) -> Floats:
        height = len(next(iter(values.values()))) if values else 1
        built = np.empty((height, len(self.columns)), order="F")
        seen: dict[tuple[str, int | None, bool], Floats] = {}
        for term, places in self.terms.items():
            for place in places:
                column = np.ones(height)
                for name, level in self.parts[place]:
                    deviates = deviations and (term, name) in self.reduced
                    key = (name, level, deviates)
                    if key not in seen:
                        seen[key] = _part(values[name], level, deviates)
                    column *= seen[key]
                built[:, place] = column
        wrong = np.flatnonzero(~np.isfinite(built).all(axis=0))
        if wrong.size:
            bad = int((~np.isfinite(built[:, wrong[0]])).sum())
            raise DataError(
                f"the terms of a formula must be finite in every row; look at {self.columns[wrong[0]]}. "
                f"Got {bad} of {height} rows that are not"
            )
        return built


def product_coding(model: "ModelFormula", factors: Mapping[str, Sequence[object]]) -> ProductCoding | None:
    """Code `model` (its `factors` with their levels, the reference first) by products.

    None where a term is more than a product of columns, where there is no intercept, or where more than one
    factor of a term lacks the term without it: formulaic codes these.
    """
    terms = [tuple(factor.expr for factor in term.factors) for term in model.right]
    if not all(_is_product(term, model) for term in model.right):
        return None
    present = {frozenset(_variables(term)) for term in terms}
    if frozenset() not in present:
        return None
    columns: list[str] = []
    parts: list[tuple[Part, ...]] = []
    places: dict[str, tuple[int, ...]] = {}
    reduced: set[tuple[str, str]] = set()
    for term in terms:
        variables = _variables(term)
        label = ":".join(variables) or "Intercept"
        whole = [name for name in variables if name in factors and frozenset(variables) - {name} not in present]
        if len(whole) > 1:
            return None
        reduced |= {(label, name) for name in variables if name in factors and name not in whole}
        choices = [_choices(name, factors, whole=name in whole) for name in variables]
        start = len(columns)
        # the first factor runs fastest
        for backwards in product(*reversed(choices)):
            chosen = tuple(reversed(backwards))
            columns.append(":".join(name for name, _ in chosen) or "Intercept")
            parts.append(tuple(part for _, part in chosen))
        places[label] = tuple(range(start, len(columns)))
    return ProductCoding(tuple(columns), places, tuple(parts), frozenset(reduced))


def _is_product(term: Any, model: "ModelFormula") -> bool:
    return all(factor.expr == "1" or factor.expr in model.columns for factor in term.factors)


def _variables(term: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in term if name != "1")


def _choices(name: str, factors: Mapping[str, Sequence[object]], *, whole: bool) -> list[tuple[str, Part]]:
    if name not in factors:
        return [(name, (name, None))]
    levels = list(enumerate(factors[name]))
    if whole:
        return [(f"{name}[{level}]", (name, place)) for place, level in levels]
    return [(f"{name}[T.{level}]", (name, place)) for place, level in levels[1:]]


def _part(values: Codes | Floats, level: int | None, deviates: bool) -> Floats:
    if level is None:
        return values.astype(float)
    indicator: Floats = (values == level).astype(float)
    if deviates:
        indicator -= values == 0
    return indicator

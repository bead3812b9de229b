"""The design matrix of a linear predictor: from a formula and a frame to named columns of numbers.

A formula is a sum of terms of column names, with `:` for a product and `*` for a product and its parts:
`BASE + STRATUM + ARM*VISIT`; a sequence of names stands for their sum. A column of text, categories or
booleans is a factor; `reference` names the level that a factor is compared with, its first level otherwise.
A factor is coded by indicators without the reference where the term without it is in the model (treatment
contrasts), by all its indicators where it is not (Chambers and Hastie 1992, section 2.4.1), so the columns
are those of R's `model.matrix`; a column is named `BASE`, `ARM=High` or `ARM=High:VISIT=W48`.
Checked against R's `model.matrix`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.errors import DataError
from equipoise.statistics.factors import Factor, code_factor
from equipoise.statistics.frames import require_columns, require_numbers

Floats = NDArray[np.float64]
Term = tuple[str, ...]

INTERCEPT = "(Intercept)"
_SUM_OF_NAMES = re.compile(r"\s*[^\W\d]\w*\s*(\+\s*[^\W\d]\w*\s*)*")


@dataclass(frozen=True)
class DesignMatrix:
    """Columns of a linear predictor: `matrix` (rows x columns), a `name` and the `term` of each column."""

    matrix: Floats
    names: tuple[str, ...]
    terms: tuple[str, ...]

    def columns_of(self, term: str) -> list[int]:
        """Positions of the columns of `term`; `DataError` naming the terms where there is none."""
        found = [i for i, name in enumerate(self.terms) if name == term]
        if not found:
            known = ", ".join(dict.fromkeys(self.terms))
            raise DataError(f"a term must be one of the model: {known}. Got {term}")
        return found


def parse_terms(formula: str | Sequence[str]) -> tuple[Term, ...]:
    """Read the right-hand side of a formula, or a sequence of column names, into terms without the intercept.

    Raises `DataError` for a formula that cannot be read, has no term, or calls a function.
    """
    if not isinstance(formula, str):
        return _require_terms(tuple((name,) for name in dict.fromkeys(formula)), " + ".join(formula))
    right = formula.rpartition("~")[2]
    if _SUM_OF_NAMES.fullmatch(right):
        return tuple((name,) for name in dict.fromkeys(re.findall(r"\w+", right)))
    # formulaic takes a second or two to import, a sum of names does not need it
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        parsed = list(Formula(right))
    except FormulaicError as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"a formula must be a sum of terms such as A + B*C; {reason}. Got {formula}") from None
    calls = [factor.expr for term in parsed for factor in term.factors if factor.eval_method.value == "python"]
    if calls:
        raise DataError(
            f"a formula must name columns only; derive a column for {calls[0]} and name it. Got {formula}"
        )
    terms = tuple(tuple(factor.expr.strip("`") for factor in term.factors) for term in parsed)
    if ("1",) not in terms:
        raise DataError(f"a model must keep its intercept; leave out the 0 or -1. Got {formula}")
    return _require_terms(tuple(term for term in terms if term != ("1",)), formula)


def term_columns(terms: Sequence[Term]) -> list[str]:
    """Names of the columns that the terms use, each once, in their order."""
    return list(dict.fromkeys(name for term in terms for name in term))


def build_design(
    terms: Sequence[Term],
    frame: pl.DataFrame,
    *,
    reference: Mapping[str, object] | None = None,
    intercept: bool = True,
) -> DesignMatrix:
    """Build the columns of `terms` for the rows of `frame`, which has no nulls in the columns used.

    `intercept=False` leaves out the column of ones but codes factors as if it were there (Cox regression).
    Raises `DataError` for an unknown column or reference level, a factor of one level, a number not finite.
    """
    columns = term_columns(terms)
    require_columns(frame, columns)
    levels = dict(reference or {})
    if unknown := [name for name in levels if name not in columns]:
        raise DataError(f"reference must name factors of the model: {', '.join(columns)}. Got {unknown[0]}")
    factors = {
        name: _order_levels(name, code_factor(frame[name]), levels.get(name))
        for name in columns
        if name in levels or not frame[name].dtype.is_numeric()
    }
    numbers = {name: require_numbers(frame, name) for name in columns if name not in factors}
    present = {frozenset(term) for term in terms} | {frozenset()}
    blocks: list[Floats] = [np.ones((frame.height, 1))] if intercept else []
    names: list[str] = [INTERCEPT] if intercept else []
    sources: list[str] = [INTERCEPT] if intercept else []
    for term in terms:
        block, labels = np.ones((frame.height, 1)), [""]
        for name in term:
            if name in factors:
                reduced = frozenset(term) - {name} in present
                more, tags = _indicators(name, factors[name], reduced=reduced)
            else:
                more, tags = numbers[name][:, None], [name]
            # the levels of the first factor vary fastest, as in R
            block = (more[:, :, None] * block[:, None, :]).reshape(frame.height, -1)
            labels = [f"{label}:{tag}" if label else tag for tag in tags for label in labels]
        blocks.append(block)
        names += labels
        sources += [":".join(term)] * len(labels)
    return DesignMatrix(np.concatenate(blocks, axis=1), tuple(names), tuple(sources))


def _order_levels(name: str, factor: Factor, reference: object) -> Factor:
    """Put the reference level first."""
    if len(factor.levels) < 2:
        raise DataError(f"factor {name} must have two or more levels in the rows used. Got {factor.levels[0]}")
    if reference is None:
        return factor
    if reference not in factor.levels:
        known = ", ".join(str(level) for level in factor.levels)
        raise DataError(f"the reference of {name} must be one of its levels: {known}. Got {reference}")
    first = factor.levels.index(reference)
    order = [first] + [i for i in range(len(factor.levels)) if i != first]
    position = np.empty(len(order), dtype=np.intp)
    position[order] = np.arange(len(order))
    return Factor(position[factor.codes], tuple(factor.levels[i] for i in order))


def _indicators(name: str, factor: Factor, *, reduced: bool) -> tuple[Floats, list[str]]:
    first = 1 if reduced else 0
    shown = np.arange(first, len(factor.levels))
    block = (factor.codes[:, None] == shown).astype(float)
    return block, [f"{name}={level}" for level in factor.levels[first:]]


def _require_terms(terms: tuple[Term, ...], formula: str) -> tuple[Term, ...]:
    if not terms:
        raise DataError(f"a model must have at least one term besides the intercept. Got {formula!r}")
    return terms

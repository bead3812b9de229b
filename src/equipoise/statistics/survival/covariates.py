"""The columns of a Cox model: from a formula to numbers, without an intercept.

A sum of column names, as most models are, is coded here; any other formula goes to the design of the linear
models, with the same grammar, the same coding (treatment contrasts) and the same names: `AGE`, `ARM[T.High]`.
Checked against `linear.design`, which is checked against R's `model.matrix`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import code_factor
from equipoise.statistics.frames import require_columns, require_level, require_numbers, show_levels

_NAME = r"\s*(?:C\(\s*)?[^\W\d]\w*(?:\s*\))?\s*"
_SUM = re.compile(rf"{_NAME}(?:\+{_NAME})*")


@dataclass(frozen=True)
class Covariates:
    """Columns of the linear predictor: `matrix` (columns x rows), their names, the places of each term."""

    matrix: Floats
    names: tuple[str, ...]
    terms: Mapping[str, tuple[int, ...]]


def covariate_columns(model: str | Sequence[str], response: str) -> list[str]:
    """Names of the data's columns that a model uses."""
    simple = _simple_terms(model)
    if simple is not None:
        return list(simple)
    from equipoise.statistics.linear.formula import parse_formula

    return list(parse_formula(_with_response(model, response)).columns)


def build_covariates(
    model: str | Sequence[str],
    frame: pl.DataFrame,
    *,
    response: str,
    reference: Mapping[str, object] | None = None,
) -> Covariates:
    """Code the terms of `model` for each row of `frame`, which has no missing value in the columns used.

    Raises `DataError` for an unknown column, level or formula, `EstimationFailed` for a factor of one level.
    """
    simple = _simple_terms(model)
    if simple is None:
        from equipoise.statistics.linear.design import build_design

        design = build_design(_with_response(model, response), frame, reference=reference)
        kept = [place for place, name in enumerate(design.columns) if name != "Intercept"]
        if len(kept) == len(design.columns):
            raise DataError(
                f"a Cox model must not leave out the intercept, it has none; drop 0 or -1. Got {model}"
            )
        terms = {
            term: tuple(place - 1 for place in places)
            for term, places in design.terms.items()
            if term != "Intercept"
        }
        return Covariates(
            np.ascontiguousarray(design.matrix[:, kept].T), tuple(design.columns[place] for place in kept), terms
        )
    require_columns(frame, list(simple))
    rows: list[Floats] = []
    names: list[str] = []
    places: dict[str, tuple[int, ...]] = {}
    for name, as_levels in simple.items():
        start = len(names)
        if as_levels or not frame[name].dtype.is_numeric():
            block, labels = _indicators(frame[name], (reference or {}).get(name))
            rows += block
            names += labels
        elif name in (reference or {}):
            raise DataError(f"a reference level needs a factor; write C({name}) if it holds numbers. Got {name}")
        else:
            rows.append(require_numbers(frame, name))
            names.append(name)
        places[name] = tuple(range(start, len(names)))
    if unknown := [name for name in reference or {} if name not in simple]:
        raise DataError(f"reference must name factors of the model: {show_levels(list(simple))}. Got {unknown[0]}")
    return Covariates(np.array(rows), tuple(names), places)


def _indicators(column: pl.Series, reference: object) -> tuple[list[Floats], list[str]]:
    factor = code_factor(column)
    levels = list(factor.levels)
    if len(levels) < 2:
        raise EstimationFailed(
            f"factor {column.name} must have two or more levels in the rows used; leave it out. Got {levels[0]}"
        )
    first = levels[0] if reference is None else require_level(levels, reference, column.name)
    shown = [level for level in levels if level != first]
    block = [(factor.codes == levels.index(level)).astype(float) for level in shown]
    return block, [f"{column.name}[T.{level}]" for level in shown]


def _simple_terms(model: str | Sequence[str]) -> dict[str, bool] | None:
    """Column names of a plain sum, each with whether it is wrapped in C(); none for any other formula."""
    if not isinstance(model, str):
        if not model:
            raise DataError("a model must name one or more columns. Got none")
        return dict.fromkeys(model, False)
    right = model.rpartition("~")[2]
    if not _SUM.fullmatch(right):
        return None
    parts = [part.strip() for part in right.split("+")]
    return {part.removeprefix("C(").rstrip(")").strip(): part.startswith("C(") for part in parts}


def _with_response(model: str | Sequence[str], response: str) -> str:
    right = model.rpartition("~")[2] if isinstance(model, str) else " + ".join(model)
    return f"`{response}` ~ {right}"

"""Toxicity grades of laboratory results, and shifts from baseline.

A result is graded by the first rule of its criterion that holds (`equipoise.standards.grading`); numbers are
compared after rounding to 15 significant digits, so that 2.2 x 1.1 does not differ from 2.42. ATOXGRL and ATOXGRH
are the grades towards low and high, ATOXGR the one that is not 0, low ones negative (ADaMIG 1.3 section 4.2;
the sign as pharmaverse admiral has it).
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.errors import DataError
from equipoise.standards.grading import STANDARDS, Condition, Criterion, read_grading, unit_factor

HIGH = ("H", "HIGH", "HH", "HIGH HIGH")
_DIGITS = 15
_SCALED = ("AVAL", "ANRLO", "ANRHI", "BASE")
_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


def derive_toxicity_grade(
    frame: pl.DataFrame,
    terms: Mapping[str, str | Sequence[str]],
    *,
    standard: str,
) -> pl.DataFrame:
    """Add ATOXGRL, ATOXGRH (0 to 4, missing where not graded) and ATOXGR (text, "-3" low, "3" high).

    `terms` maps PARAMCD to the term or terms of `standard` ("DAIDS 2.1" or "CTCAE 5.0"), at most one a direction.
    AVALU must be the unit of the criterion or one that can be converted to it. Ages come from BRTHDT and ADT, or
    where there is no BRTHDT from AGE in years. Raises DataError for unknown standards, terms, units, variables.
    """
    if standard not in STANDARDS:
        raise DataError(f"the grading standard must be one of {', '.join(STANDARDS)}. Got {standard}")
    known = read_grading(standard).criteria
    aged = _with_ages(frame)
    grades: dict[str, list[tuple[str, pl.Expr]]] = {"low": [], "high": []}
    for code, named in terms.items():
        for term in [named] if isinstance(named, str) else named:
            if term not in known:
                raise DataError(f"{standard} has no term {term}; it has {', '.join(known)}")
            criterion = known[term]
            if code in (other for other, _ in grades[criterion.direction]):
                raise DataError(f"{code} has two terms of direction {criterion.direction}. Got {named}")
            _require_gradable(aged, code, criterion)
            grades[criterion.direction].append((code, _grade(criterion, _factor(aged, code, criterion))))
    low, high = (_by_parameter(grades[direction]) for direction in ("low", "high"))
    graded = aged.with_columns(ATOXGRL=low, ATOXGRH=high).with_columns(
        ATOXGR=pl.when(pl.col("ATOXGRL") > 0)
        .then("-" + pl.col("ATOXGRL").cast(pl.String))
        .otherwise(
            pl.coalesce(pl.when(pl.col("ATOXGRH") > 0).then("ATOXGRH"), "ATOXGRL", "ATOXGRH").cast(pl.String)
        )
    )
    return graded.drop("AGEDAYS", "AGEMONTHS", "AGEYEARS")


def derive_shift(
    frame: pl.DataFrame,
    *,
    value: str = "ANRIND",
    baseline: str = "BNRIND",
    shift: str = "SHIFT1",
    missing: str | None = None,
) -> pl.DataFrame:
    """Add `shift`, as in "NORMAL to HIGH", to the rows after TRTSDT or, without dates, all but baseline (ABLFL).

    Where one side is missing the shift is missing, or `missing` stands for that side.
    """
    require_variables(frame, [value, baseline], f"the shift {shift}")
    sides = [pl.col(name).cast(pl.String) for name in (baseline, value)]
    if missing is not None:
        sides = [side.fill_null(missing) for side in sides]
    text = sides[0] + " to " + sides[1]
    if "ADT" in frame.columns and "TRTSDT" in frame.columns:
        return frame.with_columns(pl.when(pl.col("ADT") > pl.col("TRTSDT")).then(text).alias(shift))
    require_variables(frame, ["ABLFL"], f"the shift {shift}")
    return frame.with_columns(pl.when(pl.col("ABLFL").is_null()).then(text).alias(shift))


def _grade(criterion: Criterion, factor: pl.Expr) -> pl.Expr:
    chain = pl.when(pl.lit(value=False)).then(pl.lit(None, pl.Int64))
    for rule in criterion.rules:
        holds = functools.reduce(operator.and_, (_holds(condition, factor) for condition in rule.conditions))
        chain = chain.when(holds.fill_null(value=False)).then(pl.lit(rule.grade, pl.Int64))  # type: ignore[assignment]
    return chain.otherwise(pl.lit(0, pl.Int64))


def _holds(condition: Condition, factor: pl.Expr) -> pl.Expr:
    left = _value(condition.left, factor)
    match condition.relation:
        case "is missing":
            return left.is_null()
        case "is known":
            return left.is_not_null()
        case "is high":
            return pl.col(condition.left).is_in(HIGH).fill_null(value=False)
        case "is not high":
            return ~pl.col(condition.left).is_in(HIGH).fill_null(value=False)
    if condition.right is not None and condition.right.startswith("'"):
        return left == pl.lit(condition.right.strip("'"))
    right = pl.lit(condition.offset)
    if condition.right is not None:
        right = condition.factor * _value(condition.right, factor) + condition.offset
    return _COMPARE[condition.relation](left.round_sig_figs(_DIGITS), right.round_sig_figs(_DIGITS))


def _value(name: str, factor: pl.Expr) -> pl.Expr:
    return pl.col(name) * factor if name in _SCALED else pl.col(name)


def _factor(frame: pl.DataFrame, code: str, criterion: Criterion) -> pl.Expr:
    if criterion.unit is None:
        return pl.lit(1.0)
    units = frame.filter(pl.col("PARAMCD") == code)["AVALU"].unique()
    factors = {unit: unit_factor(unit, criterion.unit) for unit in units if unit is not None}
    unknown = [unit for unit, factor in factors.items() if factor is None]
    if unknown:
        raise DataError(
            f"parameter {code} must be in {criterion.unit}, or a unit that converts to it, to be graded as "
            f"{criterion.term}. Got {', '.join(unknown)}"
        )
    return pl.col("AVALU").replace_strict(factors, return_dtype=pl.Float64, default=1.0)


def _require_gradable(frame: pl.DataFrame, code: str, criterion: Criterion) -> None:
    needed = [*criterion.variables, *(["AVALU"] if criterion.unit else [])]
    ages = [name for name in needed if name.startswith("AGE")]
    if ages and frame.schema[ages[0]] == pl.Null:
        raise DataError(
            f"grading {criterion.term} needs BRTHDT and ADT, or AGE in years; neither is there. Got {code}"
        )
    require_variables(frame, ["PARAMCD", *needed], f"grading {code} as {criterion.term}")


def _by_parameter(grades: Sequence[tuple[str, pl.Expr]]) -> pl.Expr:
    chosen = pl.when(pl.lit(value=False)).then(pl.lit(None, pl.Int64))
    for code, grade in grades:
        chosen = chosen.when(pl.col("PARAMCD") == code).then(grade)  # type: ignore[assignment]
    return chosen.otherwise(pl.lit(None, pl.Int64))


def _with_ages(frame: pl.DataFrame) -> pl.DataFrame:
    if {"BRTHDT", "ADT"} <= set(frame.columns):
        birth, day = pl.col("BRTHDT"), pl.col("ADT")
        months = 12 * (day.dt.year() - birth.dt.year()) + day.dt.month().cast(pl.Int32) - birth.dt.month()
        months -= (day.dt.day() < birth.dt.day()).cast(pl.Int32)
        return frame.with_columns(AGEDAYS=(day - birth).dt.total_days(), AGEMONTHS=months, AGEYEARS=months // 12)
    if "AGE" in frame.columns:
        years = pl.col("AGE")
        return frame.with_columns(AGEDAYS=years * 365.25, AGEMONTHS=years * 12, AGEYEARS=years)
    return frame.with_columns(AGEDAYS=None, AGEMONTHS=None, AGEYEARS=None)

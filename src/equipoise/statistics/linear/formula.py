"""A model formula read as a protocol's text, never run as a program: only columns and listed functions pass.

The formula language (Wilkinson and Rogers, Applied Statistics 1973;22:392-9) is parsed by formulaic. A factor of a
term is a column name, `C(column)` to treat numbers as levels, or arithmetic and the `FUNCTIONS` below on columns.
Anything else is refused, because formulaic evaluates factors as Python.
"""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from equipoise.errors import DataError

if TYPE_CHECKING:
    from formulaic.formula import SimpleFormula

FUNCTIONS = ("log", "log2", "log10", "exp", "center", "scale", "poly", "bs", "cr", "cc")
_ARITHMETIC = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Constant, ast.keyword)


@dataclass(frozen=True)
class ModelFormula:
    """A parsed formula: what is modelled, by which terms, from which columns."""

    text: str
    response: str
    right: "SimpleFormula"
    columns: tuple[str, ...]  # of the right-hand side
    response_columns: tuple[str, ...]
    as_levels: tuple[str, ...]  # columns inside C(...)


def parse_formula(text: str) -> ModelFormula:
    """Parse `response ~ terms`; raises `DataError` for a formula that is wrong or would run code."""
    from formulaic import Formula
    from formulaic.errors import FormulaicError
    from formulaic.formula import SimpleFormula, StructuredFormula
    from formulaic.parser.types import Term

    try:
        parsed = Formula(text)
    except (FormulaicError, SyntaxError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise DataError(f"a formula must read like CHG ~ BASE + ARM; {reason}. Got {text}") from None
    whole = isinstance(parsed, StructuredFormula) and hasattr(parsed, "lhs") and hasattr(parsed, "rhs")
    if not whole or not isinstance(parsed.rhs, SimpleFormula) or not _is_one_value(parsed.lhs):
        raise DataError(f"a formula must have one response and one set of terms: CHG ~ BASE + ARM. Got {text}")

    columns: list[str] = []
    levels: list[str] = []
    numbers: list[str] = []
    called: set[str] = {"C", "contr"}
    terms = []
    for term in parsed.rhs:
        factors = []
        for factor in term.factors:
            used, marked, functions = _read_factor(factor, text)
            columns += used
            called |= functions
            levels += marked
            numbers += [] if marked else used
            factors.append(_plain_factor(marked[0]) if marked else factor)
        terms.append(Term(factors))
    if both := set(levels) & set(numbers):
        raise DataError(
            f"a column enters a formula as C(column) or bare, not both ways; keep one. Got {min(both)} in {text}"
        )
    response = next(iter(parsed.lhs)).factors[0]
    response_columns, marked, functions = _read_factor(response, text)
    if marked or not response_columns:
        raise DataError(f"the response of a formula must be a column of numbers. Got {text}")
    if taken := (called | functions) & {*columns, *response_columns}:
        raise DataError(
            f"a column of a formula must not be named as a function in it; rename it. Got {min(taken)} in {text}"
        )
    return ModelFormula(
        text=text,
        response=response.expr,
        right=SimpleFormula(terms, _ordering="none"),
        columns=tuple(dict.fromkeys(columns)),
        response_columns=tuple(dict.fromkeys(response_columns)),
        as_levels=tuple(dict.fromkeys(levels)),
    )


def with_effect_coding(formula: "SimpleFormula", factors: dict[str, tuple[object, ...]]) -> "SimpleFormula":
    """Rewrite the terms so that every factor is coded by deviations from the mean of its levels."""
    from formulaic.formula import SimpleFormula
    from formulaic.parser.types import Factor, Term

    def recoded(factor: Any) -> Any:
        if factor.expr not in factors:
            return factor
        return Factor(f"C(`{factor.expr}`, contr.sum)", eval_method="python")

    return SimpleFormula(
        [Term([recoded(factor) for factor in term.factors]) for term in formula], _ordering="none"
    )


def _plain_factor(column: str) -> Any:
    from formulaic.parser.types import Factor

    return Factor(column, eval_method="lookup")


def _is_one_value(side: Any) -> bool:
    from formulaic.formula import SimpleFormula

    return isinstance(side, SimpleFormula) and len(side) == 1 and len(next(iter(side)).factors) == 1


def _read_factor(factor: Any, text: str) -> tuple[list[str], list[str], set[str]]:
    """List the columns a factor uses, the column it treats as levels, and the functions it calls."""
    from formulaic.parser.types import Factor

    if factor.eval_method is Factor.EvalMethod.LITERAL:
        return [], [], set()
    if factor.eval_method is Factor.EvalMethod.LOOKUP:
        return [factor.expr], [], set()
    try:
        tree = ast.parse(factor.expr, mode="eval")
    except SyntaxError:
        raise _refusal(factor.expr, text) from None
    body = tree.body
    if isinstance(body, ast.Call) and isinstance(body.func, ast.Name) and body.func.id == "C":
        if len(body.args) == 1 and isinstance(body.args[0], ast.Name) and not body.keywords:
            return [body.args[0].id], [body.args[0].id], set()
        raise DataError(
            f"C() takes one column; choose its first level by `reference`. Got {factor.expr} in {text}"
        )
    columns: list[str] = []
    functions: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            # a call comes before the name of its function
            if node not in functions:
                columns.append(node.id)
        elif isinstance(node, ast.Call):
            if not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
                raise _refusal(factor.expr, text)
            functions.append(node.func)
        elif not isinstance(node, (*_ARITHMETIC, ast.expr_context)):
            raise _refusal(factor.expr, text)
    return columns, [], {name.id for name in functions if isinstance(name, ast.Name)}


def _refusal(expression: str, text: str) -> DataError:
    known = ", ".join(("C", *FUNCTIONS))
    return DataError(f"a formula takes columns, arithmetic and {known} only. Got {expression} in {text}")

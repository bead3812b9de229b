"""SQL expressions in a protocol file: one text for edit checks, criteria, analysis sets and derivations.

Polars reads and evaluates them (`pl.sql_expr`); nothing is ever passed to Python's `eval`. `previous(item)`,
which SQL does not have, stands for the value of the item at the visit before. Numbers with a decimal point are
floating-point numbers: as the exact decimals that SQL makes of them, `days / 7.0` would keep six decimals.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import polars as pl

_PREVIOUS = re.compile(r"\bprevious\(\s*([A-Za-z]\w*)\s*\)")
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"[^"]*\"""")
_OVER_ROWS = re.compile(
    r"\b(?:sum|count|avg|mean|min|max|median|mode|first|last|std\w*|var\w*|quantile_\w+|corr|covar\w*|row_number"
    r"|rank|dense_rank|lag|lead|first_value|last_value|array_agg|string_agg)\s*\(|\bover\s*\(",
    re.IGNORECASE,
)
_LONGEST = 4000
_QUOTED_OR_DECIMAL = re.compile(r"""('(?:[^']|'')*'|"[^"]*")|(?<![\w.])(\d+\.\d*|\.\d+)(?![\w.])""")


def previous_name(item: str) -> str:
    """Return the column that holds an item's value at the visit before."""
    return f"previous {item}"


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> pl.Expr:
    """Return the polars expression of an SQL text; ValueError says what polars cannot read.

    Raises ValueError for text that is not one SQL expression, or is too long.
    """
    if len(text) > _LONGEST:  # polars does not come back from very deep expressions
        raise ValueError(f"is longer than {_LONGEST} characters; break it into several")
    sql = _PREVIOUS.sub(lambda m: f'"{previous_name(m.group(1))}"', text)
    sql = _QUOTED_OR_DECIMAL.sub(lambda m: m.group(1) or f"{m.group(2)}e0", sql)
    try:
        return pl.sql_expr(sql)
    except Exception as error:  # polars has no common base of what its SQL reader raises
        raise ValueError(f"is not an SQL expression ({str(error).splitlines()[0]})") from error


@lru_cache(maxsize=4096)
def names_in(text: str) -> tuple[str, ...]:
    """Return the names that an expression uses, in order, each once."""
    return tuple(dict.fromkeys(parse_expression(text).meta.root_names()))


def result_type(text: str, schema: Mapping[str, pl.DataType]) -> pl.DataType:
    """Return the type that an expression gives over columns of these types.

    Raises ValueError where they do not fit, and where the expression takes rows together (SUM, COUNT, OVER): a
    rule on one participant may not hang on the others.
    """
    if found := _OVER_ROWS.search(_QUOTED.sub("", text)):
        what = found.group().rstrip("( ").upper()
        raise ValueError(f"takes several rows together by {what}; write a rule on the values of one")
    frame = pl.DataFrame(schema=dict(schema))
    try:
        return frame.select(parse_expression(text).alias("result")).schema["result"]
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"does not fit the types of its variables ({str(error).splitlines()[0]})") from error

"""From the terms of a protocol to the columns and the formula of a model.

`arm`, `baseline` and `visit` are columns of the estimand's frame; any other word is a participant variable, a
number as it is or levels in the protocol's order. Factors of a term are joined by `*` or `:`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ...errors import EstimationFailed
from ..context import Context, count_of
from ..estimand import EstimandFrame

_JOINED = re.compile(r"\s*[*:]\s*")


@dataclass(frozen=True)
class ModelFrame:
    """The complete rows of a model: `rows` hold `columns`; `said` tells what was left out."""

    rows: pl.DataFrame
    right: str
    columns: tuple[str, ...]
    said: tuple[str, ...]


def build_model_frame(
    context: Context,
    frame: EstimandFrame,
    records: pl.DataFrame,
    terms: Sequence[str],
    *,
    also: Sequence[str] = (),
) -> ModelFrame:
    """Keep the records with a value in every term (and in `also`), each column of the type that the model needs.

    Raises EstimationFailed where a variable is absent, no row is complete, or an arm of the estimand has none.
    """
    names = list(dict.fromkeys(name for term in terms for name in factors_of(term)))
    columns = [name for name in (*names, *also) if name != "arm"]
    for name in columns:
        if name == "baseline":
            typed = records[name].cast(pl.Float64)
        elif name == "visit":
            typed = records[name].cast(pl.Enum(list(frame.estimand.variable.at)))
        else:
            typed = context.variable(name, records)
        records = records.with_columns(typed.alias(name))
    complete = records.drop_nulls(columns) if columns else records
    said = []
    if left_out := records.height - complete.height:
        lacking = ", ".join(name for name in columns if records[name].null_count())
        said.append(f"{count_of(left_out, 'record')} without {lacking} left out of the model.")
    present = set(complete["arm"].cast(pl.String))
    for arm in frame.arms:
        if arm not in present:
            raise EstimationFailed(
                f"a comparison with arm {arm} cannot be estimated: it has no participant with every value that "
                "the analysis needs"
            )
    return ModelFrame(complete, " + ".join(terms), tuple(names), tuple(said))


def has_arm(terms: Sequence[str]) -> bool:
    """Whether one of the terms is, or holds, the arm."""
    return any("arm" in factors_of(term) for term in terms)


def factors_of(term: str) -> list[str]:
    """Return the words that a term joins: arm and visit of `arm * visit`."""
    return _JOINED.split(term.strip())

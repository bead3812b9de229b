"""Missing values at a visit: carried forward from before, the last one or the worst.

Only values after day 1 are carried forward. A value that the data deliver as carried forward (DTYPE LOCF or
WOCF) is used as it is, unless an intercurrent event has taken away one of the participant's records: then the
delivered value may rest on it, and the value is derived here from the records that are left.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from ...errors import EstimationFailed

Rule = Literal["last observation carried forward", "worst observation carried forward"]
DELIVERED = {"last observation carried forward": "LOCF", "worst observation carried forward": "WOCF"}
VALUES = ("value", "baseline", "change", "percent_change", "day", "source")


@dataclass(frozen=True)
class Filled:
    """The rows of a visit after filling, and how many values were delivered and derived."""

    rows: pl.DataFrame
    delivered: int
    derived: int


def carry_forward(
    rows: pl.DataFrame,
    rule: Rule,
    *,
    delivered: pl.DataFrame,
    before: pl.DataFrame,
    touched: pl.Series,
    better: str | None,
) -> Filled:
    """Fill the rows of one visit that have no value.

    `rows`: one a participant, with `VALUES` and `handled`. `delivered`: the imputed records of the visit.
    `before`: the records after day 1 up to the visit, in the order of time. `touched`: participants of whom an
    intercurrent event took a record away. `better` tells which value is the worst. Raises EstimationFailed
    where the worst is asked for and the estimand does not say what is better.
    """
    tag = DELIVERED[rule]
    as_delivered = delivered.filter(
        (pl.col("imputed") == tag)
        & pl.col("value").is_not_null()
        & ~pl.col("participant").is_in(touched.implode())
    )
    rows, by_data = _fill(rows, as_delivered, f"{rule} (as in the data)")
    if rule == "worst observation carried forward":
        before = before.sort(
            "value", descending=require_better(better) == "lower", maintain_order=True, nulls_last=True
        )
        candidates = before.unique("participant", keep="first", maintain_order=True)
    else:
        candidates = before.unique("participant", keep="last", maintain_order=True)
    rows, by_rule = _fill(rows, candidates, rule)
    return Filled(rows, by_data, by_rule)


def require_better(better: str | None) -> str:
    """Return which values are better; EstimationFailed where the estimand does not say."""
    if better is None:
        raise EstimationFailed(
            "the worst value is not defined: say under the estimand's variable whether `better` is higher or lower"
        )
    return better


def _fill(rows: pl.DataFrame, found: pl.DataFrame, how: str) -> tuple[pl.DataFrame, int]:
    """Put the values of `found` (one a participant) where a row has none."""
    joined = rows.join(
        found.select("participant", *VALUES).rename({name: f"{name}_found" for name in VALUES}),
        on="participant",
        how="left",
        maintain_order="left",
    )
    filling = pl.col("value").is_null() & pl.col("value_found").is_not_null()
    count = joined.select(filling.sum()).item()
    values = [
        pl.when(filling).then(pl.col(f"{name}_found")).otherwise(pl.col(name)).alias(name) for name in VALUES
    ]
    handled = pl.when(filling).then(pl.lit(how)).otherwise(pl.col("handled")).alias("handled")
    return joined.with_columns(*values, handled).select(rows.columns), int(count)

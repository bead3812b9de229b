"""Evaluates a rule of the protocol on every measurement of virtual trials at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from ...errors import ProtocolError
from ...protocol import names_in, parse_expression
from ...statistics.distributions import Floats
from ..population import VirtualTrials

MEASURED = ("value", "baseline", "change", "percent_change", "day", "visit")


def evaluate_rule(rule: str, trials: VirtualTrials, item: str, measured: Mapping[str, Any]) -> Floats:
    """Return 1 where a rule of the measurement scope holds, 0 where it does not, NaN where it is undecided.

    measured: arrays by the names of `MEASURED`, T x n x v; item: id that stands for `value`. Raises ProtocolError
    for a name that virtual trials do not have.
    """
    shape = measured["value"].shape
    columns = {}
    for name in names_in(rule):
        source = "value" if name == item else name
        if source in measured:
            array = np.broadcast_to(measured[source], shape)
        elif source in trials.numbers:
            array = np.broadcast_to(trials.numbers[source][..., None], shape)
        elif source in trials.levels:
            texts = np.array(trials.codes[source])[trials.levels[source]]
            array = np.broadcast_to(texts[..., None], shape)
        else:
            raise ProtocolError(f"the rule `{rule}` names {name}, which virtual participants do not have")
        column = pl.Series(name, array.ravel())
        columns[name] = column.fill_nan(None) if column.dtype.is_float() else column
    said = pl.DataFrame(columns).select(parse_expression(rule).cast(pl.Float64).fill_null(np.nan).alias("said"))[
        "said"
    ]
    answer = said.to_numpy().reshape(shape)
    return np.where(np.isnan(measured["value"]), np.nan, answer)

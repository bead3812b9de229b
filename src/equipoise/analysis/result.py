"""What an analysis gives: statistics one a row, the records behind them, and how they were made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from ..protocol.model import Analysis

RESULT_SCHEMA: Mapping[str, pl.DataType] = {
    "analysis": pl.String(),
    "analysis_set": pl.String(),
    "parameter": pl.String(),
    "visit": pl.String(),
    "arm": pl.String(),
    "versus": pl.String(),
    "group": pl.String(),
    "statistic": pl.String(),
    "value": pl.Float64(),
}
"""Columns of `results.csv`. Texts are labels as in the data, empty where a statistic concerns none."""


@dataclass(frozen=True)
class AnalysisResult:
    """One analysis done.

    results: rows of `RESULT_SCHEMA`, in the order in which a reader wants them, full precision.
    records: the rows that the analysis used, one a participant (and visit, or event), with `participant`, `arm`
        and `source`; what a reader follows a number back to.
    account: sentences that say how it was done: model, set, how many of whom were left out and why, how each
        intercurrent event and missing data were handled, degrees of freedom.
    curves: frames that only figures need, by name, such as `survival`.
    """

    name: str
    spec: Analysis
    analysis_set: str
    results: pl.DataFrame
    records: pl.DataFrame
    account: tuple[str, ...]
    curves: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class TrialResults:
    """All analyses of a protocol in its order; `not_done` says by name why one could not be done."""

    done: Mapping[str, AnalysisResult]
    not_done: Mapping[str, str]

    @property
    def table(self) -> pl.DataFrame:
        """Every statistic of every analysis, one a row."""
        frames = [result.results for result in self.done.values()]
        return pl.concat(frames) if frames else pl.DataFrame(schema=dict(RESULT_SCHEMA))

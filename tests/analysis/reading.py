"""Reading the rows of one result in tests of small trials."""

from collections.abc import Callable

import polars as pl

from equipoise.analysis import AnalysisResult
from equipoise.analysis.context import Context
from equipoise.analysis.run import analysis_function

Cell = Callable[..., float | None]


def analyse(context: Context, name: str) -> AnalysisResult:
    """Do one analysis of a protocol."""
    spec = context.protocol.analyses[name]
    return analysis_function(spec.method)(context, name, spec)


def cell(result: AnalysisResult) -> Cell:
    """Return a function that reads the one row with these levels; columns not named must be empty."""

    def read(statistic: str, **levels: str) -> float | None:
        where = {"parameter": "", "visit": "", "arm": "", "versus": "", "group": ""} | levels
        found = result.results.filter(
            pl.col("statistic") == statistic, *(pl.col(name) == value for name, value in where.items())
        )
        assert found.height == 1, f"{statistic} {levels}: {found.height} rows"
        value: float | None = found["value"].item()
        return value

    return read

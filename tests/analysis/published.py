"""Reading results the way a printed table is read: by its cells, rounded half away from zero as SAS prints."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import polars as pl

from equipoise.analysis import TrialResults, run_analyses

from ..shipped import assembled, shipped


@cache
def analysed(trial: str, *folders: Path, only: tuple[str, ...] = ()) -> TrialResults:
    """Do the analyses of a shipped trial, all or some of them, on the data in these folders."""
    return run_analyses(shipped(trial), assembled(trial, *folders), only=only)


def printed(value: float, decimals: int) -> str:
    """Round as SAS prints: half away from zero, after the noise of the last binary digits is gone."""
    return str(Decimal(f"{value:.12g}").quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def reader(results: TrialResults, analysis: str) -> Callable[..., float]:
    """Return a function that reads one cell of an analysis: the one row that has just these levels."""
    table = results.done[analysis].results

    def cell(statistic: str, **levels: str) -> float:
        where = {"parameter": "", "visit": "", "arm": "", "versus": "", "group": ""} | levels
        found = table.filter(
            pl.col("statistic") == statistic, *(pl.col(name) == value for name, value in where.items())
        )
        assert found.height == 1, f"{statistic} {levels}: {found.height} rows"
        value = found["value"].item()
        return float("nan") if value is None else float(value)

    return cell

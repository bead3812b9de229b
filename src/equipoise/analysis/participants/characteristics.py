"""Characteristics at baseline and exposure, by arm (CONSORT 2025 items 23 and 24).

A number is summarised, anything else counted by level; percentages are of the participants who have a value.
On request p of a one-way analysis of variance, or of Pearson's chi-square over the levels that occur.
"""

from collections.abc import Sequence

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Demographics, Exposure
from ...statistics.categorical import chi_square
from ...statistics.linear import anova_one_way
from ..context import Context, count_by_arm, levels_of
from ..result import AnalysisResult
from ..rows import ResultRows
from ..summaries import add_shares, add_summaries


def tabulate_demographics(context: Context, name: str, spec: Demographics) -> AnalysisResult:
    """Describe the variables by arm, with p of the differences between arms if the protocol asks for it."""
    return _describe(context, name, spec, tests=spec.tests)


def tabulate_exposure(context: Context, name: str, spec: Exposure) -> AnalysisResult:
    """Describe how much was given and for how long, by arm."""
    return _describe(context, name, spec, tests=False)


def _describe(context: Context, name: str, spec: Demographics | Exposure, *, tests: bool) -> AnalysisResult:
    members = context.members(spec.set, spec.where)
    arms = list(context.arm_labels.values())
    rows = ResultRows(name, spec.set)
    for arm, number in count_by_arm(members, arms, total=True).items():
        rows.add({"n": number}, arm=arm)
    said = [context.say_set(spec.set, members)]
    used = []
    for variable in spec.variables:
        try:
            column = context.variable(variable, members)
        except EstimationFailed as absent:
            said.append(f"{variable} is not described: {absent}.")
            continue
        used.append(variable)
        frame = members.select("participant", "arm", column.alias("value"))
        if column.dtype == pl.Float64:
            add_summaries(rows, frame, "value", arms, total=True, parameter=variable)
            tested = "one-way analysis of variance"
        else:
            _add_levels(rows, frame, variable, arms)
            tested = "Pearson chi-square"
        _add_missing(rows, frame, variable, arms)
        if tests:
            said.append(_add_test(rows, frame.drop_nulls("value"), variable, tested))
    if not used:
        raise EstimationFailed(f"the data hold none of the variables {', '.join(spec.variables)}")
    said.append("Percentages are of the participants who have a value.")
    records = members.select("participant", "arm", *used, *_source(members))
    return AnalysisResult(name, spec, spec.set, rows.frame(), records, tuple(said))


def _source(members: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col("source")] if "source" in members.columns else [pl.lit(None, dtype=pl.String).alias("source")]


def _add_levels(rows: ResultRows, frame: pl.DataFrame, variable: str, arms: Sequence[str]) -> None:
    known = frame.drop_nulls("value")
    below = count_by_arm(known, arms, total=True)
    for arm, number in below.items():
        rows.add({"n": number}, parameter=variable, arm=arm)
    dtype = frame["value"].dtype
    for level in dtype.categories if isinstance(dtype, pl.Enum) else levels_of(frame["value"]):
        counted = count_by_arm(known.filter(pl.col("value") == level), arms, total=True)
        add_shares(rows, counted, below, parameter=variable, group={variable: level})


def _add_missing(rows: ResultRows, frame: pl.DataFrame, variable: str, arms: Sequence[str]) -> None:
    """Count the participants without a value, where there are any."""
    if frame["value"].null_count():
        unknown = frame.filter(pl.col("value").is_null())
        for arm, number in count_by_arm(unknown, arms, total=True).items():
            rows.add({"count": number}, parameter=variable, arm=arm, group={"missing": "true"})


def _add_test(rows: ResultRows, frame: pl.DataFrame, variable: str, tested: str) -> str:
    frame = frame.with_columns(pl.col("arm").cast(pl.String))
    if frame["arm"].n_unique() < 2 or frame["value"].n_unique() < 2:
        return f"{variable}: no test, because there are not two arms and two values to compare."
    try:
        if frame["value"].dtype == pl.Float64:
            anova = anova_one_way(frame, "value", "arm")
            rows.add({"f": anova.f, "df": anova.df_between, "p": anova.p}, parameter=variable)
        else:
            chi = chi_square(frame.with_columns(pl.col("value").cast(pl.String)), "value", "arm")
            rows.add({"chi2": chi.chi2, "df": chi.df, "p": chi.p}, parameter=variable)
    except EstimationFailed as failure:
        return f"{variable}: no test, because {failure}."
    return f"p of {variable}: {tested}."

"""Shifts of laboratory values from baseline to the worst after it, against the reference range or by grade.

By range a participant is, after baseline, LOW or HIGH if any value was, LOW AND HIGH if both occurred, else
NORMAL. By grade the worst is the highest grade. Values after day 1 count, planned or not. Percentages are of
the arm's participants with the same category at baseline.
"""

from collections.abc import Sequence

import polars as pl

from ...datasets.assemble.columns import as_text
from ...errors import EstimationFailed
from ...protocol.model import LabShifts
from ..context import Context, count_by_arm
from ..result import AnalysisResult
from ..rows import ResultRows
from ..summaries import add_shares

BASELINE_RANGE = ("LOW", "NORMAL", "HIGH")
WORST_RANGE = ("LOW", "NORMAL", "HIGH", "LOW AND HIGH")
GRADES = ("0", "1", "2", "3", "4", "5")


def tabulate_lab_shifts(context: Context, name: str, spec: LabShifts) -> AnalysisResult:
    """Count participants by category at baseline and worst category after it, for each parameter.

    Raises EstimationFailed where no parameter has reference ranges (or grades).
    """
    members = context.members(spec.set, spec.where)
    arms = list(context.arm_labels.values())
    rows = ResultRows(name, spec.set)
    said = [context.say_set(spec.set, members)]
    used = []
    for item in spec.items or context.data.measurements:
        measured = context.data.measurements.get(item)
        shifts = None if measured is None else _shifts(context, measured, members, spec.by)
        if shifts is None or shifts.is_empty():
            if spec.items:
                said.append(f"{item} is not shown: {context.absence(item, f'{spec.by} for {item}')}.")
            continue
        _add_parameter(rows, shifts, context.parameter(item), arms, spec.by)
        left_out = members.height - shifts.height
        if left_out:
            said.append(f"{context.parameter(item)}: {left_out} without a value at baseline and one after it.")
        used.append(shifts.with_columns(pl.lit(item).alias("item")))
    if not used:
        wanted = "reference ranges" if spec.by == "range" else "grades"
        raise EstimationFailed(context.absence(f"laboratory {spec.by}", f"laboratory parameter with {wanted}"))
    said.append("Worst of all values after day 1; percentages are of those with the same category at baseline.")
    return AnalysisResult(name, spec, spec.set, rows.frame(), pl.concat(used), tuple(said))


def _shifts(context: Context, measured: pl.DataFrame, members: pl.DataFrame, by: str) -> pl.DataFrame | None:
    """Return a row a participant with `baseline` and `worst`; None where the parameter has no categories."""
    now, before = ("range_indicator", "baseline_range_indicator") if by == "range" else ("grade", "baseline_grade")
    if now not in measured.columns or measured[now].null_count() == measured.height:
        return None
    days = {name: visit.target for name, visit in context.protocol.schedule.visits.items()}
    target = pl.col("visit").replace_strict(days, default=None, return_dtype=pl.Float64)
    records = measured.filter(pl.col("imputed").is_null()).with_columns(
        pl.coalesce(pl.col("day").cast(pl.Float64), target).alias("time")
    )
    after = records.filter((pl.col("time") > 1) & pl.col(now).is_not_null())
    if by == "range":
        low, high = (pl.col(now) == "LOW").any(), (pl.col(now) == "HIGH").any()
        worst = (
            pl.when(low & high)
            .then(pl.lit("LOW AND HIGH"))
            .when(low)
            .then(pl.lit("LOW"))
            .when(high)
            .then(pl.lit("HIGH"))
            .otherwise(pl.lit("NORMAL"))
        )
        at_worst = pl.col("source").filter(pl.col(now) != "NORMAL").first()
    else:
        worst = pl.col(now).max()
        at_worst = pl.col("source").sort_by(now, descending=True).first()
    found = after.group_by("participant", maintain_order=True).agg(
        worst.alias("worst"), pl.coalesce(at_worst, pl.col("source").first()).alias("source")
    )
    at_start = records.group_by("participant", maintain_order=True).agg(
        pl.col(before).drop_nulls().first().alias("baseline")
    )
    joined = (
        members.select("participant", "arm")
        .join(at_start, on="participant", how="inner", maintain_order="left")
        .join(found, on="participant", how="inner", maintain_order="left")
        .drop_nulls(["baseline", "worst"])
    )
    return joined.with_columns(as_text(joined["baseline"]), as_text(joined["worst"]))


def _add_parameter(rows: ResultRows, shifts: pl.DataFrame, parameter: str, arms: Sequence[str], by: str) -> None:
    starts, ends = (BASELINE_RANGE, WORST_RANGE) if by == "range" else (GRADES, GRADES)
    seen_starts, seen_ends = set(shifts["baseline"]), set(shifts["worst"])
    for arm, number in count_by_arm(shifts, arms).items():
        rows.add({"n": number}, parameter=parameter, arm=arm)
    for start in (s for s in starts if by == "range" or s in seen_starts):
        at_start = shifts.filter(pl.col("baseline") == start)
        below = count_by_arm(at_start, arms)
        for arm, number in below.items():
            rows.add({"n": number}, parameter=parameter, arm=arm, group={"baseline": start})
        for end in (e for e in ends if by == "range" or e in seen_ends):
            counted = count_by_arm(at_start.filter(pl.col("worst") == end), arms)
            add_shares(rows, counted, below, parameter=parameter, group={"baseline": start, "worst": end})

"""Values and changes from baseline by visit and arm, as observed.

One record a participant and visit is used, the one that stands for the visit; values that were carried forward or
otherwise filled in are not. `curves["course"]` holds the means with their standard errors, for figures.
"""

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import ByVisit
from ..context import Context
from ..result import AnalysisResult
from ..rows import ResultRows
from ..summaries import WITH_ERROR, summaries_by_arm


def tabulate_by_visit(context: Context, name: str, spec: ByVisit) -> AnalysisResult:
    """Summarise each item at each visit that has data, or at those that the protocol names.

    Raises EstimationFailed where none of the items was measured; one that was not is named in the account.
    """
    members = context.members(spec.set, spec.where)
    arms = list(context.arm_labels.values())
    rows = ResultRows(name, spec.set)
    said = [context.say_set(spec.set, members)]
    used, course = [], []
    for item in spec.items:
        try:
            measured = context.measurements(item)
        except EstimationFailed as absent:
            said.append(f"{item} is not shown: {absent}.")
            continue
        records = _observed(measured, members)
        used.append(records.with_columns(pl.lit(item).alias("item")))
        visits = spec.visits or [v for v in context.protocol.schedule.visits if (records["visit"] == v).any()]
        for visit in visits:
            here = records.filter(pl.col("visit") == visit)
            label = context.visit_label(visit, measured)
            if here.is_empty():
                said.append(f"{item} has no value at {label}.")
            for column in ("value", "change"):
                for arm, summary in summaries_by_arm(here, column, arms, WITH_ERROR).items():
                    place = {"parameter": context.parameter(item), "visit": label, "arm": arm}
                    rows.add(summary, **place, group={"summary": column})
                    day = context.protocol.schedule.visits[visit].target
                    course.append({**place, "item": item, "day": day, "summary": column, **summary})
    if not used:
        raise EstimationFailed(f"the data hold no measurements of {', '.join(spec.items)}")
    said.append("As observed: values carried forward are not counted; n changes from visit to visit.")
    curves = {"course": pl.DataFrame(course, infer_schema_length=None)}
    return AnalysisResult(
        name, spec, spec.set, rows.frame(), pl.concat(used, how="diagonal_relaxed"), tuple(said), curves=curves
    )


def _observed(measured: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    arms = members.select("participant", "arm")
    return measured.filter(
        pl.col("visit").is_not_null()
        & pl.col("analysed")
        & pl.col("imputed").is_null()
        & pl.col("value").is_not_null()
    ).join(arms, on="participant", how="inner", maintain_order="left")

"""Protocol deviations by category and arm: participants with one, and deviations."""

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Deviations
from ..context import Context, count_by_arm, count_of
from ..result import AnalysisResult
from ..rows import ResultRows
from ..summaries import add_shares


def tabulate_deviations(context: Context, name: str, spec: Deviations) -> AnalysisResult:
    """Count participants with a deviation, and deviations, in all and by category.

    Raises EstimationFailed where the data hold no deviations dataset.
    """
    if context.data.deviations is None:
        raise EstimationFailed(context.absence("deviations", "protocol deviations"))
    members = context.members(spec.set, spec.where)
    arms = list(context.arm_labels.values())
    records = context.data.deviations.join(
        members.select("participant", "arm"), on="participant", how="inner", maintain_order="left"
    ).with_columns(pl.col("category").fill_null("not categorised"))
    rows = ResultRows(name, spec.set)
    below = count_by_arm(members, arms, total=True)
    for arm, number in below.items():
        rows.add({"n": number}, arm=arm)
    categories = records.group_by("category").len().sort(["len", "category"], descending=[True, False])["category"]
    groups = [({"deviation": "any"}, records)]
    groups += [({"category": c}, records.filter(pl.col("category") == c)) for c in categories]
    for group, part in groups:
        counted = count_by_arm(part, arms, total=True, distinct="participant")
        events = count_by_arm(part, arms, total=True)
        add_shares(rows, counted, below, group=group, events=events)
    said = (
        context.say_set(spec.set, members),
        f"{count_of(records.height, 'deviation')}; a participant counts once in each row.",
    )
    return AnalysisResult(name, spec, spec.set, rows.frame(), records, said)

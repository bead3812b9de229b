"""The visits of a model for repeated measures, and the estimand's frame over all of them.

By default these are the visits at which the item is scheduled, after day 1 and up to the last visit of the
estimand: what comes after the primary time point would bear on its estimate, which trial statisticians avoid. A
protocol that schedules nothing (data brought from elsewhere) takes every such visit of its schedule. The
strategies of the estimand are carried out at each visit as `estimand.measurements` describes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ...errors import EstimationFailed
from ...protocol import Protocol
from ...protocol.model import Estimand, Mmrm
from ..context import Context
from ..efficacy.model_terms import ModelFrame, build_model_frame
from ..estimand import EstimandFrame, build_estimand_frame


@dataclass(frozen=True)
class RepeatedMeasures:
    """The frame over all visits of a model, and its rows.

    labels: label of each visit by its id, in the order of the schedule. asked: ids of the visits of the estimand.
    """

    frame: EstimandFrame
    model: ModelFrame
    labels: dict[str, str]
    asked: tuple[str, ...]

    @property
    def rows(self) -> pl.DataFrame:
        """The rows of the model, one a participant and visit; `visit` is a level in the order of the schedule."""
        return self.model.rows

    @property
    def said(self) -> tuple[str, ...]:
        """Sentences on the analysis set, intercurrent events, what is missing, and what the model leaves out."""
        return (*self.frame.account, *self.model.said)


def build_repeated_measures(context: Context, spec: Mmrm) -> RepeatedMeasures:
    """Build the frame of a model for repeated measures.

    Raises EstimationFailed where a visit of the estimand has no value, or one is left in all.
    """
    estimand = context.protocol.estimands[spec.estimand]
    asked = estimand.variable.at
    visits = _visits_with_values(context, estimand, spec.visits or scheduled_visits(context.protocol, estimand))
    for visit in asked:
        if visit not in visits:
            item = estimand.variable.item
            raise EstimationFailed(f"visit {visit} of the estimand has no value of {item} for the model to use")
    if len(visits) < 2:
        raise EstimationFailed(
            f"a model for repeated measures needs values at two visits or more; use ancova. Got {visits[0]}"
        )
    frame = build_estimand_frame(context, spec.estimand, visits=visits)
    also = [] if spec.covariance_by is None else [spec.covariance_by]
    model = build_model_frame(context, frame, frame.records, spec.terms, also=[*also, "visit"])
    labels = {visit: label for visit, label, _ in frame.visits()}
    return RepeatedMeasures(frame, model, labels, asked)


def scheduled_visits(protocol: Protocol, estimand: Estimand) -> tuple[str, ...]:
    """List the visits after day 1 at which the item is scheduled, up to the last one of the estimand."""
    schedule, item = protocol.schedule, estimand.variable.item
    order = {name: place for place, name in enumerate(schedule.visits)}
    forms = [name for name, form in protocol.forms.items() if item in form.items]
    planned = {visit for name in forms for visit in schedule.activities.get(name, ())} or set(schedule.visits)
    last = max(order[visit] for visit in estimand.variable.at)
    return tuple(
        name
        for name, visit in schedule.visits.items()
        if name in estimand.variable.at or (name in planned and visit.target > 1 and order[name] <= last)
    )


def _visits_with_values(context: Context, estimand: Estimand, visits: Sequence[str]) -> list[str]:
    """Keep the visits at which anything was measured, in the order of the schedule."""
    assert estimand.variable.item is not None
    measured = context.measurements(estimand.variable.item)
    seen = measured.filter(pl.col("analysed") & pl.col("imputed").is_null() & pl.col("value").is_not_null())
    with_values = set(seen["visit"].drop_nulls())
    order = context.visit_order()
    return [visit for visit in sorted(visits, key=order.__getitem__) if visit in with_values]

"""From a data frame to sums by pattern: which rows are used, who was seen when, and what is wrong with them.

Rows with a missing value in a column of the model are left out and counted. Visits stand in the order of an
`Enum`, else sorted. Times that differ between participants (`sp_exp` only) are put into slots, each participant's
in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes, Factor, code_factor
from equipoise.statistics.frames import require_columns, require_labels, to_polars
from equipoise.statistics.linear.design import Design, build_design
from equipoise.statistics.repeated_measures.layout import Places, build_layout
from equipoise.statistics.repeated_measures.sums import PatternSums, Response, sum_by_pattern

_MOST_VISITS = 60  # distinct times beyond which each participant's own are kept apart


@dataclass(frozen=True, eq=False)
class Measurements:
    """The rows used: their `design`, `places`, `sums`, and the labels of what the codes stand for.

    `visits` are the labels of the visits (none where each participant has times of their own), `groups` those of
    the groups of covariance; `distance` between visits is there where they are numbers.
    """

    design: Design
    places: Places
    participants: tuple[object, ...]
    visits: tuple[object, ...]
    groups: tuple[object, ...]
    distance: Floats | None
    sums: PatternSums


def read_measurements(
    formula: str,
    data: IntoFrame,
    *,
    subject: str,
    visit: str,
    group: str | None = None,
    weights: str | None = None,
    reference: Mapping[str, object] | None = None,
    own_times: bool = False,
) -> Measurements:
    """Read what a model needs of the data.

    Raises `DataError` for missing labels, a participant twice at a visit, a visit that nobody was measured at;
    `EstimationFailed` where columns depend on each other, a group has one measurement, or parameters outnumber
    measurements.
    """
    frame = to_polars(data)
    labels = [subject, visit, *([group] if group else [])]
    require_columns(frame, labels)
    require_labels(frame, labels)
    design = build_design(formula, frame, reference=reference, weights=weights)
    used = frame.select(labels) if design.dropped == 0 else frame.select(labels)[design.frame["_row"]]
    participant, at_visit = code_factor(used[subject]), code_factor(used[visit])
    if design.dropped:
        _require_seen_visits(frame[visit], at_visit, visit, design.formula.response)
    _require_once(used, participant, at_visit, labels)
    if design.response.size <= len(design.columns):
        raise EstimationFailed(
            f"a model needs more measurements than its {len(design.columns)} coefficients; drop a term of "
            f"{formula}. Got {design.response.size} measurements"
        )

    number = len(participant.levels)
    schedule, distance, slots = np.zeros(number, dtype=np.intp), None, at_visit
    if used[visit].dtype.is_numeric():
        times = np.array(at_visit.levels, dtype=float)
        distance = np.abs(np.subtract.outer(times, times))
        if own_times and len(times) > _MOST_VISITS:
            slots, schedule, own = _slots(participant, at_visit)
            distance = np.abs(own[:, :, None] - own[:, None, :])
    places = Places(participant.codes, slots.codes, number, len(slots.levels))
    seen = np.zeros((number, places.visits), dtype=bool)
    seen[places.participant, places.visit] = True
    groups = _groups(used, group, places)
    response = places.spread(design.response)
    log_weights = 0.0
    if design.weights is not None:
        response *= places.spread(np.sqrt(design.weights))
        log_weights = float(np.log(design.weights).sum())
    sums = sum_by_pattern(
        build_layout(design, places), Response(response, seen, groups.codes, schedule, log_weights)
    )
    if distance is not None and distance.ndim == 3:
        distance = distance[sums.schedule]
    return Measurements(design, places, participant.levels, slots.levels, groups.levels, distance, sums)


def _require_seen_visits(column: pl.Series, at_visit: Factor, visit: str, response: str) -> None:
    unseen = [level for level in code_factor(column).levels if level not in set(at_visit.levels)]
    if unseen:
        raise DataError(
            f"every visit must have a measurement; drop the rows of a {visit} at which no participant has "
            f"{response} and all covariates. Got none at {', '.join(str(level) for level in unseen)}"
        )


def _require_once(frame: pl.DataFrame, participant: Factor, at_visit: Factor, labels: list[str]) -> None:
    subject, visit = labels[:2]
    cell = participant.codes * len(at_visit.levels) + at_visit.codes
    times = np.bincount(cell)
    if times.max() > 1:
        twice = int(times.argmax())
        rows = np.flatnonzero(cell == twice)
        name, when = frame[subject][int(rows[0])], frame[visit][int(rows[0])]
        raise DataError(
            f"a participant must be measured once at a visit; keep one row or average them. "
            f"Got {len(rows)} rows of {subject} {name} at {visit} {when}"
        )


def _groups(frame: pl.DataFrame, group: str | None, places: Places) -> Factor:
    if group is None:
        return Factor(np.zeros(places.participants, dtype=np.intp), ("all",))
    factor = code_factor(frame[group])
    of_participant = places.by_participant(factor.codes.astype(float))
    if of_participant is None:
        raise DataError(f"a participant must be in one group of covariance. Got changes of {group} within one")
    for place, number in enumerate(np.bincount(factor.codes)):
        if number < 2:
            raise EstimationFailed(
                f"a group needs more than one measurement for a covariance of its own; join it with another or "
                f"leave out `group`. Got {number} at {group} {factor.levels[place]}"
            )
    return Factor(of_participant.astype(np.intp), factor.levels)


def _slots(participant: Factor, at_visit: Factor) -> tuple[Factor, Codes, Floats]:
    """Give each participant's times a number; find the schedules (distinct times) and their times by slot."""
    order = np.lexsort((at_visit.codes, participant.codes))
    ordered = participant.codes[order]
    starts = np.searchsorted(ordered, np.arange(len(participant.levels)))
    slot = np.empty(order.size, dtype=np.intp)
    slot[order] = np.arange(order.size) - starts[ordered]
    times = np.full((len(participant.levels), int(slot.max()) + 1), np.nan)
    times[participant.codes, slot] = np.array(at_visit.levels, dtype=float)[at_visit.codes]
    # slots without a measurement are not looked at; any number will do
    filled = np.nan_to_num(times)
    distinct, schedule = np.unique(filled, axis=0, return_inverse=True)
    return Factor(slot, tuple(range(times.shape[1]))), schedule.ravel().astype(np.intp), distinct

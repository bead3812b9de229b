"""The plan for the size of the trial goes together with its analysis, scenarios and arms."""

from collections.abc import Iterator

from ..finding import Finding
from ..model import Assumptions, Protocol, RepeatedMeasurements
from ..quantity import dimension_of
from ..source import FieldPath

PLANNED = ("ancova", "mmrm", "t test", "rank-sum", "kaplan-meier", "cox", "categorical")
"""Methods whose power can be planned: they compare arms."""


def check_plan(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each contradiction of `design` and `assumptions` with the rest of the file."""
    if protocol.assumptions is not None:
        if protocol.assumptions.dropout is not None:
            yield from _after_day_1(protocol, ("assumptions", "dropout", "by"), protocol.assumptions.dropout.by)
        yield from _scenarios(protocol, protocol.assumptions)
    if protocol.design is None:
        return
    analysis = protocol.analyses.get(protocol.design.analysis)
    if analysis is not None and analysis.method not in PLANNED:
        problem = f"must compare arms by {', '.join(PLANNED[:-1])} or {PLANNED[-1]}, and is {analysis.method}"
        yield Finding(("design", "analysis"), problem, protocol.design.analysis)
    if protocol.assumptions is None or protocol.assumptions.participant is None:
        yield Finding(("design",), "plans by the participants of assumptions.participant, which is missing")


def _after_day_1(protocol: Protocol, where: FieldPath, visit: str) -> Iterator[Finding]:
    """Yield a finding where something that takes time would be over on study day 1 or earlier."""
    given = protocol.schedule.visits.get(visit)
    if given is not None and given.target <= 1:
        yield Finding(where, "must be a visit after study day 1", visit)


def _scenarios(protocol: Protocol, given: Assumptions) -> Iterator[Finding]:
    unit = None
    if given.participant is not None:
        item = protocol.items.get(given.participant.item)
        unit = None if item is None else item.unit
    for name, scenario in given.scenarios.items():
        where = ("assumptions", "scenarios", name)
        for arm, difference in scenario.differences.items():
            if unit and dimension_of(difference.unit) != dimension_of(unit):
                problem = f"must be in {unit}, the unit of {given.participant.item}"  # type: ignore[union-attr]
                yield Finding((*where, arm), problem, difference)
            if arm == protocol.control and difference.value != 0:
                yield Finding((*where, arm), "is the control, from which differences are counted", difference)
        if scenario.dropout is not None:
            yield from _after_day_1(protocol, (*where, "dropout", "by"), scenario.dropout.by)
        if scenario.reached_by is not None:
            yield from _after_day_1(protocol, (*where, "reached_by"), scenario.reached_by)
        visits = protocol.schedule.visits
        reached, until = visits.get(scenario.reached_by or ""), visits.get(scenario.lasts_until or "")
        if reached is not None and until is not None and until.target < reached.target:
            problem = f"must not come before {scenario.reached_by}, when the effect is reached"
            yield Finding((*where, "lasts_until"), problem, scenario.lasts_until)
    if isinstance(given.participant, RepeatedMeasurements):
        first = min(
            (protocol.schedule.visits[v].target for v in given.participant.means if v in protocol.schedule.visits),
            default=1,
        )
        if first > 1:
            problem = "must hold the visit before treatment, from which changes are counted"
            yield Finding(("assumptions", "participant", "means"), problem)

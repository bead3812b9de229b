"""The plan for the size of the trial goes together with its analysis, scenarios and arms."""

from collections.abc import Iterator

from ...errors import suggest
from ..finding import Finding
from ..model import Assumptions, Dropout, Protocol, RepeatedMeasurements
from ..quantity import dimension_of
from ..source import FieldPath

PLANNED = ("ancova", "mmrm", "t test", "rank-sum", "kaplan-meier", "cox", "categorical")
"""Methods whose power can be planned: they compare arms."""


def check_plan(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each contradiction of `design` and `assumptions` with the rest of the file."""
    if protocol.assumptions is not None:
        yield from _shares(protocol, protocol.assumptions)
        yield from _scenarios(protocol, protocol.assumptions)
    if protocol.design is None:
        return
    analysis = protocol.analyses.get(protocol.design.analysis)
    if analysis is not None and analysis.method not in PLANNED:
        problem = f"must compare arms by {', '.join(PLANNED[:-1])} or {PLANNED[-1]}, and is {analysis.method}"
        yield Finding(("design", "analysis"), problem, protocol.design.analysis)
    if protocol.assumptions is None or protocol.assumptions.participant is None:
        yield Finding(("design",), "plans by the participants of assumptions.participant, which is missing")


def _leaving(protocol: Protocol, where: FieldPath, dropout: Dropout, unit: str | None) -> Iterator[Finding]:
    yield from _after_day_1(protocol, (*where, "by"), dropout.by)
    if unit and dropout.per is not None and dimension_of(dropout.per.unit) != dimension_of(unit):
        yield Finding((*where, "per"), f"must be in {unit}, the unit of the main item", dropout.per)


def _shares(protocol: Protocol, given: Assumptions) -> Iterator[Finding]:
    for name, shares in given.shares.items():
        where = ("assumptions", "shares", name)
        declared = protocol.items.get(name) or protocol.variables.get(name)
        for code, share in shares.items():
            if declared is not None and declared.codes and code not in declared.codes:
                yield Finding((*where, code), f"is no code of {name}{suggest(code, declared.codes)}", code)
            if not 0 <= share <= 1:
                yield Finding((*where, code), "must be a share from 0 to 1", share)
        if abs(sum(shares.values()) - 1) > 1e-6:
            yield Finding(where, "must hold shares that add up to 1", f"{sum(shares.values()):g}")


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
    if given.dropout is not None:
        yield from _leaving(protocol, ("assumptions", "dropout"), given.dropout, unit)
    for name, scenario in given.scenarios.items():
        where = ("assumptions", "scenarios", name)
        for arm, difference in scenario.differences.items():
            if unit and dimension_of(difference.unit) != dimension_of(unit):
                problem = f"must be in {unit}, the unit of {given.participant.item}"  # type: ignore[union-attr]
                yield Finding((*where, arm), problem, difference)
            if arm == protocol.control and difference.value != 0:
                yield Finding((*where, arm), "is the control, from which differences are counted", difference)
        if scenario.dropout is not None:
            yield from _leaving(protocol, (*where, "dropout"), scenario.dropout, unit)
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

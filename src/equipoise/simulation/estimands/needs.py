"""What a population must bring for the outcomes of estimands: items, sets, visits."""

from collections.abc import Collection, Mapping

from ...analysis.repeated_measures.visits import scheduled_visits
from ...protocol import Protocol
from ...protocol.model import Estimand, Mmrm
from ..population import Population, ordered_visits, visits_of


def model_visits(protocol: Protocol, spec: object, estimand: Estimand) -> tuple[str, ...]:
    """Return the visits that a model takes in: all of a repeated measures model, else those of the estimand."""
    if isinstance(spec, Mmrm):
        return spec.visits or scheduled_visits(protocol, estimand)
    return estimand.variable.at


def population_for(
    protocol: Protocol,
    estimands: Mapping[str, Estimand],
    scenario: str | None,
    *,
    variables: Collection[str] = (),
    visits: Collection[str] = (),
    size: int | None = None,
) -> Population:
    """Return the population from which the outcomes of estimands can be drawn, up to the last visit needed.

    variables, visits: what models of them need beside. Raises ProtocolError for what cannot be drawn.
    """
    items = dict.fromkeys(e.variable.item for e in estimands.values() if e.variable.item)
    sets = dict.fromkeys(protocol.analysis_sets[e.set].rule for e in estimands.values())
    needed = set(visits)
    for estimand in estimands.values():
        endpoint = estimand.variable
        to_the_end = endpoint.kind == "time to event" or endpoint.confirmed_by is not None
        needed |= visits_of(protocol, endpoint.item or "") if to_the_end else set(endpoint.at)
    every = ordered_visits(protocol)
    until = max(needed, key=every.index) if needed else every[-1]
    return Population(protocol, scenario, tuple(items), tuple(variables), tuple(sets), until, size)

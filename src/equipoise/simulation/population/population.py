"""The population of a trial: what can be drawn of it, under which scenario, and how participants leave."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ...errors import ProtocolError, suggest
from ...protocol import Protocol, names_in
from ...protocol.model import Assumptions, Dropout, Effect
from .courses import Course, course_of
from .leaving import Leaving
from .streams import Streams
from .trials import VirtualTrials, ordered_visits, visits_of
from .variables import KNOWN, drawable_variables


def require_assumptions(protocol: Protocol) -> Assumptions:
    """Return the assumptions; ProtocolError where participants cannot be drawn from them."""
    given = protocol.assumptions
    if given is None or given.participant is None:
        raise ProtocolError(
            f"protocol {protocol.trial.id} has no assumptions.participant, so nobody can be drawn from it; "
            "add the assumptions, or bring the trial's data: --data to analyse, --from-data to simulate"
        )
    return given


def require_scenario(protocol: Protocol, name: str) -> Effect:
    """Return a scenario; ProtocolError, with the nearest name, where there is none of that name."""
    scenarios = require_assumptions(protocol).scenarios
    if name not in scenarios:
        raise ProtocolError(f"protocol {protocol.trial.id} has no scenario {name}{suggest(name, scenarios)}")
    return scenarios[name]


@dataclass(frozen=True, eq=False)
class Population:
    """Everyone who could enter a trial, and what is to be drawn of them beside the main item.

    scenario: its id, None where there is no effect. items: ids of measurements. variables: ids of participant
    variables. rules: of the participant scope, each evaluated on every participant. until: the last visit that is
    wanted, None for all. size: participants of a trial, where it is not the planned number. Raises ProtocolError
    for what the assumptions cannot give.
    """

    protocol: Protocol
    scenario: str | None = None
    items: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    until: str | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        given = require_assumptions(self.protocol)
        drawable = {self.main, *given.background}
        derived = [n for n, item in self.protocol.items.items() if _derives(item.derive, drawable)]
        drawable.update(derived)
        for item in self.items:
            if item not in drawable:
                raise ProtocolError(
                    f"item {item} cannot be drawn from the assumptions: it is neither the main item, nor under "
                    f"background, nor derived from such{suggest(item, drawable)}"
                )
        known = drawable_variables(self.protocol, drawable)
        for name in (*self.variables, *self.strata, *(n for rule in self.rules for n in names_in(rule))):
            if name not in known:
                raise ProtocolError(
                    f"variable {name} cannot be drawn from the assumptions: its values are neither under "
                    f"background nor under shares, nor follow from such{suggest(name, known - set(KNOWN))}"
                )
        if self.scenario is not None:
            require_scenario(self.protocol, self.scenario)
        if not self.participants:
            raise ProtocolError(f"protocol {self.protocol.trial.id} plans no number of participants to draw")

    @cached_property
    def given(self) -> Assumptions:
        """The assumptions of the protocol."""
        return require_assumptions(self.protocol)

    @cached_property
    def effect(self) -> Effect | None:
        """The scenario."""
        return None if self.scenario is None else require_scenario(self.protocol, self.scenario)

    @cached_property
    def main(self) -> str:
        """Id of the main item."""
        model = require_assumptions(self.protocol).participant
        assert model is not None
        return model.item

    @cached_property
    def unit(self) -> str | None:
        """Unit of the main item."""
        item = self.protocol.items.get(self.main)
        return None if item is None else item.unit

    @cached_property
    def participants(self) -> int:
        """Participants of a trial."""
        return self.size or self.protocol.size or 0

    @cached_property
    def visits(self) -> tuple[str, ...]:
        """The visits that are drawn, in the order of time."""
        every = ordered_visits(self.protocol)
        return every if self.until is None else every[: every.index(self.until) + 1]

    @cached_property
    def before(self) -> tuple[int, ...]:
        """Positions of the visits on study day 1 or earlier."""
        return tuple(v for v, name in enumerate(self.visits) if self.protocol.schedule.visits[name].target <= 1)

    @cached_property
    def strata(self) -> tuple[str, ...]:
        """Variables within whose levels participants are allocated."""
        plan = self.protocol.randomisation
        return () if plan is None else plan.strata

    @cached_property
    def screens_by_main(self) -> bool:
        """Whether the main item is measured at a first visit before study day 1, so that criteria select by it."""
        first = self.visits[0]
        return self.protocol.schedule.visits[first].target < 1 and first in visits_of(self.protocol, self.main)

    @cached_property
    def course(self) -> Course:
        """The course of the main item."""
        return course_of(self.given.participant)

    @cached_property
    def background(self) -> tuple[str, ...]:
        """The background items that are asked for, or that items and variables are made of."""
        used: set[str] = set()
        for name in self.items:
            item = self.protocol.items.get(name)
            used |= {name} if item is None or not item.derive else {name, *names_in(item.derive)}
        used |= {variable.item for variable in self.protocol.variables.values() if variable.item}
        return tuple(item for item in self.given.background if item in used)

    @property
    def dropout(self) -> Dropout | None:
        """The dropout of the scenario, else that of all scenarios."""
        return self.effect.dropout if self.effect is not None and self.effect.dropout else self.given.dropout

    @cached_property
    def leaving(self) -> Leaving | None:
        """The hazard of leaving; where it depends on values, found once by a pilot draw in which nobody leaves."""
        from .draw import find_hazard

        if self.dropout is None:
            return None
        by = self.protocol.schedule.visits[self.dropout.by].target
        if self.dropout.depends_on == "chance":
            return Leaving(self.dropout, float(-np.log1p(-self.dropout.share) / by))
        pilot = replace(self, until=None, items=(), variables=(), rules=())
        return Leaving(self.dropout, find_hazard(pilot, self.dropout, by))

    def draw(self, streams: Streams, trials: int) -> VirtualTrials:
        """Draw trials; see `draw.draw_trials`."""
        from .draw import draw_trials

        return draw_trials(self, streams, trials)

    def decimals(self, item: str) -> int:
        """Return the decimals with which an item is recorded; a mean of several counts has one."""
        declared = self.protocol.items.get(item)
        if declared is None:
            return 6
        if declared.decimals is not None:
            return declared.decimals
        several = item == self.main and getattr(self.given.participant, "samples", 1) > 1
        return 0 if declared.type == "count" and not several else 1


def _derives(expression: str | None, known: Collection[str]) -> bool:
    return expression is not None and set(names_in(expression)) <= set(known)

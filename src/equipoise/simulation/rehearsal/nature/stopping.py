"""Which events of the assumptions stop the infusions, which one is death, and which have a record of their own.

An intercurrent event says so by its expression in the protocol: one that hangs on the doses received stops them,
one on the day of death is death, one on a variable of day that is recorded in a form is a record of that form.
"""

from collections.abc import Mapping

import numpy as np

from ....protocol import Protocol, Quantity, names_in
from ....protocol.model import ParticipantVariable
from ...population import VirtualTrials
from .columns import Column


def stopping_events(protocol: Protocol) -> tuple[str, ...]:
    """Return the intercurrent events that stop the infusions."""
    return _on(protocol, {"doses", "last_dose_day"})


def deadly_events(protocol: Protocol) -> tuple[str, ...]:
    """Return the intercurrent events that are death."""
    return _on(protocol, {"death_day"})


def recorded_events(protocol: Protocol) -> Mapping[str, ParticipantVariable]:
    """Return the intercurrent events whose day is that of a record of a form, with the variable that says so."""
    found = {}
    for name, event in protocol.intercurrent_events.items():
        variable = protocol.variables.get(event.day.strip())
        if variable is not None and variable.recorded_in in protocol.schedule.at_any_time:
            found[name] = variable
    return found


def stopping_days(protocol: Protocol, trial: VirtualTrials) -> Column:
    """Return the study day from which each participant gets no more infusions, infinite where there is none."""
    return _first_day(trial, stopping_events(protocol))


def death_days(protocol: Protocol, trial: VirtualTrials) -> Column:
    """Return the study day of death, infinite where nobody died under observation."""
    days = _first_day(trial, deadly_events(protocol))
    return np.where(days <= trial.last_day[0], days, np.inf)


def infusion_volume(protocol: Protocol, visit: str) -> Quantity | None:
    """Return the volume of what is given at a visit, the same in every arm."""
    given = (product for product in protocol.interventions.values() if visit in product.at)
    return next((product.volume for product in given if product.volume is not None), None)


def _on(protocol: Protocol, names: set[str]) -> tuple[str, ...]:
    return tuple(name for name, event in protocol.intercurrent_events.items() if names & set(names_in(event.day)))


def _first_day(trial: VirtualTrials, events: tuple[str, ...]) -> Column:
    days = [np.where(np.isnan(trial.events[name][0]), np.inf, trial.events[name][0])
            for name in events if name in trial.events]  # fmt: skip
    return np.min(days, axis=0) if days else np.full(trial.arm.shape[1], np.inf)

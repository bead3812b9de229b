"""The levels of a participant's strata as the record gives them: the site, and variables derived from forms."""

from collections.abc import Mapping
from datetime import date

from ...errors import DecisionRefused
from ...protocol import Protocol
from ..door.state import Participant
from .source_values import source_for_strata


def derive_strata(protocol: Protocol, participant: Participant, on: date) -> dict[str, str]:
    """Return the level of each factor of the randomisation, for an allocation on a day; empty without factors.

    Raises DecisionRefused where a level does not follow from the forms, or the protocol does not know it.
    """
    source = source_for_strata(protocol, participant, on)
    factors = protocol.randomisation.strata if protocol.randomisation is not None else ()
    levels = {factor: source.value(factor) for factor in factors}
    missing = [factor for factor, level in levels.items() if level is None]
    if missing:
        wanted = source.name_forms(source.lacking(missing) or missing)
        raise DecisionRefused(f"the strata of {participant.id} cannot be told yet; fill in first: {wanted}")
    for factor, level in levels.items():
        variable = protocol.variables.get(factor)
        if variable is not None and variable.codes and level not in variable.codes:
            raise DecisionRefused(
                f"{source.name_value(factor)} of {participant.id} must be one of "
                f"{', '.join(variable.codes)} for the randomisation; check the form. Got {level}"
            )
    return {factor: _text(level) for factor, level in levels.items()}


def name_strata(strata: Mapping[str, str]) -> str:
    """Name the levels of strata in words."""
    return ", ".join(f"{factor} {level}" for factor, level in strata.items()) or "no strata"


def _text(level: object) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)

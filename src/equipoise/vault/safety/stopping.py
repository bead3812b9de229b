"""Stopping rules: for how many participants a rule of the protocol holds, in all or in each arm on its own.

What the rules look at comes from the blinded side (`SafetyEvent`); arms are looked at only for a rule that counts
`in_one_arm`. A value that is not known speaks against no participant, as in every rule of the protocol.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from ...errors import DecisionRefused
from ...protocol import Protocol, names_in, parse_expression
from ...protocol.checks.vocabulary import adverse_event_names


class SafetyEvent(msgspec.Struct, frozen=True):
    """An adverse event as rules see it: values by the names of the scope of adverse events."""

    participant: str
    values: dict[str, Any]


class Held(msgspec.Struct, frozen=True):
    """A rule that holds: for whom, and in which arm (None: in all)."""

    rule: str
    arm: str | None
    participants: tuple[str, ...]


def rules_that_hold(protocol: Protocol, events: Sequence[SafetyEvent], arms: Mapping[str, str]) -> list[Held]:
    """Return the stopping rules that hold, each with the participants who make it hold; `arms` by participant.

    Rules that the protocol gives in words only are left to people. DecisionRefused for a rule that names what is
    not known while the trial runs.
    """
    rules = {} if protocol.safety is None else protocol.safety.stopping_rules
    found = []
    for name, rule in rules.items():
        if rule.rule is None:
            continue
        concerned = _concerned(protocol, name, rule.rule, events)
        groups = {None: concerned} if not rule.in_one_arm else _by_arm(concerned, arms)
        found += [Held(name, arm, tuple(people)) for arm, people in groups.items() if len(people) >= rule.at_least]
    return found


def not_told_before(held: Sequence[Held], told: Sequence[Held]) -> list[Held]:
    """Return the rules that hold for somebody for whom they were not told to hold before."""
    before: dict[tuple[str, str | None], set[str]] = {}
    for one in told:
        before.setdefault((one.rule, one.arm), set()).update(one.participants)
    return [one for one in held if not set(one.participants) <= before.get((one.rule, one.arm), set())]


def needs_arms(protocol: Protocol) -> bool:
    """Whether any rule counts in each arm on its own."""
    return protocol.safety is not None and any(one.in_one_arm for one in protocol.safety.stopping_rules.values())


def _concerned(protocol: Protocol, name: str, rule: str, events: Sequence[SafetyEvent]) -> list[str]:
    """Return the participants with an event for which a rule holds, each once, in the order of the events."""
    used, types = names_in(rule), adverse_event_names(protocol)
    if unknown := [one for one in used if any(one not in event.values for event in events)]:
        raise DecisionRefused(
            f"stopping rule {name} needs {', '.join(unknown)}, which is not known while the trial runs; let the "
            "safety board look at it"
        )
    if not events:
        return []
    frame = pl.DataFrame(
        {one: [event.values[one] for event in events] for one in used},
        schema={one: types[one] for one in used},
        strict=False,
    )
    holds = frame.select(parse_expression(rule).fill_null(value=False).alias("holds"))["holds"]
    return list(dict.fromkeys(event.participant for event, one in zip(events, holds, strict=True) if one))


def _by_arm(participants: Collection[str], arms: Mapping[str, str]) -> dict[str | None, list[str]]:
    groups: dict[str | None, list[str]] = {}
    for participant in participants:
        if participant in arms:
            groups.setdefault(arms[participant], []).append(participant)
    return groups

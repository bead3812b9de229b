"""The numbered criteria of eligibility, each decided by its rule over the forms or by the investigator's word.

Every verdict keeps what it was reached by. A rule over missing values is not decided, unless what is missing does
not apply to the person: then it counts as not fulfilled, as SQL counts a condition that comes to nothing. Once a
criterion keeps the person out the others may stay undecided, for nobody should undergo examinations that cannot
change anything.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from ...protocol import Protocol, names_in
from ...protocol.model import Criterion
from ...record.event import canonical
from ..door.state import Scalar
from .source_values import SourceValues


@dataclass(frozen=True)
class Verdict:
    """A criterion as decided: whether the person fulfils what it says, and by which values or (judged) none."""

    met: bool
    inputs: Mapping[str, Scalar]
    judged: bool


@dataclass(frozen=True)
class Assessment:
    """All criteria as far as they are decided.

    not_met: ids of those that keep the person out. lacking: items without a value on which a rule hangs. unjudged:
    ids of those that wait for the investigator's word.
    """

    verdicts: Mapping[str, Verdict]
    not_met: tuple[str, ...]
    lacking: tuple[str, ...]
    unjudged: tuple[str, ...]


def criteria_of(protocol: Protocol) -> dict[str, Criterion]:
    """Return all criteria by id, those of inclusion first."""
    return {**protocol.population.inclusion, **protocol.population.exclusion}


def hash_rules(protocol: Protocol) -> str:
    """Return the SHA-256 over the criteria: their rules, and the text of those that are judged."""
    population = protocol.population
    content = {
        kind: {name: c.rule or c.text.say() for name, c in criteria.items()}
        for kind, criteria in (("inclusion", population.inclusion), ("exclusion", population.exclusion))
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def assess_criteria(source: SourceValues, judged: Mapping[str, bool]) -> Assessment:
    """Decide every criterion that can be decided; `judged` holds the investigator's word by id."""
    criteria = criteria_of(source.protocol)
    rules = {name: criterion.rule for name, criterion in criteria.items() if criterion.rule is not None}
    found = source.evaluate(rules)
    verdicts: dict[str, Verdict] = {}
    lacking: dict[str, None] = {}
    for name in criteria:
        if name in judged:
            verdicts[name] = Verdict(judged[name], {}, judged=True)
        elif name in rules:
            inputs = {used: source.value(used) for used in names_in(rules[name])}
            missing = source.lacking(used for used, value in inputs.items() if value is None)
            if found[name] is None and missing:
                lacking |= dict.fromkeys(missing)
            else:
                verdicts[name] = Verdict(bool(found[name]), inputs, judged=False)
    wanted = source.protocol.population.inclusion
    return Assessment(
        verdicts,
        not_met=tuple(name for name, verdict in verdicts.items() if verdict.met != (name in wanted)),
        lacking=tuple(lacking),
        unjudged=tuple(name for name in criteria if name not in rules and name not in judged),
    )

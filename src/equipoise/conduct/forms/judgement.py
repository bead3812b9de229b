"""A form as it stands, judged by its rules: derived values, what is lacking, which edit checks do not hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...protocol import Protocol
from ..door.state import Participant, Scalar, Value
from .elsewhere import previous_values, variable_values
from .planned import masked_items
from .reading import is_given
from .rules import Outcomes, rules_of


@dataclass(frozen=True)
class Judgement:
    """What is said of a record: derived values by item, items that it lacks, checks that do not hold."""

    derived: dict[str, Scalar]
    lacking: tuple[str, ...]
    failed: tuple[str, ...]


def judge(
    protocol: Protocol, participant: Participant, form_id: str, visit: str, values: Mapping[str, Value]
) -> Judgement:
    """Judge a record with these values; earlier values and participant variables come from the other records.

    Where `required_when` is given it decides, else `required`. A code of why there is no value counts as an
    answer. Items that only the vault keeps are not asked for.
    """
    row = rule_values(protocol, participant, form_id, visit, values)
    return judged_by(protocol, participant, form_id, values, rules_of(protocol, form_id).evaluate(row))


def rule_values(
    protocol: Protocol, participant: Participant, form_id: str, visit: str, values: Mapping[str, Value]
) -> dict[str, Scalar]:
    """Return what the rules of a record look at: its values, earlier ones, and participant variables."""
    rules = rules_of(protocol, form_id)
    row: dict[str, Scalar] = {name: value.value for name, value in values.items()}
    row |= previous_values(participant, form_id, visit, rules.previous)
    row |= variable_values(protocol, participant, rules.variables)
    return row


def judged_by(
    protocol: Protocol, participant: Participant, form_id: str, values: Mapping[str, Value], found: Outcomes
) -> Judgement:
    """Return the judgement of a record, of which its rules say `found`."""
    form = protocol.forms[form_id]
    masked = masked_items(protocol, form, allocated=participant.allocation is not None)
    lacking = tuple(
        name
        for name, item in form.items.items()
        if (name in found.required if item.required_when is not None else item.required)
        and item.derive is None
        and name not in masked
        and not is_given(values.get(name))
    )
    return Judgement(found.derived, lacking, found.failed)


def raised_now(
    protocol: Protocol, participant: Participant, versions: Mapping[str, Protocol] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return, by key of the record, the edit checks that do not hold as the data now stand.

    It differs from what was raised when a record was saved where an earlier value was corrected since. A record is
    judged by the version that it was made by, which `versions` has by its hash; by `protocol` where it has not.
    """
    known = versions or {}
    found = {
        key: judge(own, participant, entry.form, entry.visit, entry.values).failed
        for key, entry in participant.forms.items()
        if entry.removed is None and (own := known.get(entry.protocol, protocol)).forms[entry.form].checks
    }
    return {key: failed for key, failed in found.items() if failed}

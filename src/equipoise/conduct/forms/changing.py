"""Changing a record: which one it is, that it still is as the person saw it, and the reason for the change."""

from collections.abc import Iterable
from datetime import date

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...protocol.model import Form
from ..door.fact import Setting
from ..door.scope import name_person
from ..door.state import FormEntry, Participant, Trial
from ..organisation.joined import join_versions
from .reading import is_given


def name_record(form: Form, visit: str, repeat: int = 1) -> str:
    """Name a record of a form in words: `Vital signs, visit W4`."""
    number = f", record {repeat}" if form.repeats else ""
    return f"{form.label.say()}{f', visit {visit}' if visit else ''}{number}"


def name_items(form: Form, items: Iterable[str]) -> str:
    """Name items by their labels."""
    return ", ".join(form.items[item].label.say() for item in items)


def record_number(form: Form, form_id: str, participant: Participant, visit: str, asked: int | None) -> int:
    """Return the number of the record that is meant; None asks for the next one of a form that repeats.

    Refused are numbers that leave a gap, and records that were struck out.
    """
    if not form.repeats:
        if asked not in (None, 1):
            raise DecisionRefused(f"{form.label.say()} has only one record a visit. Got record {asked}")
        return 1
    known = {
        entry.repeat: entry
        for entry in participant.forms.values()
        if (entry.form, entry.visit) == (form_id, visit)
    }
    following = max(known, default=0) + 1
    number = following if asked is None else asked
    if not 1 <= number <= following:
        raise DecisionRefused(f"{form.label.say()} has {following - 1} records so far. Got record {number}")
    if number in known and known[number].removed is not None:
        raise DecisionRefused(f"{name_record(form, visit, number)} was struck out; enter a new record")
    return number


def version_of_record(setting: Setting, participant: Participant, entry: FormEntry | None) -> Protocol:
    """Return the protocol by which a record is read and judged: that under which it was first filled in.

    What only the participant's present version has is added, as other records of theirs may need it.
    """
    own = participant.protocol if entry is None else entry.protocol or participant.protocol
    if own == participant.protocol:
        return setting.protocol
    return join_versions([setting.protocol, setting.version(own)])


def require_as_seen(trial: Trial, entry: FormEntry | None, name: str, expected: int | None) -> None:
    """Refuse a change of a record that somebody else has saved since the person opened it.

    expected: the sequence of the record as the person saw it, 0 for none; None where that is not known.
    """
    if expected is None or expected == (0 if entry is None else entry.sequence):
        return
    if entry is None:
        raise DecisionRefused(f"{name} has not been saved yet; open it again. Got event {expected}")
    raise DecisionRefused(
        f"{name} was saved by {name_person(trial, entry.by)} since you opened it; "
        "look at what is there now and enter your values again"
    )


def require_new_content(
    form: Form, name: str, entry: FormEntry | None, on: date, changed: Iterable[str], masked: frozenset[str]
) -> None:
    """Refuse, kindly, a save that changes nothing."""
    if any(True for _ in changed) or (entry is not None and (entry.on != on or entry.removed is not None)):
        return
    if entry is not None:
        raise DecisionRefused(f"{name} already says the same; there is nothing to save")
    if masked and masked == {item for item, one in form.items.items() if one.derive is None}:
        raise DecisionRefused(f"{name} is recorded by the vault once the participant is allocated")
    raise DecisionRefused(f"{name} is empty; enter a value, or say why there is none")


def require_reason(
    form: Form, name: str, entry: FormEntry | None, on: date, changed: Iterable[str], reason: str | None
) -> str | None:
    """Return the reason given; refused where something that stood there is changed without one."""
    said = (reason or "").strip() or None
    if entry is None or said is not None:
        return said
    again = [item for item in changed if is_given(entry.values.get(item))]
    if again:
        raise DecisionRefused(f"{name}: please say why {name_items(form, again)} is changed")
    if entry.on != on:
        raise DecisionRefused(f"{name}: please say why its date is changed from {entry.on}. Got {on}")
    if entry.removed is not None:
        raise DecisionRefused(f"{name} was struck out ({entry.removed}); please say why it is filled in again")
    return None

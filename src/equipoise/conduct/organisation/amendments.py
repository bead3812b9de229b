"""What a new version of the protocol means for a trial that runs: the kind of each change, and what is refused.

A change is of one kind, the first of these that fits: it touches collected data (values recorded already change
their meaning, or are judged anew), it needs a new derivation, it needs re-consent (what participants undergo, or
what is asked of them, is another), or it is harmless. The kind is advice to who plans the amendment; whether a
consent form is to be signed anew is declared when it is approved (`consent_documents`).

Refused is what the record could not follow: a form, an item or a visit that is gone while the record holds it, an
item of another type or unit, a code that was used and is gone, and, once the list is sealed, another allocation,
blind or dose, which the vault would not know of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...protocol import Change, Protocol, compare_protocols
from ..door.state import FormEntry, Trial

Kind = Literal["collected data", "new derivation", "re-consent", "harmless"]
KINDS: tuple[Kind, ...] = ("collected data", "new derivation", "re-consent", "harmless")
"""Kinds of a change, the gravest first."""

_ASKED = ("visit", "activity", "item", "form", "arm", "intervention")
"""Things of which participants notice a new one."""

_FREE: Mapping[str, Any] = {"label": True, "route": True, "expected": True, "storage": True, "supply": {"buffer"}}
"""What of a product may change under a sealed list: the vault prepares no dose by it."""


@dataclass(frozen=True)
class Classified:
    """A change of the protocol, with its kind."""

    change: Change
    kind: Kind


def classify_changes(old: Protocol, new: Protocol) -> tuple[Classified, ...]:
    """Return the changes from one version to the next with their kinds, the gravest first."""
    found = [Classified(change, _kind(change)) for change in compare_protocols(old, new)]
    return tuple(sorted(found, key=lambda one: KINDS.index(one.kind)))


def count_kinds(changes: tuple[Classified, ...]) -> dict[str, int]:
    """Return the number of changes by kind, of the kinds that occur."""
    kinds = [one.kind for one in changes]
    return {kind: kinds.count(kind) for kind in KINDS if kind in kinds}


def refusals(old: Protocol, new: Protocol, trial: Trial) -> tuple[str, ...]:
    """Return a sentence for each thing in the new version that the record of the trial cannot follow."""
    found = [*_of_another_trial(old, new), *_forms(old, new, trial), *_visits(new, trial)]
    if trial.list_hash is not None or any(person.allocation for person in trial.participants.values()):
        found += _allocation(old, new)
    return tuple(found)


def _kind(change: Change) -> Kind:
    fields = {field.field.split(".")[0] for field in change.fields}
    if change.kind == "participant variable" or (change.kind == "item" and fields == {"derive"}):
        return "new derivation"
    if change.effect == "collected data":
        return "collected data"
    if change.effect == "conduct" and change.kind in _ASKED and change.action != "removed":
        return "re-consent" if change.kind != "item" or change.action == "added" else "harmless"
    return "harmless"


def _of_another_trial(old: Protocol, new: Protocol) -> Iterator[str]:
    if old.trial.id != new.trial.id:
        yield f"an amendment is of the same trial, {old.trial.id}. Got {new.trial.id}"


def _forms(old: Protocol, new: Protocol, trial: Trial) -> Iterator[str]:
    """Give what is wrong with forms and items that the record holds; a record that was struck out counts too."""
    for name, entries in _entries(trial).items():
        if name not in old.forms:
            continue
        form, before = new.forms.get(name), old.forms[name]
        where = f"form {name} ({before.label.say()})"
        if form is None:
            yield f"{where} is filled in for {len(entries)} records and cannot be removed; put it back"
            continue
        if before.repeats and not form.repeats and any(entry.repeat > 1 for entry in entries):
            yield f"{where} has records beyond the first and must go on repeating"
        for item, values in _values(entries).items():
            if item in before.items:
                yield from _item(f"item {item} of {where}", before.items[item], form.items.get(item), values)


def _item(where: str, before: Any, after: Any, values: list[Any]) -> Iterator[str]:
    if after is None:
        yield f"{where} holds {len(values)} values and cannot be removed; put it back, and ask for it no more"
        return
    for what in ("type", "unit"):
        was, now = getattr(before, what), getattr(after, what)
        if was != now:
            yield f"{where} holds {len(values)} values of {what} {was}; add a new item for the other. Got {now}"
    gone = {str(value) for value in values if value is not None} & (before.codes.keys() - after.codes.keys())
    if after.type == "code" and gone:
        yield f"{where} holds values with a code that is gone; put it back. Got {', '.join(sorted(gone))}"


def _visits(new: Protocol, trial: Trial) -> Iterator[str]:
    known = {visit.name for person in trial.participants.values() for visit in person.visits.values()}
    for visit in sorted(name for name in known if name is not None and name not in new.schedule.visits):
        yield f"visit {visit} was held or missed already and cannot be removed; put it back"


def _allocation(old: Protocol, new: Protocol) -> Iterator[str]:
    """Give what would no longer agree with the sealed list, and with the doses that the vault computes."""
    told = "is kept by the sealed list and the vault, which an amendment does not reach; a new trial is needed"
    strata = () if old.randomisation is None else old.randomisation.strata
    pairs = {
        "arms": (old.arms, new.arms),
        "randomisation": (old.randomisation, new.randomisation),
        "blinding": (old.blinding, new.blinding),
        **{f"interventions.{name}": _given(old, new, name) for name in {**old.interventions, **new.interventions}},
        **{f"variables.{name}": (old.variables.get(name), new.variables.get(name)) for name in strata},
    }
    for section, (was, now) in pairs.items():
        if was != now:
            yield f"{section} {told}"


def _given(old: Protocol, new: Protocol, name: str) -> tuple[Any, Any]:
    """Return of both versions what of a product decides on a dose."""
    both = (old.interventions.get(name), new.interventions.get(name))
    was, now = (None if one is None else one.model_dump(exclude=dict(_FREE)) for one in both)
    return was, now


def _entries(trial: Trial) -> Mapping[str, list[FormEntry]]:
    found: dict[str, list[FormEntry]] = {}
    for person in trial.participants.values():
        for entry in person.forms.values():
            found.setdefault(entry.form, []).append(entry)
    return found


def _values(entries: list[FormEntry]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for entry in entries:
        for item, value in entry.values.items():
            if value.value is not None or value.missing is not None:
                found.setdefault(item, []).append(value.value)
    return found

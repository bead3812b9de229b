"""Blank forms from their definitions: items with a field of the right size, hints in words, what is left out."""

import hashlib
import json
from collections.abc import Mapping

from ...conduct.forms.planned import masked_items
from ...protocol import Protocol
from ...protocol.model import Form, Item
from ..language import Phrases
from ..language.labels import unit_sign
from .rules import say_rule
from .sheets import Choice, Entry, Field, FormGrid

_DIGITS = 12
"""Most boxes in a row; a number that may be longer gets a line."""


def form_version(form: Form) -> str:
    """Return a short hash of what a form asks: a sheet printed before holds good as long as it stays the same."""
    content = form.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def blank_form(protocol: Protocol, name: str, say: Phrases, *, allocated: bool, roomy: bool = False) -> FormGrid:
    """Return a form to be filled in by hand; `allocated`: for whoever has a randomisation number.

    roomy: with two lines for a text, where the form stands on a page of its own.
    """
    form = protocol.forms[name]
    masked = masked_items(protocol, form, allocated=allocated)
    asked = {key: item for key, item in form.items.items() if item.derive is None and key not in masked}
    known = _names(protocol, form)
    return FormGrid(
        title=form.label.say(say.language),
        name=name,
        version=form_version(form),
        entries=tuple(_entry(item, known, say, roomy=roomy) for item in asked.values()),
        numbered=form.repeats,
        checks=tuple(check.say.say(say.language) for check in form.checks.values()),
        notes=_notes(form, masked, say),
    )


def number_boxes(item: Item, say: Phrases) -> Field:
    """Return the boxes of a number: as many digits as its range needs, decimals as the protocol says."""
    unit = "" if item.unit is None else say_unit(item.unit, say)
    others = ", ".join(say_unit(other, say) for other in item.also_in)
    decimals = 0 if item.type in ("integer", "count") else item.decimals
    if item.range is None or decimals is None:
        return Field(kind="text", unit=unit, other_units=others)
    low, high = item.range
    whole = max(len(str(int(abs(bound)))) for bound in (low, high))
    if whole + decimals > _DIGITS:
        return Field(kind="text", unit=unit, other_units=others)
    return Field(kind="number", whole=whole, decimals=decimals, signed=low < 0, unit=unit, other_units=others)


def say_unit(unit: str, say: Phrases) -> str:
    """Return a unit as it is written by hand; those that are words, in the language."""
    sign = unit_sign(unit)
    return say(sign) if sign in WORDED else sign


WORDED = ("years", "months", "days", "weeks", "hours", "minutes", "cells", "cells/µL", "copies/mL")
"""Units that are words."""


def _names(protocol: Protocol, form: Form) -> Mapping[str, Item]:
    return {**protocol.items, **form.items}


def _entry(item: Item, known: Mapping[str, Item], say: Phrases, *, roomy: bool) -> Entry:
    return Entry(
        label=item.label.say(say.language),
        hint=_hint(item, known, say),
        field=_field(item, say, roomy=roomy),
        critical=item.critical,
    )


def _field(item: Item, say: Phrases, *, roomy: bool) -> Field:
    if item.is_number:
        return number_boxes(item, say)
    if item.type == "yes or no":
        return Field(kind="choices", choices=(Choice(say("Yes")), Choice(say("No"))))
    if item.type == "code":
        labels = {code: label.say(say.language) for code, label in item.codes.items()}
        return Field(
            kind="choices",
            choices=tuple(
                Choice(label, "" if label.casefold().startswith(code.casefold()) else code)
                for code, label in labels.items()
            ),
        )
    if item.type == "text":
        return Field(kind="text", lines=2 if roomy else 1)
    if item.type == "date" or item.type == "time":
        return Field(kind=item.type)
    return Field(kind="date and time")


def _hint(item: Item, known: Mapping[str, Item], say: Phrases) -> str:
    parts = []
    if item.required_when is not None:
        parts.append(say("only if {rule}", rule=say_rule(item.required_when, known, say)))
    elif not item.required:
        parts.append(say("may be left empty"))
    if item.range is not None:
        low, high = item.range
        parts.append(say("{low} to {high}", low=f"{low:.10g}", high=f"{high:.10g}"))
    return " · ".join(parts)


def _notes(form: Form, masked: frozenset[str], say: Phrases) -> tuple[str, ...]:
    def listed(names: list[str]) -> str:
        return say(", ").join(form.items[name].label.say(say.language) for name in names)

    notes = []
    derived = [name for name, item in form.items.items() if item.derive is not None]
    if derived:
        notes.append(say("Computed on entry, not asked here: {names}.", names=listed(derived)))
    if masked:
        names = listed([name for name in form.items if name in masked])
        notes.append(
            say(
                "Do not write here: {names}. After randomisation it may hint at the treatment; the laboratory "
                "reports it to the pharmacist, who enters it in the vault.",
                names=names,
            )
        )
    return tuple(notes)

"""The values of a form as typed, made into what is new or changed on it; everything wrong is said at once."""

from collections.abc import Mapping
from datetime import datetime

from ...errors import DecisionRefused, suggest
from ...protocol.model import Form, Item
from ..door.state import Scalar, Value
from .typed import read_typed

MISSING = ("NOT DONE", "NOT APPLICABLE", "UNKNOWN", "REFUSED")
"""Codes of why a value is missing."""


def is_given(value: Value | None) -> bool:
    """Say whether an item has a value or a code of why there is none."""
    return value is not None and (value.value is not None or value.missing is not None)


def read_items(
    form: Form,
    typed: Mapping[str, Scalar],
    missing: Mapping[str, str],
    *,
    before: Mapping[str, Value],
    masked: frozenset[str],
    now: datetime,
) -> dict[str, Value]:
    """Return the items that are new or changed against `before`, in the order of the form.

    typed: values as typed; an empty one stands for an item that is left out. missing: code by item. masked: items
    that only the vault keeps. now: the time at the site. Raises DecisionRefused with every problem found.
    """
    problems = [
        f"{name} is not an item of {form.label.say()}{suggest(name, form.items)}"
        for name in {**typed, **missing}
        if name not in form.items
    ]
    changed: dict[str, Value] = {}
    for name, item in form.items.items():
        try:
            value = _read(name, item, typed, missing, masked=masked, now=now)
            if value is None and name in typed and is_given(before.get(name)):
                raise ValueError(f"cannot be emptied; say why there is no value: {', '.join(MISSING)}")
        except ValueError as error:
            hidden = name in masked or _is_empty(typed.get(name))
            got = "" if hidden else f". Got {_shown(typed[name])}"
            problems.append(f"{item.label.say()} {error}{got}")
            continue
        if value is not None and not is_same(value, before.get(name)):
            changed[name] = value
    if problems:
        raise DecisionRefused("\n".join(problems))
    return changed


def _read(
    name: str,
    item: Item,
    typed: Mapping[str, Scalar],
    missing: Mapping[str, str],
    *,
    masked: frozenset[str],
    now: datetime,
) -> Value | None:
    """Return the value of an item, None where nothing was entered; ValueError says what is wrong."""
    empty = _is_empty(typed.get(name))
    if empty and name not in missing:
        return None
    if name in masked:
        raise ValueError("is recorded by the vault once the participant is allocated, as it may hint at the arm")
    if item.derive is not None:
        raise ValueError("is computed from other values and cannot be entered")
    if empty and missing[name] not in MISSING:
        raise ValueError(f"lacks its value for a reason that is not known{suggest(missing[name], MISSING)}")
    if empty:
        return Value(missing=missing[name])
    if name in missing:
        raise ValueError(f"has a value, and is said to have none ({missing[name]}); give one of them")
    reading = read_typed(item, typed[name], now)
    return Value(value=reading.value, entered=reading.entered)


def _is_empty(typed: Scalar) -> bool:
    return typed is None or (isinstance(typed, str) and not typed.strip())


def _shown(typed: Scalar) -> str:
    text = str(typed)
    return text if len(text) <= 80 else f"{text[:80]}..."


def is_same(value: Value, before: Value | None) -> bool:
    """Say whether a value, or the code of why there is none, is what stood there before."""
    return before is not None and (value.value, value.missing) == (before.value, before.missing)

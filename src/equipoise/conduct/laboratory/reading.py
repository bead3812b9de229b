"""One result as the laboratory sent it, made into the value that is recorded.

A number is converted to the unit of the item and rounded half up to its decimals; what was sent is kept beside it
wherever it differs. A result below or above the limit of the assay is recorded as the manifest says.
"""

import re
from datetime import datetime
from decimal import Decimal

from ...protocol.model import Item
from ..door.state import Value
from ..forms.reading import MISSING
from ..forms.typed import UNBELIEVABLE, decimals_of, is_believable, read_typed, record_number
from .manifest import Manifest, ResultRow
from .units import SAME, conversion_of

_NUMBER = re.compile(r"([<>]?)\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)", re.ASCII)


class WrongField(ValueError):
    """A field of a row cannot be read; `field` names it, the text says what would be right."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field


def read_result(item: Item, row: ResultRow, manifest: Manifest, now: datetime) -> Value:
    """Return the value of an item from a row; `now` is the time at the site. Raises WrongField."""
    text = row.value.strip()
    if row.status:
        if text or row.status not in MISSING:
            what = "must be empty where there is a value" if text else f"must be one of {', '.join(MISSING)}"
            raise WrongField("status", what)
        return Value(missing=row.status)
    if not text:
        raise WrongField("value", f"is empty; where there is none, say why in the status: {', '.join(MISSING)}")
    if item.is_number:
        return _read_number(item, text, row.unit.strip(), manifest)
    said = manifest.codes.get(text, text)
    if row.unit.strip():
        raise WrongField("unit", "must be empty, as this test gives no number")
    try:
        return Value(value=read_typed(item, said, now).value, entered=None if said == text else text)
    except ValueError as error:
        raise WrongField("value", str(error)) from error


def _read_number(item: Item, text: str, unit: str, manifest: Manifest) -> Value:
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > 60:
        raise WrongField("value", "must be a number with a decimal point")
    sign, digits = match.groups()
    number = _beyond(sign, Decimal(digits), manifest)
    if not is_believable(number):
        raise WrongField("value", UNBELIEVABLE)
    try:
        slope, zero = conversion_of(item, unit, manifest.unit_system, manifest.units)
    except ValueError as error:
        raise WrongField("unit", str(error)) from error
    converted = number * slope + zero
    try:
        value = record_number(item, converted)
    except ValueError as error:
        raise WrongField("value", str(error)) from error
    decimals = decimals_of(item)
    rounded = decimals is not None and converted != round(converted, decimals)
    as_sent = not sign and not rounded and (slope, zero) == SAME
    return Value(value=value, entered=None if as_sent else f"{text} {unit}".strip())


def _beyond(sign: str, number: Decimal, manifest: Manifest) -> Decimal:
    """Return the number that a result beyond the limit of the assay is recorded as."""
    if not sign:
        return number
    side = "below" if sign == "<" else "above"
    rule = manifest.below if sign == "<" else manifest.above
    if rule == "refuse":
        raise WrongField(
            "value",
            f"lies {side} the limit of the assay; say in the manifest what it is recorded as ({side}: limit)",
        )
    return number / 2 if rule == "half" else number


def read_moment(text: str) -> datetime:
    """Return the time of a collection, with the offset where it has one; WrongField says what is expected."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongField(
            "collected", "must be a date and time as in 2026-05-31T08:10, with an offset where it is not local"
        ) from None

"""One value as typed, made into the value that is recorded: type, unit, decimals, range, codes.

Numbers are recorded in the protocol's unit with no more decimals than it asks for; dates and times in ISO 8601 as
the clock at the site shows them, never later than now; codes and Y or N as the protocol writes them.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from ...errors import suggest
from ...protocol.model import Item
from ..door.state import Scalar
from .units import read_number

EARLIEST = date(1900, 1, 1)
"""No date before it is believed: nobody in a trial is older."""
LONGEST = 4000
"""Characters of the longest text."""
UNBELIEVABLE = "must be a number that can be recorded: at least 1e-30 and below 1e15"

_DATE, _TIME = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(?::\d{2})?"
_SHAPES = {
    "date": (re.compile(_DATE, re.ASCII), "a date as in 2024-05-31"),
    "time": (re.compile(_TIME, re.ASCII), "a time of day as in 14:30"),
    "date and time": (
        re.compile(f"{_DATE}[T ]{_TIME}", re.ASCII),
        "a local date and time as in 2024-05-31T14:30",
    ),
}


@dataclass(frozen=True)
class Reading:
    """A value to be recorded; `entered` is what was typed, where it was in another unit."""

    value: Scalar
    entered: str | None = None


def read_typed(item: Item, typed: Scalar, now: datetime) -> Reading:
    """Return the value of an item from what was typed; `now` is the time at the site.

    Raises ValueError with the end of a sentence that begins with the label of the item: what it must be. The value
    itself is left to the caller to name.
    """
    if isinstance(typed, bool):
        raise ValueError("must be Y or N" if item.type == "yes or no" else f"must be a {item.type}")
    if isinstance(typed, str) and len(typed) > LONGEST:
        raise ValueError(f"must have at most {LONGEST} characters")
    if item.is_number:
        return _read_number(item, typed)
    text = str(typed).strip()
    if item.type == "code":
        return Reading(_read_code(item, text))
    if item.type == "yes or no":
        if text not in ("Y", "N"):
            raise ValueError("must be Y or N")
        return Reading(text)
    if item.type == "text":
        return Reading(_read_text(typed, text))
    return Reading(_read_moment(item, text, now))


def decimals_of(item: Item) -> int | None:
    """Return how many decimals an item is recorded with; None where the protocol sets no number."""
    return item.decimals if item.decimals is not None else None if item.type == "number" else 0


def as_recorded(number: Decimal, decimals: int | None) -> int | float:
    """Round a number half up to its decimals, as it is recorded: whole numbers without a decimal point."""
    if decimals is None:
        return float(number) + 0.0
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return int(rounded) if decimals == 0 else float(rounded) + 0.0


def _read_number(item: Item, typed: Scalar) -> Reading:
    if typed is None or len(str(typed)) > 60:
        raise ValueError("must be a number")
    number, converted = read_number(item, typed)
    if not is_believable(number):
        raise ValueError(UNBELIEVABLE)
    decimals = decimals_of(item)
    if not converted and decimals is not None and number != round(number, decimals):
        kept = f"at most {decimals} decimal{'s' if decimals > 1 else ''}" if decimals else "no decimals"
        raise ValueError(f"is recorded with {kept}")
    return Reading(record_number(item, number), str(typed).strip() if converted else None)


def is_believable(number: Decimal) -> bool:
    """Tell whether a number is of a size that can be recorded."""
    return not number or -30 < number.adjusted() < 15


def record_number(item: Item, number: Decimal) -> int | float:
    """Return a number in the item's unit as it is recorded; ValueError where it is not a believable one."""
    if not is_believable(number):
        raise ValueError(UNBELIEVABLE)
    value = as_recorded(number, decimals_of(item))
    if item.range is not None and not item.range[0] <= value <= item.range[1]:
        lowest, highest = (f"{bound:.15g}" for bound in item.range)
        raise ValueError(f"must lie between {lowest} and {highest}{f' {item.unit}' if item.unit else ''}")
    if item.type == "count" and value < 0:
        raise ValueError("must not be negative")
    return value


def _read_code(item: Item, text: str) -> str:
    if text in item.codes:
        return text
    raise ValueError(f"must be one of its codes{suggest(text, item.codes)}")


def _read_text(typed: Scalar, text: str) -> str:
    if not isinstance(typed, str):
        raise ValueError("must be a text")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        raise ValueError("must be a text without control characters")
    return text


def _read_moment(item: Item, text: str, now: datetime) -> str:
    """Return a date, a time of day, or a date and time in ISO 8601; seconds only where they were given."""
    shape, expected = _SHAPES[item.type]
    try:
        if shape.fullmatch(text) is None:
            raise ValueError
        if item.type == "time":
            return _shown(time.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"must be {expected}") from None
    _require_past(moment.date(), now.date())
    if item.type == "date":
        return text
    if moment > now:
        raise ValueError(f"must not lie in the future; it is {now:%Y-%m-%dT%H:%M} now")
    return f"{moment.date()}T{_shown(moment.time())}"


def _require_past(day: date, today: date) -> None:
    if day > today:
        raise ValueError(f"must not lie in the future; today is {today}")
    if day < EARLIEST:
        raise ValueError(f"must not lie before {EARLIEST}")


def _shown(moment: time) -> str:
    return moment.isoformat("minutes" if moment.second == 0 else "seconds")

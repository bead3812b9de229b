"""Readings as they are typed."""

from ....errors import DecisionRefused
from ...words import say


def read_number(text: str) -> float | None:
    """Return a number as typed, None where nothing was. Raises DecisionRefused where it is none."""
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        raise DecisionRefused(
            say("A reading is a number such as 4.5. You typed “{typed}”.", typed=text[:80])
        ) from None


def require_number(text: str) -> float:
    """Return a number as typed. Raises DecisionRefused where there is none."""
    found = read_number(text)
    if found is None:
        raise DecisionRefused(say("Type the readings of the logger."))
    return found


def read_minutes(text: str) -> int:
    """Return whole minutes as typed. Raises DecisionRefused where they are none."""
    if not text.isdecimal():
        raise DecisionRefused(say("Minutes are a whole number such as 45. You typed “{typed}”.", typed=text[:80]))
    return int(text)

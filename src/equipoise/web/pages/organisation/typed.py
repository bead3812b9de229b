"""What was typed on a page, read into what a step takes."""

from datetime import date

from django.http import HttpRequest

from ....errors import DecisionRefused
from ...words import say


def typed_in(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return what stands in these fields of a form, and nothing of any other."""
    return {name: request.POST.get(name, "").strip() for name in names}


def read_day(text: str) -> date:
    """Return a day as typed. Raises DecisionRefused where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = say("A date is typed as 2026-03-05 (year, month, day).")
        raise DecisionRefused(f"{said} {say('You typed “{typed}”.', typed=text[:80])}") from None


def read_optional_day(text: str) -> date | None:
    """Return a day as typed, None where nothing was. Raises DecisionRefused where it is none."""
    return read_day(text) if text else None

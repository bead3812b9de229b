"""What was typed into the fields of a page, as what it stands for; DecisionRefused in words where it is not."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest

from ....errors import DecisionRefused
from ...words import say


def text(request: HttpRequest, name: str) -> str:
    """Return what was typed, without spaces around it."""
    return request.POST.get(name, "").strip()


def numbers(request: HttpRequest, name: str) -> tuple[str, ...]:
    """Return the numbers that were ticked, scanned or typed with spaces or commas between them."""
    return tuple(dict.fromkeys(" ".join(request.POST.getlist(name)).replace(",", " ").split()))


def decimal(request: HttpRequest, name: str) -> Decimal | None:
    """Return a decimal; None where nothing was typed."""
    typed = text(request, name).replace(" ", "")
    if not typed:
        return None
    try:
        return Decimal(typed)
    except InvalidOperation as error:
        raise DecisionRefused(say("Type a number such as 2.1e6 or 92.5. Got {typed}", typed=typed)) from error


def reading(request: HttpRequest, name: str) -> float | None:
    """Return a reading of a logger; None where nothing was typed."""
    typed = decimal(request, name)
    return None if typed is None else float(typed)


def whole(request: HttpRequest, name: str) -> int | None:
    """Return a whole number; None where nothing was typed."""
    typed = text(request, name)
    if not typed:
        return None
    if not typed.isascii() or not typed.lstrip("-").isdigit() or len(typed) > 9:
        raise DecisionRefused(say("Type a whole number. Got {typed}", typed=typed))
    return int(typed)


def day(request: HttpRequest, name: str) -> date:
    """Return a day that was typed as year-month-day."""
    typed = text(request, name)
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise DecisionRefused(say("Type a day as in 2026-10-12. Got {typed}", typed=typed or "-")) from error

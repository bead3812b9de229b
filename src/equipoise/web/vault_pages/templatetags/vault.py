"""What a role finds at the vault, as a list of links."""

from typing import Any

from django import template

from ....conduct.safety.clocks import SAID
from ..home import tasks_of

register = template.Library()


@register.simple_tag(takes_context=True)
def chapters(context: Any) -> list[tuple[str, str, str]]:
    """Return the pages that who looks may see: name, title, what each is for."""
    return tasks_of(context["request"].here.role)


@register.filter
def amount(value: Any) -> str:
    """Show a decimal with separators of thousands and without an exponent."""
    return "" if value is None else f"{value:,f}"


@register.filter
def clock_in_words(what: str) -> str:
    """Return the phrase for what a clock asks for, to be said."""
    return SAID[what]

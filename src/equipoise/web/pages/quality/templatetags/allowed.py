"""Which steps the role of who looks may ask for, asked by templates before they show a link."""

from django import template

from .....conduct.door.chapters import INTENTS, ROLES

register = template.Library()


@register.filter
def may_do(role: str, step: str) -> bool:
    """Return whether a role may ask for a step, by its name."""
    return role in ROLES.get(INTENTS[step], ())

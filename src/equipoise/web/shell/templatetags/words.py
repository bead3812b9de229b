"""Words, texts of the protocol, dates and times, as pages show them."""

import re
import secrets
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings

from ....conduct.access.questions import QUESTIONS, Question
from ....protocol import Protocol
from ....protocol.model.element import Text
from ....report.language.labels import unit_sign
from ....report.paper.items import WORDED
from ...words import in_words, language
from ...words import say as _say
from ..said import as_given as _as_given
from ..said import named as _named
from ..said import said as _said

register = template.Library()
_RECORDED = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?))?")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@register.simple_tag
def say(phrase: str, **values: object) -> str:
    """Say a phrase of the pages in the language of who looks."""
    return _say(phrase, **values)


@register.filter
def said(sentence: object) -> str:
    """Say what the door refused or the audit trail tells in the language of who looks."""
    return _said(sentence)


@register.filter
def named(name: object) -> str:
    """Name a record, a stratum, an item or a part of the data in the language of who looks."""
    return _named(name)


@register.filter
def as_given(words: str | None) -> str:
    """Say a question or a reason in the language of who looks; as it was typed where somebody has typed it."""
    return _as_given(words or "")


@register.filter
def happening(kind: str) -> str:
    """Say a kind of event in words: `FormSaved` is "Form saved"."""
    return _say(in_words(kind))


@register.filter
def text(given: Text | str) -> str:
    """Say a text of the protocol in the language of who looks."""
    return given if isinstance(given, str) else given.say(language())


@register.filter
def unit(written: str) -> str:
    """Write a unit of the protocol for the eye, in the language of who looks: °C for degC."""
    sign = unit_sign(written)
    return _say(sign) if sign in WORDED else sign


@register.filter
def day(on: date | None) -> str:
    """Show a day so that nobody takes the month for the day: 05 Mar 2026, or 2026年3月5日."""
    if on is None:
        return ""
    if language() == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day:02d} {_MONTHS[on.month - 1]} {on.year}"


@register.filter
def recorded(value: object) -> str:
    """Show a recorded day, or a day and time by the clock of the site, as pages do; another value as it is."""
    found = _RECORDED.fullmatch(str(value))
    try:
        return str(value) if found is None else f"{day(date.fromisoformat(found[1]))} {found[2] or ''}".strip()
    except ValueError:
        return str(value)


@register.filter
def weekday(on: date | None) -> str:
    """Show a day with the name of its day of the week, so that a wrong one is noticed: Thu 05 Mar 2026."""
    if on is None:
        return ""
    name = _say(_WEEKDAYS[on.weekday()])
    return f"{day(on)} {name}" if language() == "zh" else f"{name} {day(on)}"


@register.filter
def echoed(typed: str | None) -> str:
    """Say a day as it is typed with the name of its day of the week; how one is typed, where it is none yet."""
    try:
        return weekday(date.fromisoformat((typed or "").strip()))
    except ValueError:
        return _say("year-month-day")


@register.filter
def moment(at: datetime | None, zone: str = "UTC") -> str:
    """Show a moment by the clock of a zone, with its offset from UTC."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    hours = f"UTC{offset[:3]}" + (f":{offset[3:]}" if offset[3:] != "00" else "")
    return f"{day(local.date())} {local:%H:%M} ({hours.replace('+0', '+').replace('-0', '-')})"


@register.simple_tag
def request_key() -> str:
    """Return a fresh key for a step: sent twice, it is done once."""
    return secrets.token_hex(16)


@register.filter
def form_label(protocol: Protocol, form: str) -> str:
    """Return what a form is called in the language of who looks; its id where this version does not have it."""
    known = protocol.forms.get(form)
    return form if known is None else known.label.say(language())


@register.filter
def may_ask(role: str, question: Question) -> bool:
    """Return whether a role may see the answer to a question on the blinded side."""
    return role in QUESTIONS[question]


@register.filter
def split(listed: str) -> list[str]:
    """Split what is listed with commas."""
    return listed.split(",")


@register.simple_tag
def side() -> str:
    """Return the side of the blind on which this portal stands, so that nobody mistakes the one for the other."""
    return str(settings.EQUIPOISE_PORTAL.name)

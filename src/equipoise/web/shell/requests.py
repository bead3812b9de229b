"""A request of somebody who is in; and how what the door refuses becomes something to read on the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse

from ...conduct.access.questions import OF_THE_WHOLE, QUESTIONS, Question
from ...conduct.door.fact import Intent
from ...conduct.door.roles import role_matrix
from ...conduct.door.state import Participant
from ...record import Event
from ..accounts.models import Account
from .here import Here

Given = ParamSpec("Given")
Page = Callable[Concatenate[HttpRequest, Given], HttpResponse]
SHOWN = 50
"""Rows of a list on a page."""
LONGEST_KEY = 60
_LONGEST_COUNT = 19


def here(request: HttpRequest) -> Here:
    """Return who looks."""
    return cast(Here, request.here)  # type: ignore[attr-defined]


def account(request: HttpRequest) -> Account:
    """Return the account of who looks."""
    return cast(Account, request.user)


@dataclass(frozen=True)
class Pages:
    """A list cut into pages: the one that is asked for, and the addresses of those beside it."""

    page: Any
    back: str
    onward: str


def cut(request: HttpRequest, found: Sequence[Any], name: str = "page") -> Pages:
    """Cut a list into pages and take the one that is asked for; `name` is that of its number in the address."""
    page = Paginator(found, SHOWN).get_page(request.GET.get(name, 1))
    addresses = []
    for number in (page.number - 1, page.number + 1):
        asked = request.GET.copy()
        asked[name] = str(number)
        addresses.append(f"?{asked.urlencode()}")
    return Pages(page, *addresses)


def for_roles(*roles: str, at_all_sites: bool = False) -> Callable[[Page[Given]], Page[Given]]:
    """Let a page be seen in these roles only, or only where they are held at all sites."""

    def decorate(page: Page[Given]) -> Page[Given]:
        @wraps(page)
        def guarded(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
            looking = here(request)
            if looking.role not in roles or (at_all_sites and looking.site is not None):
                raise PermissionDenied
            return page(request, *args, **kwargs)

        guarded.roles = roles  # type: ignore[attr-defined]
        return cast(Page[Given], guarded)

    return decorate


def shown_to(question: Question) -> Callable[[Page[Given]], Page[Given]]:
    """Let a page be seen by the roles that may ask a question on the blinded side."""
    return for_roles(*QUESTIONS[question], at_all_sites=question in OF_THE_WHOLE)


def participant_here(request: HttpRequest, number: str) -> Participant:
    """Return a participant of the site of who looks; the same answer for one of another site as for none."""
    looking = here(request)
    found = looking.trial.participants.get(number)
    if found is None or not looking.may_see(found.site):
        raise Http404
    return found


def may(request: HttpRequest, intent: type[Intent]) -> bool:
    """Return whether the role of who looks may ask for a step."""
    return (here(request).role, intent.__name__) in _MATRIX


def submit(request: HttpRequest, intent: Intent) -> tuple[Event, ...]:
    """Let who looks do a step, under the key that the page was shown with: a second click does nothing new."""
    looking = here(request)
    return looking.running.door.submit(intent, looking.by, scoped_key(request))


def scoped_key(request: HttpRequest) -> str | None:
    """Return the key that the page was shown with, made that of who looks; None where it has none."""
    key = request.POST.get("key", "")
    return f"{here(request).person} {key[:LONGEST_KEY]}" if key else None


def counted(typed: str) -> int | None:
    """Return a count that came with a request; None where it is none, or larger than a record counts."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _LONGEST_COUNT else None


_MATRIX = {(permission.role, permission.intent) for permission in role_matrix()}

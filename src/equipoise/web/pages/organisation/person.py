"""One person: roles delegated and ended, the one-time link, a lost second factor, and what the person may do."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ....conduct.access.links import GiveLink, ResetSecondFactor
from ....conduct.door.fact import Intent
from ....conduct.organisation.people import EndRole, GrantRole, is_held_at
from ....conduct.organisation.wall import ROLES
from ....errors import DecisionRefused
from ....trial.signing.credentials import set_at
from ...accounts.links import make_link
from ...accounts.sessions import forget_second_factor, has_second_factor
from ...shell.requests import for_roles, here, may, shown_to, submit
from ...words import say
from .people import WRITERS
from .rights import describe_role
from .typed import read_day, read_optional_day, typed_in

_ROLE = ("role", "site", "since", "until", "training")


@require_GET
@shown_to("access")
def page(request: HttpRequest, person: str) -> HttpResponse:
    """Show a person with every role ever held."""
    return _show(request, person)


@require_POST
@for_roles(*WRITERS)
def grant(request: HttpRequest, person: str) -> HttpResponse:
    """Delegate a role; what the wall refuses is said in words."""
    typed = typed_in(request, *_ROLE)

    def make() -> Intent:
        return GrantRole(
            person=person,
            role=typed["role"],
            site=typed["site"] or None,
            since=read_day(typed["since"]),
            until=read_optional_day(typed["until"]),
            training=typed["training"],
        )

    return _do(request, person, make, say("The role is delegated."), typed)


@require_POST
@for_roles(*WRITERS)
def end(request: HttpRequest, person: str) -> HttpResponse:
    """Take a role back, from today on."""
    typed = typed_in(request, "ended", "at")
    return _do(
        request,
        person,
        lambda: EndRole(person=person, role=typed["ended"], site=typed["at"] or None),
        say("The role has ended; access ends with it."),
        {},
    )


@require_POST
@for_roles(*WRITERS)
def link(request: HttpRequest, person: str) -> HttpResponse:
    """Make a one-time link and show it, this once, to be handed over."""
    _known(request, person)
    try:
        submit(request, GiveLink(person=person))
    except DecisionRefused as refusal:
        return _show(request, person, refusal=str(refusal))
    taken_at = request.build_absolute_uri(reverse("welcome"))
    context = {
        "title": say("A link for {person}", person=person),
        "person": person,
        "address": make_link(taken_at, here(request).running.folder, person),
    }
    return render(request, "organisation/link.html", context)


@require_POST
@for_roles(*WRITERS)
def second_factor(request: HttpRequest, person: str) -> HttpResponse:
    """Take a lost second factor away; the next login sets up another."""
    typed = typed_in(request, "reason")
    answer = _do(
        request,
        person,
        lambda: ResetSecondFactor(person=person, reason=typed["reason"]),
        say("The second factor is taken away; the next login sets up another."),
        typed,
    )
    if answer.status_code == 302:
        forget_second_factor(person)
    return answer


def _do(
    request: HttpRequest, person: str, make: Callable[[], Intent], done: str, typed: dict[str, str]
) -> HttpResponse:
    """Do a step and go back to the person; say what was refused with what was typed."""
    _known(request, person)
    try:
        submit(request, make())
    except DecisionRefused as refusal:
        return _show(request, person, refusal=str(refusal), typed=typed)
    messages.success(request, done)
    return redirect("person", person=person)


def _known(request: HttpRequest, person: str) -> None:
    if person not in here(request).trial.people:
        raise Http404


def _show(
    request: HttpRequest, person: str, refusal: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    _known(request, person)
    looking = here(request)
    known = looking.trial.people[person]
    held = [one for one in known.grants if is_held_at(looking.trial, one, looking.at)]
    context: dict[str, Any] = {
        "title": known.name,
        "person": person,
        "grants": [(one, one in held, one.until is None or looking.today < one.until) for one in known.grants],
        "rights": [describe_role(role) for role in dict.fromkeys(one.role for one in held)],
        "password_at": set_at(looking.running.folder.credentials, person),
        "second_factor": has_second_factor(person),
        "roles": ROLES,
        "sites": sorted(looking.trial.sites.items()),
        "may_grant": may(request, GrantRole),
        "is_oneself": person == looking.person,
        "refusal": refusal,
        "typed": typed or {"since": looking.today.isoformat()},
    }
    return render(request, "organisation/person.html", context, status=422 if refusal else 200)

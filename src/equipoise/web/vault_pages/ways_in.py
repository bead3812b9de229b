"""Ways in: who may come to the pages of the vault, and who is let set up a second factor there.

It takes one of the two proofs only; the password is given on the blinded side. So it takes two persons, one of
each side, to let in somebody who has lost both.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ...conduct.access.links import LinkGiven, OpenWayIn, WayInOpened
from ...conduct.door.chapters import read_fact
from ...errors import DecisionRefused
from ..accounts.models import Account
from ..accounts.proof import needs_code, require_proof
from ..accounts.way_in import OPENERS, let_in
from ..shell.here import Here, roles_of
from ..shell.requests import for_roles, here, submit
from ..words import say
from .asking import attempt

TOLD_FOR = timedelta(days=14)
"""How long the first page tells of a way in that was opened."""


class Comer(NamedTuple):
    """Who may come here: since when with a second factor, or until when one may be set up."""

    person: str
    name: str
    roles: tuple[str, ...]
    since: datetime | None
    until: datetime | None


class Opened(NamedTuple):
    """A way in that was opened: when, by whom, for whom, why; link: a password, not a second factor."""

    at: datetime
    by: str
    name: str
    reason: str
    link: bool
    own: bool


@require_http_methods(["GET", "POST"])
@for_roles(*OPENERS)
def page(request: HttpRequest) -> HttpResponse:
    """Show who may come here, and let somebody set up a second factor."""
    looking, refusal = here(request), ""
    if request.method == "POST":
        name, refusal = attempt(request, {"open": lambda: _open(request)})
        if not refusal:
            messages.success(
                request, say("{name} may set up a second factor here within three days; tell them.", name=name)
            )
            return redirect("ways_in")
    found = comers(looking)
    context = {
        "title": say("Ways in"),
        "comers": found,
        "others": [one for one in found if one.person != looking.person],
        "opened": ways_opened(looking),
        "typed": {name: request.POST.get(name, "") for name in ("person", "reason")},
        "refusal": refusal,
        "needs_code": needs_code(request),
        "zone": looking.zone,
    }
    return render(request, "vault/ways_in.html", context, status=422 if refusal else 200)


def comers(looking: Here) -> list[Comer]:
    """Return who may come to the pages of the vault today, in the order of their short names."""
    trial, found = looking.trial, []
    known = {one.person: one for one in Account.objects.all()}
    since = dict(Authenticator.objects.filter(type="totp").values_list("user__person", "created_at"))
    for person in sorted(trial.people):
        roles = [one.role for one in roles_of(trial, looking.protocol, person, looking.at, "unblinded")]
        if roles:
            until = known[person].let_in_until if person in known else None
            found.append(
                Comer(person, trial.people[person].name, tuple(dict.fromkeys(roles)), since.get(person), until)
            )
    return found


def ways_opened(looking: Here) -> list[Opened]:
    """Return what was opened lately, the newest first: to who lets others in all of it, to others their own."""
    people = {one.person: one.name for one in comers(looking)}
    found = []
    for event in looking.running.book.read(kinds=[WayInOpened.__name__, LinkGiven.__name__]):
        fact = read_fact(event)
        assert isinstance(fact, WayInOpened | LinkGiven)
        own = fact.person == looking.person
        if fact.person in people and looking.at - event.at < TOLD_FOR and (own or looking.role in OPENERS):
            by = looking.trial.people[event.actor].name
            is_link = isinstance(fact, LinkGiven)
            found.append(Opened(event.at, by, people[fact.person], event.reason or "", is_link, own))
    return found[::-1]


def _open(request: HttpRequest) -> str:
    looking, person = here(request), request.POST.get("person", "")
    names = {one.person: one.name for one in comers(looking)}
    if person not in names:
        raise DecisionRefused(say("Choose who is let in; they need a role for these pages first."))
    asked = OpenWayIn(person=person, reason=request.POST.get("reason", "").strip())
    looking.running.door.require_allowed(asked, looking.by)
    require_proof(request)
    submit(request, asked)
    let_in(person)
    return names[person]

"""Who works on the trial: in which roles, since when, when they last did something; the review of access."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ....conduct.access.attestation import AttestAccess, attestation_due
from ....conduct.organisation.people import EnterPerson, is_held_at
from ....errors import DecisionRefused
from ....trial.access.people import last_acts
from ...shell.answers import kept
from ...shell.here import Here
from ...shell.requests import for_roles, here, may, shown_to, submit
from ...words import say
from .typed import typed_in

_SHOWN = 200
WRITERS = ("administrator", "sponsor")
"""Who lets others in."""


@dataclass
class Acts:
    """When each person last did something, as of an event."""

    sequence: int = 0
    last: dict[str, datetime] = field(default_factory=dict)

    def read_on(self, looking: Here) -> Mapping[str, datetime]:
        """Return when each person last did something, the record read on from where it was left before."""
        if self.sequence < looking.trial.sequence:
            self.last |= last_acts(looking.running.book, self.sequence)
            self.sequence = looking.trial.sequence
        return self.last


@require_GET
@shown_to("access")
def page(request: HttpRequest) -> HttpResponse:
    """Show everybody, those whose names hold what is looked for."""
    return _show(request)


@require_POST
@for_roles(*WRITERS)
def enter(request: HttpRequest) -> HttpResponse:
    """Enter a person, who has no role yet."""
    typed = typed_in(request, "person", "name")
    try:
        submit(request, EnterPerson(person=typed["person"], name=typed["name"]))
    except DecisionRefused as refusal:
        return _show(request, refusal=str(refusal), typed=typed)
    messages.success(request, say("{name} is entered. Next: a role, then a link to set a password.", **typed))
    return redirect("person", person=typed["person"])


@require_POST
@for_roles(*WRITERS)
def attest(request: HttpRequest) -> HttpResponse:
    """Attest that everybody on the list still needs their roles."""
    typed = typed_in(request, "seen", "note")
    seen = int(typed["seen"]) if typed["seen"].isdecimal() else 0
    try:
        submit(request, AttestAccess(seen=seen, note=typed["note"]))
    except DecisionRefused as refusal:
        return _show(request, refused_review=str(refusal), typed=typed)
    messages.success(request, say("The review of access is attested."))
    return redirect("people")


def _show(
    request: HttpRequest, refusal: str = "", refused_review: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    looking = here(request)
    wanted = request.GET.get("name", "").strip()
    acted = kept(looking, "last acts", Acts, of=()).read_on(looking)
    found = [
        (
            person,
            known,
            [one for one in known.grants if is_held_at(looking.trial, one, looking.at)],
            acted.get(person),
        )
        for person, known in sorted(looking.trial.people.items())
        if wanted.casefold() in person.casefold() or wanted.casefold() in known.name.casefold()
    ]
    context: dict[str, Any] = {
        "title": say("People and roles"),
        "rows": found[:_SHOWN],
        "more": max(0, len(found) - _SHOWN),
        "wanted": wanted,
        "seen": looking.trial.sequence,
        "attested": looking.trial.access_attested_at,
        "due": attestation_due(looking.trial),
        "may_enter": may(request, EnterPerson),
        "may_attest": may(request, AttestAccess),
        "refusal": refusal,
        "refused_review": refused_review,
        "typed": typed or {},
    }
    return render(request, "organisation/people.html", context, status=422 if refusal or refused_review else 200)

"""Who may do what: every role with its steps, what it is shown, and who holds it today; made to be printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ....conduct.access.passwords import CHAPTER as PASSWORDS
from ....conduct.access.questions import MEANINGS, QUESTIONS
from ....conduct.door.roles import role_matrix
from ....conduct.organisation.people import AT_ONE_SITE, is_held_at
from ....conduct.organisation.wall import ROLES
from ...shell.requests import here, shown_to
from ...words import in_words, say

_OF_EVERYBODY = frozenset(step.__name__ for step in PASSWORDS.decisions)
"""Steps that the pages record for everybody; nobody takes them by hand."""


@dataclass(frozen=True)
class Rights:
    """A role with what it may do and see, in words; at_a_site: that it reaches its own site alone."""

    role: str
    at_a_site: bool
    steps: Sequence[str]
    shown: Sequence[str]


@require_GET
@shown_to("access")
def page(request: HttpRequest) -> HttpResponse:
    """Show the rights of every role, with who holds it today."""
    looking = here(request)
    holders: dict[str, list[str]] = {}
    for person, known in sorted(looking.trial.people.items()):
        for one in known.grants:
            if is_held_at(looking.trial, one, looking.at):
                where = "" if one.site is None else f" ({one.site})"
                holders.setdefault(one.role, []).append(f"{known.name}{where}" if known.name else person)
    context = {
        "title": say("Who may do what"),
        "rows": [(describe_role(role), holders.get(role, [])) for role in ROLES],
        "today": looking.today,
    }
    return render(request, "organisation/rights.html", context)


def describe_role(role: str) -> Rights:
    """Return what a role may do and what it is shown on the blinded side."""
    return Rights(
        role=role,
        at_a_site=role in AT_ONE_SITE,
        steps=[
            say(in_words(one.intent))
            for one in role_matrix()
            if one.role == role and one.intent not in _OF_EVERYBODY
        ],
        shown=[say(MEANINGS[question]) for question, roles in QUESTIONS.items() if role in roles],
    )

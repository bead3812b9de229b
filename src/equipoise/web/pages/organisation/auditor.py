"""The first page of auditor and inspector: all that the table of reads lets them see, and nothing to change."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from ....conduct.access.questions import MEANINGS, QUESTIONS, Question
from ...shell.requests import for_roles, here
from ...words import say

PAGES: dict[Question, tuple[str, ...]] = {
    "identities": ("participants",),
    "trail": ("trail", "participants"),
    "forms": ("participants",),
    "completeness": ("completeness", "participants"),
    "queries": ("queries",),
    "harm": ("safety", "participants"),
    "board": ("board",),
    "stock": ("supply",),
    "signatures": ("participants",),
    "checklist": ("closing",),
    "access": ("people",),
}
"""The page on which each question is answered; the first that there is."""


@require_GET
@for_roles("auditor")
def page(request: HttpRequest) -> HttpResponse:
    """Show what may be looked at, with the page of each."""
    looking = here(request)
    rows = [
        (MEANINGS[question], _address(question)) for question, roles in QUESTIONS.items() if looking.role in roles
    ]
    context = {"title": say("What you may look at"), "rows": rows, "export": _first(("exports",))}
    return render(request, "organisation/auditor.html", context)


def _address(question: Question) -> str:
    return _first(PAGES[question])


def _first(names: tuple[str, ...]) -> str:
    """Return the address of the first page of these names that needs nothing else; empty where there is none."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""

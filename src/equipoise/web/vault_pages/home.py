"""The first page of the vault: what may be done here in the role of who looks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..shell.requests import here
from ..words import say


def page(request: HttpRequest) -> HttpResponse:
    """Show what may be done."""
    looking = here(request)
    context = {"title": say("Vault"), "may_break": looking.role == "investigator"}
    return render(request, "vault/home.html", context)

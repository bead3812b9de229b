"""The first page: a site goes on with its work, everybody else begins with what they answer for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ...shell.requests import here
from ..site import work

FIRST = {
    "administrator": "people",
    "sponsor": "standing",
    "auditor": "auditor_home",
    "trial statistician": "figures",
    "safety board": "safety",
}
"""The first page of who does not begin with the work that waits; it stays one click away."""


def page(request: HttpRequest) -> HttpResponse:
    """Show the first page of the role."""
    first = FIRST.get(here(request).role)
    return work.page(request) if first is None else redirect(first)

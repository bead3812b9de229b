"""The audit of the sealed list with the shares of both custodians; what differs is told by place, never an arm."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ...accounts.proof import needs_code, require_proof
from ...shell.requests import here
from ...words import say
from ..asking import ask, asks, attempt


@require_http_methods(["GET", "POST"])
@asks("audit_list")
def page(request: HttpRequest) -> HttpResponse:
    """Show the list's hash and places, and compare it with what the shares lead to."""
    looking = here(request)
    found: list[str] | None = None
    refusal = ""
    if request.method == "POST":
        found, refusal = attempt(request, {"audit": lambda: _audit(request)})
    context = {
        "title": say("Sealed list"),
        "list_hash": looking.trial.list_hash,
        "places": [
            (stratum, looking.trial.allocated.get(stratum, 0), count)
            for stratum, count in looking.trial.places.items()
        ],
        "found": found,
        "refusal": refusal,
        "needs_code": needs_code(request),
    }
    return render(request, "vault/sealed_list.html", context, status=422 if refusal else 200)


def _audit(request: HttpRequest) -> list[str]:
    require_proof(request)
    shares = [request.POST.get(name, "").strip() for name in ("share_1", "share_2")]
    found: list[str] = ask(request, "audit_list", list[str], shares=shares)
    return found

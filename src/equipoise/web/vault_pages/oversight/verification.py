"""The unblinded monitor signs that kits, lots and preparations were verified at the source."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.supply.changes import OF_SUPPLY
from ....conduct.supply.ledger import list_open
from ...accounts.proof import needs_code, require_proof
from ...shell.answers import kept
from ...shell.requests import here
from ...words import say
from ..asking import ask, asks, attempt


@require_http_methods(["GET", "POST"])
@asks("verify_accounts")
def page(request: HttpRequest) -> HttpResponse:
    """Show what supply leaves open, and take the signature."""
    refusal = ""
    if request.method == "POST":
        _, refusal = attempt(request, {"verify": lambda: _verify(request)})
        if not refusal:
            messages.success(request, say("The vault keeps that the accounts were verified."))
            return redirect("verification")
    looking = here(request)
    asked = ("left open in supply", len(looking.trial.versions))
    left = kept(looking, asked, lambda: list_open(looking.protocol, looking.trial), of=OF_SUPPLY)
    context = {
        "title": say("Verification"),
        "left": list(left.items()),
        "refusal": refusal,
        "needs_code": needs_code(request),
    }
    return render(request, "vault/verification.html", context, status=422 if refusal else 200)


def _verify(request: HttpRequest) -> None:
    require_proof(request)
    ask(request, "verify_accounts", None, note=request.POST.get("note", ""))

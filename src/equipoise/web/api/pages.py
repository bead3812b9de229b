"""The pages of the interface: what there is, for people; and the tokens of who looks."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ...conduct.door.state import Grant
from ...errors import DecisionRefused
from ..accounts.proof import needs_code, require_proof
from ..shell.requests import account, here
from ..words import say
from .answers import as_json
from .document import document
from .tokens import LONGEST, LONGEST_PURPOSE, make_token, revoke_token, tokens_of


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """List every endpoint, for people."""
    made = document()
    rows = [
        {
            "method": method.upper(),
            "path": path,
            "said": operation["summary"],
            "parameters": [one["name"] for one in operation["parameters"] if one["in"] != "path"],
            "roles": operation.get("x-roles", []),
        }
        for path, methods in made["paths"].items()
        for method, operation in methods.items()
    ]
    context = {
        "title": say("Interface for programs"),
        "reads": [row for row in rows if row["method"] == "GET"],
        "does": [row for row in rows if row["method"] != "GET"],
    }
    return render(request, "api/overview.html", context)


@require_GET
def openapi(_: HttpRequest) -> HttpResponse:
    """Give the OpenAPI document."""
    return as_json(document())


@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens of who looks, and make one for the role in which they act, by a new proof."""
    looking, at = here(request), datetime.now(UTC)
    refusal, secret, given = "", "", request.POST
    if request.method == "POST":
        try:
            require_proof(request)
            grant = Grant(role=looking.role, site=looking.site, since=looking.today)
            days = given.get("days", "")
            secret, _ = make_token(
                account(request),
                grant,
                given.get("purpose", ""),
                int(days) if days.isdecimal() and len(days) < 4 else 0,
                at,
                records=given.get("records") == "yes",
            )
        except DecisionRefused as refused:
            refusal = str(refused)
    rows: list[dict[str, Any]] = [
        {"token": one, "ended": one.revoked_at is not None or one.expires_at <= at}
        for one in tokens_of(account(request))
    ]
    context = {
        "title": say("Tokens for programs"),
        "rows": rows,
        "refusal": refusal,
        "needs_code": needs_code(request),
        "secret": secret,
        "purpose": "" if secret else given.get("purpose", ""),
        "days": given.get("days", "30"),
        "records": not secret and given.get("records") == "yes",
        "longest": LONGEST,
        "longest_purpose": LONGEST_PURPOSE,
    }
    answer = render(request, "api/tokens.html", context, status=422 if refusal else 200)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own tokens."""
    if not revoke_token(account(request), number, datetime.now(UTC)):
        raise Http404
    messages.success(request, say("The token is revoked; it opens nothing any more."))
    return redirect("api_tokens")

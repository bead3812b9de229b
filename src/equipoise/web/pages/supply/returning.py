"""Kits that go back to the depot: those that are no longer used at the site."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.organisation.sites import SiteClosed
from ....conduct.supply.changes import OF_SUPPLY
from ....conduct.supply.ledger import kit_state
from ....conduct.supply.returns import ReturnKits, returnable
from ....errors import DecisionRefused
from ...shell.answers import kept
from ...shell.requests import for_roles, here, submit
from ...words import say

_SHOWN = 200


@require_http_methods(["GET", "POST"])
@for_roles("nurse", "coordinator")
def page(request: HttpRequest) -> HttpResponse:
    """Show the kits that can go back, and send those that were ticked."""
    looking = here(request)
    ticked, refusal = tuple(request.POST.getlist("kit")), ""
    if request.method == "POST":
        try:
            submit(request, ReturnKits(site=looking.site or "", kits=ticked))
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("{count} kits go back.", count=len(set(ticked))))
            return redirect("supply")
    trial = looking.trial
    kits = kept(
        looking,
        ("can go back", looking.site),
        lambda: returnable(trial, looking.site or "", looking.today),
        of=[*OF_SUPPLY, SiteClosed.__name__],
    )
    context: dict[str, Any] = {
        "title": say("Return kits"),
        "kits": [(kit, trial.kits[kit], kit_state(trial, kit), kit in ticked) for kit in kits[:_SHOWN]],
        "more": max(0, len(kits) - _SHOWN),
        "refusal": refusal,
    }
    return render(request, "supply/returning.html", context, status=422 if refusal else 200)

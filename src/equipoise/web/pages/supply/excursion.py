"""The store of the site was too cold or too warm: reported, and what it concerns is put aside."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.supply.quarantine import ReportExcursion
from ....errors import DecisionRefused
from ...shell.requests import for_roles, here, submit
from ...words import say
from ..organisation.typed import typed_in
from .typed import read_minutes, require_number


@require_http_methods(["GET", "POST"])
@for_roles("nurse", "coordinator")
def page(request: HttpRequest) -> HttpResponse:
    """Ask for the readings, and report them."""
    looking = here(request)
    typed, refusal = typed_in(request, "lowest", "highest", "minutes", "reason"), ""
    if request.method == "POST":
        try:
            events = submit(
                request,
                ReportExcursion(
                    site=looking.site or "",
                    lowest=require_number(typed["lowest"]),
                    highest=require_number(typed["highest"]),
                    minutes=read_minutes(typed["minutes"]),
                    reason=typed["reason"],
                ),
            )
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            said = say("The excursion is reported.")
            if len(events) > 1:
                said += say(" What it concerns is in quarantine; the pharmacy judges it.")
            messages.success(request, said)
            return redirect("supply")
    ranges = [
        (product.label, *product.storage.temperature)
        for product in looking.protocol.interventions.values()
        if product.storage is not None
    ]
    context: dict[str, Any] = {
        "title": say("Report an excursion"),
        "ranges": ranges,
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "supply/excursion.html", context, status=422 if refusal else 200)

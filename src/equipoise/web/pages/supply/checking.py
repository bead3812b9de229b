"""The check of a prepared dose by a second person, who reads its label; what ought to stand there is not shown."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.supply.pending import describe_order
from ....conduct.supply.preparation import CheckPreparation
from ....errors import DecisionRefused
from ...shell.requests import for_roles, here, participant_here, submit
from ...words import say
from ..organisation.typed import typed_in
from ..site.participant import head_of


@require_http_methods(["GET", "POST"])
@for_roles("nurse")
def page(request: HttpRequest, number: str, order: str) -> HttpResponse:
    """Ask for what the label says, and sign the check."""
    person, looking = participant_here(request, number), here(request)
    infusion = person.infusions.get(order)
    if infusion is None:
        raise Http404
    typed, refusal = typed_in(request, "bag", "kit", "volume"), ""
    if request.method == "POST":
        try:
            submit(request, CheckPreparation(participant=number, order=order, **typed))
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("The label is checked; the bag can be given out."))
            return redirect("supply")
    prepared = infusion.prepared_by
    context: dict[str, Any] = {
        "title": say("Check the dose of order {order}", order=order),
        "one": describe_order(looking.running.door.protocol_of(number), person, infusion),
        "prepared_by": looking.trial.people[prepared].name if prepared else "",
        "infusion": infusion,
        "typed": typed,
        "refusal": refusal,
        **head_of(request, person),
    }
    return render(request, "supply/checking.html", context, status=422 if refusal else 200)

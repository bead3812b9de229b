"""Who a participant is: shown once, for a reason, to who may know it there; that it was shown is an event."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from .....errors import DecisionRefused
from .....trial.access.identity import read_identity
from ....shell.requests import here, participant_here, scoped_key, shown_to
from ....words import say
from .head import head_of


@require_http_methods(["GET", "POST"])
@shown_to("identities")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Ask why, then show who the participant is."""
    person, looking = participant_here(request, number), here(request)
    reason, refusal = request.POST.get("reason", "").strip(), ""
    shown: dict[str, str] = {}
    if request.method == "POST":
        try:
            shown = read_identity(looking.running, looking.by, number, reason, scoped_key(request))
        except DecisionRefused as refused:
            refusal = str(refused)
    labels = {
        "name": say("Full name"),
        "birth_date": say("Date of birth"),
        "sex": say("Sex"),
        "distinction": say("Mark of distinction"),
        "contact": say("How the site reaches the person"),
    }
    context: dict[str, Any] = {
        "title": say("Who participant {number} is", number=number),
        "shown": [(labels.get(name, name), value) for name, value in shown.items()],
        "reason": reason,
        "refusal": refusal,
        **head_of(request, person),
    }
    return render(request, "site/identity.html", context, status=422 if refusal else 200)

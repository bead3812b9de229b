"""A value that might tell an arm: it goes through the blinded door to the vault, and nothing of it stays here."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .....errors import DecisionRefused
from .....trial.access.at_the_vault import HANDLERS
from .....trial.access.masked import enter_masked
from ....beside.line import vault_line
from ....shell.requests import for_roles, here, scoped_key
from ....words import language, say
from ..participant.head import head_of
from .place import place_of
from .question import expected_of


@require_http_methods(["GET", "POST"])
@for_roles(*HANDLERS["enter_masked"])
def page(request: HttpRequest, number: str, form: str, visit: str, repeat: int, item: str) -> HttpResponse:
    """Ask for a value, and hand it to the vault."""
    place, looking, refusal = place_of(request, number, form, visit, repeat), here(request), ""
    if item not in place.masked:
        raise Http404
    asked = place.form.items[item]
    if request.method == "POST":
        typed, reason = request.POST.get("typed", "").strip(), request.POST.get("reason", "").strip() or None
        where, key = (place.visit, form), scoped_key(request)
        try:
            enter_masked(
                looking.running, vault_line(), looking.by, number, where, item, typed, reason=reason, request=key
            )
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("{item}: kept in the vault", item=asked.label.say(language())))
            return redirect(place.address())
    context: dict[str, Any] = {
        "title": say("{item}, for the vault", item=asked.label.say(language())),
        "item": asked,
        "place": place,
        "typed": request.POST.get("typed", ""),
        "reason": request.POST.get("reason", ""),
        "expected": expected_of(asked),
        "refusals": refusal.split("\n") if refusal else [],
        "back": place.address(),
        **head_of(request, place.person),
    }
    return render(request, "site/masked.html", context, status=422 if refusal else 200)

"""The stopping rules that have held: in which arm and for whom, for the unblinded side of safety alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ....vault.safety.stopping import Held
from ...shell.requests import here
from ...words import say
from ..asking import ask, asks, attempt


@require_http_methods(["GET", "POST"])
@asks("show_stopping")
def page(request: HttpRequest) -> HttpResponse:
    """Show the rules of the protocol, and in answer to the button those that have held."""
    looking = here(request)
    held: list[Held] | None = None
    refusal = ""
    if request.method == "POST":
        held, refusal = attempt(request, {"show": lambda: ask(request, "show_stopping", list[Held])})
    safety = looking.protocol.safety
    rules = {} if safety is None else safety.stopping_rules
    arms = looking.protocol.arms
    context = {
        "title": say("Stopping rules"),
        "rules": [(name, rule.text) for name, rule in rules.items()],
        "held": None
        if held is None
        else [
            (rules[one.rule].text, None if one.arm is None else arms[one.arm].label, one.participants)
            for one in held
        ],
        "paused": looking.trial.paused,
        "refusal": refusal,
    }
    return render(request, "vault/stopping.html", context, status=422 if refusal else 200)

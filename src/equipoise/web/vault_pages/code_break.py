"""The code of one participant, broken in an emergency: at once, with a reason, by who has just shown who they are.

ICH E6(R3) 4.1.4 and 3.15: the investigator gets to know the treatment of one participant, the others stay as they
are. The answer is shown once, on this page; what is recorded on the blinded side is that it was done.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ...errors import DecisionRefused
from ...trial.signing.credentials import check_password
from ...trial.steps import break_code
from ..shell.requests import for_roles, here
from ..words import say
from .line import vault_line

SHORTEST_REASON = 10


@require_http_methods(["GET", "POST"])
@for_roles("investigator")
def page(request: HttpRequest) -> HttpResponse:
    """Ask for the participant and the reason, then show the treatment."""
    looking = here(request)
    typed = {name: request.POST.get(name, "").strip() for name in ("participant", "again", "reason")}
    context: dict[str, Any] = {"title": say("Break the code of a participant"), "typed": typed, "refusal": ""}
    if request.method == "GET":
        typed["participant"] = request.GET.get("participant", "")
        return render(request, "vault/code_break.html", context)
    try:
        _require_meant(typed)
        check_password(
            looking.running.folder.credentials, looking.person, request.POST.get("password", ""), looking.at
        )
        request_key = f"{looking.person} {request.POST.get('key', '')[:60]}"
        shown = break_code(
            looking.running, vault_line(), looking.by, typed["participant"], typed["reason"], request_key
        )
    except DecisionRefused as refused:
        context["refusal"] = str(refused)
        return render(request, "vault/code_break.html", context, status=422)
    context |= {"title": say("Treatment of participant {number}", number=shown.participant), "shown": shown}
    return render(request, "vault/code_broken.html", context)


def _require_meant(typed: dict[str, str]) -> None:
    if not typed["participant"] or typed["participant"] != typed["again"]:
        raise DecisionRefused(say("Type the participant's number twice, the same both times."))
    if len(typed["reason"]) < SHORTEST_REASON:
        raise DecisionRefused(say("Say in a sentence why the treatment has to be known."))

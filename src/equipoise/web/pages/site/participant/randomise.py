"""Randomisation: the strata are read back and confirmed, then the next number of the list is given."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .....conduct.door.state import Trial
from .....conduct.enrolment.allocation import AllocateParticipant
from .....conduct.enrolment.strata import derive_strata
from .....errors import DecisionRefused
from .....protocol import Protocol
from ....shell.requests import for_roles, here, participant_here, submit
from ....words import language, say
from .head import head_of


@require_http_methods(["GET", "POST"])
@for_roles("investigator")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Read the strata back, and let the next number be given when they are confirmed."""
    person, looking = participant_here(request, number), here(request)
    protocol = looking.running.door.protocol_of(number)
    refusal, problem, typed = "", "", request.POST.get("number", "").strip()
    strata: dict[str, str] = {}
    if request.method == "POST":
        prefix = "stratum-"
        said = {
            name.removeprefix(prefix): str(lvl) for name, lvl in request.POST.items() if name.startswith(prefix)
        }
        try:
            if typed != number:
                raise DecisionRefused(say("Type the participant's number as it stands above to confirm."))
            submit(request, AllocateParticipant(participant=number, strata=said))
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            allocation = looking.trial.participants[number].allocation
            assert allocation is not None
            messages.success(request, say("Randomisation number {number}", number=allocation.number))
            return redirect("participant", number=number)
    try:
        if request.method == "GET":
            strata = derive_strata(protocol, person, looking.today)
            looking.running.door.require_allowed(
                AllocateParticipant(participant=number, strata=strata), looking.by
            )
        else:
            strata = derive_strata(protocol, person, looking.today)
    except DecisionRefused as refused:
        problem = "" if refusal else str(refused)
    context: dict[str, Any] = {
        "title": say("Randomise participant {number}", number=number),
        "strata": [
            (name, *factor_in_words(protocol, looking.trial, name, level), level) for name, level in strata.items()
        ],
        "refusal": refusal or problem,
        "is_possible": not problem,
        "typed": typed,
        **head_of(request, person),
    }
    return render(request, "site/randomise.html", context, status=422 if refusal else 200)


def factor_in_words(protocol: Protocol, trial: Trial, factor: str, level: str) -> tuple[str, str]:
    """Return what a factor of the strata and its level are called in the language of who looks."""
    known = protocol.variables.get(factor)
    if known is None:
        site = trial.sites.get(level) if factor == "site" else None
        return say("Site") if factor == "site" else factor, level if site is None else f"{level} {site.name}"
    return known.label.say(language()), known.codes[level].say(language()) if level in known.codes else level

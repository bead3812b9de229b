"""The page of a step: it asks, says what the door refuses, keeps what was typed, and goes back when done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from .....errors import DecisionRefused
from ....shell.requests import may, participant_here, submit
from ....shell.templatetags.words import weekday
from ....words import say
from ..participant.head import head_of
from .enrolment import ENROLMENT
from .records import RECORDS
from .step import Field, Step, read_day
from .visits import VISITS

STEPS: dict[str, Step] = {**ENROLMENT, **VISITS, **RECORDS}
"""The steps by the name that stands in their address."""


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Ask for a step of a participant, and do it."""
    person, known = participant_here(request, number), STEPS.get(step)
    if known is None:
        raise Http404
    if not may(request, known.intent):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    of = given.get("of", "")
    asked, refusal = known.ask(request, person, of), ""
    if request.method == "POST":
        typed = {name: str(value).strip() for name, value in request.POST.items()}
        try:
            if known.grave and typed.get("number") != number:
                raise DecisionRefused(say("Type the participant's number as it stands above to confirm."))
            submit(request, known.make(person, of, typed))
        except DecisionRefused as refused:
            asked, refusal = asked.filled(typed), str(refused)
        else:
            messages.success(request, say("Recorded: {what}", what=asked.title))
            return redirect(_back(request, number))
    context = {
        "title": asked.title,
        "asked": asked,
        "of": of,
        "back": given.get("back", ""),
        "number": Field("number", say("To confirm, type the participant's number")) if known.grave else None,
        "refusals": refusal.split("\n") if refusal else [],
        **head_of(request, person),
    }
    return render(request, "site/step.html", context, status=422 if refusal else 200)


@require_GET
def echo_day(request: HttpRequest) -> HttpResponse:
    """Say a day that is being typed with the name of its day of the week."""
    typed = next(iter(request.GET.values()), "")
    try:
        return HttpResponse(weekday(read_day({"on": str(typed).strip()})))
    except DecisionRefused:
        return HttpResponse(say("year-month-day"))


def _back(request: HttpRequest, number: str) -> str:
    """Return where to go on: the page that asked, where it is one of this host, else the participant."""
    back = request.POST.get("back", "")
    safe = back and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if safe else f"/participants/{number}/"

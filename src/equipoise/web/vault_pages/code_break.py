"""The code of one participant, broken in an emergency: at once, with a reason, by who has just shown who they are.

ICH E6(R3) 4.1.4 and 3.15: the investigator gets to know the treatment of one participant, the others stay as they
are. The answer is on this page alone; what is recorded on the blinded side is that it was done. A participant of
another site is answered as nobody is.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ...errors import DecisionRefused
from ...trial.steps import break_code
from ...vault.doses import stated_doses
from ...vault.service import CodeBreak
from ..accounts.proof import needs_code, require_proof
from ..beside.line import vault_line
from ..shell.here import Here
from ..shell.requests import here
from ..words import language, say
from .asking import asks, step_key

SHORTEST_REASON = 10
REASONS = (
    "emergency whose treatment depends on what was given",
    "serious adverse event whose care depends on what was given",
    "wrong dose or wrong product",
    "pregnancy, or exposure of another person",
    "another reason",
)
TOLD = ("sponsor", "medical monitor")
"""Roles that see in the trial's record that a code was broken."""


@require_http_methods(["GET", "POST"])
@asks("break_code")
def page(request: HttpRequest) -> HttpResponse:
    """Ask for the participant and the reason, then show the treatment."""
    looking = here(request)
    typed = {name: request.POST.get(name, "").strip() for name in ("participant", "again", "why", "reason")}
    context: dict[str, Any] = {
        "title": say("Break the code of a participant"),
        "typed": typed,
        "reasons": REASONS,
        "told": _told(looking),
        "needs_code": needs_code(request),
        "refusal": "",
    }
    if request.method == "GET":
        typed["participant"] = request.GET.get("participant", "")
        return render(request, "vault/code_break.html", context)
    try:
        _require_meant(looking, typed)
        require_proof(request)
        shown = _break(request, typed)
    except DecisionRefused as refused:
        context["refusal"] = str(refused)
        return render(request, "vault/code_break.html", context, status=422)
    protocol = looking.running.door.protocol_of(shown.participant)
    context |= {
        "title": say("Treatment of participant {number}", number=shown.participant),
        "shown": shown,
        "arm": protocol.arms[shown.arm].label,
        "doses": stated_doses(protocol, shown.arm, language()),
    }
    return render(request, "vault/code_broken.html", context)


def _break(request: HttpRequest, typed: dict[str, str]) -> CodeBreak:
    looking = here(request)
    reason = f"{typed['why']}: {typed['reason']}"
    return break_code(looking.running, vault_line(), looking.by, typed["participant"], reason, step_key(request))


def _require_meant(looking: Here, typed: dict[str, str]) -> None:
    if not typed["participant"] or typed["participant"] != typed["again"]:
        raise DecisionRefused(say("Type the participant's number twice, the same both times."))
    if typed["why"] not in REASONS:
        raise DecisionRefused(say("Choose why the treatment has to be known."))
    if len(typed["reason"]) < SHORTEST_REASON:
        raise DecisionRefused(say("Say in a sentence why the treatment has to be known."))
    known = looking.trial.participants.get(typed["participant"])
    if known is None or not looking.may_see(known.site):
        raise DecisionRefused(
            say("No participant of your site has this number; read it again. Got {number}", number=typed["again"])
        )


def _told(looking: Here) -> list[tuple[str, str]]:
    """Return who sees in the record that a code was broken: role and name, of today."""
    return [
        (grant.role, person.name)
        for person in looking.trial.people.values()
        for grant in person.grants
        if grant.role in TOLD
        and grant.since <= looking.today
        and (grant.until is None or looking.today < grant.until)
    ]

"""The participants of the site: found by number, and a new person entered."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ....conduct.closing.signatures import signature_state
from ....conduct.door.state import Participant
from ....conduct.enrolment.screening import ScreenParticipant
from ....conduct.follow_up.attendance import left_on
from ....errors import DecisionRefused
from ...shell.requests import here, may, submit
from ...words import say

_SHOWN = 200


def page(request: HttpRequest) -> HttpResponse:
    """Show the participants, those whose number holds what is looked for."""
    return _show(request)


@require_POST
def screen(request: HttpRequest) -> HttpResponse:
    """Enter a person into screening; what is known of them stays at the site, outside the record."""
    looking = here(request)
    identity = {name: request.POST.get(name, "").strip() for name in ("name", "birth_date", "sex")}
    intent = ScreenParticipant(site=looking.site or "", identity={k: v for k, v in identity.items() if v})
    try:
        events = submit(request, intent)
    except DecisionRefused as refusal:
        return _show(request, refusal=str(refusal), typed=identity)
    return redirect("participant", number=events[0].participant)


def _show(request: HttpRequest, refusal: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
    looking = here(request)
    wanted = request.GET.get("number", "").strip()
    people = [one for one in looking.trial.participants.values() if looking.may_see(one.site) and wanted in one.id]
    found = sorted(people, key=lambda one: one.id)
    if len(found) == 1 and wanted == found[0].id:
        return redirect("participant", number=wanted)
    context = {
        "title": say("Participants"),
        "rows": [(one, _status(one), signature_state(one), left_on(one)) for one in found[:_SHOWN]],
        "more": max(0, len(found) - _SHOWN),
        "wanted": wanted,
        "may_screen": looking.site is not None and may(request, ScreenParticipant),
        "refusal": refusal,
        "typed": typed or {},
        "latest_birth": date(looking.today.year - 10, 1, 1),
    }
    return render(request, "site/participants.html", context, status=422 if refusal else 200)


def _status(one: Participant) -> str:
    """Return in a word where a participant stands."""
    if "life" in one.ended:
        return say("died")
    if one.consent_withdrawn_on is not None:
        return say("consent withdrawn")
    if "participation" in one.ended:
        return say("participation ended")
    if one.allocation is not None:
        return say("treatment ended") if "treatment" in one.ended else say("randomised")
    if one.eligibility is not None:
        return say("eligible") if one.eligibility.eligible else say("not eligible")
    return say("in screening")

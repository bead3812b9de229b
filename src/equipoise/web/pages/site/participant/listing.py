"""The participants of the site: found by number, and a new person entered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from .....conduct.closing.signatures import signature_state
from .....conduct.enrolment.identities import FIELDS, OPTIONAL
from .....conduct.enrolment.screening import ScreenParticipant
from .....errors import DecisionRefused
from ....shell.answers import kept_each
from ....shell.requests import cut, here, may, shown_to, submit
from ....words import say
from .head import standing_of


@shown_to("completeness")
def page(request: HttpRequest) -> HttpResponse:
    """Show the participants, those whose number holds what is looked for."""
    return _show(request)


@require_POST
@shown_to("completeness")
def screen(request: HttpRequest) -> HttpResponse:
    """Enter a person into screening; what is known of them stays at the site, outside the record."""
    looking = here(request)
    identity = {name: request.POST.get(name, "").strip() for name in (*FIELDS, *OPTIONAL)}
    intent = ScreenParticipant(site=looking.site or "", identity={k: v for k, v in identity.items() if v})
    try:
        events = submit(request, intent)
    except DecisionRefused as refusal:
        return _show(request, refusal=str(refusal), typed=identity)
    messages.success(request, say("Entered into screening as participant {number}", number=events[0].participant))
    return redirect("participant", number=events[0].participant)


def _show(request: HttpRequest, refusal: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
    looking = here(request)
    wanted = request.GET.get("number", "").strip()
    people = [one for one in looking.trial.participants.values() if looking.may_see(one.site) and wanted in one.id]
    found = sorted(people, key=lambda one: one.id)
    if len(found) == 1 and wanted == found[0].id:
        return redirect("participant", number=wanted)
    pages = cut(request, found)
    shown = pages.page.object_list
    signatures = kept_each(looking, "signature", shown, signature_state, daily=False)
    context = {
        "title": say("Participants"),
        "rows": [(one, standing_of(one), signature) for one, signature in zip(shown, signatures, strict=True)],
        "pages": pages,
        "wanted": wanted,
        "may_screen": looking.site is not None and may(request, ScreenParticipant),
        "refusal": refusal,
        "typed": typed or {},
    }
    return render(request, "site/participants.html", context, status=422 if refusal else 200)

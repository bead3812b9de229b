"""Sealed envelopes on paper: printed for a site as a PDF that opens with a password, and reported once opened."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ...errors import DecisionRefused
from ...trial.steps import report_envelope
from ..accounts.proof import needs_code, require_proof
from ..beside.line import vault_line
from ..shell.requests import here
from ..words import language, say
from .asking import ask, asks, attempt, may_ask, step_key

SHORTEST_PASSWORD = 12
MOMENT = "%Y-%m-%d %H:%M"


@require_http_methods(["GET", "POST"])
@asks("print_envelopes")
def page(request: HttpRequest) -> HttpResponse:
    """Ask for which site, then give the PDF."""
    looking = here(request)
    refusal = ""
    if request.method == "POST":
        pdf, refusal = attempt(request, {"print": lambda: _print(request)})
        if pdf is not None:
            site = re.sub(r"\W", "", request.POST.get("site", ""))
            headers = {"Content-Disposition": f'attachment; filename="envelopes-{site}.pdf"'}
            return HttpResponse(pdf, content_type="application/pdf", headers=headers)
    counts = {site: 0 for site in looking.trial.sites if looking.may_see(site)}
    for one in looking.trial.participants.values():
        if one.site in counts and one.allocation is not None:
            counts[one.site] += 1
    context = {
        "title": say("Envelopes"),
        "sites": [(site, looking.trial.sites[site].name, count) for site, count in counts.items()],
        "refusal": refusal,
        "needs_code": needs_code(request),
        "may_report": may_ask(request, "report_envelope"),
    }
    return render(request, "vault/envelopes.html", context, status=422 if refusal else 200)


def _print(request: HttpRequest) -> bytes:
    looking = here(request)
    site, password = request.POST.get("site", ""), request.POST.get("pdf_password", "")
    if site not in looking.trial.sites or not looking.may_see(site):
        raise DecisionRefused(say("Choose the site whose envelopes are printed."))
    if password != request.POST.get("pdf_again", "") or len(password) < SHORTEST_PASSWORD:
        raise DecisionRefused(say("The PDF needs a password of 12 characters or more, typed the same twice."))
    require_proof(request)
    people = looking.trial.participants.values()
    allocated = [one.id for one in people if one.site == site and one.allocation is not None]
    found: bytes = ask(
        request,
        "print_envelopes",
        bytes,
        site=site,
        participants=allocated,
        password=password,
        language=language(),
    )
    return found


@require_http_methods(["GET", "POST"])
@asks("report_envelope")
def opened(request: HttpRequest) -> HttpResponse:
    """Report that an envelope was opened: whose, by whom, when and why; nothing of what it said."""
    looking = here(request)
    refusal = ""
    if request.method == "POST":
        participant, refusal = attempt(request, {"report": lambda: _report(request)})
        if not refusal:
            messages.success(
                request, say("Both records know that the envelope of {number} was opened.", number=participant)
            )
            return redirect("opened_envelope")
    context = {"title": say("Report an opened envelope"), "refusal": refusal, "zone": looking.zone}
    return render(request, "vault/opened_envelope.html", context, status=422 if refusal else 200)


def _report(request: HttpRequest) -> str:
    looking = here(request)
    typed = {
        name: request.POST.get(name, "").strip() for name in ("participant", "opened_by", "opened_at", "reason")
    }
    known = looking.trial.participants.get(typed["participant"])
    if known is None or not looking.may_see(known.site):
        raise DecisionRefused(
            say(
                "No participant of your site has this number; read it again. Got {number}",
                number=typed["participant"],
            )
        )
    zone = ZoneInfo(looking.trial.sites[known.site].zone)
    try:
        moment = datetime.strptime(typed["opened_at"].replace("T", " "), MOMENT).replace(tzinfo=zone)
    except ValueError as error:
        raise DecisionRefused(
            say("Type when it was opened as in 2026-10-12 03:40, by the clock of the site.")
        ) from error
    report_envelope(
        *(looking.running, vault_line(), looking.by, typed["participant"], typed["reason"]),
        opened_by=typed["opened_by"],
        opened_at=moment.astimezone(UTC),
        request=step_key(request),
    )
    return typed["participant"]

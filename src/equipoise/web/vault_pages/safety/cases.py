"""Reports of cases that are due: the blinded twin, the unblinded one for an authority, and what became of it.

The safety unblinder sees of a case what its report needs, and the treatment of that one participant. Sponsor,
investigators and the medical monitor get the blinded twin (ICH E2A III.D).
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.safety.reporting import find_record
from ....conduct.safety.watch import Running, list_clocks
from ....errors import DecisionRefused
from ....protocol.model.element import Text
from ....trial.safety.steps import UnblindedCase, close_case, report_case, report_case_unblinded
from ...accounts.proof import needs_code, require_proof
from ...beside.line import vault_line
from ...shell.here import Here
from ...shell.requests import cut, here
from ...words import language, say
from ..asking import asks, attempt, step_key

LARGEST_DOCUMENT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Due:
    """A report that is due to an authority, with the record of the case and what the authority is called."""

    clock: Running
    record: str
    authority: Text


@asks("open_case")
def page(request: HttpRequest) -> HttpResponse:
    """Show the reports that are due, the most urgent first."""
    looking = here(request)
    pages = cut(request, _due(looking))
    context = {"title": say("Cases"), "due": pages.page.object_list, "pages": pages}
    return render(request, "vault/cases.html", context)


@require_http_methods(["GET", "POST"])
@asks("open_case")
def case(request: HttpRequest, participant: str, authority: str) -> HttpResponse:
    """Show a case; open it for its report, give the report, and record what became of it."""
    looking = here(request)
    record = request.GET.get("record", "")
    due = _find(looking, participant, record, authority)
    shown, refusal = None, ""
    if request.method == "POST":
        if request.POST.get("do") == "pdf":
            return _pdf(request, participant, record, authority)
        steps: dict[str, Any] = {
            "open": lambda: _open(request, participant, record, authority),
            "close": lambda: _close(request, participant, record, authority),
        }
        shown, refusal = attempt(request, steps)
        if shown is True:
            messages.success(request, say("What became of the report is recorded; its clock is stopped."))
            return redirect("cases")
    protocol = looking.running.door.protocol_of(participant)
    context = {
        "title": say("Case of participant {number}", number=participant),
        "event": find_record(protocol, looking.trial.participants[participant], record),
        "due": due,
        "shown": shown,
        "key": request.POST.get("key", ""),
        "refusal": refusal,
        "needs_code": needs_code(request),
        "zone": looking.trial.sites[looking.trial.participants[participant].site].zone,
    }
    return render(request, "vault/case.html", context, status=422 if refusal else 200)


@asks("open_case")
def blinded(request: HttpRequest, participant: str, authority: str) -> HttpResponse:
    """Give the blinded report of a case as PDF."""
    looking = here(request)
    record = request.GET.get("record", "")
    _find(looking, participant, record, authority)
    pdf = report_case(
        looking.running, participant, record, authority=authority, at=looking.at, language=language()
    )
    return _download(pdf, f"blinded-{participant}.pdf")


def _open(request: HttpRequest, participant: str, record: str, authority: str) -> UnblindedCase:
    require_proof(request)
    found = _report(request, participant, record, authority)
    request.session["opened_case"] = step_key(request)
    return found


def _pdf(request: HttpRequest, participant: str, record: str, authority: str) -> HttpResponse:
    """Give the unblinded report of the case that was opened a moment ago under this key."""
    if request.session.get("opened_case") != step_key(request):
        raise PermissionDenied
    return _download(_report(request, participant, record, authority).pdf, f"unblinded-{participant}.pdf")


def _report(request: HttpRequest, participant: str, record: str, authority: str) -> UnblindedCase:
    looking = here(request)
    return report_case_unblinded(
        *(looking.running, vault_line(), looking.by, participant, record, authority),
        language=language(),
        request=step_key(request),
    )


def _close(request: HttpRequest, participant: str, record: str, authority: str) -> bool:
    looking, sent = here(request), request.POST.get("sent", "")
    if sent not in ("yes", "no"):
        raise DecisionRefused(say("Say whether the report was sent, or nothing had to be sent."))
    uploaded = request.FILES.get("document")
    if uploaded is not None and (uploaded.size or 0) > LARGEST_DOCUMENT:
        raise DecisionRefused(say("The document must be at most 20 MB."))
    require_proof(request)
    close_case(
        *(looking.running, vault_line(), looking.by, participant, record, authority),
        sent=sent == "yes",
        reference=request.POST.get("reference", ""),
        document=b"" if uploaded is None else uploaded.read(),
        request=step_key(request, "closed"),
    )
    return True


def _due(looking: Here) -> list[Due]:
    safety = looking.protocol.safety
    known = {} if safety is None else safety.authorities
    return [
        Due(one, one.clock.removesuffix(f"/{one.what}/{one.authority}"), known[one.authority].label)
        for one in list_clocks(looking.protocol, looking.trial, looking.at)
        if one.standing in ("running", "overdue") and one.authority in known and looking.may_see(one.site)
    ]


def _find(looking: Here, participant: str, record: str, authority: str) -> Due:
    """Return the report that is due of a case to an authority; Http404 where none is."""
    wanted = (participant, record, authority)
    found = [one for one in _due(looking) if (one.clock.participant, one.record, one.clock.authority) == wanted]
    if not found:
        raise Http404
    return found[0]


def _download(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)

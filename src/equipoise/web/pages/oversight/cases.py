"""One serious event: as the site reports it, as the sponsor judges it, its clocks, and its blinded report."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from ....conduct.access.questions import QUESTIONS
from ....conduct.door.fact import Intent
from ....conduct.safety.clocks import authorities
from ....conduct.safety.events import AdverseEvent, is_suspected_unexpected
from ....conduct.safety.reporting import AssessCase, LiftClock, MeetClock, find_record
from ....errors import DecisionRefused
from ....report.safety.case import derive_case
from ....report.safety.pages import render_case
from ...shell.requests import here, may, participant_here, shown_to, submit
from ...words import language, say
from ..quality.listing import form_url, person_name, protocol_of, record_name
from .safety import case_url, clocks_of, criteria_said, left, what_is_said

UNEXPECTED: dict[str, bool | None] = {"as listed": None, "unexpected": True, "expected": False}
"""How the monitor may judge expectedness, by what the page says."""


@require_http_methods(["GET", "POST"])
@shown_to("harm")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case; the medical monitor assesses it and lifts clocks, who reports says that it was done."""
    person, looking = participant_here(request, number), here(request)
    event = _event(request, number)
    refusal = ""
    if request.method == "POST":
        try:
            submit(request, _intent(request, number, event.record))
            return redirect(case_url(number, event.record))
        except ValueError:
            refusal = say("A time is typed as 2026-03-05 14:30, by the clock of the site.")
        except DecisionRefused as refused:
            refusal = str(refused)
    assessment = person.assessments.get(event.record)
    zone = looking.trial.sites[person.site].zone
    clocks = [
        (one, what_is_said(one), *left(one.due, looking.at))
        for one in clocks_of(looking)
        if one.participant == number and person.clocks[one.clock].record == event.record
    ]
    context = {
        "title": say("Serious event of participant {number}", number=number),
        "person": person,
        "event": event,
        "record": record_name(looking, number, event.record),
        "form_url": form_url(number, event.record),
        "may_see_forms": looking.role in QUESTIONS["forms"],
        "criteria": list(criteria_said(event)),
        "assessment": assessment,
        "assessed_by": assessment and person_name(looking, assessment.by),
        "changed": assessment is not None and person.forms[event.record].sequence > assessment.sequence,
        "suspected_unexpected": is_suspected_unexpected(protocol_of(looking, number), event, assessment),
        "clocks": clocks,
        "zone": zone,
        "own_zone": None if looking.zone == zone else looking.zone,
        "choices": list(UNEXPECTED),
        "authorities": [*authorities(looking.protocol)],
        "report_url": f"{reverse('case_report', args=[number])}?{urlencode({'record': event.record})}",
        "may_assess": may(request, AssessCase),
        "may_meet": may(request, MeetClock),
        "may_lift": may(request, LiftClock),
        "typed": request.POST,
        "refusal": refusal,
    }
    return render(request, "oversight/case.html", context, status=422 if refusal else 200)


@shown_to("harm")
def report(request: HttpRequest, number: str) -> HttpResponse:
    """Give the blinded report of a case as PDF, in the language of who asks."""
    participant_here(request, number)
    looking, event = here(request), _event(request, number)
    authority = request.GET.get("to") or None
    if authority is not None and authority not in authorities(looking.protocol):
        raise Http404
    protocol = looking.running.door.protocol_of(number)
    found = derive_case(
        protocol, looking.trial, number, event.record, looking.at, authority=authority, language=language()
    )
    response = HttpResponse(render_case(found), content_type="application/pdf")
    name = f"{number}{event.record.replace('/', '-')}-blinded.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _event(request: HttpRequest, number: str) -> AdverseEvent:
    looking, record = here(request), request.GET.get("record", "")
    try:
        return find_record(protocol_of(looking, number), looking.trial.participants[number], record)
    except DecisionRefused as refused:
        raise Http404 from refused


def _intent(request: HttpRequest, number: str, record: str) -> Intent:
    """Return what is asked for; ValueError for a time that is none."""
    post, what = request.POST, request.POST.get("what")
    if what == "assess":
        return AssessCase(
            participant=number,
            record=record,
            suspected=post.get("suspected") == "Y",
            unexpected=UNEXPECTED.get(post.get("unexpected", "")),
            comment=post.get("comment", ""),
        )
    clock = post.get("clock", "")
    if what == "lift":
        return LiftClock(participant=number, clock=clock, reason=post.get("reason", ""))
    sent = post.get("sent", "").strip()
    looking = here(request)
    zone = ZoneInfo(looking.trial.sites[looking.trial.participants[number].site].zone)
    moment = datetime.fromisoformat(sent).replace(tzinfo=zone) if sent else None
    return MeetClock(participant=number, clock=clock, sent=moment)

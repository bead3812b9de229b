"""Safety at a glance: serious events, every clock with its due time and what is left; enrolment paused or not."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from ....conduct.door.fact import Intent
from ....conduct.door.state import Trial
from ....conduct.safety.clocks import SAID
from ....conduct.safety.events import CRITERIA, AdverseEvent, events_of
from ....conduct.safety.pauses import DECIDE, PauseEnrolment, ResumeEnrolment
from ....conduct.safety.watch import OpenCase, Running, list_clocks, open_cases
from ....errors import DecisionRefused
from ....protocol import Protocol
from ...shell.here import Here
from ...shell.requests import here, may, shown_to, submit
from ...shell.said import named
from ...shell.templatetags.words import moment
from ...words import say
from ..quality.listing import Cell, of_each, people_of, person_name, table


class Serious(msgspec.Struct, frozen=True):
    """A serious event with what is still to be done about it; None where nothing is."""

    participant: str
    event: AdverseEvent
    case: OpenCase | None


@shown_to("harm")
def page(request: HttpRequest) -> HttpResponse:
    """Show clocks, serious events, and whether enrolment is paused."""
    return _show(request)


@require_POST
@shown_to("harm")
def enrolment(request: HttpRequest) -> HttpResponse:
    """Pause enrolment, or resume it, with the reason."""
    reason = request.POST.get("reason", "").strip()
    intent: Intent = (
        ResumeEnrolment(reason=reason) if request.POST.get("what") == "resume" else PauseEnrolment(reason=reason)
    )
    try:
        submit(request, intent)
    except DecisionRefused as refused:
        return _show(request, refusal=str(refused), reason=reason)
    return redirect("safety")


def _show(request: HttpRequest, refusal: str = "", reason: str = "") -> HttpResponse:
    looking = here(request)
    clocks = clocks_of(looking)
    chosen = request.GET.get("clocks", "open")
    open_clocks = [one for one in clocks if one.standing in ("running", "overdue")]
    serious = serious_events(looking)
    only = request.GET.get("events", "all")
    paused = looking.trial.paused
    context = {
        "title": say("Safety"),
        "paused": paused,
        "paused_by": paused and person_name(looking, paused.by),
        "may_pause": paused is None and may(request, PauseEnrolment) and looking.role in DECIDE,
        "may_resume": paused is not None and may(request, ResumeEnrolment),
        "overdue": sum(one.standing == "overdue" for one in clocks),
        "running": sum(one.standing == "running" for one in clocks),
        "to_do": sum(one.case is not None for one in serious),
        "chosen": chosen,
        "only": only,
        "clocks": table(
            request,
            say("Clocks of reports, the most urgent first"),
            (say("Participant"), say("Report"), say("To"), say("Standing"), say("Left"), say("Due at the site"))
            + ((say("Due in UTC"),) if looking.zone == "UTC" else ()),
            clocks if chosen == "all" else open_clocks,
            lambda one: _clock_row(looking, one),
            empty=say("No clock runs."),
        ),
        "events": table(
            request,
            say("Serious adverse events, those with something to do first"),
            (
                say("Participant"),
                say("Event"),
                say("Start"),
                say("Serious because it"),
                say("Causality"),
                say("Outcome"),
                say("To do"),
            ),
            sorted(
                (one for one in serious if only == "all" or one.case is not None),
                key=lambda one: (one.case is None, one.event.started, one.participant),
            ),
            _event_row,
            empty=say("No serious event is known."),
            name="more",
        ),
        "refusal": refusal,
        "reason": reason,
    }
    return render(request, "oversight/safety.html", context, status=422 if refusal else 200)


def serious_events(looking: Here) -> list[Serious]:
    """Return the serious events of the participants that who looks may see."""
    return of_each(looking, "serious events", list_serious)


def list_serious(protocol: Protocol, trial: Trial) -> Iterable[Serious]:
    """Give the serious events of a trial's participants, each with what is to be done about it."""
    cases = {(case.participant, case.record): case for case in open_cases(protocol, trial)}
    for person in trial.participants.values():
        for event in events_of(protocol, person):
            if event.serious:
                yield Serious(person.id, event, cases.get((person.id, event.record)))


def clocks_of(looking: Here) -> list[Running]:
    """Return the clocks that who looks may see as they stand now, the most urgent first."""
    people = {person.id: person for person in people_of(looking) if person.clocks}
    only = msgspec.structs.replace(looking.trial, participants=people)
    return list_clocks(looking.protocol, only, looking.at)


def left(due: datetime, at: datetime) -> tuple[str, str]:
    """Return how long there is until a clock is due, or since, in words; and its state: due or overdue."""
    minutes = int(abs((due - at).total_seconds()) // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    length = (
        say("{days} d {hours} h", days=days, hours=hours)
        if days
        else say("{hours} h {rest} min", hours=hours, rest=rest)
    )
    if due > at:
        return say("{length} left", length=length), "due"
    return say("overdue by {length}", length=length), "overdue"


def case_url(participant: str, record: str) -> str:
    """Return the address of the page of a case."""
    return f"{reverse('case', args=[participant])}?{urlencode({'record': record})}"


def what_is_said(clock: Running) -> str:
    """Return what a clock asks for, in words."""
    return say(SAID[clock.what])


def criteria_said(event: AdverseEvent) -> Iterator[str]:
    """Give why an event is serious, in words."""
    return (say(CRITERIA[one]) for one in event.criteria)


def _clock_row(looking: Here, one: Running) -> tuple[Cell | str, ...]:
    zone = looking.trial.sites[one.site].zone
    length, state = left(one.due, looking.at)
    is_open = one.standing in ("running", "overdue")
    record = looking.trial.participants[one.participant].clocks[one.clock].record
    row = (
        Cell(one.participant, case_url(one.participant, record)),
        what_is_said(one),
        named(one.authority),
        Cell(say(one.standing), state=one.standing),
        Cell(length, state=state) if is_open else "",
        moment(one.due, zone),
    )
    return (*row, moment(one.due)) if looking.zone == "UTC" else row


def _day_of(started: str) -> date | str:
    """Return when an event started: the day, where all of it is known."""
    try:
        return date.fromisoformat(started[:10])
    except ValueError:
        return started


def _event_row(one: Serious) -> tuple[Cell | str, ...]:
    event = one.event
    return (
        Cell(one.participant, case_url(one.participant, event.record)),
        event.term,
        Cell(_day_of(event.started)),
        "; ".join(criteria_said(event)),
        named(event.causality),
        named(event.outcome),
        "; ".join(say(what) if "report: " not in what else say("report") for what in one.case.to_do)
        if one.case
        else Cell(say("nothing"), state="complete"),
    )

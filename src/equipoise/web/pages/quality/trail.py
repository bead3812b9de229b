"""The audit trail: who did what, when and why; searched by who, what, whom and day, 50 events a page."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....conduct.door.chapters import FACTS, read_fact
from ....record import Event
from ...shell.here import Here
from ...shell.requests import SHOWN, counted, here, shown_to
from ...words import say
from .listing import person_name


@shown_to("trail")
def page(request: HttpRequest) -> HttpResponse:
    """Show the events that are looked for, the newest first."""
    looking = here(request)
    typed = {name: request.GET.get(name, "").strip() for name in ("who", "kind", "participant", "since", "until")}
    refusal, events = "", list[Event]()
    try:
        since, until = (_midnight(looking, typed[name]) for name in ("since", "until"))
    except ValueError:
        refusal = say("A date is typed as 2026-03-05 (year, month, day).")
    else:
        before = request.GET.get("before", "")
        events = looking.running.book.newest(
            SHOWN + 1,
            before=counted(before),
            actor=typed["who"] or None,
            kind=typed["kind"] or None,
            participant=typed["participant"] or None,
            sites=None if looking.site is None else [looking.site],
            since=since,
            until=None if until is None else until + timedelta(days=1),
        )
    people = looking.trial.people
    context = {
        "title": say("Audit trail"),
        "typed": typed,
        "refusal": refusal,
        "people": sorted((name, one.name) for name, one in people.items()),
        "kinds": sorted(FACTS),
        "rows": [(one, person_name(looking, one.actor), read_fact(one).tell()) for one in events[:SHOWN]],
        "older": events[SHOWN - 1].sequence if len(events) > SHOWN else None,
    }
    return render(request, "quality/trail.html", context, status=422 if refusal else 200)


def _midnight(looking: Here, typed: str) -> datetime | None:
    """Return the first moment of a day as it was typed, where who looks is; ValueError where it is none."""
    if not typed:
        return None
    day = datetime.strptime(typed, "%Y-%m-%d").date()
    return datetime.combine(day, time(), ZoneInfo(looking.zone)).astimezone(UTC)

"""How the trial stands, in numbers; and the anchors by which anybody can prove that the record is whole."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from ....conduct.organisation.standing import (
    Alarm,
    count_alarms,
    describe_sites,
    describe_strata,
    planned_size,
)
from ....record import Anchor, read_anchors, witness_line
from ....trial.running import signing_key
from ...shell.answers import kept
from ...shell.requests import for_roles, here
from ...words import say
from .sites import READERS

_SHOWN = 50
_WHERE: dict[Alarm, str] = {"the review of access is due": "people", "sites without a protocol version": "sites"}
_SEE_ACCESS = ("administrator", "sponsor", "auditor")


@require_GET
@for_roles(*READERS)
def page(request: HttpRequest) -> HttpResponse:
    """Show the numbers of each site against the plan, the places left, and what somebody has to look at."""
    looking = here(request)
    protocol, trial = looking.protocol, looking.trial
    rows = kept(looking, "sites", lambda: describe_sites(trial))
    alarms = kept(
        looking, ("alarms", looking.at.hour), lambda: count_alarms(protocol, trial, looking.at, looking.today)
    )
    planned, allocated = planned_size(protocol), sum(one.allocated for one in rows)
    context: dict[str, Any] = {
        "title": say("How the trial stands"),
        "rows": rows,
        "totals": [
            sum(getattr(one, what) for one in rows) for what in ("screened", "in_screening", "allocated", "ended")
        ],
        "planned": planned,
        "allocated": allocated,
        "share": None if not planned else round(100 * allocated / planned),
        "randomises": protocol.randomisation is not None,
        "strata": describe_strata(protocol, trial),
        "alarms": [(alarm, count, _where(looking.role, alarm)) for alarm, count in alarms.items()],
        "paused": trial.paused,
        "locked_at": trial.locked_at,
        "drills": trial.drills[-3:],
        "numbers": {version: number for number, version in enumerate(trial.versions, start=1)},
    }
    return render(request, "organisation/standing.html", context)


@require_GET
@for_roles(*READERS)
def anchors(request: HttpRequest) -> HttpResponse:
    """Show the line that a witness keeps, and the newest anchors."""
    looking = here(request)
    found = kept(looking, "anchors", lambda: _anchors(request))
    context = {
        "title": say("Anchors of the record"),
        "line": witness_line(looking.running.book.head()),
        "anchors": list(reversed(found))[:_SHOWN],
        "more": max(0, len(found) - _SHOWN),
    }
    return render(request, "organisation/anchors.html", context)


def _anchors(request: HttpRequest) -> tuple[Anchor, ...]:
    folder = here(request).running.folder
    return read_anchors(folder.anchors, signing_key(folder).verify_key) if folder.anchors.exists() else ()


def _where(role: str, alarm: Alarm) -> str:
    """Return the address of the page on which somebody looks at it, where there is one for the role."""
    if alarm not in _WHERE or (_WHERE[alarm] == "people" and role not in _SEE_ACCESS):
        return ""
    return reverse(_WHERE[alarm])

"""The way to the lock: what is still open with where to see it, parts frozen or locked, the lock of the trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ....conduct.closing.checklist import checklist
from ....conduct.closing.locks import HoldScope, LockTrial, Release, UnlockTrial
from ....conduct.door.fact import Intent
from ....conduct.door.scope import name_scope
from ....conduct.door.state import Scope
from ....errors import DecisionRefused
from ....trial.running import RunningTrial
from ...shell.answers import kept
from ...shell.here import Here
from ...shell.requests import here, may, shown_to, submit
from ...words import say
from ..quality.listing import person_name
from .background import Job, Made, start, trial_now

WHERE: Mapping[str, str] = {
    "expected forms missing": "completeness",
    "visits neither held nor missed": "completeness",
    "raised checks on critical items": "queries",
    "open queries": "queries",
    "changes of critical items not reviewed": "review",
    "terms not coded": "coding",
    "entries not made a second time": "double_entry",
    "differences between entries not settled": "double_entry",
    "safety reports neither made nor lifted": "safety",
    "serious events not assessed by the medical monitor": "safety",
    "participants whose participation has not ended": "participants",
    "participants without a signature": "participants",
    "participants whose data changed since they were signed": "participants",
}
"""The page on which the open points of the checklist are seen."""
AT_ONCE = 400
"""Participants up to whom the points are counted while the page waits; of more, in the background."""
WHAT = "checklist before the lock"
PARTS = ("site", "participant", "visit", "form")


@dataclass(frozen=True)
class Counted:
    """The open points as of an event, and when they were counted."""

    sequence: int
    at: datetime
    points: Mapping[str, int]


_last: dict[int, Counted] = {}


@require_http_methods(["GET", "POST"])
@shown_to("checklist")
def page(request: HttpRequest) -> HttpResponse:
    """Show the checklist and what is frozen or locked; freeze, lock, open again."""
    looking = here(request)
    refusal, post = "", request.POST
    if request.method == "POST" and post.get("what") == "count":
        running, today, at = looking.running, looking.today, looking.at
        return redirect("job", name=start(looking, WHAT, lambda job: _count(job, running, today, at)).name)
    if request.method == "POST":
        try:
            submit(request, _intent(request))
            return redirect("closing")
        except DecisionRefused as refused:
            refusal = str(refused)
    trial, protocol = looking.trial, looking.protocol
    counted = _counted(looking)
    points = {} if counted is None else counted.points
    context = {
        "title": say("Closing"),
        "points": [
            (point, count, "" if point not in WHERE else _address(WHERE[point])) for point, count in points.items()
        ],
        "counted": counted,
        "is_large": len(trial.participants) > AT_ONCE,
        "is_older": counted is not None and counted.sequence < trial.sequence,
        "open": sum(1 for count in points.values() if count),
        "holds": [
            (name_scope(one.scope), one, person_name(looking, one.by), _fields(one.scope)) for one in trial.holds
        ],
        "parts": PARTS,
        "choices": {
            "site": list(trial.sites),
            "visit": list(protocol.schedule.visits),
            "form": list(protocol.forms),
        },
        "locked_by": trial.locked_by and person_name(looking, trial.locked_by),
        "may_hold": may(request, HoldScope) and trial.locked_at is None,
        "may_lock": may(request, LockTrial) and trial.locked_at is None,
        "may_unlock": may(request, UnlockTrial) and trial.locked_at is not None,
        "typed": post,
        "refusal": refusal,
    }
    return render(request, "oversight/closing.html", context, status=422 if refusal else 200)


def _counted(looking: Here) -> Counted | None:
    """Return the points as they stand; in a large trial as they were last counted, None where nobody asked yet."""
    trial, running = looking.trial, looking.running
    if len(trial.participants) > AT_ONCE:
        return _last.get(id(running))
    versions = running.door.protocols
    points = kept(looking, "checklist", lambda: checklist(looking.protocol, trial, looking.today, versions))
    return Counted(trial.sequence, looking.at, points)


def _count(job: Job, running: RunningTrial, today: date, at: datetime) -> Made:
    job.say("reading the record")
    trial = trial_now(running)
    job.say("computing")
    points = checklist(running.protocol, trial, today, running.door.protocols)
    _last[id(running)] = Counted(trial.sequence, at, points)
    return Made("closing")


def _intent(request: HttpRequest) -> Intent:
    """Return what is asked for; DecisionRefused where the lock of the trial is not confirmed by its name."""
    post = request.POST
    what, reason = post.get("what", ""), post.get("reason", "").strip()
    if what == "unlock":
        return UnlockTrial(reason=reason)
    if what == "lock":
        if post.get("confirmed", "").strip() != here(request).trial.trial:
            raise DecisionRefused(say("Type the name of the trial as it stands above to confirm."))
        return LockTrial()
    site, participant, visit, form = (post.get(name, "").strip() or None for name in PARTS)
    scope = Scope(site=site, participant=participant, visit=visit, form=form)
    if what == "release":
        return Release(scope=scope, reason=reason)
    return HoldScope(scope=scope, locked=post.get("how") == "lock")


def _fields(scope: Scope) -> list[tuple[str, str]]:
    return [(name, value) for name in PARTS if (value := getattr(scope, name)) is not None]


def _address(name: str) -> str:
    return reverse(name, args=["events"]) if name == "coding" else reverse(name)

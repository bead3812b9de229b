"""The way to the lock: what is still open with where to see it, parts frozen or locked, the lock of the trial."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ....conduct.closing.checklist import Checklist
from ....conduct.closing.locks import HoldScope, LockTrial, Release, UnlockTrial
from ....conduct.door.fact import Intent
from ....conduct.door.scope import name_scope
from ....conduct.door.state import Scope
from ....conduct.supply.changes import OF_SUPPLY
from ....errors import DecisionRefused
from ...shell.answers import frame_of, kept, kept_each
from ...shell.here import Here
from ...shell.requests import here, may, shown_to, submit
from ...shell.said import named
from ...words import say
from ..quality.listing import person_name

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
PARTS = ("site", "participant", "visit", "form")


@require_http_methods(["GET", "POST"])
@shown_to("checklist")
def page(request: HttpRequest) -> HttpResponse:
    """Show the checklist and what is frozen or locked; freeze, lock, open again."""
    looking = here(request)
    refusal, post = "", request.POST
    if request.method == "POST":
        try:
            submit(request, _intent(request))
            return redirect("closing")
        except DecisionRefused as refused:
            refusal = str(refused)
    trial, protocol = looking.trial, looking.protocol
    points = open_points(looking)
    context = {
        "title": say("Closing"),
        "points": [
            (point, count, "" if point not in WHERE else _address(WHERE[point])) for point, count in points.items()
        ],
        "open": sum(1 for count in points.values() if count),
        "holds": [
            (named(name_scope(one.scope)), one, person_name(looking, one.by), _fields(one.scope))
            for one in trial.holds
            if _may_see(looking, one.scope)
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


def open_points(looking: Here) -> dict[str, int]:
    """Return the number of open points by what was checked; of each participant they are kept."""
    trial, versions = looking.trial, looking.running.door.protocols
    points = Checklist(looking.protocol, frame_of(trial), looking.today, versions)
    found = kept_each(looking, "checklist", trial.participants.values(), points.points_of)
    asked = ("left open in supply", len(trial.versions))
    supply = kept(looking, asked, lambda: points.left_open_in_supply(trial), of=OF_SUPPLY)
    return {**points.add(found), **supply}


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


def _may_see(looking: Here, scope: Scope) -> bool:
    known = looking.trial.participants.get(scope.participant or "")
    site = scope.site if known is None else known.site
    return site is None or looking.may_see(site)


def _fields(scope: Scope) -> list[tuple[str, str]]:
    return [(name, value) for name in PARTS if (value := getattr(scope, name)) is not None]


def _address(name: str) -> str:
    return reverse(name, args=["events"]) if name == "coding" else reverse(name)

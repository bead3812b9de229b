"""What is to be done today: the first page that a site sees."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....conduct.access.questions import QUESTIONS
from ....conduct.door.roles import role_matrix
from ....conduct.follow_up.worklist import ORDER, Task, Worklist, urgency
from ....conduct.safety.reporting import MeetClock
from ...shell.answers import frame_of, kept, kept_each
from ...shell.here import Here
from ...shell.requests import cut, here
from ...words import say
from ..quality.listing import people_of

REPORTERS = frozenset(one.role for one in role_matrix() if one.intent == MeetClock.__name__)
"""Roles whose work it is to report to authorities."""


def page(request: HttpRequest) -> HttpResponse:
    """Show the work that waits, the most urgent first; who has no work at sites is led to the chapters."""
    looking = here(request)
    if looking.role not in QUESTIONS["completeness"]:
        return render(request, "site/no_work.html", {"title": say("Welcome")})
    tasks = kept(looking, ("tasks", looking.site, looking.role), lambda: tasks_of(looking))
    chosen, wanted = request.GET.get("what", ""), request.GET.get("number", "").strip()
    mine = [task for task in tasks if wanted in task.participant]
    shown = [task for task in mine if chosen in ("", task.what)]
    counts, pages = Counter(task.what for task in mine), cut(request, shown)
    context = {
        "title": say("To do today"),
        "tasks": pages.page.object_list,
        "pages": pages,
        "counts": [(what, counts[what]) for what in ORDER if counts[what]],
        "chosen": chosen,
        "wanted": wanted,
        "total": len(mine),
        "today": looking.today,
        "paused": looking.trial.paused,
        "may_see_forms": looking.role in QUESTIONS["forms"],
    }
    return render(request, "site/work.html", context)


def tasks_of(looking: Here) -> list[Task]:
    """List the work at the sites of who looks; it is kept by participant until something is recorded of them."""
    door, reports = looking.running.door, looking.role in REPORTERS
    worklist = Worklist(frame_of(looking.trial), looking.at, looking.today, reports=reports)
    found = kept_each(
        looking,
        ("tasks", reports),
        people_of(looking),
        lambda one: worklist.tasks_of(door.protocol_of(one.id), one),
    )
    return sorted((task for tasks in found for task in tasks), key=urgency)

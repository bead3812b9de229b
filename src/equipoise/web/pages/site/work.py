"""What is to be done today: the first page that a site sees."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....conduct.follow_up.worklist import ORDER, list_tasks
from ...shell.answers import kept
from ...shell.requests import here
from ...words import say


def page(request: HttpRequest) -> HttpResponse:
    """Show the work that waits, the most urgent first."""
    looking = here(request)
    door = looking.running.door
    tasks = kept(
        looking,
        ("tasks", looking.site),
        lambda: list_tasks(
            lambda person: door.protocol_of(person.id), looking.trial, looking.at, looking.today, looking.site
        ),
    )
    chosen = request.GET.get("what", "")
    shown = [task for task in tasks if chosen in ("", task.what)]
    counts = Counter(task.what for task in tasks)
    context = {
        "title": say("To do today"),
        "tasks": shown[:200],
        "more": max(0, len(shown) - 200),
        "counts": [(what, counts[what]) for what in ORDER if counts[what]],
        "chosen": chosen,
        "total": len(tasks),
    }
    return render(request, "site/work.html", context)

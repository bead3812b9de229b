"""The open report for the safety board: of the newest data cut, made in the background, nothing in it by arm."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.closing.locks import DataCut
from ....trial.running import RunningTrial
from ....trial.safety.open_report import REPORT, write_open_report
from ...beside.background import Job, Made, jobs_of, own_book, start
from ...shell.requests import here, shown_to
from ...words import language, say
from ..quality.listing import person_name

WHAT = "open report for the safety board"


@require_http_methods(["GET", "POST"])
@shown_to("board")
def page(request: HttpRequest) -> HttpResponse:
    """Show the data cuts, and make the open report of the newest."""
    looking = here(request)
    if request.method == "POST":
        running, tongue = looking.running, language()
        job = start(looking, WHAT, lambda job: _make(job, running, tongue))
        return redirect("job", name=job.name)
    cuts = list(looking.running.book.read(kinds=[DataCut.__name__]))
    context = {
        "title": say("Safety board"),
        "cuts": [(one, person_name(looking, one.actor)) for one in reversed(cuts)],
        "jobs": jobs_of(looking, WHAT),
        "zone": looking.zone,
    }
    return render(request, "oversight/board.html", context)


def _make(job: Job, running: RunningTrial, tongue: str) -> Made:
    with TemporaryDirectory() as place, own_book(running) as book:
        out = Path(place) / "open"
        frozen = write_open_report(running, out, language=tongue, book=book, progress=job.say)
        return Made(f"open-report-{frozen.sequence}.pdf", "application/pdf", (out / REPORT).read_bytes())

"""The closed report for the safety board: asked for here, made in the background, given to who asked for it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ...accounts.proof import needs_code, require_proof
from ...beside.background import Job
from ...shell.requests import here
from ...words import language, say
from ..asking import asks, attempt, step_key
from .making import STAGES, report_of, start_report


@require_http_methods(["GET", "POST"])
@asks("open_for_board")
def page(request: HttpRequest) -> HttpResponse:
    """Show the data cuts and how the report stands; start one."""
    looking = here(request)
    refusal = ""
    if request.method == "POST":
        _, refusal = attempt(request, {"make": lambda: _start(request)})
        if not refusal:
            return redirect("board")
    context = {
        "title": say("Closed report"),
        "cuts": looking.trial.cuts[::-1],
        "refusal": refusal,
        "needs_code": needs_code(request),
        **_standing(request),
    }
    return render(request, "vault/board.html", context, status=422 if refusal else 200)


@asks("open_for_board")
def progress(request: HttpRequest) -> HttpResponse:
    """Show how the report stands, for the part of the page that is asked for again and again."""
    return render(request, "vault/board_progress.html", _standing(request))


@asks("open_for_board")
def report(request: HttpRequest) -> HttpResponse:
    """Give the report that was made, to who asked for it alone."""
    job = report_of(here(request))
    if job is None or job.made is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{job.made.name}"'}
    return HttpResponse(job.made.content, content_type=job.made.kind, headers=headers)


def _start(request: HttpRequest) -> Job:
    require_proof(request)
    return start_report(here(request), language(), step_key(request))


def _standing(request: HttpRequest) -> dict[str, object]:
    job = report_of(here(request))
    step = 0 if job is None or not job.step else STAGES.index(job.step)
    return {"job": job, "stage": STAGES[step], "step": step, "most": len(STAGES) - 1}

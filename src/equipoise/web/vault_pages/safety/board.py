"""The closed report for the safety board: asked for here, made in the background, given to who asked for it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ...accounts.proof import needs_code, require_proof
from ...shell.line import vault_line
from ...shell.requests import here
from ...words import language, say
from ..asking import asks, attempt, step_key
from .making import STAGES, Making, making_of, start_making


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
    making = making_of(here(request).person)
    if making is None or not making.pdf or making.frozen is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="closed-report-{making.frozen.sequence}.pdf"'}
    return HttpResponse(making.pdf, content_type="application/pdf", headers=headers)


def _start(request: HttpRequest) -> Making:
    require_proof(request)
    looking = here(request)
    return start_making(looking.running.folder.path, vault_line(), looking.by, language(), step_key(request))


def _standing(request: HttpRequest) -> dict[str, object]:
    looking = here(request)
    making = making_of(looking.person)
    seconds = 0 if making is None else int(((making.ended_at or looking.at) - making.began_at).total_seconds())
    return {"making": making, "most": len(STAGES) - 1, "seconds": max(0, seconds), "zone": looking.zone}

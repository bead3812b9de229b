"""Data cuts and exports: the purpose said, the event left, the files made in the background, given once done."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.closing.exports import DataExported, ExportData
from ....conduct.closing.locks import CutData, DataCut
from ....conduct.door.chapters import read_fact
from ....conduct.door.fact import By
from ....datasets.from_record import Format
from ....errors import DecisionRefused
from ....report.folder import pack_folder
from ....trial.exports.data import export_data
from ....trial.running import RunningTrial
from ...beside.background import Job, Made, find, jobs_of, start
from ...shell.requests import here, may, scoped_key, shown_to, submit
from ...words import say
from ..quality.listing import Cell, person_name, table

WHAT = "export of data"
KINDS: tuple[Format, ...] = get_args(Format)


@require_http_methods(["GET", "POST"])
@shown_to("checklist")
def page(request: HttpRequest) -> HttpResponse:
    """Show data cuts and exports; cut the data, or export them, blinded, as SDTM."""
    looking = here(request)
    refusal, post = "", request.POST
    if request.method == "POST":
        try:
            if post.get("what") == "cut":
                submit(request, CutData(through=date.fromisoformat(post.get("through", ""))))
                return redirect("exports")
            return redirect("job", name=_export(request).name)
        except ValueError:
            refusal = say("A date is typed as 2026-03-05 (year, month, day).")
        except DecisionRefused as refused:
            refusal = str(refused)
    events = list(looking.running.book.read(kinds=[DataExported.__name__, DataCut.__name__]))[::-1]
    facts = [(one, read_fact(one), person_name(looking, one.actor)) for one in events]
    context = {
        "title": say("Data cuts and exports"),
        "cuts": [(one, fact, who) for one, fact, who in facts if isinstance(fact, DataCut)],
        "exports": table(
            request,
            say("Exports, the newest first"),
            (say("No."), say("When"), say("Who"), say("Purpose"), say("Blinding"), say("Datasets"), say("Rows")),
            [(one, fact, who) for one, fact, who in facts if isinstance(fact, DataExported)],
            lambda one: (
                str(one[0].sequence),
                Cell(one[0].at.strftime("%Y-%m-%d %H:%M UTC")),
                one[2],
                one[1].purpose,
                say(one[1].blind),
                str(len(one[1].rows)),
                str(sum(one[1].rows.values())),
            ),
            empty=say("Nothing was exported yet."),
        ),
        "kinds": KINDS,
        "jobs": jobs_of(looking, WHAT),
        "may_cut": may(request, CutData),
        "may_export": looking.site is None and may(request, ExportData),
        "through": post.get("through") or looking.today.isoformat(),
        "purpose": post.get("purpose", ""),
        "kind": post.get("kind", KINDS[0]),
        "zone": looking.zone,
        "refusal": refusal,
    }
    return render(request, "oversight/exports.html", context, status=422 if refusal else 200)


@require_http_methods(["GET"])
def job(request: HttpRequest, name: str) -> HttpResponse:
    """Show how far work is that who looks has asked for."""
    found = find(here(request), name)
    if found is None:
        raise Http404
    context = {"title": say("In the making"), "job": found}
    part = request.headers.get("HX-Request")
    return render(request, "oversight/job_part.html" if part else "oversight/job.html", context)


@require_http_methods(["GET"])
def file(request: HttpRequest, name: str) -> HttpResponse:
    """Give the file that was made for who looks."""
    found = find(here(request), name)
    if found is None or found.made is None or not found.made.content:
        raise Http404
    response = HttpResponse(found.made.content, content_type=found.made.kind)
    response["Content-Disposition"] = f'attachment; filename="{found.made.name}"'
    return response


def _export(request: HttpRequest) -> Job:
    """Begin an export; DecisionRefused where it would be refused at the door, before anything is made."""
    looking, purpose = here(request), request.POST.get("purpose", "").strip()
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise DecisionRefused(say("Choose one of the formats."))
    trial = looking.trial
    asked = ExportData(
        blind="blinded", purpose=purpose, sequence=trial.sequence, rows={"dm": 0}, hashes={"dm": ""}
    )
    looking.running.door.require_allowed(asked, looking.by)
    running, by, key = looking.running, looking.by, scoped_key(request)
    return start(looking, WHAT, lambda job: _make(job, running, by, purpose, kind, key))


def _make(job: Job, running: RunningTrial, by: By, purpose: str, kind: Format, key: str | None) -> Made:
    with TemporaryDirectory() as place:
        out = Path(place) / "sdtm"
        job.say("making datasets")
        export_data(running, by, out, purpose, kind=kind, request=key)
        job.say("packing the files")
        return Made(f"{running.book.trial}-blinded-{kind}.zip", "application/zip", pack_folder(out))

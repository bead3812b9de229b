"""Blinded listings of any domain of SDTM, made in the background as of an event, searched, shown page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....datasets.dataset import Dataset
from ....datasets.from_record import write_sdtm
from ....trial.running import RunningTrial
from ...beside.background import Job, Made, jobs_of, start, trial_now
from ...shell.here import Here
from ...shell.requests import here, shown_to
from ...words import say
from ..quality.listing import table

WHAT = "listings"


@dataclass(frozen=True)
class Listed:
    """The datasets of a trial as of an event, and when they were made."""

    sequence: int
    at: datetime
    datasets: Mapping[str, Dataset]


_listed: dict[int, Listed] = {}


@require_http_methods(["GET", "POST"])
@shown_to("queries")
def page(request: HttpRequest) -> HttpResponse:
    """Show a domain as of the event up to which the listings were made, or make them anew."""
    looking = here(request)
    if request.method == "POST":
        running, at = looking.running, looking.at
        started = start(looking, WHAT, lambda job: _make(job, running, at))
        return redirect("job", name=started.name)
    listed = _listed.get(id(looking.running))
    context: dict[str, Any] = {
        "title": say("Blinded listings"),
        "listed": listed,
        "jobs": jobs_of(looking, WHAT)[:1],
    }
    if listed is not None:
        names = list(listed.datasets)
        chosen = request.GET.get("domain", "")
        dataset = listed.datasets[chosen if chosen in names else "dm" if "dm" in names else names[0]]
        wanted = request.GET.get("find", "").strip()
        rows = _rows(looking, dataset, wanted)
        context |= {
            "domains": [(name, one.label or name.upper()) for name, one in listed.datasets.items()],
            "chosen": dataset.name,
            "find": wanted,
            "is_older": listed.sequence < looking.trial.sequence,
            "labels": dataset.labels,
            "table": table(
                request,
                f"{dataset.name.upper()} {dataset.label}".strip(),
                dataset.frame.columns,
                rows,
                lambda row: tuple("" if value is None else str(value) for value in row),
                empty=say("No row holds this."),
            ),
        }
    return render(request, "oversight/listings.html", context)


def _rows(looking: Here, dataset: Dataset, wanted: str) -> list[tuple[object, ...]]:
    """Return the rows that who looks may see and that hold what is looked for, in the order of the dataset."""
    frame = dataset.frame
    if looking.site is not None and "USUBJID" in frame.columns:
        ends = [f"-{one.id}" for one in looking.trial.participants.values() if looking.may_see(one.site)]
        numbers = pl.col("USUBJID")
        frame = frame.filter(pl.any_horizontal(pl.lit(value=False), *(numbers.str.ends_with(end) for end in ends)))
    if wanted:
        texts = (
            pl.col(name).cast(pl.String).str.to_lowercase().str.contains(wanted.lower(), literal=True)
            for name in frame.columns
        )
        frame = frame.filter(pl.any_horizontal(*texts).fill_null(value=False))
    return frame.rows()


def _make(job: Job, running: RunningTrial, at: datetime) -> Made:
    job.say("reading the record")
    trial = trial_now(running)
    job.say("making datasets")
    datasets = write_sdtm(running.protocol, trial, earlier=running.earlier)
    _listed[id(running)] = Listed(trial.sequence, at, datasets)
    return Made("listings")

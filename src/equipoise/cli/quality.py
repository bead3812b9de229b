"""Commands of data quality: what is open, missing, to be verified and reviewed; the steps are `equipoise step`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from .app import AsJson, app, print_json
from .conduct import TrialFolderArgument, attached

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

quality = typer.Typer(
    name="quality", help="Queries, completeness, source verification, review of changes.", no_args_is_help=True
)
app.add_typer(quality)

Site = Annotated[str | None, typer.Option(help="Only this site.")]


@quality.command()
def queries(folder: TrialFolderArgument, site: Site = None, as_json: AsJson = False) -> None:
    """List the open queries, the oldest first, with their age and for whom they wait."""
    from ..conduct.quality.queries import list_queries

    with attached(folder) as running:
        found = list_queries(running.door.trial, datetime.now(UTC))
    rows = [one for one in found if site in (None, one.site)]
    _show(
        [
            {
                "participant": one.participant,
                "query": one.query,
                "record": one.record,
                "item": one.item or "",
                "days": one.days,
                "waits for": one.waits_for,
                "question": one.question,
            }
            for one in rows
        ],
        as_json,
    )


@quality.command()
def complete(
    folder: TrialFolderArgument,
    participant: Annotated[str | None, typer.Option(help="What this participant lacks.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what is filled in, missing, due, overdue and to come, by site; or what one participant lacks."""
    from ..conduct.quality.completeness import check_trial, count_by_site, count_missing
    from ..errors import DecisionRefused

    with attached(folder) as running:
        door, today = running.door, datetime.now(UTC).date()
        if participant is not None and participant not in door.trial.participants:
            raise DecisionRefused(f"nobody has the screening number {participant}; check the number")
        found = check_trial(lambda one: door.protocol_of(one.id), door.trial, today)
        if participant is not None:
            one = found[participant]
            rows = [{"what": "missing", "visit": visit, "form": form} for visit, form in one.missing]
            for what in ("overdue", "due"):
                rows += [{"what": what, "visit": visit, "form": ""} for visit in getattr(one, what)]
            _show(rows, as_json)
            return
        counts = count_by_site(door.trial, found)
        sites = [
            {"site": name} | {what: getattr(one, what) for what in one.__struct_fields__}
            for name, one in counts.items()
        ]
        _show(sites, as_json)
        if not as_json:
            for form, number in count_missing(found).items():
                typer.echo(f"{number:6}  {form} missing")


@quality.command()
def verify(folder: TrialFolderArgument, site: Site = None, as_json: AsJson = False) -> None:
    """List the values that the monitor is still to compare with the source."""
    from ..conduct.quality.verification import list_to_verify

    with attached(folder) as running:
        found = [one for one in list_to_verify(running.protocol, running.door.trial) if site in (None, one.site)]
    _show(
        [
            {
                "participant": one.participant,
                "record": one.record,
                "items": ", ".join(one.items),
                "changed since": ", ".join(one.again),
            }
            for one in found
        ],
        as_json,
    )


@quality.command()
def review(folder: TrialFolderArgument, site: Site = None, as_json: AsJson = False) -> None:
    """List the changes of critical items that nobody has reviewed, with all values, the reason, and by whom."""
    from ..conduct.forms.history import histories
    from ..conduct.quality.review import list_to_review

    rows = []
    with attached(folder) as running:
        for one in list_to_review(running.protocol, running.door.trial):
            if site not in (None, one.site):
                continue
            past = histories(running.book.read(participant=one.participant))
            for item in one.items:
                values = past.get((one.record, item), ())
                rows.append(
                    {
                        "participant": one.participant,
                        "record": one.record,
                        "item": item,
                        "values": " > ".join(str(value.missing or value.value) for value in values),
                        "reason": (values[-1].reason or "") if values else "",
                        "by": one.by,
                        "event": running.door.trial.participants[one.participant].forms[one.record].sequence,
                    }
                )
    _show(rows, as_json)


def _show(rows: "Iterable[Mapping[str, Any]]", as_json: bool) -> None:
    """Print rows as a table with the names of its columns, or as JSON."""
    rows = list(rows)
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo("nothing")
        return
    names = list(rows[0])
    widths = {name: max(len(name), *(len(str(row[name])) for row in rows)) for name in names}
    typer.echo("  ".join(name.ljust(widths[name]) for name in names).rstrip())
    for row in rows:
        typer.echo("  ".join(str(row[name]).ljust(widths[name]) for name in names).rstrip())

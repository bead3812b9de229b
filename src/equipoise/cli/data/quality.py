"""Commands of data quality: what is open and lacking, dictionaries; all other steps are `equipoise step`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json
from ..conduct import Actor, Reader, ReaderRole, Request, TrialFolderArgument, acting_as, attached, reach_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ...conduct.quality.dictionary import Kind

quality = typer.Typer(
    name="quality", help="Queries, completeness, verification, review, coding, double entry.", no_args_is_help=True
)
app.add_typer(quality)

Site = Annotated[str | None, typer.Option(help="Only this site.")]
Coder = Annotated[str, typer.Option("--role", help="Role in which it is done: medical monitor or data manager.")]


@quality.command()
def queries(
    folder: TrialFolderArgument, site: Site = None, by: Reader = "", role: ReaderRole = "", as_json: AsJson = False
) -> None:
    """List the open queries, the oldest first, with their age and for whom they wait."""
    from ...conduct.quality.queries import list_queries

    with attached(folder) as running:
        shown = reach_of(running, by, role, "queries", site)
        found = list_queries(running.door.trial, datetime.now(UTC))
    rows = [one for one in found if site in (None, one.site) and shown(one.site)]
    show(
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
    by: Reader = "",
    role: ReaderRole = "",
    as_json: AsJson = False,
) -> None:
    """Say what is filled in, missing, due, overdue and to come, by site; or what one participant lacks."""
    from ...conduct.quality.completeness import check_trial, count_by_site, count_missing
    from ...errors import DecisionRefused

    with attached(folder) as running:
        door, today = running.door, datetime.now(UTC).date()
        if participant is not None and participant not in door.trial.participants:
            raise DecisionRefused(f"nobody has the screening number {participant}; check the number")
        of = None if participant is None else door.trial.participants[participant].site
        shown = reach_of(running, by, role, "completeness", of)
        found = check_trial(lambda one: door.protocol_of(one.id), door.trial, today)
        if participant is not None:
            one = found[participant]
            rows = [{"what": "missing", "visit": visit, "form": form} for visit, form in one.missing]
            for what in ("overdue", "due"):
                rows += [{"what": what, "visit": visit, "form": ""} for visit in getattr(one, what)]
            show(rows, as_json)
            return
        found = {name: one for name, one in found.items() if shown(door.trial.participants[name].site)}
        counts = {name: one for name, one in count_by_site(door.trial, found).items() if shown(name)}
        sites = [
            {"site": name} | {what: getattr(one, what) for what in one.__struct_fields__}
            for name, one in counts.items()
        ]
        show(sites, as_json)
        if not as_json:
            for form, number in count_missing(found).items():
                typer.echo(f"{number:6}  {form} missing")


@quality.command()
def verify(
    folder: TrialFolderArgument, site: Site = None, by: Reader = "", role: ReaderRole = "", as_json: AsJson = False
) -> None:
    """List the values that the monitor is still to compare with the source."""
    from ...conduct.quality.verification import list_to_verify

    with attached(folder) as running:
        shown = reach_of(running, by, role, "queries", site)
        listed = list_to_verify(running.protocol, running.door.trial, running.door.protocols)
        found = [one for one in listed if site in (None, one.site) and shown(one.site)]
    show(
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
def review(
    folder: TrialFolderArgument, site: Site = None, by: Reader = "", role: ReaderRole = "", as_json: AsJson = False
) -> None:
    """List the changes of critical items that nobody has reviewed, with all values, the reason, and by whom."""
    from ...conduct.forms.history import histories
    from ...conduct.quality.review import list_to_review

    rows = []
    with attached(folder) as running:
        shown = reach_of(running, by, role, "queries", site)
        for one in list_to_review(running.protocol, running.door.trial, running.door.protocols):
            if site not in (None, one.site) or not shown(one.site):
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
    show(rows, as_json)


@quality.command()
def paper(
    folder: TrialFolderArgument, site: Site = None, by: Reader = "", role: ReaderRole = "", as_json: AsJson = False
) -> None:
    """List the records that were written on paper first, or entered late, with the reasons."""
    from ...conduct.quality.late_entry import list_delayed

    with attached(folder) as running:
        shown = reach_of(running, by, role, "completeness", site)
        found = [one for one in list_delayed(running.door.trial) if shown(one.site)]
    show(
        [
            {
                "participant": one.participant,
                "record": one.record,
                "day": str(one.on),
                "written on": "" if one.written_on is None else one.written_on.isoformat(timespec="minutes"),
                "entered on": str(one.entered_on),
                "days": one.days,
                "why": one.why,
                "late": one.late,
            }
            for one in found
            if site in (None, one.site)
        ],
        as_json,
    )


@quality.command()
def dictionary(
    folder: TrialFolderArgument,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What it codes: events or drugs.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with the columns term, decoded and others.")],
    name: Annotated[str, typer.Option(help="Name of the dictionary, such as MedDRA.")] = "",
    edition: Annotated[str, typer.Option(help="Its version, such as 27.1.")] = "",
    by: Actor = "",
    role: Coder = "medical monitor",
    compare: Annotated[
        bool, typer.Option("--compare", help="Only show what it would do to the terms coded so far.")
    ] = False,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Code with a dictionary from now on, or compare it with that in force."""
    from ...trial.coding import compare_dictionary, load_dictionary

    known = _kind(kind)
    with attached(folder) as running:
        if compare:
            found = compare_dictionary(running, file, known)
            show([{field: getattr(one, field) for field in one.__struct_fields__} for one in found], as_json)
            return
        if not (name and edition and by):
            raise DataError("say which dictionary this is, and who loads it: --name, --edition, --by")
        (event,) = load_dictionary(running, acting_as(by, role), file, known, name, edition, request)
    typer.echo(f"{known} are coded with {name} {edition} from event {event.sequence} on")


@quality.command()
def code(
    folder: TrialFolderArgument,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What is coded: events or drugs.")],
    edition: Annotated[str, typer.Option(help="Version of the dictionary that is meant.")] = "",
    by: Actor = "",
    role: Coder = "medical monitor",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Code every term that the dictionary has; without a person, list what is not coded."""
    from ...conduct.quality.coding import CodeTerms, list_uncoded

    known = _kind(kind)
    with attached(folder) as running:
        if by:
            intent = CodeTerms(dictionary=known, edition=edition)
            coded = running.door.submit(intent, acting_as(by, role), request)
            typer.echo(f"{len(coded)} terms were coded")
        uncoded = list_uncoded(running.protocol, running.door.trial, running.door.protocols)
        found = [one for one in uncoded if one.dictionary == known]
    show(
        [
            {
                "participant": one.participant,
                "record": one.record,
                "item": one.item,
                "term": one.term,
                "before": "" if one.former is None else one.former.decoded,
            }
            for one in found
        ],
        as_json,
    )


@quality.command()
def twice(
    folder: TrialFolderArgument, site: Site = None, by: Reader = "", role: ReaderRole = "", as_json: AsJson = False
) -> None:
    """List what waits for its second entry, and the differences that the investigator is to settle."""
    from ...conduct.quality.second_entry import list_second_entries

    with attached(folder) as running:
        shown = reach_of(running, by, role, "queries", site)
        found = list_second_entries(running.protocol, running.door.trial, running.door.protocols)
    show(
        [
            {
                "participant": one.participant,
                "record": one.record,
                "enter again": ", ".join(one.items),
                "settle": ", ".join(one.differ),
            }
            for one in found
            if site in (None, one.site) and shown(one.site)
        ],
        as_json,
    )


@quality.command()
def reconcile(
    folder: TrialFolderArgument,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="CSV of the serious events in the safety database.")
    ] = None,
    by: Reader = "",
    role: ReaderRole = "",
    as_json: AsJson = False,
) -> None:
    """Compare serious events with the list of the safety database; without one, the record of harm with itself."""
    from ...conduct.quality.reconciliation import check_harm, compare_cases, read_cases

    cases = None if file is None else read_cases(_text(file))
    with attached(folder) as running:
        shown = reach_of(running, by, role, "harm")
        protocol, trial = running.protocol, running.door.trial
        versions = running.door.protocols
        found = check_harm(protocol, trial, versions)
        if cases is not None:
            found += compare_cases(protocol, trial, cases, versions)
        sites = {name: person.site for name, person in trial.participants.items()}
        found = [one for one in found if shown(sites.get(one.participant))]
    show([{name: getattr(one, name) for name in one.__struct_fields__} for one in found], as_json)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file} must be text in UTF-8: {error.reason} at byte {error.start}") from error


def _kind(text: str) -> "Kind":
    if text == "events":
        return "events"
    if text == "drugs":
        return "drugs"
    raise DataError(f"a dictionary codes events or drugs. Got {text}")


def show(rows: "Iterable[Mapping[str, Any]]", as_json: bool) -> None:
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

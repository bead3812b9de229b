"""Commands of laboratories: their ranges, import of a whole file of results, the results that are abnormal."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ..app import AsJson, app, print_json
from ..conduct import Actor, Reader, ReaderRole, Request, TrialFolderArgument, acting_as, attached, reach_of, tell
from .quality import show

laboratory = typer.Typer(
    name="laboratory", help="Reference ranges, import of results, abnormal results.", no_args_is_help=True
)
app.add_typer(laboratory)

Site = Annotated[str | None, typer.Option(help="Only this site.")]


@laboratory.command("import")
def import_results(
    folder: TrialFolderArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Results: CSV or ODM (.xml, .odm).")],
    manifest: Annotated[Path, typer.Option(metavar="FILE", help="The manifest of the file, in YAML or JSON.")],
    by: Actor,
    site: Site = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Store nothing; name every line that is wrong, or what would be.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a file of results, by the laboratory: every line or nothing. The same file again adds nothing."""
    from rich.console import Console

    from ...conduct.door.chapters import read_fact
    from ...conduct.laboratory.results import ResultsImported
    from ...line import VaultClient
    from ...trial.folder import find_door
    from ...trial.laboratory import steps

    acting = acting_as(by, "laboratory")
    with Console(stderr=True, quiet=as_json).status("reading the file") as status, ExitStack() as closing:
        intent = steps.read_results(file, manifest, site)
        rows = len(intent.rows)
        status.update("opening the trial")
        running = closing.enter_context(attached(folder))
        if dry_run:
            status.update(f"judging {rows:,} results")
            steps.check_results(running, acting, intent)
        else:
            door = find_door(folder, unblinded=False)
            vault = None if door is None else VaultClient(door)
            if vault is not None:
                closing.callback(vault.close)
            status.update(f"judging and storing {rows:,} results")
            events = steps.import_results(running, vault, acting, intent)
    if dry_run:
        said = {"file": intent.manifest.file, "rows": rows, "wrong": 0, "stored": False}
        print_json(said) if as_json else typer.echo(f"{file}: all {rows} results are right; nothing was stored")
        return
    imported = next(fact for event in events if isinstance(fact := read_fact(event), ResultsImported))
    if as_json:
        print_json({name: str(getattr(imported, name)) for name in imported.__struct_fields__})
        return
    typer.echo(imported.tell())
    typer.echo(f"recorded at {events[-1].at:%Y-%m-%d %H:%M:%S} UTC, receipt {events[-1].hash.hex()[:16]}")


@laboratory.command()
def ranges(
    folder: TrialFolderArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with the columns test, valid_from, unit, ...")],
    name: Annotated[str, typer.Option("--laboratory", metavar="NAME", help="Short name of the laboratory.")],
    by: Actor,
    role: Annotated[str, typer.Option(help="data manager or laboratory.")] = "data manager",
    reason: Annotated[str, typer.Option(help="Why ranges of the same first day are changed.")] = "",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Set reference ranges of a laboratory, each from a day on, for a test, a sex and a range of ages."""
    from ...trial.laboratory.steps import set_ranges

    with attached(folder) as running:
        tell(set_ranges(running, acting_as(by, role), name, file, reason, request), as_json)


@laboratory.command()
def results(
    folder: TrialFolderArgument,
    site: Site = None,
    grade: Annotated[int, typer.Option(min=0, max=4, help="Only results of this toxicity grade or more.")] = 0,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only results collected on this day or later.")
    ] = None,
    by: Reader = "",
    role: ReaderRole = "",
    as_json: AsJson = False,
) -> None:
    """List results outside their range or with a toxicity grade, the gravest first."""
    from ...datasets.from_record.abnormal import list_abnormal

    day = "" if since is None else since.date().isoformat()
    with attached(folder) as running:
        shown = reach_of(running, by, role, "forms", site)
        found = list_abnormal(running.protocol, running.door.trial, earlier=running.earlier, grade=grade)
    show(
        [
            {name: "" if (value := getattr(one, name)) is None else value for name in one.__struct_fields__}
            for one in found
            if site in (None, one.site) and shown(one.site) and one.collected >= day
        ],
        as_json,
    )

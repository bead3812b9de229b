"""The command that qualifies an installation, and that checks a signed report."""

from pathlib import Path
from typing import Annotated

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json


@app.command()
def qualify(
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="New folder for the report.")] = None,
    protocol: Annotated[
        str, typer.Option(metavar="PROTOCOL", help="What is rehearsed: a protocol file, or a shipped trial.")
    ] = "hucmsc_pilot",
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="A running trial to look at; its key then signs.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Empty database of the server to qualify; it is left empty.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Only say whether the report in this folder is unaltered."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Qualify this installation (IQ, OQ, PQ): try every requirement, and write a signed report of it."""
    if check is not None:
        _check(check, as_json=as_json)
        return
    if out is None:
        raise DataError("a qualification needs --out FOLDER for its report; --check FOLDER looks at one")
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ...simulation.qualification import qualify as run

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True, quiet=as_json), transient=True) as bar:
        task = bar.add_task("", total=None)
        evidence, key = run(
            out,
            protocol=protocol,
            trial=folder,
            database=database,
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    if as_json:
        failed = [one.id for one in evidence.failed]
        print_json(
            {
                "passed": not failed,
                "failed": failed,
                "checks": len(evidence.checks),
                "report": str(out),
                "key": key,
            }
        )
    else:
        for one in evidence.failed:
            typer.echo(f"{one.id} FAILED: {one.requirement} {one.failure}")
        typer.echo(f"{evidence.verdict}; the report is {out / 'report.pdf'}")
        typer.echo(f"signed with the key {key}; `equipoise qualify --check {out}` says whether it is unaltered")
    if evidence.failed:
        raise typer.Exit(1)


def _check(folder: Path, *, as_json: bool) -> None:
    from ...report.evidence import check_report

    said = check_report(folder)
    if as_json:
        print_json(
            {"unaltered": True, **{name: said[name] for name in ("title", "subject", "at", "verdict", "key")}}
        )
        return
    partial = f" PARTIAL: {said['partial']}." if said["partial"] else ""
    typer.echo(
        f"{folder} is unaltered: {said['title']}, {said['subject']}, {said['at']}.{partial} {said['verdict']}"
    )
    typer.echo(f"signed with the key {said['key']}")

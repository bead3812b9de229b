"""The command that practises the restore of a running trial, and says when it was practised last."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json
from ..conduct import Request, TrialFolderArgument, acting_as, attached

if TYPE_CHECKING:
    from ...line import VaultClient


@app.command()
def drill(
    folder: TrialFolderArgument,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="New folder for the report.")] = None,
    by: Annotated[str, typer.Option(metavar="PERSON", help="Short name of the administrator.")] = "",
    into: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Empty database to restore into; without it a server of its own."),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Only say when the next is due.")] = False,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Prove that a backup can be brought back: restore a fresh one elsewhere and try it while work goes on."""
    if due:
        _say_when_due(folder, as_json=as_json)
        return
    if out is None or not by:
        raise DataError("a drill needs --out FOLDER for its report and --by PERSON who holds it, an administrator")
    from rich.console import Console

    from ...report.evidence import write_report
    from ...report.folder import require_free
    from ...trial.drill import evidence_of, hold_drill
    from ...trial.running import signing_key

    require_free(out)
    acting = acting_as(by, "administrator")
    with attached(folder) as running, Console(stderr=True, quiet=as_json).status("backup") as status:
        vault = _find_vault(folder)
        held = hold_drill(running, acting, request=request, vault=vault, into=into, progress=status.update)
        if vault is not None:
            vault.close()
        evidence = evidence_of(running, held)
        key = write_report(out, evidence, signing_key(running.folder))
    if as_json:
        print_json(
            {
                "passed": not held.failed,
                "failed": list(held.failed),
                "steps": len(held.checks),
                "event": held.event.sequence,
                "seconds": held.seconds,
                "report": str(out),
                "key": key,
            }
        )
    else:
        for check in held.checks:
            why = f": {check.failure}" if check.failure else ""
            result = {True: "passed", False: "FAILED", None: "not exercised"}[check.passed]
            typer.echo(f"{check.id:12}  {check.seconds:6.2f} s  {result}{why}")
        typer.echo(f"{evidence.verdict}; event {held.event.sequence} says so; the report is {out / 'report.pdf'}")
        typer.echo(f"signed with the key {key}")
    if held.failed:
        raise typer.Exit(1)


def _say_when_due(folder: Path, *, as_json: bool) -> None:
    from ...conduct.organisation.drills import is_drill_overdue, next_drill_due

    with attached(folder) as running:
        trial = running.door.trial
    day, overdue = next_drill_due(trial), is_drill_overdue(trial, datetime.now(UTC).date())
    last = trial.drills[-1] if trial.drills else None
    if as_json:
        print_json(
            {
                "last": None if last is None else last.at.isoformat(),
                "failed": [] if last is None else list(last.failed),
                "due": None if day is None else day.isoformat(),
                "overdue": overdue,
            }
        )
    else:
        how = "" if last is None or not last.failed else f", in which {', '.join(last.failed)} failed"
        held = "no drill was held yet" if last is None else f"the last drill was held on {last.at:%Y-%m-%d}{how}"
        when = "none is due before a site is active" if day is None else f"the next is due by {day}"
        typer.echo(f"{held}; {when}{': overdue' if overdue else ''}")
    if overdue:
        raise typer.Exit(1)


def _find_vault(folder: Path) -> "VaultClient | None":
    """Return a line to the vault that runs for the trial; None where none runs, or its door is not ours."""
    from ...line import VaultClient
    from ...trial.folder import find_door

    try:
        door = find_door(folder, unblinded=True)
    except PermissionError:
        return None
    return None if door is None else VaultClient(door)

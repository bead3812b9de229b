"""Commands that keep a trial safe: verify, back up, restore, reconcile."""

from pathlib import Path
from typing import Annotated

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json
from ..conduct import Actor, Request, TrialFolderArgument, acting_as, attached
from ..vault import reach_vault


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Archive of a finished trial, or a running one.")],
    as_json: AsJson = False,
) -> None:
    """Prove a trial: replay its record and its chain, make the results again, compare every hash."""
    from dataclasses import asdict

    from rich.console import Console

    from ...trial.folder import is_archive
    from ...trial.verify import verify_archive, verify_running

    with Console(stderr=True, quiet=as_json).status("reading") as status:
        if is_archive(folder):
            found = verify_archive(folder, progress=status.update)
            said = (
                f"{folder} holds: {found.events} events and {found.vault_events} of the vault, "
                f"{found.anchors} anchors, {found.slots} opened slots, {found.files} files; "
                f"{found.made_again} of them were made again, the same"
            )
            counts = asdict(found)
        else:
            with attached(folder) as running:
                counts = verify_running(running)
            said = f"{folder} holds; events: {counts['events']}, anchors: {counts['anchors']}"
    if as_json:
        print_json(counts)
    else:
        typer.echo(said)


@app.command()
def witness(folder: TrialFolderArgument) -> None:
    """Anchor the record now, and print the line and the positions that a witness outside keeps."""
    from ...line import read_places, witness_places
    from ...record import witness_line, write_anchor
    from ...trial.running import signing_key

    with attached(folder) as running:
        anchor = write_anchor(running.folder.anchors, signing_key(running.folder), running.book)
        typer.echo(witness_line(anchor.head()))
        typer.echo(witness_places(read_places(running.book.connection)))


@app.command()
def backup(
    folder: TrialFolderArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help="File for the backup; it must not exist.")],
) -> None:
    """Back up the whole database of a running trial while it is used; the keys of the folder are not in it."""
    from ...trial.restoring import back_up_trial

    if out.exists():
        raise DataError(f"a backup is written to a file that does not exist yet. Got {out}")
    with attached(folder) as running:
        events = back_up_trial(running, out)
    typer.echo(
        f"{out} holds the trial with {events} events or more; keep it elsewhere, and the folder's keys apart"
    )


@app.command()
def restore(
    folder: TrialFolderArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Backup to restore.")],
) -> None:
    """Restore a backup into the empty database of a trial's folder; allocation stays shut until reconciled."""
    from ...trial.restoring import restore_trial

    for schema, head in restore_trial(folder, file).items():
        typer.echo(f"{schema}: restored up to event {head.sequence}")
    typer.echo(
        "allocation and dosing are shut; reconcile with the highest numbers given out (`equipoise reconcile`)"
    )


@app.command()
def reconcile(
    folder: TrialFolderArgument,
    by: Actor,
    signer: Annotated[
        list[str], typer.Option(metavar="PERSON", help="Person who vouches for the positions; twice.")
    ],
    reason: Annotated[str, typer.Option(help="What was done to find the positions.")],
    position: Annotated[
        list[str], typer.Option(metavar="STRATUM:N", help="Highest position given out in a stratum; one for each.")
    ],
    request: Request = None,
) -> None:
    """After a restore: give up every slot up to the witnessed positions and open allocation again."""
    from ...trial.restoring import reconcile_trial

    if len(signer) != 2:
        raise DataError(f"two persons vouch for the positions: --signer twice. Got {len(signer)}")
    witnessed = dict(_position(text) for text in position)
    with attached(folder) as running, reach_vault(folder) as client:
        lost = reconcile_trial(
            running, client, acting_as(by, "list custodian"), witnessed, (signer[0], signer[1]), reason, request
        )
    typer.echo(
        "; ".join(f"{stratum}: slots given up: {count}" for stratum, count in lost.items()) or "nothing was lost"
    )
    typer.echo("allocation is open again")


def _position(text: str) -> tuple[str, int]:
    stratum, given, number = text.rpartition(":")
    if not given or not number.strip().isdigit():
        raise DataError(f"a position must be given as STRATUM:N, such as 'site=01:17'. Got {text}")
    return stratum, int(number)

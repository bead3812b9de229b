"""The command that reports a paper envelope which was opened while the vault was out of reach."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ...errors import DataError
from ..app import app
from ..conduct import Actor, Request, TrialFolderArgument, acting_as, attached
from ..vault import reach_vault


@app.command("report-envelope")
def report(
    folder: TrialFolderArgument,
    participant: Annotated[
        str, typer.Argument(metavar="PARTICIPANT", help="Participant whose envelope was opened.")
    ],
    by: Actor,
    opened_by: Annotated[str, typer.Option(help="Who opened it: name and function.")],
    opened_at: Annotated[str, typer.Option(metavar="MOMENT", help="When, with the offset from UTC.")],
    reason: Annotated[str, typer.Option(help="Why the treatment had to be known.")],
    role: Annotated[str, typer.Option(help="Role in which it is reported.")] = "investigator",
    request: Request = None,
) -> None:
    """Report an opened envelope to the record and to the vault, as soon as they can be reached again.

    The same --request reports it once, however often the command has to be given.
    """
    from ...trial.steps import report_envelope

    try:
        moment = datetime.fromisoformat(opened_at)
    except ValueError as error:
        raise DataError(f"a moment is written as in 2026-11-29T03:40+08:00. Got {opened_at}") from error
    if moment.tzinfo is None:
        raise DataError(f"a moment needs its offset from UTC, as in 2026-11-29T03:40+08:00. Got {opened_at}")
    with attached(folder) as running, reach_vault(folder, unblinded=False) as client:
        report_envelope(
            *(running, client, acting_as(by, role), participant, reason),
            opened_by=opened_by,
            opened_at=moment.astimezone(UTC),
            request=request,
        )
    typer.echo(f"both records know that the envelope of {participant} was opened")

"""The command by which a third person audits the sealed list with the shares of both custodians."""

import sys
import uuid
from pathlib import Path
from typing import Annotated

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json
from ..conduct import Actor, Request, TrialFolderArgument, acting_as, attached
from ..vault import reach_vault


@app.command("audit-list")
def audit(
    folder: TrialFolderArgument,
    by: Actor,
    share: Annotated[
        list[Path], typer.Option("--share", metavar="FILE", help="File with a custodian's share; twice.")
    ],
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Let the vault make the list again from the shares of both custodians, and compare every slot.

    What differs is named by its place; no arm is told. Status 1 where something differs.
    """
    from ...trial.steps import stamp_of

    if len(share) != 2:
        raise DataError(f"the audit needs the shares of both custodians: --share twice. Got {len(share)}")
    shares = [file.read_text(encoding="utf-8") for file in share]
    with attached(folder) as running, reach_vault(folder) as client:
        acting = acting_as(by, "list custodian")
        stamp = stamp_of(acting, request or str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
        found: list[str] = client.call("audit_list", list[str], stamp=stamp, shares=shares)
    if as_json:
        print_json({"findings": found})
    else:
        typer.echo("\n".join(found) or "every slot is the one that the protocol and the joined shares lead to")
    if found:
        sys.exit(1)

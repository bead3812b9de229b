"""The command that amends a running trial: what changes and what kind of change it is, a dry run, the issue."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import AsJson, app, print_json
from .conduct import Request, TrialFolderArgument, acting_as, attached

if TYPE_CHECKING:
    from ..trial.amendment.issue import DryRun


@app.command()
def amend(
    folder: TrialFolderArgument,
    new: Annotated[Path, typer.Argument(metavar="NEW", help="File of the amended protocol.")],
    by: Annotated[str, typer.Option("--by", metavar="PERSON", help="Short name of the sponsor's person.")],
    issue: Annotated[bool, typer.Option("--issue", help="Issue the version; without it only a dry run.")] = False,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Amend a running trial: classify every change, try the amendment on a copy of the record, then issue it.

    Sites go on by the old version until each is activated for the new one (`step ActivateSite`), participants
    until they have signed its consent form (`step SignConsent`) or are moved (`step MoveParticipant`).
    """
    from ..trial.amendment.issue import dry_run, issue_amendment

    acting = acting_as(by, "sponsor")
    with attached(folder) as running:
        if issue:
            found = issue_amendment(running, str(new), acting, request)
        else:
            found = dry_run(running, str(new), acting)
    if as_json:
        print_json({"issued": issue, **asdict(found)})
        return
    _show(found)
    done = "is issued, as in the dry run; next: activate each site once its ethics committee has approved it"
    can_be = "can be issued, by the same command with --issue; nothing was recorded"
    typer.echo(f"version {found.version[:12]} {done if issue else can_be}")


def _show(found: "DryRun") -> None:
    for one in found.changes:
        change = one.change
        typer.echo(f"{one.kind:15} {change.kind} {change.name} {change.action}: {change.why}")
    survey = found.found
    typer.echo(
        f"dry run after event {found.sequence}: {survey.participants} participants, {survey.on_older} of them on "
        f"an older version; all {survey.values} values recorded keep their place"
    )
    told = (
        ("edit checks that would newly not hold", survey.raised),
        ("edit checks that would hold again", survey.settled),
        ("items that would be derived otherwise", survey.derived),
        ("visits that would fall in or out of their window", survey.windows),
    )
    for what, counts in told:
        if counts:
            listed = ", ".join(f"{name} ({count})" for name, count in counts.items())
            typer.echo(f"{what}, were they judged anew: {listed}")

"""The command that shows who has access, for the review that is attested every quarter."""

from datetime import UTC, datetime

import typer

from ..app import AsJson, app, print_json
from ..conduct import Reader, ReaderRole, TrialFolderArgument, attached, reach_of


@app.command()
def access(folder: TrialFolderArgument, by: Reader = "", role: ReaderRole = "", as_json: AsJson = False) -> None:
    """Show who holds which role today and when they last did something; attest it with `step AttestAccess`."""
    from ...conduct.access.attestation import attestation_due
    from ...trial.access.people import access_of

    with attached(folder) as running:
        reach_of(running, by, role, "access")
        found = access_of(running, datetime.now(UTC))
        trial = running.door.trial
        due = attestation_due(trial)
    if as_json:
        print_json(
            {
                "seen": trial.sequence,
                "due": None if due is None else due.isoformat(),
                "people": [
                    {
                        "person": one.person,
                        "name": one.name,
                        "roles": list(one.roles),
                        "last_act": None if one.last_act is None else one.last_act.isoformat(),
                    }
                    for one in found
                ],
            }
        )
        return
    for one in found:
        acted = "has done nothing yet" if one.last_act is None else f"last act {one.last_act:%Y-%m-%d}"
        typer.echo(f"{one.person}  {one.name}  {'; '.join(one.roles)}  {acted}")
    typer.echo(
        f"as of event {trial.sequence}; attest it with: equipoise step DIR AttestAccess seen={trial.sequence} "
        f"note=... The next review is due {'now' if due is None else f'on {due}'}"
    )

"""Commands about who participants are: register a person, look one up; no name stays in the shell's history."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json
from ..conduct import Actor, Request, TrialFolderArgument, acting_as, attached, tell

ASKED = {
    "name": "Name",
    "birth_date": "Date of birth, as in 1980-05-31",
    "sex": "Sex (F, M, U, INTERSEX)",
    "contact": "How the site reaches the person (may stay empty)",
}


@app.command()
def screen(
    folder: TrialFolderArgument,
    site: Annotated[str, typer.Argument(metavar="SITE", help="Site at which the person is registered.")],
    by: Actor,
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "coordinator",
    identity: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSON file with name, birth_date, sex; without it you are asked."),
    ] = None,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Register a person for screening; who it is is asked for, and never stands on the command line."""
    from ...conduct.enrolment.screening import ScreenParticipant

    with attached(folder) as running:
        person = _ask() if identity is None else _read(identity)
        intent = ScreenParticipant(site=site, identity=person)
        tell(running.door.submit(intent, acting_as(by, role), request), as_json)


@app.command("identity")
def show_identity(
    folder: TrialFolderArgument,
    participant: Annotated[
        str, typer.Argument(metavar="PARTICIPANT", help="Screening number of the participant.")
    ],
    by: Actor,
    reason: Annotated[str, typer.Option(help="Why the identity is needed; it stands in the record.")],
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "coordinator",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Show who a participant is, to who may know it at that site; that it was shown is an event."""
    from ...trial.access.identity import read_identity

    with attached(folder) as running:
        found = read_identity(running, acting_as(by, role), participant, reason, request)
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        typer.echo(f"{name}: {value}")


def _ask() -> dict[str, str]:
    typed = {
        field: str(typer.prompt(asked, default="" if field == "contact" else None, show_default=False)).strip()
        for field, asked in ASKED.items()
    }
    return {field: value for field, value in typed.items() if value}


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{file} must be JSON, such as {{'name': ..., 'birth_date': ..., 'sex': ...}}") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise DataError(f"{file} must hold one object whose values are texts: name, birth_date, sex")
    return found

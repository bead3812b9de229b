"""The command that tells who may do what: the matrix of roles, and what one person may do today."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ...errors import DataError, DecisionRefused
from ..app import AsJson, app, print_json
from ..conduct import attached


@app.command()
def roles(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of a trial, with --person.", show_default=False)
    ] = None,
    person: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Only what this person may do today; needs DIR.")
    ] = None,
    role: Annotated[str | None, typer.Option(help="Only this role.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell who may do what: the steps of each role, what it may ask of the vault, and what it is shown."""
    if (folder is None) != (person is None):
        raise DataError("what one person may do is told for a trial: give its folder and --person together")
    found = _matrix() if folder is None else _of_person(folder, str(person))
    rows = [row for row in found if role in (None, row["role"])]
    if role is not None and not rows:
        from ...conduct.organisation.wall import ROLES
        from ...errors import suggest

        if role not in ROLES:
            raise DataError(f"there is no such role{suggest(role, ROLES, stop='.')} Got {role}")
    if as_json:
        print_json(rows)
        return
    for row in rows:
        where = "" if "where" not in row else f" {row['where']}"
        typer.echo(f"{row['role']}{where} ({row['reach']})")
        for what, title in (("steps", "steps"), ("vault", "of the vault"), ("shown", "is shown")):
            if row[what]:
                typer.echo(f"  {title}: {', '.join(row[what])}")


def _matrix() -> list[dict[str, Any]]:
    """Return a row for each role; what is not listed is refused."""
    from ...conduct.access.questions import QUESTIONS
    from ...conduct.door.roles import role_matrix
    from ...conduct.organisation.people import AT_ONE_SITE
    from ...conduct.organisation.wall import ROLES
    from ...trial.access.at_the_vault import HANDLERS

    matrix = role_matrix()
    return [
        {
            "role": role,
            "reach": "its own site" if role in AT_ONE_SITE else "as granted",
            "steps": [one.intent for one in matrix if one.role == role],
            "vault": [name for name, allowed in HANDLERS.items() if role in allowed],
            "shown": [question for question, allowed in QUESTIONS.items() if role in allowed],
        }
        for role in ROLES
    ]


def _of_person(folder: Path, person: str) -> list[dict[str, Any]]:
    """Return a row for each role that a person holds today, where it is held."""
    from ...conduct.organisation.people import is_held_at

    now = datetime.now(UTC)
    with attached(folder) as running:
        trial = running.door.trial
        if person not in trial.people:
            raise DecisionRefused(f"nobody is entered in this trial as {person}; ask the administrator")
        held = [grant for grant in trial.people[person].grants if is_held_at(trial, grant, now)]
        if not held:
            raise DecisionRefused(f"{trial.people[person].name} holds no role today; ask the administrator")
    rows = {row["role"]: row for row in _matrix()}
    return [
        {**rows[one.role], "where": "at all sites" if one.site is None else f"at site {one.site}"} for one in held
    ]

"""Commands of who signs: set a password of one's own, see what would be signed, sign it."""

import os
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError, DecisionRefused
from .app import AsJson, app, print_json
from .conduct import (
    Actor,
    Reader,
    ReaderRole,
    Request,
    TrialFolderArgument,
    acting_as,
    attached,
    reach_of,
    tell,
)

if TYPE_CHECKING:
    from ..conduct.door.state import Participant

PASSWORD, NEW_PASSWORD = "EQUIPOISE_PASSWORD", "EQUIPOISE_NEW_PASSWORD"
"""Variables of the environment that are taken in place of asking."""


@app.command()
def password(folder: TrialFolderArgument, by: Actor) -> None:
    """Set the password that you sign with, or change it; only a hash of it is kept, in the trial's folder."""
    from ..trial.access.people import any_role
    from ..trial.signing.credentials import has_password
    from ..trial.signing.sign import choose_password

    with attached(folder) as running:
        acting = acting_as(by, "")
        any_role(running.door.trial, by, acting.at)  # before anything is asked for
        file = running.folder.credentials
        present = _ask(PASSWORD, f"Present password of {by}") if has_password(file, by) else None
        new = _ask(NEW_PASSWORD, f"New password of {by}", confirm=True)
        choose_password(running, acting, new, present)
    typer.echo(f"the password of {by} is set; sign with `equipoise sign`")


@app.command()
def sign(
    folder: TrialFolderArgument,
    participant: Annotated[
        str, typer.Argument(metavar="PARTICIPANT", help="Screening number of the participant.")
    ],
    by: Actor,
    meaning: Annotated[str, typer.Option(help="What the signature means.")] = "I have reviewed these data",
    content: Annotated[
        str | None, typer.Option(metavar="HASH", help="Hash of the data as shown; without it they are shown.")
    ] = None,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Sign the data of a participant as they stand, with your password; a later change breaks the signature."""
    from ..conduct.closing.signatures import content_hash
    from ..trial.signing.sign import sign_data

    with attached(folder) as running:
        known = running.door.trial.participants.get(participant)
        if known is None:
            raise DecisionRefused(f"nobody has the screening number {participant}; check the number")
        if as_json and content is None:
            raise DataError("a program that signs gives the hash of what it has shown: --content HASH")
        shown = content or content_hash(known)
        if not as_json:
            _show(known, shown)
        if content is None and not as_json and not typer.confirm(f"Sign them: {meaning}?"):
            raise DecisionRefused("nothing was signed")
        typed = _ask(PASSWORD, f"Password of {by}")
        tell(
            sign_data(running, acting_as(by, "investigator"), typed, participant, meaning, shown, request), as_json
        )


@app.command()
def signatures(
    folder: TrialFolderArgument,
    by: Reader = "",
    role: ReaderRole = "",
    as_json: AsJson = False,
) -> None:
    """Show whether the data of each participant bear a signature: intact, broken by a later change, or missing."""
    from ..conduct.closing.signatures import signature_state

    with attached(folder) as running:
        shown = reach_of(running, by, role, "signatures")
        everybody = running.door.trial.participants
        people = {name: person for name, person in everybody.items() if shown(person.site)}
        states = {name: signature_state(person) for name, person in people.items()}
        if as_json:
            print_json(states)
            return
        for name, person in people.items():
            last = person.signatures[-1] if person.signatures else None
            who = "" if last is None else f"  {last.person}, {last.at:%Y-%m-%d %H:%M} UTC: {last.meaning}"
            typer.echo(f"{name}  {states[name]}{who}")
        typer.echo(", ".join(f"{state}: {count}" for state, count in sorted(Counter(states.values()).items())))


def _show(person: "Participant", content: str) -> None:
    raised = [key for key, entry in person.forms.items() if entry.raised and entry.removed is None]
    typer.echo(
        f"{person.id}: {len(person.visits)} visits, {len(person.forms)} forms, content {content[:12]}"
        + (f"; edit checks do not hold on {', '.join(raised)}" if raised else "")
    )


def _ask(variable: str, prompt: str, *, confirm: bool = False) -> str:
    given = os.environ.get(variable)
    return given or str(typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm))

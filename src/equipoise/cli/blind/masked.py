"""Commands of values that would tell an arm: enter one, list who has them; they never come into the record."""

from typing import Annotated

import typer

from ..app import AsJson, app, print_json
from ..conduct import Actor, Request, TrialFolderArgument, acting_as, attached
from ..vault import reach_vault

masked = typer.Typer(name="masked", help="Values that would tell an arm.", no_args_is_help=True)
app.add_typer(masked)


@masked.command()
def enter(
    folder: TrialFolderArgument,
    participant: Annotated[
        str, typer.Argument(metavar="PARTICIPANT", help="Screening number of the participant.")
    ],
    item: Annotated[str, typer.Argument(metavar="ITEM", help="Id of the item in the protocol.")],
    by: Actor,
    visit: Annotated[str, typer.Option(help="Visit at which it was measured.")],
    form: Annotated[str, typer.Option(help="Form that has the item.")],
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "laboratory",
    reason: Annotated[str | None, typer.Option(help="Why a value that is there is changed.")] = None,
    request: Request = None,
) -> None:
    """Hand a value to the vault, which keeps it until all codes are opened; the value is asked for."""
    from ...trial.access.masked import enter_masked

    with attached(folder) as running:
        typed = str(typer.prompt(f"{item} of {participant} at visit {visit}", hide_input=True))
        with reach_vault(folder, unblinded=False) as client:
            enter_masked(
                *(running, client, acting_as(by, role), participant, (visit, form), item, typed),
                reason=reason,
                request=request,
            )
    typer.echo(f"the vault keeps {item} of {participant} at visit {visit}; nothing of it stands in the record")


@masked.command("list")
def show(
    folder: TrialFolderArgument,
    by: Actor,
    role: Annotated[str, typer.Option(help="Role in which it is asked.")] = "pharmacist",
    as_json: AsJson = False,
) -> None:
    """List for whom the vault keeps masked values, for the unblinded side; the values themselves stay shut."""
    import uuid

    import msgspec

    from ...trial.steps import stamp_of
    from ...vault.oversight.desk import MaskedPlace

    with attached(folder) as running, reach_vault(folder) as client:
        stamp = stamp_of(acting_as(by, role), str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
        found: list[MaskedPlace] = client.call("list_masked", list[MaskedPlace], stamp=stamp)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for one in found:
        typer.echo(
            f"{one.participant}  {one.visit}  {one.form}  {one.item}  {one.actor}, {one.at:%Y-%m-%d %H:%M} UTC"
        )
    if not found:
        typer.echo("the vault keeps no masked value yet")

"""The command that prints what a site writes on while the system is down."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json
from ..conduct import Reader, ReaderRole, attached, reach_of


@app.command()
def paper(
    source: Annotated[
        str, typer.Argument(metavar="PROTOCOL|DIR", help="A protocol, or the folder of a running trial.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    site: Annotated[str | None, typer.Option(help="Only this site of a running trial.")] = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    by: Reader = "",
    role: ReaderRole = "",
    as_json: AsJson = False,
) -> None:
    """Write the paper pack: blank forms, what to do when nothing answers, contacts, who is due for which visit."""
    from ...protocol import read_protocol
    from ...trial.paper.write import write_pack, write_site_packs

    if (Path(source) / "trial.json").is_file():
        with attached(Path(source)) as running:
            door = running.door
            shown = reach_of(running, by, role, "completeness", site)
            sites = [one for one in ([site] if site else door.trial.sites) if shown(one)]
            files = write_site_packs(out, door.protocols, door.trial, datetime.now(UTC), language, sites)
    elif site or by or role:
        raise DataError(
            "--site, --by and --role are for a running trial; a protocol has neither sites nor people. "
            f"Got {site or by or role}"
        )
    else:
        files = write_pack(out, read_protocol(source), language)
    if as_json:
        print_json({"folder": str(out), "files": list(files)})
    else:
        typer.echo(f"{out} holds {', '.join(files)}")

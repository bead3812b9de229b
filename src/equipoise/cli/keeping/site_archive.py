"""Commands that give data out to be kept: the archive of a site, and the clinical data of the trial as ODM."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ...errors import DataError
from ..app import AsJson, app, print_json
from ..conduct import Actor, Request, TrialFolderArgument, acting_as, attached


@app.command("site-archive")
def site_archive(
    folder: TrialFolderArgument,
    site: Annotated[str, typer.Option(help="Site whose archive it is.")],
    by: Actor,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder for the archive; FOLDER.zip comes beside it.")
    ],
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "investigator",
    purpose: Annotated[
        str, typer.Option(help="What it is for; it stands in the record.")
    ] = "archive of the site for its investigator",
    language: Annotated[str, typer.Option(help="Language of its pages: en or zh.")] = "en",
    identities: Annotated[
        bool, typer.Option("--identities", help="With the table of who the participants are; for the site only.")
    ] = False,
    disclosed: Annotated[
        Path | None,
        typer.Option("--disclosed", metavar="FILE", help="What `unblind --all` has written: adds their arms."),
    ] = None,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Write the archive of a site, readable without Equipoise: PDF/A, ODM, JSON Lines, signed."""
    from rich.console import Console

    from ...trial.archive import read_disclosed
    from ...trial.site_archive.steps import archive_site

    if language not in ("en", "zh"):
        raise DataError(f"the language of the archive must be en or zh. Got {language}")
    opened = None if disclosed is None else read_disclosed(disclosed)
    with attached(folder) as running, Console(stderr=True, quiet=as_json).status("reading the record") as status:
        kept = archive_site(
            running,
            acting_as(by, role),
            site,
            out,
            purpose,
            language=language,
            identities=identities,
            disclosed=opened,
            progress=status.update,
            request=request,
        )
    if as_json:
        print_json({"participants": kept.participants, "rows": dict(kept.rows), "hashes": dict(kept.hashes)})
        return
    typer.echo(f"{out}: {kept.participants} participants, {kept.rows['record.jsonl']} events; also as {out}.zip")
    typer.echo(f"open {out / 'index.html'}; README.txt says how anybody checks it")


@app.command()
def odm(
    folder: TrialFolderArgument,
    by: Actor,
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to write, which is not there yet.")],
    purpose: Annotated[str, typer.Option(help="What the data are for; it stands in the record.")],
    version: Annotated[Literal["1.3.2", "2.0"], typer.Option("--odm-version", help="Version of ODM.")] = "1.3.2",
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "data manager",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Export the blinded clinical data of the whole trial as CDISC ODM, with their audit trail."""
    from dataclasses import asdict

    from rich.console import Console

    from ...trial.exports.odm import export_odm

    with attached(folder) as running, Console(stderr=True, quiet=as_json).status("reading the record") as status:
        acting = acting_as(by, role)
        written = export_odm(
            running, acting, out, purpose, version=version, progress=status.update, request=request
        )
    if as_json:
        print_json(asdict(written))
        return
    typer.echo(f"{out}: {written.participants} participants, {written.events} events, {written.items} values")
    typer.echo(f"clinical hash {written.clinical}")

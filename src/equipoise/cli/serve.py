"""The command that serves a trial's pages: the blinded portal on one port, the pages of the vault on another."""

from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ..errors import DataError, Stopped
from .app import ProtocolArgument, app

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@app.command()
def serve(
    protocol: ProtocolArgument,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Folder of the trial: a new one, or one that runs.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Serve a rehearsed trial, with a login for all.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the blinded portal.")] = 8700,
    vault_port: Annotated[int, typer.Option(help="Port of the pages of the vault.")] = 8701,
    name: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="Host name by which browsers come; may be repeated.")
    ] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy in front speaks TLS with the browsers.")
    ] = False,
    sponsor: Annotated[
        str, typer.Option(metavar="PERSON", help="Short name of the first person of the sponsor, of a new trial.")
    ] = "sponsor",
    administrator: Annotated[
        str, typer.Option(metavar="PERSON", help="Short name of the first administrator, of a new trial.")
    ] = "administrator",
) -> None:
    """Serve the pages of a trial until Ctrl-C: the portal, and on another port the pages of the vault."""
    from ..record import open_server
    from ..web.serving import Listening, await_pages, require_free, start_portal
    from ..web.shell.settings import BLINDED, UNBLINDED, Serving

    if host not in _LOOPBACK and not behind_tls:
        raise DataError(
            "pages go to other machines through a proxy that speaks TLS: set one up and say --behind-tls, or "
            f"listen at 127.0.0.1. Got {host}"
        )
    if folder is None and not demo:
        raise DataError("say which trial is served: --dir DIR, a new folder or that of a trial; or --demo")
    listening = (Listening(host, port), Listening(host, vault_port))
    require_free(listening)
    serving = Serving(hosts=(*_LOOPBACK, *(name or ())), secure=behind_tls, second_factor=not demo)
    with ExitStack() as closing:
        place = folder or Path(closing.enter_context(TemporaryDirectory(prefix="equipoise-demo-"))) / "trial"
        if demo:
            _demonstrate(protocol, place)
        elif not (place / "trial.json").exists():
            _begin(protocol, place, sponsor, administrator)
        closing.enter_context(open_server(place))  # ends when nobody is left who uses it
        links = [] if demo else _links(place, listening[0], behind_tls)
        processes = [
            start_portal(portal, place, serving, where)
            for portal, where in zip((BLINDED, UNBLINDED), listening, strict=True)
        ]
        for process in processes:
            closing.callback(_end, process)
        if demo:
            closing.callback(_end, _start_vault(place))
        for process, where in zip(processes, listening, strict=True):
            await_pages(process, where)
        typer.echo(f"portal (blinded): {listening[0]}\npages of the vault: {listening[1]}")
        for line in _logins(place) if demo else links:
            typer.echo(line)
        typer.echo("Ctrl-C ends it", err=True)
        try:
            # in short waits: a signal that another thread was given is looked at between them
            while not wait([process.sentinel for process in processes], timeout=0.5):
                continue
        except Stopped:
            typer.echo("ended", err=True)
        else:
            raise DataError("a portal has ended by itself, so both do; what was wrong stands above")


def _begin(protocol: str, folder: Path, sponsor: str, administrator: str) -> None:
    from ..trial.running import begin_trial

    with begin_trial(folder, protocol, sponsor=sponsor, administrator=administrator) as running:
        running.book.flush()


def _demonstrate(protocol: str, folder: Path) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from ..web.demo import make_demo

    if (folder / "trial.json").exists():
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rehearsing", total=None)
        make_demo(
            protocol,
            folder,
            lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
        )


def _links(folder: Path, portal: object, behind_tls: bool) -> list[str]:
    """Return the one-time links of who has no password yet and lets others in."""
    from ..trial.running import attach_trial
    from ..trial.signing.credentials import has_password
    from ..web.accounts.links import make_link

    page = f"{'https://HOST/' if behind_tls else portal}welcome/"
    with attach_trial(folder) as running:
        trial, file = running.door.trial, running.folder.credentials
        waiting = [
            person
            for person, known in trial.people.items()
            if any(grant.role in ("administrator", "sponsor") for grant in known.grants)
            and not has_password(file, person)
        ]
        return [
            f"{person} sets a password within three days at {make_link(page, running.folder, person)}"
            for person in waiting
        ]


def _logins(folder: Path) -> list[str]:
    """Return who may log in at a demonstration, with their roles, and the one password."""
    from ..trial.running import attach_trial
    from ..web.demo import PASSWORD

    with attach_trial(folder) as running:
        people = running.door.trial.people
        listed = [
            f"  {person:24} {', '.join(grant.role for grant in known.grants)}" for person, known in people.items()
        ]
    return [f"everybody's password is: {PASSWORD}", *listed]


def _start_vault(folder: Path) -> BaseProcess:
    """Let the vault of a demonstration run beside the portals."""
    from ..trial.vault_process import serve_vault
    from ..web.demo import PASSPHRASES

    process = get_context("spawn").Process(target=serve_vault, args=(folder, PASSPHRASES), daemon=True)
    process.start()
    return process


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join()

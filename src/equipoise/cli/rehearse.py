"""The command that walks a whole trial, from first screening to the report, with virtual participants."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ..errors import DataError
from .app import AsJson, ProtocolArgument, app, print_json


@app.command()
def rehearse(
    protocol: ProtocolArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for report, record and datasets.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed: the same seed rehearses the same trial.")] = 1,
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Scenario of the protocol; without it the last one.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the report: en or zh.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Rehearse a trial: virtual participants walk through the real conduct code, from screening to the report."""
    if language not in ("en", "zh"):
        raise DataError(f"the language of the report must be en or zh. Got {language}")
    from dataclasses import asdict

    from ..simulation.rehearsal.rehearse import rehearse as run

    began = time.monotonic()
    with _progress_of_stages(quiet=as_json) as progress:
        found = run(protocol, out, seed=seed, scenario=scenario, language=language, progress=progress)
    seconds = time.monotonic() - began
    if as_json:
        print_json({"out": str(out), "seconds": round(seconds, 1), **asdict(found)})
        return
    typer.echo(
        f"{found.screened} screened, {found.allocated} allocated, {found.events} events and {found.vault_events} "
        f"of the vault, in {seconds:.0f} s"
    )
    typer.echo(f"{_told_of_safety(found.counts)}; see {out / 'documents'}")
    typer.echo(f"open {out / 'index.html'}; `equipoise verify {out}` proves it")


def _told_of_safety(counts: Mapping[str, int]) -> str:
    """Say in a line what was done for safety."""
    said = (
        ("serious adverse events", "serious adverse events"),
        ("expedited reports made", "reports to authorities"),
        ("clocks met", "clocks met in time"),
        ("clocks met late", "met late"),
        ("pauses of enrolment", "pauses of enrolment"),
        ("reports for the safety board", "reports for the safety board"),
        ("restore drills held", "restore drill"),
    )
    return ", ".join(f"{counts[name]} {words}" for name, words in said if counts.get(name))


@contextmanager
def _progress_of_stages(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show on the error stream which stage is under way and how far it is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, quiet=quiet), transient=True) as bar:
        task = bar.add_task("opening the database", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield show

"""The command that simulates trials."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ...errors import DataError
from ..app import AsJson, ProtocolArgument, app, print_json


@app.command()
def simulate(
    protocol: ProtocolArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for results; a run in it goes on.")],
    trials: Annotated[int, typer.Option(min=1, max=100_000_000, help="Trials of each scenario.")] = 1000,
    scenario: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Simulate this scenario only; may be repeated.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ANALYSIS", help="Do this analysis only; may be repeated.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=1024, help="Processes that share the work.")] = 1,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers do the work instead.")
    ] = None,
    from_data: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Draw the participants of this trial's data again; may be repeated."),
    ] = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="With --from-data: draw from means and covariance fitted to them.")
    ] = False,
    model: Annotated[
        str | None, typer.Option(help="Participant model instead of the protocol's: cd4_on_art or cd4_pools.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the run.")] = 1,
    language: Annotated[str, typer.Option(help="Language of the page: en or zh.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Simulate trials under each scenario: power, errors, bias, coverage, size and duration of the design."""
    from ...simulation.pages import write_pages
    from ...simulation.run.settings import MODELS, settings_of
    from ...simulation.run.simulate import simulate as run

    if language not in ("en", "zh"):
        raise DataError(f"the language of the page must be en or zh. Got {language}")
    if model is not None and model not in MODELS:
        raise DataError(f"the model must be one of {', '.join(MODELS)}. Got {model}")
    if model is not None and from_data:
        raise DataError("participants come from --model or from --from-data; leave one of them out. Got both")
    if fit and not from_data:
        raise DataError("--fit fits assumptions to data; give their folder with --from-data")
    settings = settings_of(protocol, seed, only=tuple(only or ()), model=model, data=from_data or (), fit=fit)
    with _progress_of_trials(quiet=as_json) as progress:
        found = run(
            settings,
            trials,
            out,
            scenarios=tuple(scenario or ()),
            workers=workers,
            cluster=cluster,
            progress=progress,
        )
    write_pages(found, out, language=language)
    if as_json:
        print_json({"out": str(out), "complete": found.complete, "trials": found.done})
    elif found.complete:
        typer.echo(f"{trials} trials of {len(found.done)} scenarios done; open {out / 'index.html'}")
    if not found.complete:
        done = ", ".join(f"{name} {number}" for name, number in found.done.items())
        typer.echo(
            f"stopped: PARTIAL result of {done} of {trials} trials; {out / 'index.html'} says so, "
            "and the same command goes on",
            err=True,
        )
        sys.exit(1)


@contextmanager
def _progress_of_trials(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show on the error stream how many trials are done and how long the rest will take."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, quiet=quiet), transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, description="trials", completed=done, total=total)

        yield show

"""The command that analyses a trial's data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError
from .app import AsJson, ProtocolArgument, app, print_json

if TYPE_CHECKING:
    from ..analysis.result import TrialResults
    from ..protocol import Protocol


@app.command()
def analyse(
    protocol: ProtocolArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for results and report.")],
    data: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Folder (or file) with the trial's data; may be given several times."),
    ] = None,
    synthetic: Annotated[
        bool,
        typer.Option("--synthetic", help="Analyse participants drawn from the protocol's assumptions instead."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the drawn participants.")] = 1,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ANALYSIS", help="Do this analysis only; may be repeated.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the report: en or zh.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Analyse a trial's data: results, tables, figures and documents."""
    from ..protocol import read_protocol

    plan = read_protocol(protocol)
    if language not in ("en", "zh"):
        raise DataError(f"the language of the report must be en or zh. Got {language}")
    if bool(data) == synthetic:
        raise DataError("give the folder of the trial's data with --data, or --synthetic to draw participants")
    results = _analyse(plan, data, seed, only, out, language, quiet=as_json)
    if as_json:
        print_json({"out": str(out), "done": list(results.done), "not_done": dict(results.not_done)})
        return
    for name, reason in results.not_done.items():
        typer.echo(f"not done: {name}: {reason}", err=True)
    typer.echo(f"{len(results.done)} analyses done; open {out / 'index.html'}")


def _analyse(
    plan: "Protocol",
    paths: list[Path] | None,
    seed: int,
    only: list[str] | None,
    out: Path,
    language: str,
    quiet: bool,
) -> "TrialResults":
    """Read or draw the data, analyse them and write the report; the error stream says what is under way."""
    from rich.console import Console

    console = Console(stderr=True, quiet=quiet)
    with console.status("reading the data") as status:
        from ..analysis.ars import results_ars
        from ..analysis.run import run_analyses
        from ..datasets.assemble import assemble, require_comparison
        from ..report.write import require_free, write_report

        require_free(out)
        if paths:
            from ..datasets.folder import DataFolder

            data = assemble(plan, DataFolder(*paths))
            require_comparison(plan, data, ", ".join(map(str, paths)))
        else:
            from ..simulation.example import draw_trial

            data = assemble(plan, draw_trial(plan, seed))
        results = run_analyses(plan, data, only=only, progress=lambda name: status.update(f"analysing {name}"))
        status.update("writing the report")
        ars = results_ars(plan, results)
        write_report(plan, data, results, out, ars=ars, language=language, synthetic=not paths)
    return results

"""The command line: each command imports its chapter only when it is called, so that help comes at once.

Exit status: 0 done, 1 the work failed, 2 the input is wrong.
"""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import DataError, EquipoiseError, ProtocolError, Stopped

if TYPE_CHECKING:
    from .analysis.result import TrialResults
    from .protocol import Protocol

app = typer.Typer(
    name="equipoise",
    help="One protocol file carries a randomised clinical trial from its design to its report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ProtocolArgument = Annotated[str, typer.Argument(metavar="PROTOCOL", help="A protocol file, or a shipped trial.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print for programs: one JSON object.")]


def main() -> None:
    """Run the command line; errors that Equipoise knows become one sentence and an exit status."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except (ProtocolError, DataError) as error:
        _fail(error, status=2)
    except EquipoiseError as error:
        _fail(error, status=1)
    except Stopped as stopped:
        typer.echo(str(stopped), err=True)
        sys.exit(1)
    except OSError as error:
        typer.echo(f"a file or folder cannot be read or written: {error.strerror}. Got {error.filename}", err=True)
        sys.exit(1)


def _stop(_signal: int, _frame: object) -> None:
    """Let Ctrl-C, or the word to terminate, unwind the work: what is half-written is taken away."""
    raise Stopped("stopped; nothing was written")


def _fail(error: EquipoiseError, status: int) -> None:
    typer.echo(str(error), err=True)
    sys.exit(status)


def _print_json(content: Any) -> None:
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


@app.command()
def new(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to make; it must not hold a protocol yet.")
    ],
    origin: Annotated[
        str, typer.Option("--from", metavar="TRIAL", help="Shipped trial to start from.")
    ] = "hucmsc_inr",
) -> None:
    """Start a trial: a folder with a protocol file to edit, and its schema for the editor."""
    from .protocol import locate_protocol, protocol_schema

    target = folder / "protocol.yaml"
    if target.exists():
        raise DataError(f"{target} exists already; choose another folder, or edit that file")
    text = locate_protocol(origin).read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    schema = json.dumps(protocol_schema(), indent=1, ensure_ascii=False)
    (folder / "protocol.schema.json").write_text(schema, encoding="utf-8")
    target.write_text(f"# yaml-language-server: $schema=protocol.schema.json\n{text}", encoding="utf-8")
    typer.echo(f"{target} is yours to edit; `equipoise check {folder}` says what is wrong with it")


@app.command()
def check(protocol: ProtocolArgument, as_json: AsJson = False) -> None:
    """Validate a protocol file: every error at once, each with file, line, field and remedy."""
    from .protocol import describe_protocol, locate_protocol, protocol_version, read_protocol, untranslated_labels

    try:
        plan = read_protocol(protocol)
    except ProtocolError as error:
        if as_json:
            _print_json({"valid": False, "findings": list(error.findings)})
            sys.exit(2)
        typer.echo(str(error), err=True)
        count = len(error.findings)
        typer.echo(f"{count} error{'s' if count > 1 else ''} in {protocol}", err=True)
        sys.exit(2)
    missing = untranslated_labels(plan)
    version = protocol_version(plan)
    if as_json:
        _print_json({"valid": True, "findings": [], "version": version, "untranslated": list(missing)})
        return
    typer.echo(f"{locate_protocol(protocol)} is valid: {describe_protocol(plan)}")
    typer.echo(f"version {version}")
    if missing:
        typer.echo(f"{len(missing)} labels lack a translation, the first: {missing[0]}")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The protocol before.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The protocol after.")],
    as_json: AsJson = False,
) -> None:
    """Say what an amendment changes, and whether data already collected are touched."""
    from dataclasses import asdict

    from .protocol import compare_protocols, read_protocol

    changes = compare_protocols(read_protocol(old), read_protocol(new))
    if as_json:
        _print_json({"changes": [asdict(change) for change in changes]})
        return
    for change in changes:
        typer.echo(f"{change.effect:14}  {change.kind} {change.name} {change.action}: {change.why}")
        if change.action == "changed":
            for field in change.fields:
                typer.echo(f"{'':16}{field.field or 'value'}: {_short(field.before)} -> {_short(field.after)}")
    touched = sum(change.effect == "collected data" for change in changes)
    typer.echo(f"{len(changes)} changes, {touched} of them touch data already collected")


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="File to write; without it the schema is printed.")] = None,
) -> None:
    """Export the protocol language as JSON Schema, for editors."""
    from .protocol import protocol_schema

    text = json.dumps(protocol_schema(), indent=1, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


@app.command()
def design(
    protocol: ProtocolArgument,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for page, table and figures.")] = None,
    power: Annotated[float | None, typer.Option(help="Power asked for, instead of the protocol's.")] = None,
    alpha: Annotated[float | None, typer.Option(help="Familywise error rate, instead of the protocol's.")] = None,
    language: Annotated[str, typer.Option(help="Language of the page: en or zh.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Tell what a protocol can find out: size, power, looks on the way, calendar, sensitivity."""
    from rich.console import Console

    from .design import plan_design, planned_analysis, set_targets
    from .protocol import read_protocol

    if language not in ("en", "zh"):
        raise DataError(f"the language of the page must be en or zh. Got {language}")
    plan = set_targets(read_protocol(protocol), power=power, alpha=alpha)
    from .report.design import compare_usual_schemes, describe_plan, print_plan, write_plan
    from .report.folder import require_free
    from .simulation.estimands.moments import measure_moments

    if out is not None:
        require_free(out)
    with Console(stderr=True, quiet=as_json).status("measuring the virtual participants") as status:
        spec = planned_analysis(plan)[0]
        scenarios = plan.assumptions.scenarios if plan.assumptions is not None else {}
        moments = {name: measure_moments(plan, spec.analysis, name) for name in scenarios}
        wanted = out is not None or as_json
        others = _moments_of_others(plan, spec.analysis, spec.scenario) if wanted else {}
        status.update("calculating")
        result = plan_design(plan, moments, others=others)
        if out is not None:
            status.update("comparing schemes of randomisation")
            schemes = compare_usual_schemes(plan)
            status.update("writing the page")
            write_plan(plan, result, out, language=language, schemes=schemes)
    if as_json:
        _print_json({"rows": result.rows().to_dicts(), "paragraph": describe_plan(plan, result, language)})
        return
    print_plan(plan, result, language)
    if out is not None:
        typer.echo(f"open {out / 'index.html'}")


def _moments_of_others(plan: "Protocol", planned: str, scenario: str) -> dict[str, Any]:
    """Measure the outcomes of the other analyses that can be planned; a text says why there are none."""
    from .design import can_be_planned
    from .simulation.estimands.moments import measure_moments

    found: dict[str, Any] = {}
    for name, spec in plan.analyses.items():
        if name != planned and can_be_planned(spec):
            try:
                found[name] = measure_moments(plan, name, scenario)
            except EquipoiseError as error:
                found[name] = str(error)
    return found


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
    from .simulation.pages import write_pages
    from .simulation.run.settings import MODELS, settings_of
    from .simulation.run.simulate import simulate as run

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
        _print_json({"out": str(out), "complete": found.complete, "trials": found.done})
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
    from .protocol import read_protocol

    plan = read_protocol(protocol)
    if language not in ("en", "zh"):
        raise DataError(f"the language of the report must be en or zh. Got {language}")
    if bool(data) == synthetic:
        raise DataError("give the folder of the trial's data with --data, or --synthetic to draw participants")
    results = _analyse(plan, data, seed, only, out, language, quiet=as_json)
    if as_json:
        _print_json({"out": str(out), "done": list(results.done), "not_done": dict(results.not_done)})
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
        from .analysis.ars import results_ars
        from .analysis.run import run_analyses
        from .datasets.assemble import assemble
        from .report.write import require_free, write_report

        require_free(out)
        if paths:
            from .datasets.folder import DataFolder

            data = assemble(plan, DataFolder(*paths))
        else:
            from .simulation.example import draw_trial

            data = assemble(plan, draw_trial(plan, seed))
        results = run_analyses(plan, data, only=only, progress=lambda name: status.update(f"analysing {name}"))
        status.update("writing the report")
        ars = results_ars(plan, results)
        write_report(plan, data, results, out, ars=ars, language=language, synthetic=not paths)
    return results


if __name__ == "__main__":
    main()

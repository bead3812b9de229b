"""Commands before the first participant: start, check, amend, plan."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import DataError, EquipoiseError, ProtocolError
from ..app import AsJson, ProtocolArgument, app, print_json

if TYPE_CHECKING:
    from ...protocol import Protocol


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
    from ...protocol import locate_protocol, protocol_schema

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
    from ...protocol import (
        describe_protocol,
        locate_protocol,
        protocol_version,
        read_protocol,
        untranslated_labels,
    )

    try:
        plan = read_protocol(protocol)
    except ProtocolError as error:
        if as_json:
            print_json({"valid": False, "findings": list(error.findings)})
            sys.exit(2)
        typer.echo(str(error), err=True)
        count = len(error.findings)
        typer.echo(f"{count} error{'s' if count > 1 else ''} in {protocol}", err=True)
        sys.exit(2)
    missing = untranslated_labels(plan)
    version = protocol_version(plan)
    if as_json:
        print_json({"valid": True, "findings": [], "version": version, "untranslated": list(missing)})
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

    from ...protocol import compare_protocols, read_protocol

    changes = compare_protocols(read_protocol(old), read_protocol(new))
    if as_json:
        print_json({"changes": [asdict(change) for change in changes]})
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
    from ...protocol import protocol_schema

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

    from ...design import plan_design, planned_analysis, set_targets
    from ...protocol import read_protocol

    if language not in ("en", "zh"):
        raise DataError(f"the language of the page must be en or zh. Got {language}")
    plan = set_targets(read_protocol(protocol), power=power, alpha=alpha)
    from ...report.design import compare_usual_schemes, describe_plan, print_plan, write_plan
    from ...report.folder import require_free
    from ...simulation.estimands.moments import measure_moments

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
        print_json({"rows": result.rows().to_dicts(), "paragraph": describe_plan(plan, result, language)})
        return
    print_plan(plan, result, language)
    if out is not None:
        typer.echo(f"open {out / 'index.html'}")


def _moments_of_others(plan: "Protocol", planned: str, scenario: str) -> dict[str, Any]:
    """Measure the outcomes of the other analyses that can be planned; a text says why there are none."""
    from ...design import can_be_planned
    from ...simulation.estimands.moments import measure_moments

    found: dict[str, Any] = {}
    for name, spec in plan.analyses.items():
        if name != planned and can_be_planned(spec):
            try:
                found[name] = measure_moments(plan, name, scenario)
            except EquipoiseError as error:
                found[name] = str(error)
    return found

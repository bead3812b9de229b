"""Commands of safety that write files or need both sides of the blind; every other step is `equipoise step`.

`equipoise safety list` shows clocks and open cases, `watch` is what a job runs every hour, `case` writes the
report of a case, `sent` stops its clock, `board` writes the reports for the safety board.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ..errors import DataError
from .app import AsJson, app, print_json
from .blind.files import private_files
from .conduct import Actor, Reader, ReaderRole, Request, TrialFolderArgument, acting_as, attached, reach_of
from .vault import reach_vault

safety = typer.Typer(name="safety", help="Clocks, cases and reports of harm.", no_args_is_help=True)
app.add_typer(safety)

Participant = Annotated[str, typer.Argument(metavar="PARTICIPANT", help="Screening number of the participant.")]
Record = Annotated[
    str, typer.Argument(metavar="RECORD", help="Key of the adverse event, such as /adverse_event/1.")
]
Language = Annotated[str, typer.Option(help="Language of the report: en or zh.")]
UNBLINDER, STATISTICIAN = "safety unblinder", "safety board statistician"


@safety.command("list")
def show(folder: TrialFolderArgument, by: Reader = "", role: ReaderRole = "", as_json: AsJson = False) -> None:
    """Show every clock, the most urgent first, and the serious events with something still to be done."""
    import msgspec

    from ..conduct.safety.watch import list_clocks, open_cases

    with attached(folder) as running:
        shown = reach_of(running, by, role, "harm")
        sites = {name: person.site for name, person in running.door.trial.participants.items()}
        clocks = list_clocks(running.protocol, running.door.trial, datetime.now(UTC))
        clocks = [one for one in clocks if shown(sites[one.participant])]
        cases = open_cases(running.protocol, running.door.trial)
        cases = [one for one in cases if shown(sites[one.participant])]
    if as_json:
        print_json({"clocks": msgspec.to_builtins(clocks), "cases": msgspec.to_builtins(cases)})
        return
    for clock in clocks:
        when = f"due {clock.due:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{clock.standing:9}  {when}  {clock.participant} {clock.clock}")
    for case in cases:
        typer.echo(f"open       {case.participant} {case.record} {case.term}: {'; '.join(case.to_do)}")
    if not clocks and not cases:
        typer.echo("no clock runs and no case is open")


@safety.command()
def watch(
    folder: TrialFolderArgument,
    by: Actor,
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "medical monitor",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Write down clocks that ran out, and let the vault look at the stopping rules; for a job of every hour."""
    from ..trial.safety.steps import watch_safety

    with attached(folder) as running, reach_vault(folder) as client:
        found = watch_safety(running, client, acting_as(by, role), request)
    if as_json:
        print_json({"passed": list(found.passed), "paused": found.paused})
        return
    for clock in found.passed:
        typer.echo(f"overdue: {clock}")
    typer.echo(
        "enrolment was paused: a stopping rule holds" if found.paused else "no new reason to pause enrolment"
    )


@safety.command()
def case(
    folder: TrialFolderArgument,
    participant: Participant,
    record: Record,
    out: Annotated[Path, typer.Option(metavar="FILE", help="PDF file to write, which is not there yet.")],
    to: Annotated[str | None, typer.Option(metavar="AUTHORITY", help="Authority it goes to, by its id.")] = None,
    unblinded: Annotated[
        bool, typer.Option("--unblinded", help="With the treatment, for the authority; by the safety unblinder.")
    ] = False,
    by: Annotated[str, typer.Option("--by", metavar="PERSON", help="Who looks; asked for with --unblinded.")] = "",
    role: ReaderRole = UNBLINDER,
    language: Language = "en",
    request: Request = None,
) -> None:
    """Write the report of a case as PDF: the blinded twin, or the unblinded one from the vault."""
    from ..trial.safety.steps import report_case, report_case_unblinded

    _require_language(language)
    with attached(folder) as running, private_files([out], "a report") as (file,):
        if not unblinded:
            known = running.door.trial.participants.get(participant)
            reach_of(running, by, role if by else "", "harm", None if known is None else known.site)
            file.write(report_case(running, participant, record, authority=to, language=language))
            typer.echo(f"{out} is the blinded report")
            return
        if to is None or not by:
            raise DataError("the unblinded report goes to an authority: give --to AUTHORITY and --by PERSON")
        acting = acting_as(by, UNBLINDER)
        with reach_vault(folder) as client:
            found = report_case_unblinded(
                running, client, acting, participant, record, to, language=language, request=request
            )
        file.write(found.pdf)
    must = "must be sent" if found.reportable else "need not be sent after the treatment that was given"
    typer.echo(f"{out} is the unblinded report; it {must}. Say with `equipoise safety sent` what became of it")


@safety.command()
def sent(
    folder: TrialFolderArgument,
    participant: Participant,
    record: Record,
    to: Annotated[str, typer.Option(metavar="AUTHORITY", help="Authority, by its id.")],
    by: Actor,
    reference: Annotated[str, typer.Option(help="Reference under which the authority has received it.")] = "",
    document: Annotated[Path | None, typer.Option(metavar="FILE", help="The report that was sent.")] = None,
    not_due: Annotated[
        bool, typer.Option("--not-due", help="After the treatment given, nothing had to be sent.")
    ] = False,
    request: Request = None,
) -> None:
    """Stop the clock of a case: the vault keeps what became of it, the record only that it was dealt with."""
    from ..trial.safety.steps import close_case

    if not_due == bool(reference):
        raise DataError(
            "say under which --reference the report was received, or --not-due where none had to be sent"
        )
    content = b"" if document is None else document.read_bytes()
    with attached(folder) as running, reach_vault(folder) as client:
        close_case(
            running,
            client,
            acting_as(by, UNBLINDER),
            participant,
            record,
            to,
            sent=not not_due,
            reference=reference,
            document=content,
            request=request,
        )
    typer.echo(f"the clock of {record} of {participant} for {to} is stopped")


@safety.command()
def board(
    folder: TrialFolderArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the report.")],
    closed: Annotated[
        bool, typer.Option("--closed", help="By arm, for the safety board only; by its statistician.")
    ] = False,
    by: Annotated[
        str, typer.Option("--by", metavar="PERSON", help="Who asks for it; asked for with --closed.")
    ] = "",
    role: ReaderRole = STATISTICIAN,
    language: Language = "en",
    request: Request = None,
) -> None:
    """Write a report for the safety board from the newest data cut: the open one, or the closed one by arm."""
    from ..report.folder import require_free
    from ..trial.safety.board import write_closed_report, write_open_report

    _require_language(language)
    require_free(out)
    with attached(folder) as running:
        if closed:
            if not by:
                raise DataError(
                    "the closed report is made by the statistician of the safety board: give --by PERSON"
                )
            with reach_vault(folder) as client:
                acting = acting_as(by, STATISTICIAN)
                frozen = write_closed_report(running, client, acting, out, language=language, request=request)
        else:
            reach_of(running, by, role if by else "", "board")
            frozen = write_open_report(running, out, language=language)
    kind = "closed" if closed else "open"
    typer.echo(f"{out} holds the {kind} report, data up to event {frozen.sequence}, hash {frozen.data[:16]}")


@safety.command()
def stopping(
    folder: TrialFolderArgument,
    by: Actor,
    role: Annotated[str, typer.Option(help="Role in which it is asked.")] = UNBLINDER,
    as_json: AsJson = False,
) -> None:
    """Show which stopping rules have held, in which arm and for whom; for the unblinded side of safety only."""
    import uuid

    import msgspec

    from ..trial.steps import stamp_of
    from ..vault.safety.stopping import Held

    with attached(folder) as running, reach_vault(folder) as client:
        stamp = stamp_of(acting_as(by, role), str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
        found: list[Held] = client.call("show_stopping", list[Held], stamp=stamp)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for one in found:
        typer.echo(f"{one.rule}  {one.arm or 'all arms'}  {', '.join(one.participants)}")
    if not found:
        typer.echo("no stopping rule has held so far")


@safety.command()
def grades(
    term: Annotated[str, typer.Argument(metavar="TERM", help="A term of the scale, or a part of one.")],
    scale: Annotated[str, typer.Option(help="Scale, by its name.")] = "CTCAE 5.0",
    as_json: AsJson = False,
) -> None:
    """Show what each grade of a term means in a published scale, with the version and licence of the scale."""
    from dataclasses import asdict

    from ..standards.grading.terms import LICENCE, TERMS, VERSION, find_term, terms_with

    if scale not in TERMS:
        raise DataError(f"terms come with Equipoise for: {', '.join(TERMS)}. Got {scale}")
    exact = find_term(scale, term)
    found = terms_with(scale, term) if exact is None else [exact]
    if not found:
        raise DataError(f"{scale} has no term that holds this; try a part of a word. Got {term}")
    if as_json:
        print_json({"scale": scale, "version": VERSION, "licence": LICENCE, "terms": [asdict(o) for o in found]})
        return
    for one in found:
        typer.echo(f"{one.term} ({one.organ_class})")
        if len(found) == 1:
            typer.echo("\n".join(f"  {grade}  {said}" for grade, said in one.grades.items()))
    typer.echo(f"{scale}, {VERSION}; {LICENCE}", err=True)


def _require_language(language: str) -> None:
    if language not in ("en", "zh"):
        raise DataError(f"the language of the report must be en or zh. Got {language}")

"""Commands of a running trial: begin it, seal its list, every step of conduct by name, lock, export.

The same door serves these commands and everything else: same rules, same words.
"""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import DataError, DecisionRefused
from .app import AsJson, ProtocolArgument, app, print_json

if TYPE_CHECKING:
    from ..conduct.access.questions import Question
    from ..conduct.door.fact import By
    from ..record import Event
    from ..trial.running import Prepare, RunningTrial

TrialFolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the trial.")]
Actor = Annotated[str, typer.Option("--by", metavar="PERSON", help="Short name of who does this.")]
Reader = Annotated[
    str, typer.Option("--by", metavar="PERSON", help="Who looks; then only what this person may see is shown.")
]
ReaderRole = Annotated[str, typer.Option("--role", help="With --by: role in which it is looked at.")]
Request = Annotated[
    str | None, typer.Option(metavar="KEY", help="Request key: the same key gives the same answer, however often.")
]


OF_COMMANDS = {
    "Sign": "a signature takes the password of who signs; use `equipoise sign`",
    "ReportPasswordSet": "that a password is set is recorded when it is; use `equipoise password`",
    "ReportPasswordRefused": "wrong passwords are recorded when they are typed, by `equipoise sign`",
    "GiveLink": "a one-time link is made and shown on the person's page; use the portal of `equipoise serve`",
    "ResetSecondFactor": "a second factor is taken away on the person's page; use the portal of `equipoise serve`",
    "OpenWayIn": "who may set up a second factor at the vault is said there; use its pages, of `equipoise serve`",
}
"""Steps that only their own command takes, with what it says."""


@app.command("open")
def open_trial(
    protocol: ProtocolArgument,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the trial.")],
    sponsor: Annotated[str, typer.Option(metavar="PERSON", help="Short name of the first person of the sponsor.")],
    administrator: Annotated[str, typer.Option(metavar="PERSON", help="Short name of the first administrator.")],
) -> None:
    """Begin a trial: set up its database (that of DATABASE_URL, else one in the folder) and let two people in."""
    from ..trial.running import begin_trial

    with begin_trial(folder, protocol, sponsor=sponsor, administrator=administrator) as running:
        events = running.book.head().sequence
        typer.echo(f"trial {running.book.trial} is open in {folder}, {events} events; next: its sites and people")


@app.command()
def step(
    folder: TrialFolderArgument,
    name: Annotated[str, typer.Argument(metavar="STEP", help="Name of the step; without fields, what it takes.")],
    by: Actor = "",
    role: Annotated[str, typer.Option(help="Role in which it is done.")] = "",
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="Fields of the step; JSON where not plain.")
    ] = None,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Do any step of conduct by its name, such as ScreenParticipant, SaveForm, HoldVisit, GrantRole."""
    from ..conduct.door.chapters import INTENTS, ROLES, read_intent

    if not fields:
        if name not in INTENTS:
            raise DataError(f"there is no step called {name}; there are: {', '.join(sorted(INTENTS))}")
        kind = INTENTS[name]
        typer.echo(f"{name}: {(kind.__doc__ or '').strip()}\nfields: {', '.join(kind.__struct_fields__)}")
        typer.echo(f"roles: {', '.join(ROLES.get(kind, ()))}")
        return
    if name in OF_COMMANDS:
        raise DataError(OF_COMMANDS[name])
    try:
        intent = read_intent(name, _read_fields(fields))
    except ValueError as error:
        raise DataError(str(error)) from error
    if not by or not role:
        raise DataError("say who does this and in which role: --by PERSON --role ROLE")
    with attached(folder) as running:
        tell(running.door.submit(intent, acting_as(by, role), request), as_json)


@app.command()
def randomise(
    folder: TrialFolderArgument,
    participant: Annotated[
        str, typer.Argument(metavar="PARTICIPANT", help="Screening number of the participant.")
    ],
    by: Actor,
    stratum: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FACTOR=LEVEL", help="Level read back by the investigator; without it you are asked."
        ),
    ] = None,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Randomise an eligible participant: the levels of the strata are read back, then the next number is given."""
    from ..conduct.door.dates import today_at
    from ..conduct.enrolment.allocation import AllocateParticipant
    from ..conduct.enrolment.strata import derive_strata, name_strata

    acting = acting_as(by, "investigator")
    with attached(folder, prepare=_preparing(folder, acting)) as running:
        known = running.door.trial.participants.get(participant)
        if known is None:
            raise DecisionRefused(f"nobody has the screening number {participant}; check the number")
        if stratum is None:
            today = today_at(running.door.trial, acting, known.site)
            levels = derive_strata(running.door.protocol_of(participant), known, today)
            if not typer.confirm(f"{participant}: {name_strata(levels)}. Is this right?"):
                raise DecisionRefused("nothing was stored; correct the forms from which the levels follow")
        else:
            levels = {name: str(value) for name, value in _read_fields(stratum).items()}
        events = running.door.submit(AllocateParticipant(participant=participant, strata=levels), acting, request)
        tell(events, as_json)


@app.command()
def lock(
    folder: TrialFolderArgument,
    by: Actor,
    check: Annotated[bool, typer.Option("--check", help="Only show what is still open.")] = False,
    role: Annotated[str, typer.Option(help="With --check: role in which it is looked at.")] = "data manager",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Lock the data of the trial; refused, with the list, while anything of the checklist is open."""
    from ..conduct.closing.checklist import checklist
    from ..conduct.closing.locks import LockTrial

    with attached(folder) as running:
        if check:
            reach_of(running, by, role, "checklist")
            today = datetime.now(UTC).date()
            points = checklist(running.protocol, running.door.trial, today, running.door.protocols)
            if as_json:
                print_json(points)
                return
            for point, count in points.items():
                typer.echo(f"{count:6}  {point}")
            return
        tell(running.door.submit(LockTrial(), acting_as(by, "data manager"), request), as_json)


@app.command()
def history(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the trial, or its archive.")],
    participant: Annotated[str | None, typer.Option(help="Only what concerns this participant.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest events.")] = 50,
    of_vault: Annotated[
        bool,
        typer.Option("--vault", help="The vault's own record, for the unblinded side; needs --by and --role."),
    ] = False,
    by: Reader = "",
    role: ReaderRole = "",
    as_json: AsJson = False,
) -> None:
    """Show the audit trail: who did what, when and why."""
    from ..conduct.door.chapters import read_fact

    if of_vault:
        _show_vault_record(folder, by, role, participant, last, as_json)
        return
    events = _events_of(folder, participant, by, role)[-last:]
    if as_json:
        print_json([_as_dict(event) for event in events])
        return
    for event in events:
        who = f"{event.actor} ({event.role})"
        whom = f" {event.participant}" if event.participant else ""
        why = f" Reason: {event.reason}" if event.reason else ""
        when = f"{event.at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{event.sequence:7}  {when}  {who}:{whom} {read_fact(event).tell()}.{why}")


def _show_vault_record(
    folder: Path, by: str, role: str, participant: str | None, last: int, as_json: bool
) -> None:
    import uuid

    import msgspec

    from ..trial.steps import stamp_of
    from ..vault.oversight.desk import Entry
    from ..vault.oversight.sentences import SENTENCES
    from .vault import reach_vault

    if not (by and role):
        raise DataError("the vault's record is shown to who may see it: --by PERSON --role ROLE")
    with attached(folder) as running, reach_vault(folder) as client:
        stamp = stamp_of(acting_as(by, role), str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
        found: list[Entry] = client.call("show_record", list[Entry], stamp=stamp)
    entries = [one for one in found if participant in (None, one.participant)][-last:]
    if as_json:
        print_json(msgspec.to_builtins(entries))
        return
    for one in entries:
        whom = f" {one.participant}" if one.participant else ""
        why = f" Reason: {one.reason}" if one.reason else ""
        when, who = f"{one.at:%Y-%m-%d %H:%M} UTC", f"{one.actor} ({one.role})"
        typer.echo(f"{one.sequence:7}  {when}  {who}:{whom} {SENTENCES[one.kind]}.{why}")


def _events_of(folder: Path, participant: str | None, by: str, role: str) -> "list[Event]":
    from ..record import read_lines
    from ..trial.folder import EVENTS, RECORD, is_archive

    if is_archive(folder):
        if by or role:
            raise DataError("an archive has no people to check; whoever was given it may read it, without --by")
        found = read_lines(folder / RECORD / EVENTS)
        return [event for event in found if participant in (None, event.participant)]
    with attached(folder) as running:
        if participant is not None and participant not in running.door.trial.participants:
            raise DecisionRefused(f"nobody has the screening number {participant}; check the number")
        shown = reach_of(running, by, role, "trail")
        return [event for event in running.book.read(participant=participant) if shown(event.site)]


def attached(folder: Path, prepare: "Prepare | None" = None) -> "RunningTrial":
    """Open the trial of a folder for a command; `prepare` draws a slot where there is no list."""
    from ..trial.running import attach_trial

    return attach_trial(folder, prepare=prepare)


def reach_of(
    running: "RunningTrial", by: str, role: str, question: "Question", site: str | None = None
) -> "Callable[[str | None], bool]":
    """Check who looks, and return whether they may see what concerns a site; without a person all is shown.

    site: the one that is asked for, else all that the person may see. Raises DecisionRefused for a role that is
    not shown this, for who does not hold it there, and for a site that has not joined; DataError for a person
    without a role.
    """
    from ..conduct.access.questions import require_may_ask, sites_within
    from ..conduct.organisation.sites import require_site

    if bool(by) != bool(role):
        raise DataError("say who looks and in which role: --by PERSON --role ROLE, or neither")
    if site is not None:
        require_site(running.door.trial, site)
    if not by:
        return lambda _: True
    acting = acting_as(by, role)
    require_may_ask(running.door.trial, acting, question, site)
    reach = sites_within(running.door.trial, acting)
    return lambda where: reach is None or where in reach


def _preparing(folder: Path, acting: "By") -> "Prepare | None":
    """Return how the running vault draws a slot under minimisation; None where the trial has a list."""
    from ..trial.folder import TrialFolder

    plans = [protocol.randomisation for protocol in TrialFolder(folder).protocols().values()]
    if not any(plan is not None and plan.method == "minimisation" for plan in plans):
        return None

    def prepare(participant: str, factors: Mapping[str, str], request: str) -> None:
        from ..record import Stamp
        from .vault import reach_vault

        stamp = Stamp(acting.person, acting.role, acting.zone, request)
        with reach_vault(folder) as client:
            client.call("prepare_slot", None, stamp=stamp, participant=participant, factors=dict(factors))

    return prepare


def acting_as(person: str, role: str) -> "By":
    """Say who acts, in which role, now."""
    from ..conduct.door.fact import By

    return By(person, role, datetime.now(UTC))


def _read_fields(pairs: list[str]) -> dict[str, Any]:
    """Read `name=value`; a value that begins like JSON (an object, a list, null, true, false) is read as JSON."""
    import json

    found: dict[str, Any] = {}
    for pair in pairs:
        name, given, value = pair.partition("=")
        if not given:
            raise DataError(f"a field must be given as name=value, such as participant=01-001. Got {pair}")
        if value[:1] in ("{", "[") or value in ("null", "true", "false"):
            try:
                found[name] = json.loads(value)
            except ValueError as error:
                raise DataError(f"field {name} must be JSON where it begins with a bracket: {error}") from error
        else:
            found[name] = value
    return found


def tell(events: "tuple[Event, ...]", as_json: bool) -> None:
    """Say what was recorded; the hash of the last event is a receipt."""
    from ..conduct.door.chapters import read_fact

    if as_json:
        print_json([_as_dict(event) for event in events])
        return
    for event in events:
        typer.echo(f"{event.sequence}  {event.participant or ''} {read_fact(event).tell()}".replace("   ", "  "))
    if events:
        typer.echo(f"recorded at {events[-1].at:%Y-%m-%d %H:%M:%S} UTC, receipt {events[-1].hash.hex()[:16]}")
    else:
        sys.exit(1)


def _as_dict(event: "Event") -> Mapping[str, Any]:
    import json

    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()}
    plain |= {"payload": json.loads(event.payload), "at": event.at.isoformat()}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in plain.items()}

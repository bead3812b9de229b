"""Steps of safety that need both sides of the blind, and the reports that come of them.

The vault's own record comes first, then that of the trial. What the blinded side learns is that enrolment pauses
and that a report was dealt with; what was seen goes to the one person who asked for it.
"""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from ..conduct.closing.cut import trial_as_of
from ..conduct.closing.locks import DataCut, data_hash
from ..conduct.door.chapters import read_fact
from ..conduct.door.fact import By
from ..conduct.door.state import Trial
from ..conduct.safety.clocks import clock_id
from ..conduct.safety.events import events_of, unlisted_products
from ..conduct.safety.pauses import PauseEnrolment
from ..conduct.safety.reporting import MeetClock, find_record
from ..conduct.safety.rows import rule_values
from ..conduct.safety.watch import WatchClocks, clocks_run_out
from ..datasets.assemble import assemble
from ..datasets.folder import DataFolder
from ..datasets.from_record import Opened, PreparedDose, write_sdtm
from ..errors import DecisionRefused
from ..protocol import Protocol, protocol_version
from ..report.folder import fill_folder
from ..report.html import Stamp as Imprint
from ..report.pdf import render_pdf
from ..report.safety.board import EVERYBODY, Frozen, board_protocol, derive_board
from ..report.safety.case import Given, derive_case
from ..report.safety.pages import render_case
from ..report.write import write_results
from ..vault.process import VaultClient
from ..vault.safety.desk import BoardOpening, CaseTreatment, Report
from ..vault.safety.stopping import Held, SafetyEvent
from .running import RunningTrial
from .steps import stamp_of

REPORT = "report.pdf"


class Watched(msgspec.Struct, frozen=True):
    """What a watch has found: clocks that ran out, and whether it paused enrolment."""

    passed: tuple[str, ...]
    paused: bool


class UnblindedCase(msgspec.Struct, frozen=True):
    """The unblinded report of a case, and whether the treatment given makes it one that must be sent."""

    pdf: bytes
    reportable: bool


def watch_safety(running: RunningTrial, vault: VaultClient, by: By, request: str | None = None) -> Watched:
    """Write down the clocks that ran out, let the vault look at the stopping rules, and pause where it says so.

    May be done at any time and as often as one likes; what a missed or broken watch has left is made up for.
    Raises DecisionRefused as door and vault do.
    """
    request = request or str(uuid.uuid4())
    protocol, trial = running.protocol, running.door.refresh()
    passed: tuple[str, ...] = ()
    if clocks_run_out(protocol, trial, by.at):
        events = running.door.submit(WatchClocks(), by, f"{request} clocks")
        passed = tuple(f"{event.participant} {getattr(read_fact(event), 'clock', '')}" for event in events)
    reported = [
        SafetyEvent(person.id, rule_values(running.door.protocol_of(person.id), person, event))
        for person in trial.participants.values()
        for event in events_of(running.door.protocol_of(person.id), person)
    ]
    stamp = stamp_of(by, f"{request} rules", rehearsed=running.book.mode == "rehearsal")
    halts: int = vault.call("check_stopping", int, stamp=stamp, events=reported)
    paused = halts > running.door.trial.halts
    if paused:
        told = PauseEnrolment(cause="stopping rule", halts=halts, reason="told by the vault")
        running.door.submit(told, by, f"{request} pause")
    return Watched(passed, paused)


def report_case(
    running: RunningTrial,
    participant: str,
    record: str,
    *,
    authority: str | None = None,
    at: datetime | None = None,
    language: str = "en",
) -> bytes:
    """Return the blinded report of a case as PDF; raises as `derive_case` does."""
    trial = running.door.refresh()
    protocol = running.door.protocol_of(participant)
    now = at or datetime.now(UTC)
    return render_case(
        derive_case(protocol, trial, participant, record, now, authority=authority, language=language)
    )


def report_case_unblinded(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    participant: str,
    record: str,
    authority: str,
    *,
    language: str = "en",
    request: str | None = None,
) -> UnblindedCase:
    """Open a case in the vault, by the safety unblinder, and return its report for an authority.

    A case of somebody who got placebo, or only products that list the event, need not be sent; that is told here
    and nowhere else. Raises DecisionRefused where no report of the case is due to this authority, and as the vault
    does.
    """
    trial = running.door.refresh()
    protocol = running.door.protocol_of(participant)
    clock = clock_of(trial, participant, record, authority)
    shown: CaseTreatment = vault.call(
        "open_case",
        CaseTreatment,
        stamp=stamp_of(by, request or str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal"),
        participant=participant,
        record=record,
        reason=f"expedited report ({clock})",
    )
    given = Given(
        arm=shown.arm,
        by_visit={one.visit: f"{one.amount:,f} {one.unit}".strip() for one in shown.prepared},
        reportable=is_reportable(protocol, trial, participant, record, shown.products),
    )
    report = derive_case(
        protocol, trial, participant, record, by.at, given=given, authority=authority, language=language
    )
    return UnblindedCase(render_case(report), given.reportable)


def close_case(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    participant: str,
    record: str,
    authority: str,
    *,
    sent: bool,
    reference: str = "",
    document: bytes = b"",
    request: str | None = None,
) -> None:
    """Say that a case was dealt with for an authority: the vault keeps what became of it, the clock stops.

    The trial's record says the same whether the report was sent or, after placebo, was not. Raises DecisionRefused
    where a report was sent without a reference, where none is due, and as vault and door do.
    """
    if sent and not reference.strip():
        raise DecisionRefused("give the reference under which the authority has received the report. Got none")
    request = request or str(uuid.uuid4())
    clock = clock_of(running.door.refresh(), participant, record, authority)
    report = Report(sent=sent, reference=reference.strip(), content=hashlib.sha256(document).hexdigest())
    vault.call(
        "record_report",
        None,
        stamp=stamp_of(by, request, rehearsed=running.book.mode == "rehearsal"),
        participant=participant,
        record=record,
        authority=authority,
        report=report,
    )
    running.door.submit(MeetClock(participant=participant, clock=clock), by, request)


def clock_of(trial: Trial, participant: str, record: str, authority: str) -> str:
    """Return the clock of a case that runs for an authority, the first that is due; refused where none does."""
    known = trial.participants.get(participant)
    names = [clock_id(record, what, authority) for what in ("fatal", "suspected", "complete")]
    running = [] if known is None else [name for name in names if name in known.clocks]
    for name in running:
        assert known is not None
        if known.clocks[name].met_at is None and known.clocks[name].lifted is None:
            return name
    raise DecisionRefused(
        f"no report of {record} of {participant} is due to {authority}; see what is due in the list"
    )


def is_reportable(
    protocol: Protocol, trial: Trial, participant: str, record: str, products: tuple[str, ...]
) -> bool:
    """Say whether what was given makes a case one that must be sent: any of its products, unexpectedly."""
    known = trial.participants[participant]
    judged = known.assessments.get(record)
    if judged is not None and judged.unexpected is not None:
        return bool(products) and judged.unexpected
    return bool({*products} & {*unlisted_products(protocol, find_record(protocol, known, record))})


def write_open_report(running: RunningTrial, out: Path, *, language: str = "en") -> Frozen:
    """Write the open report of the newest data cut into a folder; DecisionRefused where no data were cut."""
    frozen, trial = freeze(running)
    protocol = board_protocol(running.protocol, closed=False)
    arms = {one.id: EVERYBODY for one in trial.participants.values() if one.allocation is not None}
    _write(running, out, protocol, trial, frozen, Opened(arms=arms), language=language)
    return frozen


def write_closed_report(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    out: Path,
    *,
    language: str = "en",
    request: str | None = None,
) -> Frozen:
    """Write the closed report of the newest data cut, with the arms that the vault shows to the statistician.

    Raises DecisionRefused where no data were cut, and as the vault does.
    """
    frozen, trial = freeze(running)
    request = request or str(uuid.uuid4())
    rehearsed = running.book.mode == "rehearsal"
    opening: BoardOpening = vault.call(
        "open_for_board",
        BoardOpening,
        stamp=stamp_of(by, request, rehearsed=rehearsed),
        sequence=frozen.sequence,
        data=frozen.data,
    )
    held: list[Held] = vault.call(
        "show_stopping", list[Held], stamp=stamp_of(by, f"{request} rules", rehearsed=rehearsed)
    )
    doses = tuple(
        PreparedDose(
            participant=one.participant,
            order=one.order,
            visit=one.visit,
            cells=format(one.amount, "f"),
            volume=one.volume,
            bag=one.bag,
            on=one.on,
        )
        for one in opening.doses
    )
    allocated = {one.id for one in trial.participants.values() if one.allocation is not None}
    arms = {participant: arm for participant, arm in opening.arms.items() if participant in allocated}
    protocol = board_protocol(running.protocol, closed=True)
    said = tuple(_say(protocol, one, language) for one in held)
    _write(running, out, protocol, trial, frozen, Opened(arms=arms, doses=doses), arms, said, language=language)
    return frozen


def freeze(running: RunningTrial) -> tuple[Frozen, Trial]:
    """Return the newest data cut with the state as of it; DecisionRefused where no data were cut."""
    cuts = list(running.book.read(kinds=[DataCut.__name__]))
    if not cuts:
        raise DecisionRefused(
            "the reports for the safety board are made of a data cut; cut the data first (CutData)"
        )
    cut = read_fact(cuts[-1])
    assert isinstance(cut, DataCut)
    trial = trial_as_of(running.book.read(), cut.sequence)
    assert trial.at is not None
    return Frozen(cut.sequence, trial.at, data_hash(trial)), trial


def _write(
    running: RunningTrial,
    out: Path,
    protocol: Protocol,
    trial: Trial,
    frozen: Frozen,
    opened: Opened,
    arms: Mapping[str, str] | None = None,
    held: tuple[str, ...] = (),
    *,
    language: str,
) -> None:
    data = assemble(protocol, DataFolder.of(write_sdtm(protocol, trial, opened=opened).values()))
    contents, results = derive_board(
        protocol,
        trial,
        data,
        frozen,
        arms=arms,
        held=held,
        language=language,
        synthetic=running.book.mode == "rehearsal",
    )
    imprint = Imprint(protocol_version(running.protocol), frozen.data, version("equipoise"))
    about = {
        "trial": trial.trial,
        "report": "open" if arms is None else "closed",
        "sequence": frozen.sequence,
        "data": frozen.data,
        "protocol_version": imprint.protocol,
    }
    with fill_folder(out, about) as folder:
        (folder / REPORT).write_bytes(render_pdf(contents, imprint))
        write_results(folder, results)


def _say(protocol: Protocol, held: Held, language: str) -> str:
    assert protocol.safety is not None
    text = protocol.safety.stopping_rules[held.rule].text.say(language)
    where = "" if held.arm is None else f", {protocol.arms[held.arm].label.say(language)}"
    return f"{text} ({', '.join(held.participants)}{where})"

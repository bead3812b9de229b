"""Steps of safety that need both sides of the blind: the watch, and the report of a case.

The vault's own record comes first, then that of the trial. What the blinded side learns is that enrolment pauses
and that a report was dealt with; what was seen goes to the one person who asked for it.
"""

import hashlib
import uuid
from datetime import UTC, datetime

import msgspec

from ...conduct.door.chapters import read_fact
from ...conduct.door.fact import By
from ...conduct.door.roles import require_role
from ...conduct.door.state import Trial
from ...conduct.safety.clocks import clock_id
from ...conduct.safety.events import unlisted_products
from ...conduct.safety.pauses import PauseEnrolment
from ...conduct.safety.reporting import MeetClock, find_record
from ...conduct.safety.watch import WatchClocks, clocks_run_out
from ...errors import DecisionRefused
from ...line import VaultClient
from ...protocol import Protocol
from ...report.safety.case import Given, derive_case
from ...report.safety.pages import render_case
from ...vault.safety.desk import CaseTreatment, Report
from ..running import RunningTrial
from ..steps import stamp_of


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
    stamp = stamp_of(by, f"{request} rules", rehearsed=running.book.mode == "rehearsal")
    halts: int = vault.call("check_stopping", int, stamp=stamp)
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
    _require_unblinder(running, by, participant)
    trial = running.door.trial
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
    _require_unblinder(running, by, participant)
    clock = clock_of(running.door.trial, participant, record, authority)
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


def _require_unblinder(running: RunningTrial, by: By, participant: str) -> None:
    """Refuse who may not deal with the case of a participant, before anything of it is told."""
    known = running.door.refresh().participants.get(participant)
    require_role(
        running.door.trial, by, MeetClock(participant=participant, clock=""), None if known is None else known.site
    )


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

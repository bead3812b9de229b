"""Steps that need both sides of the blind, in their order: the vault's own record first, then that of the trial.

Each takes the caller at the door of the vault that it needs; what comes back to the blinded record is that it
happened, never what was seen.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from ..conduct.closing.unblinding import ReportCodeBreak, UnblindTrial
from ..conduct.door.fact import By
from ..conduct.door.roles import require_role
from ..conduct.follow_up.infusions import IssueBag
from ..errors import DecisionRefused
from ..line import VaultClient
from ..record import Stamp
from ..vault.bags import Bag, DoseOrder
from ..vault.doses import Weighing
from ..vault.service import CodeBreak
from .access.at_the_vault import stamp_of
from .exports.data import export_data
from .opened import Disclosed
from .running import RunningTrial

__all__ = [
    "break_code",
    "export_data",
    "issue_bag",
    "order_of",
    "report_envelope",
    "stamp_of",
    "unblind_trial",
]


def break_code(
    running: RunningTrial, vault: VaultClient, by: By, participant: str, reason: str, request: str | None = None
) -> CodeBreak:
    """Break the code of one participant, at once, and make known to the trial that it was done.

    Raises DecisionRefused as vault and door do, before anything is opened. Where the connection is lost in
    between, the same request shows the same and makes it known.
    """
    request = request or str(uuid.uuid4())
    report = ReportCodeBreak(participant=participant, how="vault", reason=reason)
    running.door.require_allowed(report, by)
    shown: CodeBreak = vault.call(
        "break_code", CodeBreak, stamp=_stamp(running, by, request), participant=participant, reason=reason
    )
    running.door.submit(report, by, request)
    return shown


def report_envelope(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    participant: str,
    reason: str,
    *,
    opened_by: str,
    opened_at: datetime,
    request: str | None = None,
) -> None:
    """Report to both records that the paper envelope of a participant was opened: by whom, when and why.

    Raises DecisionRefused as door and vault do, before anything is stored, and for a moment that is still to come
    or lies before the allocation, when there was no envelope.
    The same request reports once, whatever broke in between.
    """
    request = request or str(uuid.uuid4())
    if opened_at > by.at:
        raise DecisionRefused(f"the envelope cannot have been opened in the future. Got {opened_at.isoformat()}")
    report = ReportCodeBreak(participant=participant, how="envelope", reason=reason)
    running.door.require_allowed(report, by)
    allocation = running.door.trial.participants[participant].allocation
    if allocation is not None and opened_at < allocation.at:
        raise DecisionRefused(
            f"there was no envelope before the allocation at {allocation.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC; "
            f"read the note of who opened it again. Got {opened_at.isoformat()}"
        )
    vault.call(
        "report_envelope",
        None,
        stamp=_stamp(running, by, request),
        participant=participant,
        reason=reason,
        opened_by=opened_by,
        opened_at=opened_at,
    )
    running.door.submit(report, by, request)


def issue_bag(
    running: RunningTrial, vault: VaultClient, by: By, participant: str, order: str, request: str | None = None
) -> Bag:
    """Let the vault prepare the dose of an order, and give out its bag: only its number and volume are told.

    Raises DecisionRefused where there is no such order, and as vault and door do.
    """
    request = request or str(uuid.uuid4())
    dose = order_of(running, participant, order)
    known = running.door.trial.participants[participant]
    require_role(
        running.door.trial, by, IssueBag(participant=participant, order=order, bag="", volume=""), known.site
    )
    bag: Bag = vault.call("prepare_dose", Bag, stamp=_stamp(running, by, request), order=dose)
    running.door.submit(
        IssueBag(participant=participant, order=order, bag=bag.number, volume=bag.volume), by, request
    )
    return bag


def order_of(running: RunningTrial, participant: str, order: str) -> DoseOrder:
    """Return an order as the vault needs it. Raises DecisionRefused where there is no such order."""
    known = running.door.refresh().participants.get(participant)
    if known is None or order not in known.infusions:
        raise DecisionRefused(
            f"there is no such order; check its number. Got {order} of participant {participant}"
        )
    infusion = known.infusions[order]
    visit = known.visits[infusion.visit]
    protocol = running.door.protocol_of(participant)
    intervention = next(name for name, given in protocol.interventions.items() if infusion.visit in given.at)
    weight = protocol.interventions[intervention].weight
    unit = "" if weight is None else str(protocol.items[weight.item].unit)
    assert visit.on is not None
    return DoseOrder(
        order=order,
        participant=participant,
        intervention=intervention,
        visit=infusion.visit,
        weighing=None if weight is None else Weighing(Decimal(infusion.weight_kg), unit, infusion.weighed_on),
        on=visit.on,
    )


def unblind_trial(
    running: RunningTrial, vault: VaultClient, by: By, passphrases: Sequence[str], request: str | None = None
) -> Disclosed:
    """Open all codes of a locked trial by the passphrases of both holders.

    Raises DecisionRefused before the lock, and where a passphrase is wrong.
    """
    request = request or str(uuid.uuid4())
    trial = running.door.refresh()
    if trial.data_hash is None:
        raise DecisionRefused("all codes are opened once the data are locked; lock the trial first")
    holders: list[str] = vault.call("holders", list[str])
    disclosed: Disclosed = vault.call(
        "unblind_all",
        Disclosed,
        stamp=_stamp(running, by, request),
        passphrases=list(passphrases),
        data=trial.data_hash,
    )
    running.door.submit(UnblindTrial(holders=(holders[0], holders[1])), by, request)
    return disclosed


def _stamp(running: RunningTrial, by: By, request: str) -> Stamp:
    return stamp_of(by, request, rehearsed=running.book.mode == "rehearsal")

"""Backing a trial up and restoring it: first the record, then the certainty that no slot is given out twice.

A backup does not know what was given out after it was made. So allocation and dosing stay shut until two persons
have found the highest position of every stratum outside the database (anchors, envelopes, letters of allocation)
and vouch for it; slots up to there are given up (ICH E6(R3) 4.3.3(c-d)).
"""

import uuid
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

import msgspec

from ..conduct.door.fact import By
from ..conduct.enrolment.reconciliation import ReportReconciliation
from ..errors import DataError
from ..line import VaultClient
from ..record import Head, back_up, open_server, restore, write_anchor
from .folder import TrialFolder
from .running import RunningTrial, signing_key
from .steps import stamp_of


def back_up_trial(running: RunningTrial, file: Path) -> int:
    """Back up the whole database of a running trial to a file; return how many events are in it at least.

    The record is anchored first, so that whatever is restored reaches the anchor. Raises DataError where the
    backup cannot be made.
    """
    anchor = write_anchor(running.folder.anchors, signing_key(running.folder), running.book)
    back_up(running.server, file)
    return anchor.sequence


def restore_trial(folder: Path, file: Path) -> Mapping[str, Head]:
    """Restore a backup into the empty database of a trial's folder; return the head of each record.

    Raises DataError where the folder is not that of a trial, the database holds something, or the file is none.
    """
    paths = TrialFolder(folder)
    if not paths.trial:
        raise DataError(f"{folder} names no trial; restore into a copy of the trial's folder")
    if not file.is_file():
        raise DataError(f"there is no backup at this path. Got {file}")
    with open_server(folder) as server:
        return restore(server, file)


def reconcile_trial(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    witnessed: Mapping[str, int],
    signers: tuple[str, str],
    reason: str,
    request: str | None = None,
) -> dict[str, int]:
    """Give up the slots up to the witnessed positions, open the gates, record it, and anchor the record anew.

    Raises DecisionRefused where a stratum is missing, a position is lower than the database knows, or the two
    signers are one. Where the connection is lost in between, the same request gives up the same and records it.
    """
    request = request or str(uuid.uuid4())
    report = ReportReconciliation(given_up=dict.fromkeys(witnessed, 0), signers=signers, reason=reason)
    running.door.require_allowed(report, by)
    stamp = stamp_of(by, request, rehearsed=running.book.mode == "rehearsal")
    lost: dict[str, int] = vault.call(
        "reconcile", dict[str, int], stamp=stamp, witnessed=dict(witnessed), signers=signers, reason=reason
    )
    running.door.submit(msgspec.structs.replace(report, given_up=lost), by, request)
    when = by.at.astimezone(UTC)
    why = f"reconciled by {signers[0]} and {signers[1]} on {when:%Y-%m-%d}: {reason}"
    write_anchor(running.folder.anchors, signing_key(running.folder), running.book, restart=why)
    return lost

"""The closed report for the safety board, of the newest data cut: by arm, with what the vault shows."""

import uuid
from collections.abc import Callable
from pathlib import Path

from ...conduct.door.fact import By
from ...datasets.from_record import Opened, PreparedDose
from ...line import VaultClient
from ...protocol import Protocol
from ...report.safety.board import Frozen, board_protocol
from ...vault.safety.desk import BoardOpening
from ...vault.safety.stopping import Held
from ..running import RunningTrial
from ..steps import stamp_of
from .open_report import REPORT, freeze, write_open_report, write_report

__all__ = ["REPORT", "freeze", "write_closed_report", "write_open_report"]


def write_closed_report(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    out: Path,
    *,
    language: str = "en",
    request: str | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Frozen:
    """Write the closed report of the newest data cut, with the arms that the vault shows to the statistician.

    progress: called with the name of each stage as it begins. Raises DecisionRefused where no data were cut, and
    as the vault does.
    """
    frozen, trial = freeze(running)
    request = request or str(uuid.uuid4())
    rehearsed = running.book.mode == "rehearsal"
    progress("asking the vault")
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
    opened = Opened(arms=arms, doses=doses)
    write_report(running, out, protocol, trial, frozen, opened, arms, said, language=language, progress=progress)
    return frozen


def _say(protocol: Protocol, held: Held, language: str) -> str:
    assert protocol.safety is not None
    text = protocol.safety.stopping_rules[held.rule].text.say(language)
    where = "" if held.arm is None else f", {protocol.arms[held.arm].label.say(language)}"
    return f"{text} ({', '.join(held.participants)}{where})"

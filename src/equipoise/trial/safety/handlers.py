"""What the vault answers for safety, by name; at the blinded door only how often enrolment had to pause."""

from collections.abc import Callable
from typing import Any

from ...record import Stamp
from ...vault.safety.desk import BoardOpening, CaseTreatment, Report, SafetyDesk
from ...vault.safety.stopping import Held
from ...vault.service import Vault
from ..folder import TrialFolder
from .reported import Reported

BLINDED = ("check_stopping",)
"""Handlers of the blinded door."""


def safety_handlers(vault: Vault, folder: TrialFolder | None = None) -> dict[str, Callable[..., Any]]:
    """Give what a vault answers for safety; `folder` holds the protocol versions that came after the list."""
    desk, reported = SafetyDesk(vault), Reported(vault.protocol, folder)

    def check_stopping(stamp: Stamp) -> int:
        return desk.check_stopping(stamp, reported.read)

    def show_stopping(stamp: Stamp) -> list[Held]:
        return desk.show_stopping(stamp)

    def open_case(stamp: Stamp, participant: str, record: str, reason: str) -> CaseTreatment:
        return desk.open_case(stamp, participant, record, reason)

    def record_report(stamp: Stamp, participant: str, record: str, authority: str, report: Report) -> None:
        desk.record_report(stamp, participant, record, authority, report)

    def open_for_board(stamp: Stamp, sequence: int, data: str) -> BoardOpening:
        return desk.open_for_board(stamp, sequence, data)

    handlers = (check_stopping, show_stopping, open_case, record_report, open_for_board)
    return {handler.__name__: handler for handler in handlers}

"""The safety board of a rehearsal: one data cut on the way, an open report for all and a closed one by arm.

The cut is made when half of the participants have been in the trial for 24 weeks, or for half of the schedule
where that is shorter. Both reports are made of it; the closed one by the board's own statistician, on the vault's
side, after the trial's statistician was refused the arms.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ....conduct.closing.locks import CutData
from ....conduct.enrolment.allocation import ParticipantAllocated
from ....errors import RecordCorrupt
from ....record import Event
from ....trial.safety.archived import BOARD
from ....trial.safety.board import write_closed_report, write_open_report
from ....vault.safety.desk import BoardOpening
from ..calendar import Script, at_site
from ..desk import Desk
from ..staff import HOME, MANAGER, MANAGES
from ..vault_side import VaultSide

STATISTICIAN, OF_BOARD = "board.statistician", "safety board statistician"
AFTER = timedelta(weeks=24)


@dataclass
class Board:
    """The board's reports: the open one goes to `blinded`, the closed one to `unblinded`, in a language."""

    desk: Desk
    vault: VaultSide
    blinded: Path
    unblinded: Path
    language: str = "en"

    def follow(self, events: tuple[Event, ...]) -> None:
        """Let the board meet some time after half of the participants are in the trial."""
        desk, half = self.desk, -(-(self.desk.protocol.size or 0) // 2)
        if not any(event.kind == ParticipantAllocated.__name__ for event in events):
            return
        if sum(one.allocation is not None for one in desk.trial.participants.values()) == half:
            last = max(visit.target for visit in desk.protocol.schedule.visits.values())
            on = desk.calendar.today(HOME) + min(AFTER, timedelta(days=last // 2))
            desk.calendar.begin(self._meet(), at_site(HOME, on, 9))

    def _meet(self) -> Script:
        """Cut the data and write both reports of the cut."""
        desk = self.desk
        desk.for_all(MANAGER, MANAGES, CutData(through=desk.calendar.today(HOME)))
        yield desk.calendar.later(60)
        seen = write_open_report(desk.running, self.blinded / BOARD / "open", language=self.language)
        yield desk.calendar.later(60)
        if desk.protocol.blinding.blinded:
            stamp = desk.stamp("statistician", "trial statistician")
            desk.refused_step(
                "the arms asked for by the trial's own statistician",
                lambda: self.vault.unblinded.call(
                    "open_for_board", BoardOpening, stamp=stamp, sequence=seen.sequence, data=seen.data
                ),
            )
        by, out = desk.by(STATISTICIAN, OF_BOARD), self.unblinded / BOARD / "closed"
        shown = write_closed_report(
            desk.running, self.vault.unblinded, by, out, language=self.language, request=desk.key()
        )
        if shown != seen:
            raise RecordCorrupt(
                f"the reports for the board are not of one cut of the data. Got {seen} and {shown}"
            )
        desk.counts["reports for the safety board"] += 2

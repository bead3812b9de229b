"""The safety unblinder of a rehearsal: reports suspected unexpected serious reactions to the authority in time.

Each report has two twins: the blinded one for the file of the trial, the unblinded one, made from what the vault
shows, on the vault's side. The first is sent on the last day of its term, the others within days. On the way it
is tried in vain to learn the treatment by roles that may not know it, without a reason, and to close a case
without the reference of the authority.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ....conduct.safety.clocks import SERIOUS, clock_id, due_of
from ....conduct.safety.reporting import ClockStarted
from ....trial.safety.steps import close_case, report_case, report_case_unblinded
from ....vault.safety.desk import CaseTreatment
from ..calendar import Script
from ..desk import Desk
from ..staff import HOME
from ..vault_side import VaultSide

UNBLINDER, UNBLINDS = "safety.unblinder", "safety unblinder"
FOLDER = "cases"
_FEW_DAYS = 4 * 24 * 60
_LEFT = timedelta(hours=5)
"""How long before the end of the term a report is sent at the latest."""


@dataclass
class Cases:
    """The unblinder at work: blinded reports go to `blinded`, unblinded ones to `unblinded`, in a language."""

    desk: Desk
    vault: VaultSide
    blinded: Path
    unblinded: Path
    language: str = "en"

    def begin(self, participant: str, clock: ClockStarted) -> None:
        """Let a report be made for which a clock has started; that to the sponsor is made by its entry."""
        if clock.what != SERIOUS:
            self.desk.calendar.begin(self._report(participant, clock))

    def _report(self, participant: str, started: ClockStarted) -> Script:
        desk, name = self.desk, clock_id(started.record, started.what, started.authority)
        person, site = desk.participant(participant), desk.site_of(participant)
        first = desk.counts["expedited reports begun"] == 0
        desk.counts["expedited reports begun"] += 1
        latest = due_of(desk.protocol, person.clocks[name], site.zone) - _LEFT
        yield latest if first else min(latest, desk.calendar.later(_FEW_DAYS))
        if first and desk.protocol.blinding.blinded:
            self._look_in_vain(participant, started.record)
        case, to = (participant, started.record), started.authority
        file = f"{participant}{started.record.replace('/', '-')}-{to}-{started.what}"
        blinded = report_case(desk.running, *case, authority=to, at=desk.calendar.now, language=self.language)
        _put(self.blinded / FOLDER / f"{file}-blinded.pdf", blinded)
        yield desk.calendar.later(30)
        by = desk.by(UNBLINDER, UNBLINDS)
        shown = report_case_unblinded(
            desk.running, self.vault.unblinded, by, *case, to, language=self.language, request=desk.key()
        )
        _put(self.unblinded / FOLDER / f"{file}-unblinded.pdf", shown.pdf)
        if first:
            desk.refused_step(
                "a report closed without its reference",
                lambda: close_case(
                    desk.running, self.vault.unblinded, by, *case, to, sent=True, request=desk.key()
                ),
            )
        yield desk.calendar.later(60)
        close_case(
            desk.running,
            self.vault.unblinded,
            desk.by(UNBLINDER, UNBLINDS),
            *case,
            to,
            sent=shown.reportable,
            reference=f"{to.upper()}-{desk.counts['expedited reports made'] + 1:04d} (virtual)",
            document=shown.pdf,
            request=desk.key(),
        )
        desk.counts["expedited reports made"] += 1

    def _look_in_vain(self, participant: str, record: str) -> None:
        """Ask for the treatment of a case by those who may not know it, and by the unblinder for no reason."""
        site = self.desk.site_of(participant)
        for person, role, zone in (
            (site.person("investigator"), "investigator", site.zone),
            ("monitor", "monitor", HOME),
            ("medical.monitor", "medical monitor", HOME),
            ("statistician", "trial statistician", HOME),
        ):
            self._refused(
                f"the treatment of a case asked for by the {role}", person, role, zone, participant, record
            )
        self._refused("a case opened without a reason", UNBLINDER, UNBLINDS, HOME, participant, record, reason=" ")

    def _refused(
        self, what: str, person: str, role: str, zone: str, participant: str, record: str, reason: str = "curious"
    ) -> None:
        stamp = self.desk.stamp(person, role, zone)
        self.desk.refused_step(
            what,
            lambda: self.vault.unblinded.call(
                "open_case", CaseTreatment, stamp=stamp, participant=participant, record=record, reason=reason
            ),
        )


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)

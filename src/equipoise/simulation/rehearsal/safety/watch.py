"""The medical monitor of a rehearsal: judges each serious event, and watches clocks and stopping rules.

A serious event is judged at noon (UTC) of the day after it was recorded, and again when more is known of it. The
watch is held then, and every Monday. Where a stopping rule holds, the safety board confers the same day and the
sponsor resumes enrolment on its advice; nobody is allocated meanwhile.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from ....conduct.door.chapters import read_fact
from ....conduct.door.state import form_key
from ....conduct.enrolment.allocation import AllocateParticipant
from ....conduct.forms.entry import FormSaved
from ....conduct.safety.pauses import ResumeEnrolment
from ....conduct.safety.reporting import AssessCase, ClockStarted, find_record
from ....conduct.safety.watch import list_clocks
from ....record import Event
from ....trial.safety.steps import watch_safety
from ..calendar import Script, at_site
from ..desk import Desk
from ..staff import HOME, SPONSOR
from ..vault_side import VaultSide
from .cases import Cases

MONITOR, MONITORS = "medical.monitor", "medical monitor"
NOON = 12
_CONFERS = 9 * 60
"""How long after a pause the safety board has conferred by telephone, and enrolment goes on."""


@dataclass
class Watch:
    """The monitor at work; reports of what the monitor or the site suspects are made by `cases`."""

    desk: Desk
    vault: VaultSide
    cases: Cases

    def follow(self, events: tuple[Event, ...]) -> None:
        """Let what follows from the events of a step begin: a serious event is judged, a report is made."""
        for event in events:
            if event.participant is None or event.kind not in (FormSaved.__name__, ClockStarted.__name__):
                continue
            fact = read_fact(event)
            if isinstance(fact, ClockStarted):
                self.cases.begin(event.participant, fact)
            elif isinstance(fact, FormSaved) and self.desk.protocol.forms[fact.form].sdtm == "AE":
                record = form_key(fact.visit, fact.form, fact.repeat)
                if self._is_serious(event.participant, record):
                    self.desk.calendar.begin(self._judge(event.participant, record), self._next_noon())

    def keep(self) -> Script:
        """Hold the watch every Monday, as long as the trial goes on."""
        desk = self.desk
        while True:
            today = desk.calendar.today(HOME)
            yield at_site(HOME, today + timedelta(days=7 - today.weekday()), NOON)
            self._hold()

    def count(self) -> None:
        """Count how the clocks stand."""
        desk = self.desk
        clocks = list_clocks(desk.protocol, desk.trial, desk.calendar.now)
        desk.counts.update(Counter(f"clocks {one.standing}" for one in clocks))

    def _is_serious(self, participant: str, record: str) -> bool:
        return find_record(self.desk.protocol_of(participant), self.desk.participant(participant), record).serious

    def _next_noon(self) -> datetime:
        return at_site(HOME, self.desk.calendar.today(HOME) + timedelta(days=1), NOON)

    def _judge(self, participant: str, record: str) -> Script:
        """Judge an event as the sponsor does: what the investigator suspects is suspected."""
        desk, person = self.desk, self.desk.participant(participant)
        judged = person.assessments.get(record)
        if judged is not None and judged.sequence >= person.forms[record].sequence:
            return
        event = find_record(desk.protocol_of(participant), person, record)
        view = "a causal relation cannot be ruled out" if event.suspected else "another cause is more likely"
        comment = f"{view}; the investigator's judgement and the course of the event were weighed"
        intent = AssessCase(participant=participant, record=record, suspected=event.suspected, comment=comment)
        events = desk.for_all(MONITOR, MONITORS, intent)
        desk.counts["serious events assessed" if judged is None else "serious events assessed again"] += 1
        self.follow(events)
        yield desk.calendar.later(30)
        self._hold()

    def _hold(self) -> None:
        """Hold the watch; where it pauses enrolment, let the board confer."""
        desk = self.desk
        found = watch_safety(desk.running, self.vault.blinded, desk.by(MONITOR, MONITORS), desk.key())
        desk.counts["watches held"] += 1
        if found.paused:
            desk.counts["pauses of enrolment"] += 1
            desk.calendar.begin(self._confer())

    def _confer(self) -> Script:
        """Try in vain to allocate during the pause, and resume enrolment when the board has conferred."""
        desk = self.desk
        yield desk.calendar.later(60)
        waiting = (one for one in desk.trial.participants.values() if one.allocation is None and not one.ended)
        if (one := next(waiting, None)) is not None:
            site = desk.site_of(one.id)
            intent = AllocateParticipant(participant=one.id)
            person = site.person("investigator")
            desk.refused("an allocation while enrolment is paused", intent, person, "investigator", site.zone)
        yield desk.calendar.later(_CONFERS)
        reason = "the safety board conferred by telephone and advised to go on (virtual minutes)"
        desk.for_all(SPONSOR, "sponsor", ResumeEnrolment(reason=reason))

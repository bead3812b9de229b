"""Visits: held in or outside their window, missed, unscheduled; a wrong date corrected.

The order of the first visits: the day-1 visit is held by whoever is eligible, at it the participant is allocated,
then the first infusion is ordered. Later visits are for participants who have been allocated.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from ...errors import DecisionRefused, suggest
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.state import Participant, Trial, Visit
from ..enrolment.consent import require_consent
from ..forms.planned import products_planned_at
from ..quality.late_entry import FromPaper, require_paper
from .attendance import (
    dates_held,
    require_date,
    require_expected,
    require_new,
    require_order,
    require_planned,
    require_ready,
)
from .deviations import MAJOR, MINOR, TREATMENT, VISIT, DeviationLifted, DeviationNoted, has_deviation
from .leaving import require_taking_part
from .windows import day_1, first_visit, outside_windows, window_of


class VisitHeld(Fact, frozen=True, kw_only=True):
    """A visit took place: `key` is the id of a planned visit, or U1, U2, ... for one that was not planned.

    from_paper: when and why it was written on paper first.
    """

    key: str
    on: date
    planned: bool = True
    in_window: bool = True
    from_paper: FromPaper | None = None

    def tell(self) -> str:
        """Give visit and day."""
        said = f"visit {self.key} was held on {self.on}" + ("" if self.in_window else ", outside its window")
        return said if self.from_paper is None else f"{said}; {self.from_paper.tell()}"


class VisitMissed(Fact, frozen=True, kw_only=True):
    """A planned visit did not take place."""

    key: str
    why: str

    def tell(self) -> str:
        """Give the visit."""
        return f"visit {self.key} was missed: {self.why}"


class VisitDateCorrected(Fact, frozen=True, kw_only=True):
    """The date of a visit had been recorded wrongly; the reason stands in the envelope."""

    key: str
    on: date

    def tell(self) -> str:
        """Give the right day."""
        return f"the date of visit {self.key} was corrected to {self.on}"


class VisitWindowJudged(Fact, frozen=True, kw_only=True):
    """A date, set or corrected since, showed that a visit was in its window or outside."""

    key: str
    in_window: bool

    def tell(self) -> str:
        """Say which."""
        return f"visit {self.key} was {'in' if self.in_window else 'outside'} its window"


class HoldVisit(Intent, frozen=True, kw_only=True):
    """Record that a planned visit takes place; outside its window a reason is asked for and a deviation noted.

    from_paper: when and why it was written on paper first.
    """

    participant: str
    visit: str
    on: date
    reason: str | None = None
    from_paper: FromPaper | None = None


class HoldUnscheduledVisit(Intent, frozen=True, kw_only=True):
    """Record a visit that was not planned; from_paper: when and why it was written on paper first."""

    participant: str
    on: date
    why: str
    from_paper: FromPaper | None = None


class MissVisit(Intent, frozen=True, kw_only=True):
    """Record that a planned visit did not take place."""

    participant: str
    visit: str
    why: str


class CorrectVisitDate(Intent, frozen=True, kw_only=True):
    """Correct the date of a visit that was held; the windows that hang on it are judged anew."""

    participant: str
    visit: str
    on: date
    reason: str


def _hold(setting: Setting, trial: Trial, intent: HoldVisit) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    require_planned(protocol, intent.visit)
    require_open(trial, participant, intent.visit, role=setting.by.role)
    require_new(participant, intent.visit)
    require_date(setting, trial, participant, intent.on)
    require_taking_part(participant, intent.on)
    require_consent(trial, participant, intent.on)
    require_order(protocol, participant, intent.visit, intent.on)
    require_ready(protocol, participant, intent.visit)
    dates = {**dates_held(protocol, participant), intent.visit: intent.on}
    late = _outside(setting, participant, dates)
    judged = _judged(participant, dates, late)
    _require_open_too(setting, trial, participant, judged)
    reason = (intent.reason or "").strip() or None
    paper = require_paper(f"visit {intent.visit}", intent.from_paper, intent.on, trial, setting.by, participant)
    held = VisitHeld(key=intent.visit, on=intent.on, in_window=intent.visit not in late, from_paper=paper)
    facts: list[Fact] = [held]
    if intent.visit in late:
        facts.append(_deviation(late[intent.visit], intent.visit, intent.on))
    facts += judged
    noted = next((fact for fact in facts if isinstance(fact, DeviationNoted)), None)
    if noted is not None and reason is None:
        raise DecisionRefused(f"{noted.what}; check the date, or say why it could not be otherwise")
    return [Outcome(fact, reason=reason) for fact in facts]


def _hold_unscheduled(setting: Setting, trial: Trial, intent: HoldUnscheduledVisit) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    require_date(setting, trial, participant, intent.on)
    require_taking_part(participant, intent.on)
    why = _said(intent.why, "why the visit took place")
    number = 1 + sum(visit.name is None for visit in participant.visits.values())
    paper = require_paper("the visit", intent.from_paper, intent.on, trial, setting.by, participant)
    held = VisitHeld(key=f"U{number}", on=intent.on, planned=False, from_paper=paper)
    return [Outcome(held, reason=why)]


def _miss(setting: Setting, trial: Trial, intent: MissVisit) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    require_planned(protocol, intent.visit)
    require_open(trial, participant, intent.visit, role=setting.by.role)
    require_new(participant, intent.visit)
    why = _said(intent.why, "why the visit was missed")
    first = day_1(protocol, participant)
    if first is None:
        raise DecisionRefused(
            f"visit {intent.visit} cannot be missed before visit {first_visit(protocol)} has taken place; "
            "where a participant will not go on, record the end of participation"
        )
    opens, closes = window_of(protocol, intent.visit, first)
    require_expected(protocol, participant, intent.visit, opens)
    today = today_at(trial, setting.by, participant.site)
    target = protocol.schedule.visits[intent.visit].target
    seen_later = any(protocol.schedule.visits[one].target > target for one in dates_held(protocol, participant))
    if today <= closes and not seen_later:
        raise DecisionRefused(f"visit {intent.visit} can still be held until {closes}; it is not missed yet")
    on = min(closes, today)
    missed = _deviation(f"visit {intent.visit} ({opens} to {closes}) was missed: {why}", intent.visit, on)
    facts: list[Fact] = [VisitMissed(key=intent.visit, why=why), missed]
    treatment = participant.ended.get("treatment")
    if products_planned_at(protocol, intent.visit) and (treatment is None or treatment.on >= opens):
        what = f"the infusion of visit {intent.visit} was not given, as the visit was missed"
        facts.append(DeviationNoted(category=TREATMENT, weight=MAJOR, what=what, on=on, visit=intent.visit))
    return [Outcome(fact) for fact in facts]


def _correct(setting: Setting, trial: Trial, intent: CorrectVisitDate) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    require_open(trial, participant, intent.visit, role=setting.by.role)
    visit = participant.visits.get(intent.visit)
    if visit is None or visit.on is None:
        raise DecisionRefused(f"visit {intent.visit} has not been held{suggest(intent.visit, participant.visits)}")
    reason = _said(intent.reason, "why the date was wrong")
    if visit.on == intent.on:
        raise DecisionRefused(f"visit {intent.visit} is already recorded on this date. Got {intent.on}")
    require_date(setting, trial, participant, intent.on)
    require_taking_part(participant, intent.on)
    dates = dates_held(protocol, participant)
    if visit.name is not None:
        require_order(protocol, participant, visit.name, intent.on)
        dates[visit.name] = intent.on
    judged = _judged(participant, dates, _outside(setting, participant, dates), moved=visit.name)
    _require_open_too(setting, trial, participant, judged)
    facts = [VisitDateCorrected(key=intent.visit, on=intent.on), *judged]
    return [Outcome(fact, reason=reason) for fact in facts]


def _outside(setting: Setting, participant: Participant, dates: Mapping[str, date]) -> dict[str, str]:
    """Return the visits outside their window, each judged by the version under which it was recorded."""
    held = {visit: participant.visits[visit].protocol for visit in dates if visit in participant.visits}
    versions = {version: outside_windows(setting.version(version), dates) for version in {*held.values(), ""}}
    found = {visit: versions[held.get(visit, "")].get(visit) for visit in dates}
    return {visit: sentence for visit, sentence in found.items() if sentence is not None}


def _judged(
    participant: Participant, dates: dict[str, date], late: dict[str, str], moved: str | None = None
) -> list[VisitWindowJudged | DeviationNoted | DeviationLifted]:
    """Return what becomes of the visits already held: which are now in their window, and which no more.

    late: the visits outside their window with a sentence each; `moved` is the one whose date is corrected.
    """
    facts: list[VisitWindowJudged | DeviationNoted | DeviationLifted] = []
    for name in (name for name in dates if name in participant.visits):
        before, after = participant.visits[name].in_window, name not in late
        if before != after:
            facts.append(VisitWindowJudged(key=name, in_window=after))
        if (before != after or name == moved) and has_deviation(participant, VISIT, name):
            facts.append(DeviationLifted(category=VISIT, visit=name))
        if not after and (before or name == moved):
            facts.append(_deviation(late[name], name, dates[name]))
    return facts


def _require_open_too(setting: Setting, trial: Trial, participant: Participant, judged: Iterable[Fact]) -> None:
    """Refuse a date that would change what is said of another visit which is frozen or locked."""
    for fact in judged:
        if isinstance(fact, VisitWindowJudged):
            require_open(trial, participant, fact.key, role=setting.by.role)


def _deviation(what: str, visit: str, on: date) -> DeviationNoted:
    return DeviationNoted(category=VISIT, weight=MINOR, what=what, on=on, visit=visit)


def _said(text: str, what: str) -> str:
    said = text.strip()
    if not said:
        raise DecisionRefused(f"please say {what}")
    return said


def _held(trial: Trial, event: Event, fact: VisitHeld) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    name = fact.key if fact.planned else None
    participant.visits[fact.key] = Visit(
        name=name, on=fact.on, in_window=fact.in_window, protocol=participant.protocol
    )


def _missed(trial: Trial, event: Event, fact: VisitMissed) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    participant.visits[fact.key] = Visit(name=fact.key, missed=fact.why, protocol=participant.protocol)


def _redated(trial: Trial, event: Event, fact: VisitDateCorrected) -> None:
    assert event.participant is not None
    trial.participants[event.participant].visits[fact.key].on = fact.on


def _window_judged(trial: Trial, event: Event, fact: VisitWindowJudged) -> None:
    assert event.participant is not None
    trial.participants[event.participant].visits[fact.key].in_window = fact.in_window


_STAFF = ("investigator", "coordinator", "nurse")

CHAPTER = Chapter(
    decisions={
        HoldVisit: _hold,
        HoldUnscheduledVisit: _hold_unscheduled,
        MissVisit: _miss,
        CorrectVisitDate: _correct,
    },
    evolutions={
        VisitHeld: _held,
        VisitMissed: _missed,
        VisitDateCorrected: _redated,
        VisitWindowJudged: _window_judged,
    },
    roles={
        HoldVisit: _STAFF,
        HoldUnscheduledVisit: _STAFF,
        MissVisit: _STAFF,
        CorrectVisitDate: ("investigator", "coordinator"),
    },
)

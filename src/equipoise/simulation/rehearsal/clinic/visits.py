"""Visits after entry: held in or outside their window, missed, and now and then one that was not planned."""

from datetime import date, timedelta
from typing import Any

import msgspec

from ....conduct.follow_up.visits import HoldUnscheduledVisit, HoldVisit, MissVisit
from ....conduct.follow_up.windows import day_1, first_visit, outside_windows, window_of
from ....protocol import Protocol
from ..calendar import Script, at_site
from ..nature import Course
from .consent import sign_consent
from .leaving import end_of_treatment
from .outage import LASTS, OnPaper
from .paperwork import Page, fill_in
from .team import OPENS, Clinic, Going

_AGAIN = timedelta(days=4)
_FINDINGS = ("LB", "VS", "EG")


def attend(clinic: Clinic, going: Going, course: Course) -> Script:
    """Hold the visits to come, one after the other."""
    desk, site = clinic.desk, going.site
    held = {visit: on for visit, on in course.visits.items() if on is not None}
    for visit, on in sorted(held.items(), key=lambda one: one[1]):
        yield at_site(site.zone, on, *OPENS)
        yield desk.calendar.later(float(going.rng.integers(1, 60)))
        sign_consent(clinic, going)
        protocol = desk.protocol_of(going.id)
        paper = clinic.outage.strikes(protocol, site.number, visit, held, course.last_on)
        if paper is not None:
            yield at_site(site.zone, on + LASTS, 9, 30)
        _hold(clinic, going, visit, on, paper)
        measured = clinic.measure(going, visit)
        yield from fill_in(clinic, going, visit, on, measured, early=False, paper=paper)
        yield from clinic.infusions.give(going, visit, on, measured)
        yield from end_of_treatment(clinic, going, course, visit)
        if going.by_chance(clinic.mishaps.unscheduled):
            desk.calendar.begin(_once_more(clinic, going, course, visit), at_site(site.zone, on + _AGAIN, 11))


def miss_visits(clinic: Clinic, going: Going, course: Course) -> None:
    """Let every visit that was to come and was not held be recorded as missed, the day after its window."""
    desk, zone = clinic.desk, going.site.zone
    first = day_1(desk.protocol, desk.participant(going.id))
    assert first is not None
    for visit in desk.protocol.schedule.visits:
        opens, closes = window_of(desk.protocol, visit, first)
        expected = opens <= course.last_on and visit not in going.person.visits
        if expected and course.visits.get(visit) is None:
            desk.calendar.begin(_miss(clinic, going, visit), at_site(zone, closes + timedelta(days=1), 15))


def _hold(clinic: Clinic, going: Going, visit: str, on: date, paper: OnPaper | None) -> None:
    """Record that a visit takes place; outside its window it is refused until somebody says why."""
    desk, site, protocol = clinic.desk, going.site, clinic.desk.protocol_of(going.id)
    first, begins = day_1(protocol, desk.participant(going.id)), first_visit(protocol)
    dates = {visit: on} if first is None or begins is None else {begins: first, visit: on}
    reason = None
    if visit in outside_windows(protocol, dates):
        silent = HoldVisit(participant=going.id, visit=visit, on=on)
        clinic.refused("a visit outside its window without a reason", silent, site)
        reason = "the participant was away"
        desk.counts["visits outside their window"] += 1
    written = None if paper is None else paper.written
    intent = HoldVisit(participant=going.id, visit=visit, on=on, reason=reason, from_paper=written)
    desk.at_site(site, "coordinator", intent, twice=going.by_chance(clinic.mishaps.double_click))
    desk.counts["visits held"] += 1


def _miss(clinic: Clinic, going: Going, visit: str) -> Script:
    desk, zone = clinic.desk, going.site.zone
    protocol = desk.protocol_of(going.id)
    first = day_1(protocol, desk.participant(going.id))
    assert first is not None
    _, closes = window_of(protocol, visit, first)
    if desk.calendar.today(zone) <= closes:  # an amendment has widened the window
        yield at_site(zone, closes + timedelta(days=1), 15)
    intent = MissVisit(participant=going.id, visit=visit, why="the participant did not come")
    desk.at_site(going.site, "coordinator", intent)
    desk.counts["visits missed"] += 1


def _once_more(clinic: Clinic, going: Going, course: Course, visit: str) -> Script:
    """Measure once more what a form of the last visit said, if the participant is still there."""
    desk, site = clinic.desk, going.site
    on, choice = desk.calendar.today(site.zone), _repeatable(desk.protocol, visit)
    if on > course.last_on or not choice:
        return
    form = choice[int(going.rng.integers(0, len(choice)))]
    values: dict[str, Any] = clinic.vault.blinded.call(
        "measure_again",
        dict[str, Any],
        index=going.person.index,
        visit=visit,
        form=form,
        on=on,
        participant=going.id,
    )
    intent = HoldUnscheduledVisit(participant=going.id, on=on, why="a value is measured once more")
    events = desk.at_site(site, "coordinator", intent)
    key = msgspec.json.decode(events[0].payload)["key"]
    desk.counts["visits unscheduled"] += 1
    yield desk.calendar.later(20)
    clinic.paperwork.save(Page(site, going.id, form, key, on, values), going.rng, early=False)


def _repeatable(protocol: Protocol, visit: str) -> list[str]:
    """Return the forms of a visit that may be measured once more: findings on which no result depends."""
    planned = [form for form, visits in protocol.schedule.activities.items() if visit in visits]
    forms = {name: protocol.forms[name] for name in planned if name in protocol.forms}
    return [
        name
        for name, form in forms.items()
        if form.sdtm in _FINDINGS and not any(item.critical for item in form.items.values())
    ]

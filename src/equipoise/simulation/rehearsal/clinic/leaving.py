"""What happens between visits, written down as it becomes known; and how treatment and participation end."""

from datetime import date, timedelta

import msgspec

from ....conduct.enrolment.consent import WithdrawConsent
from ....conduct.forms.entry import SaveForm
from ....conduct.forms.planned import GIVEN
from ....conduct.safety.events import aware_item
from ..calendar import Script, at_site
from ..nature import Course, End, Record
from .team import OPENS, Clinic, Going

TELLS = (10, 0)
"""Hour from which a site writes down what it has learned."""

_ORDER = ("treatment", "life", "participation")
_TWO_DAYS = timedelta(days=2)


def write_down(clinic: Clinic, going: Going, course: Course) -> None:
    """Let everything that happens be written down on its day, and how it all ends two days after the last."""
    calendar, zone = clinic.desk.calendar, going.site.zone
    for record in course.records:
        opens = OPENS if record.urgent else TELLS
        calendar.begin(_record(clinic, going, record), at_site(zone, record.on, *opens))
    calendar.begin(_leave(clinic, going, course), at_site(zone, course.last_on + _TWO_DAYS, 14))


def end_of_treatment(clinic: Clinic, going: Going, course: Course, visit: str) -> Script:
    """Write down that the infusions have ended, where that is plain at a visit."""
    for end in course.ends:
        if end.after == visit:
            yield clinic.desk.calendar.later(30)
            _end(clinic, going, end)


def _record(clinic: Clinic, going: Going, record: Record) -> Script:
    """Write down what happened; a serious event may call for the code, once in a trial with a blind.

    What is serious is written down within two hours of the morning, less than a day after it became known.
    """
    desk, site = clinic.desk, going.site
    yield desk.calendar.later(float(going.rng.integers(0, 120 if record.urgent else 240)))
    if record.urgent and not desk.counts["serious adverse events"]:
        _report_without_awareness(clinic, going, record)
    first = SaveForm(participant=going.id, form=record.form, on=record.on, values=record.values)
    events = desk.at_site(site, "coordinator", first, twice=going.by_chance(clinic.mishaps.double_click))
    number = msgspec.json.decode(events[0].payload).get("repeat", 1)
    desk.counts[f"records of {record.form}"] += 1
    if record.urgent:
        desk.counts["serious adverse events"] += 1
        yield desk.calendar.later(15)
        clinic.infusions.break_code(going, "a serious adverse event whose treatment depends on what was given")
    if record.settled_on is not None and record.settled is not None:
        yield at_site(site.zone, record.settled_on, *TELLS)
        settled = SaveForm(
            participant=going.id,
            form=record.form,
            repeat=number if desk.protocol.forms[record.form].repeats else None,
            on=record.settled_on,
            values=record.settled,
            reason="the outcome is known now",
        )
        desk.at_site(site, "coordinator", settled)
        desk.counts["records settled"] += 1


def _report_without_awareness(clinic: Clinic, going: Going, record: Record) -> None:
    """Try to record a serious event as known since nobody knows when: its reports are counted from then."""
    aware = aware_item(clinic.desk.protocol_of(going.id), record.form)
    if aware is not None and aware in record.values:
        values = {name: value for name, value in record.values.items() if name != aware}
        unknown = {aware: "UNKNOWN"}
        intent = SaveForm(participant=going.id, form=record.form, on=record.on, values=values, missing=unknown)
        clinic.refused("a serious event without the moment of awareness", intent, going.site)


def _leave(clinic: Clinic, going: Going, course: Course) -> Script:
    """Write down how everything ended; some of those who withdraw take back their consent as well."""
    desk, site = clinic.desk, going.site
    for end in sorted(course.ends, key=lambda one: _ORDER.index(one.what)):
        if end.after is None:
            _end(clinic, going, end)
            yield desk.calendar.later(10)
    desk.counts[f"ended: {course.why}"] += 1
    if course.withdraws:
        today = desk.calendar.today(site.zone)
        desk.at_site(site, "coordinator", WithdrawConsent(participant=going.id, on=today))
        desk.counts["consents withdrawn"] += 1
        _add_in_vain(clinic, going, today)


def _end(clinic: Clinic, going: Going, end: End) -> None:
    on = clinic.desk.calendar.today(going.site.zone)
    intent = SaveForm(participant=going.id, form=end.form, on=on, values=end.values)
    clinic.desk.at_site(going.site, "coordinator", intent)
    clinic.desk.counts[f"end of {end.what}"] += 1


def _add_in_vain(clinic: Clinic, going: Going, today: date) -> None:
    """Try to add to a form of a participant who has withdrawn consent."""
    protocol, visits = clinic.desk.protocol, clinic.desk.participant(going.id).visits
    for form, planned in protocol.schedule.activities.items():
        held = [visit for visit in planned if visit in visits and visits[visit].on is not None]
        if form in protocol.forms and held and protocol.forms[form].sdtm not in GIVEN:
            intent = SaveForm(participant=going.id, form=form, visit=held[-1], on=today, reason="added later")
            clinic.refused("a form after consent was withdrawn", intent, going.site)
            return

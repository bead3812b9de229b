"""The way of one person into the trial and through it, as a script of the calendar.

The order of steps on day 1 is that of a clinic's day: the visit is opened, forms are filled in, the participant is
allocated, the infusion is ordered, prepared and given. Then everything begins that is to come.
"""

from datetime import date

from ....conduct.enrolment.allocation import AllocateParticipant
from ....conduct.enrolment.strata import derive_strata
from ....conduct.follow_up.visits import HoldVisit
from ....conduct.follow_up.windows import first_visit
from ..calendar import Script, at_site
from ..nature import Course
from .consent import sign_consent
from .leaving import end_of_treatment, write_down
from .paperwork import fill_in
from .screening import assess, may_go_on, screen
from .team import OPENS, Clinic, Going
from .visits import attend, miss_visits

ALLOCATES = (10, 0)
"""Hour from which participants are allocated."""


def enter(clinic: Clinic, going: Going) -> Script:
    """Take a person from the first contact to day 1, and let everything after it begin."""
    goes_on = yield from screen(clinic, going)
    if goes_on:
        yield from _day_1(clinic, going)


def _day_1(clinic: Clinic, going: Going) -> Script:
    desk, site = clinic.desk, going.site
    visit = first_visit(desk.protocol)
    assert visit is not None
    on = going.person.visits[visit]
    if desk.calendar.today(site.zone) < on:
        yield at_site(site.zone, on, *OPENS)
    yield desk.calendar.later(float(going.rng.integers(1, 20)))
    sign_consent(clinic, going)
    desk.at_site(site, "coordinator", HoldVisit(participant=going.id, visit=visit, on=on))
    desk.counts["visits held"] += 1
    measured = clinic.measure(going, visit)
    yield from fill_in(clinic, going, visit, on, measured, early=True)
    if desk.participant(going.id).eligibility is None:
        yield desk.calendar.later(2)
        assess(clinic, going)
        if not may_go_on(clinic, going):
            return
    yield max(at_site(site.zone, on, *ALLOCATES), desk.calendar.later(1))
    while desk.trial.paused is not None:
        yield desk.calendar.later(30)
    _allocate(clinic, going, on)
    course: Course = clinic.vault.blinded.call("happens", Course, index=going.person.index, participant=going.id)
    yield from clinic.infusions.give(going, visit, on, measured)
    yield from end_of_treatment(clinic, going, course, visit)
    write_down(clinic, going, course)
    miss_visits(clinic, going, course)
    desk.calendar.begin(attend(clinic, going, course))


def _allocate(clinic: Clinic, going: Going, on: date) -> None:
    desk, site = clinic.desk, going.site
    strata = derive_strata(desk.protocol, desk.participant(going.id), on)
    if strata and going.by_chance(clinic.mishaps.wrong_strata):
        wrong = AllocateParticipant(participant=going.id, strata={**strata, next(iter(strata)): "another"})
        clinic.refused("wrong strata read back", wrong, site, "investigator")
    intent = AllocateParticipant(participant=going.id, strata=strata)
    desk.at_site(site, "investigator", intent, twice=going.by_chance(clinic.mishaps.double_click))
    desk.counts["allocated"] += 1

"""From the first contact to the verdict on the criteria: a number, consent, examinations, eligibility."""

from collections.abc import Generator
from datetime import date, datetime, timedelta
from typing import Any

from ....conduct.enrolment.consent import WithdrawConsent
from ....conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from ....conduct.follow_up.visits import HoldVisit
from ....conduct.follow_up.windows import first_visit
from ....protocol import Protocol
from ..calendar import Script, at_site
from .consent import sign_consent
from .paperwork import fill_in
from .team import OPENS, Clinic, Going


def screen(clinic: Clinic, going: Going) -> Generator[datetime, None, bool]:
    """Screen a person, at all visits before day 1; return whether the person may enter the trial."""
    desk, site, person = clinic.desk, going.site, going.person
    yield at_site(site.zone, person.comes_on, *OPENS)
    yield desk.calendar.later(float(going.rng.integers(0, 50)))
    _register(clinic, going)
    yield desk.calendar.later(10)
    sign_consent(clinic, going)
    if not person.consents:
        yield desk.calendar.later(25)
        desk.at_site(site, "coordinator", WithdrawConsent(participant=going.id, on=person.comes_on))
        desk.counts["withdrawn before entry"] += 1
        return False
    for visit, on in person.visits.items():
        if desk.protocol.schedule.visits[visit].target < 1:
            yield from _early_visit(clinic, going, visit, on)
            if not may_go_on(clinic, going):
                return False
    return True


def assess(clinic: Clinic, going: Going) -> None:
    """Assess the criteria, with the investigator's word on those that have no rule."""
    desk = clinic.desk
    intent = AssessEligibility(participant=going.id, judged=going.person.judged)
    desk.at_site(going.site, "investigator", intent)
    verdict = desk.participant(going.id).eligibility
    desk.counts["not eligible"] += verdict is not None and not verdict.eligible


def may_go_on(clinic: Clinic, going: Going) -> bool:
    """Return whether nothing keeps the person out; who is kept out is let in by mistake now and then, in vain."""
    desk = clinic.desk
    verdict = desk.participant(going.id).eligibility
    if verdict is None or verdict.eligible:
        return True
    first = first_visit(desk.protocol)
    if first is not None and going.by_chance(clinic.mishaps.let_in):
        on = desk.calendar.today(going.site.zone)
        intent = HoldVisit(participant=going.id, visit=first, on=on)
        clinic.refused("day 1 of a person who is not eligible", intent, going.site)
    return False


def _register(clinic: Clinic, going: Going) -> None:
    desk, site = clinic.desk, going.site
    identity = _identity(clinic, going)
    events = desk.at_site(site, "coordinator", ScreenParticipant(site=site.number, identity=identity))
    assert events[0].participant is not None
    going.id = events[0].participant
    desk.counts["screened"] += 1
    if going.by_chance(clinic.mishaps.screened_twice):
        other = desk.sites[(desk.sites.index(site) + 1) % len(desk.sites)]
        again = ScreenParticipant(site=other.number, identity=identity)
        clinic.refused("a person who is in the trial already", again, other)


def _identity(clinic: Clinic, going: Going) -> dict[str, str]:
    """Make up who the person is, with the age and sex that the forms will say."""
    said = _demography(clinic, going)
    born = going.person.comes_on - timedelta(days=round(365.25 * (float(said.get("AGE", 40)) + 0.5)))
    sex = str(said.get("SEX", "U"))
    return {
        "name": f"Virtual Person {going.person.index + 1:04d}",
        "birth_date": born.isoformat(),
        "sex": sex if sex in ("F", "M") else "U",
    }


def _demography(clinic: Clinic, going: Going) -> dict[str, Any]:
    """Return what the forms of demography say at the first visit, by SDTM variable."""
    found: dict[str, Any] = {}
    for name, _, values in clinic.measure(going, next(iter(going.person.visits))):
        form = clinic.desk.protocol.forms[name]
        if form.sdtm == "DM":
            found |= {form.items[item].sdtm or item: value for item, value in values.items()}
    return found


def _early_visit(clinic: Clinic, going: Going, visit: str, on: date) -> Script:
    desk = clinic.desk
    if desk.calendar.today(going.site.zone) < on:
        yield at_site(going.site.zone, on, *OPENS)
    yield desk.calendar.later(10)
    desk.at_site(going.site, "coordinator", HoldVisit(participant=going.id, visit=visit, on=on))
    desk.counts["visits held"] += 1
    yield from fill_in(clinic, going, visit, on, clinic.measure(going, visit), early=True)
    if visit == _assessed_at(desk.protocol):
        yield desk.calendar.later(5)
        assess(clinic, going)


def _assessed_at(protocol: Protocol) -> str | None:
    """Return the visit at the end of which the criteria are assessed: the last planned for it before day 1."""
    visits = protocol.schedule.visits
    planned = protocol.schedule.activities.get("eligibility") or tuple(visits)
    early = [visit for visit in planned if visits[visit].target < 1]
    return max(early, key=lambda visit: visits[visit].target, default=None)

"""The way of one person through the trial: screening, entry, visits, what happens between them, the end.

Each is a script of the calendar, so that many persons are on their way at once. The order of steps at a visit is
that of a clinic's day: the visit is opened, forms are filled in, the participant is allocated, the infusion is
ordered, prepared and given; what is known only the day after is written down the day after.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np

from ...conduct.enrolment.allocation import AllocateParticipant
from ...conduct.enrolment.consent import SignConsent, WithdrawConsent
from ...conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from ...conduct.enrolment.strata import derive_strata
from ...conduct.follow_up.visits import HoldUnscheduledVisit, HoldVisit, MissVisit
from ...conduct.follow_up.windows import day_1, first_visit, outside_windows, window_of
from ...conduct.forms.entry import SaveForm
from ...conduct.forms.planned import GIVEN
from ...conduct.organisation.consent_documents import document_in_use
from .calendar import Script, at_site
from .desk import Desk
from .infusions import Infusions, Measured
from .mishaps import Mishaps
from .nature import Course, End, Person, Record
from .paperwork import Page, Paperwork
from .setting_up import FIRST_CONSENT
from .staff import VirtualSite
from .vault_side import VaultSide

OPENS, ALLOCATES, TELLS = (8, 0), (10, 0), (10, 0)
"""Hours at the site: when visits begin, when participants are allocated, when what happened is written down."""


@dataclass
class Going:
    """A person on the way: who, at which site, under which number, and what the staff do by chance for them."""

    person: Person
    site: VirtualSite
    language: str
    rng: np.random.Generator
    id: str = ""


@dataclass
class Journeys:
    """The ways of all persons."""

    desk: Desk
    vault: VaultSide
    paperwork: Paperwork
    infusions: Infusions
    mishaps: Mishaps

    def enter(self, going: Going) -> Script:
        """Take a person from the first contact to the end of screening, or on into the trial."""
        desk, site, person = self.desk, going.site, going.person
        yield at_site(site.zone, person.comes_on, *OPENS)
        yield desk.calendar.later(float(going.rng.integers(0, 50)))
        self._screen(going)
        yield desk.calendar.later(10)
        self._sign(going)
        if not person.consents:
            yield desk.calendar.later(25)
            desk.at_site(site, "coordinator", WithdrawConsent(participant=going.id, on=person.comes_on))
            desk.counts["withdrawn before entry"] += 1
            return
        for visit, on in person.visits.items():
            if desk.protocol.schedule.visits[visit].target < 1:
                yield from self._early_visit(going, visit, on)
                if not self._may_go_on(going):
                    return
        yield from self._day_1(going)

    def _screen(self, going: Going) -> None:
        desk, site = self.desk, going.site
        identity = self._identity(going)
        events = desk.at_site(site, "coordinator", ScreenParticipant(site=site.number, identity=identity))
        assert events[0].participant is not None
        going.id = events[0].participant
        desk.counts["screened"] += 1
        if going.rng.random() < self.mishaps.screened_twice:
            other = desk.sites[(desk.sites.index(site) + 1) % len(desk.sites)]
            again = ScreenParticipant(site=other.number, identity=identity)
            desk.refused(
                "a person who is in the trial already",
                again,
                other.person("coordinator"),
                "coordinator",
                other.zone,
            )

    def _identity(self, going: Going) -> dict[str, str]:
        """Make up who the person is, with the age and sex that the forms will say."""
        said = self._said(going)
        born = going.person.comes_on - timedelta(days=round(365.25 * (float(said.get("AGE", 40)) + 0.5)))
        sex = str(said.get("SEX", "U"))
        return {
            "name": f"Virtual Person {going.person.index + 1:04d}",
            "birth_date": born.isoformat(),
            "sex": sex if sex in ("F", "M") else "U",
        }

    def _said(self, going: Going) -> dict[str, Any]:
        """Return what the first forms say, by SDTM variable."""
        visit = next(iter(going.person.visits))
        found: dict[str, Any] = {}
        for form, _, values in self._measure(going, visit):
            items = self.desk.protocol.forms[form].items
            found |= {items[name].sdtm or name: value for name, value in values.items()}
        return found

    def _sign(self, going: Going) -> None:
        """Sign the consent form in use, unless it is signed already; now and then an old one is offered first."""
        desk, site = self.desk, going.site
        today = desk.calendar.today(site.zone)
        current = document_in_use(desk.trial, site.number, going.language, today)
        assert current is not None
        if any(consent.document == current.document for consent in desk.participant(going.id).consents):
            return
        if current.document != FIRST_CONSENT and going.rng.random() < self.mishaps.old_consent:
            old = SignConsent(
                participant=going.id, document=FIRST_CONSENT, language=going.language, signed_on=today
            )
            desk.refused("consent of an old version", old, site.person("coordinator"), "coordinator", site.zone)
        signed = SignConsent(
            participant=going.id, document=current.document, language=going.language, signed_on=today
        )
        desk.at_site(site, "coordinator", signed)
        desk.counts["consents signed"] += 1

    def _early_visit(self, going: Going, visit: str, on: date) -> Script:
        desk = self.desk
        if desk.calendar.today(going.site.zone) < on:
            yield at_site(going.site.zone, on, *OPENS)
        yield desk.calendar.later(10)
        desk.at_site(going.site, "coordinator", HoldVisit(participant=going.id, visit=visit, on=on))
        desk.counts["visits held"] += 1
        yield from self._forms(going, visit, on, self._measure(going, visit), early=True)
        if visit in self._assessed_at():
            yield desk.calendar.later(5)
            self._assess(going)

    def _assessed_at(self) -> tuple[str, ...]:
        """Return the visit at the end of which the criteria are assessed: the last planned for it before day 1."""
        visits = self.desk.protocol.schedule.visits
        planned = self.desk.protocol.schedule.activities.get("eligibility", ())
        early = [visit for visit in planned or visits if visits[visit].target < 1]
        return tuple(sorted(early, key=lambda visit: visits[visit].target)[-1:])

    def _assess(self, going: Going) -> None:
        intent = AssessEligibility(participant=going.id, judged=going.person.judged)
        self.desk.at_site(going.site, "investigator", intent)
        verdict = self.desk.participant(going.id).eligibility
        assert verdict is not None
        if not verdict.eligible:
            self.desk.counts["not eligible"] += 1

    def _may_go_on(self, going: Going) -> bool:
        """Return whether nothing keeps the person out; who is kept out is tried at the next door all the same."""
        verdict = self.desk.participant(going.id).eligibility
        if verdict is None or verdict.eligible:
            return True
        first = first_visit(self.desk.protocol)
        if first is not None and going.rng.random() < self.mishaps.let_in:
            on = self.desk.calendar.today(going.site.zone)
            intent = HoldVisit(participant=going.id, visit=first, on=on)
            self.desk.refused(
                "day 1 of a person who is not eligible",
                intent,
                going.site.person("coordinator"),
                "coordinator",
                going.site.zone,
            )
        return False

    def _day_1(self, going: Going) -> Script:
        """Hold the visit of day 1: forms, allocation, first infusion; then everything that is to come begins."""
        desk, site = self.desk, going.site
        visit = first_visit(desk.protocol)
        assert visit is not None
        on = going.person.visits[visit]
        if desk.calendar.today(site.zone) < on:
            yield at_site(site.zone, on, *OPENS)
        yield desk.calendar.later(float(going.rng.integers(1, 20)))
        self._sign(going)
        desk.at_site(site, "coordinator", HoldVisit(participant=going.id, visit=visit, on=on))
        desk.counts["visits held"] += 1
        measured = self._measure(going, visit)
        yield from self._forms(going, visit, on, measured, early=True)
        if desk.participant(going.id).eligibility is None:
            yield desk.calendar.later(2)
            self._assess(going)
            if not self._may_go_on(going):
                return
        yield max(at_site(site.zone, on, *ALLOCATES), desk.calendar.later(1))
        self._allocate(going, on)
        course: Course = self.vault.blinded.call("happens", Course, index=going.person.index, participant=going.id)
        yield from self.infusions.give(going, visit, on, measured)
        yield from self._end_of_treatment(going, course, visit)
        self._follow(going, course)

    def _allocate(self, going: Going, on: date) -> None:
        desk, site = self.desk, going.site
        strata = derive_strata(desk.protocol, desk.participant(going.id), on)
        if strata and going.rng.random() < self.mishaps.wrong_strata:
            wrong = AllocateParticipant(participant=going.id, strata={**strata, next(iter(strata)): "another"})
            desk.refused("wrong strata read back", wrong, site.person("investigator"), "investigator", site.zone)
        intent = AllocateParticipant(participant=going.id, strata=strata)
        desk.at_site(site, "investigator", intent, twice=going.rng.random() < self.mishaps.double_click)
        desk.counts["allocated"] += 1

    def _follow(self, going: Going, course: Course) -> None:
        """Let everything begin that is to come for a participant."""
        desk, zone = self.desk, going.site.zone
        desk.calendar.begin(self._visits(going, course))
        for record in course.records:
            desk.calendar.begin(self._record(going, record), at_site(zone, record.on, *TELLS))
        first = day_1(desk.protocol, desk.participant(going.id))
        assert first is not None
        for visit in desk.protocol.schedule.visits:
            opens, closes = window_of(desk.protocol, visit, first)
            if opens <= course.last_on and visit not in going.person.visits and course.visits.get(visit) is None:
                desk.calendar.begin(self._miss(going, visit), at_site(zone, closes + timedelta(days=1), 15))
        desk.calendar.begin(self._leave(going, course), at_site(zone, course.last_on + timedelta(days=2), 14))

    def _visits(self, going: Going, course: Course) -> Script:
        desk, site = self.desk, going.site
        held = {visit: on for visit, on in course.visits.items() if on is not None}
        for visit, on in sorted(held.items(), key=lambda one: one[1]):
            yield at_site(site.zone, on, *OPENS)
            yield desk.calendar.later(float(going.rng.integers(1, 60)))
            self._sign(going)
            self._hold(going, visit, on)
            measured = self._measure(going, visit)
            yield from self._forms(going, visit, on, measured, early=False)
            yield from self.infusions.give(going, visit, on, measured)
            yield from self._end_of_treatment(going, course, visit)
            if going.rng.random() < self.mishaps.unscheduled:
                desk.calendar.begin(
                    self._unscheduled(going, course, visit), at_site(site.zone, on + timedelta(days=4), 11)
                )

    def _hold(self, going: Going, visit: str, on: date) -> None:
        """Record that a visit takes place; outside its window it is refused until somebody says why."""
        desk, site = self.desk, going.site
        participant = desk.participant(going.id)
        first = day_1(desk.protocol, participant)
        begins = first_visit(desk.protocol)
        dates = {visit: on} if first is None or begins is None else {begins: first, visit: on}
        reason = None
        if visit in outside_windows(desk.protocol, dates):
            silent = HoldVisit(participant=going.id, visit=visit, on=on)
            coordinator = site.person("coordinator")
            desk.refused(
                "a visit outside its window without a reason", silent, coordinator, "coordinator", site.zone
            )
            reason = "the participant was away"
            desk.counts["visits outside their window"] += 1
        intent = HoldVisit(participant=going.id, visit=visit, on=on, reason=reason)
        desk.at_site(site, "coordinator", intent, twice=going.rng.random() < self.mishaps.double_click)
        desk.counts["visits held"] += 1

    def _forms(self, going: Going, visit: str, on: date, measured: Measured, *, early: bool) -> Script:
        """Fill in the forms of a visit but those of what is given; that comes last."""
        for form, repeat, values in measured:
            if self.desk.protocol.forms[form].sdtm not in GIVEN:
                yield self.desk.calendar.later(float(going.rng.integers(1, 4)))
                number = repeat if self.desk.protocol.forms[form].repeats else None
                page = Page(going.site, going.id, form, visit, on, dict(values), number)
                self.paperwork.save(page, going.rng, early=early)

    def _unscheduled(self, going: Going, course: Course, visit: str) -> Script:
        """Measure once more what a form of the last visit said, if the participant is still there."""
        desk, site = self.desk, going.site
        on = desk.calendar.today(site.zone)
        choice = self._repeatable(visit)
        if on > course.last_on or not choice:
            return
        form = choice[int(going.rng.integers(0, len(choice)))]
        values: dict[str, Any] = self.vault.blinded.call(
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
        self.paperwork.save(Page(site, going.id, form, key, on, values), going.rng, early=False)

    def _repeatable(self, visit: str) -> list[str]:
        """Return the forms of a visit that may be measured once more: findings on which no result depends."""
        protocol = self.desk.protocol
        return [
            form
            for form, visits in protocol.schedule.activities.items()
            if visit in visits
            and form in protocol.forms
            and protocol.forms[form].sdtm in ("LB", "VS", "EG")
            and not any(item.critical for item in protocol.forms[form].items.values())
        ]

    def _miss(self, going: Going, visit: str) -> Script:
        intent = MissVisit(participant=going.id, visit=visit, why="the participant did not come")
        self.desk.at_site(going.site, "coordinator", intent)
        self.desk.counts["visits missed"] += 1
        yield from ()

    def _record(self, going: Going, record: Record) -> Script:
        """Write down what happened; a serious event may call for the code, once in a trial with a blind."""
        desk, site = self.desk, going.site
        yield desk.calendar.later(float(going.rng.integers(0, 240)))
        first = SaveForm(participant=going.id, form=record.form, on=record.on, values=record.values)
        events = desk.at_site(site, "coordinator", first, twice=going.rng.random() < self.mishaps.double_click)
        number = msgspec.json.decode(events[0].payload).get("repeat", 1)
        desk.counts[f"records of {record.form}"] += 1
        if record.urgent:
            desk.counts["serious adverse events"] += 1
            yield desk.calendar.later(15)
            self.infusions.break_code(going, "a serious adverse event whose treatment depends on what was given")
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

    def _end_of_treatment(self, going: Going, course: Course, visit: str) -> Script:
        for end in course.ends:
            if end.after == visit:
                yield self.desk.calendar.later(30)
                self._end(going, end)

    def _leave(self, going: Going, course: Course) -> Script:
        """Write down how everything ended; some of those who withdraw take back their consent as well."""
        desk, site = self.desk, going.site
        order = ("treatment", "life", "participation")
        for end in sorted(course.ends, key=lambda one: order.index(one.what)):
            if end.after is None:
                self._end(going, end)
                yield desk.calendar.later(10)
        desk.counts[f"ended: {course.why}"] += 1
        if course.withdraws:
            today = desk.calendar.today(site.zone)
            desk.at_site(site, "coordinator", WithdrawConsent(participant=going.id, on=today))
            desk.counts["consents withdrawn"] += 1
            self._refuse_after_withdrawal(going, today)

    def _refuse_after_withdrawal(self, going: Going, today: date) -> None:
        protocol, visits = self.desk.protocol, self.desk.participant(going.id).visits
        for form, planned in protocol.schedule.activities.items():
            held = [visit for visit in planned if visit in visits and visits[visit].on is not None]
            if form in protocol.forms and held and protocol.forms[form].sdtm not in (*GIVEN, "DM"):
                intent = SaveForm(participant=going.id, form=form, visit=held[-1], on=today, reason="added later")
                person = going.site.person("coordinator")
                self.desk.refused(
                    "a form after consent was withdrawn", intent, person, "coordinator", going.site.zone
                )
                return

    def _end(self, going: Going, end: End) -> None:
        on = self.desk.calendar.today(going.site.zone)
        intent = SaveForm(participant=going.id, form=end.form, on=on, values=end.values)
        self.desk.at_site(going.site, "coordinator", intent)
        self.desk.counts[f"end of {end.what}"] += 1

    def _measure(self, going: Going, visit: str) -> list[tuple[str, int, dict[str, Any]]]:
        kind = list[tuple[str, int, dict[str, Any]]]
        found: list[tuple[str, int, dict[str, Any]]] = self.vault.blinded.call(
            "measure", kind, index=going.person.index, visit=visit, participant=going.id or None
        )
        return found

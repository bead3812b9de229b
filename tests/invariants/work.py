"""A trial in the middle of its work, and every step by which its data could be changed next."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from tests.servers import running_server

from equipoise.conduct.door.fact import Intent
from equipoise.conduct.door.state import Scope
from equipoise.conduct.enrolment.allocation import AllocateParticipant, CorrectStratum
from equipoise.conduct.enrolment.consent import SignConsent, WithdrawConsent
from equipoise.conduct.enrolment.ending import EndScreening, ReopenScreening
from equipoise.conduct.enrolment.moving import MoveParticipant
from equipoise.conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from equipoise.conduct.follow_up.infusions import IssueBag, OrderInfusion
from equipoise.conduct.follow_up.visits import CorrectVisitDate, HoldUnscheduledVisit, HoldVisit, MissVisit
from equipoise.conduct.forms.entry import RemoveForm, SaveForm

from .conftest import database_url, prepared
from .scripted import Scripted, advance, attach, bring

W0, W4, W8 = "W0", "W4", "W8"


@dataclass(frozen=True)
class Change:
    """A step that changes data: who takes it, and what it concerns."""

    intent: Intent
    role: str
    concerns: Scope

    def __str__(self) -> str:
        return type(self.intent).__name__


def at_work(script: Scripted) -> list[Change]:
    """Bring a trial with three infused participants to the middle of the work; return what can be done next."""
    first, second, third = script.trial.participants
    assert (first, second, third) == ("01-001", "02-001", "01-002")
    script.wait(28)
    today = script.today()
    for who in (first, second):
        script.hold(who, W4)
        script.save(who, W4, "vitals", weight=61.3, pulse=72)
    script.do(OrderInfusion(participant=first, visit=W4), "investigator")
    script.do(HoldVisit(participant=third, visit=W8, on=today, reason="away later"), "coordinator")
    script.save(first, "", "adverse_event", ae_term="Cough", ae_started=str(today), ae_serious="N")
    script.save(second, "", "end_of_treatment", treatment_ended=str(today), treatment_end_why="COMPLETED")
    (new,) = bring(script, 1, "screened", sites=["01"])
    (examined,) = bring(script, 1, "examined", sites=["01"])
    (eligible,) = bring(script, 1, "eligible", sites=["01"])
    (declined,) = bring(script, 1, "screened", sites=["01"])
    script.do(EndScreening(participant=declined, why="DECLINED", reason="wants to go home"), "coordinator")
    person = {"name": "Another person", "birth_date": "1990-01-01", "sex": "M"}

    def of(who: str, visit: str | None = None, form: str | None = None) -> Scope:
        return Scope(site=who.partition("-")[0], participant=who, visit=visit, form=form)

    def save(who: str, visit: str, form: str, reason: str | None = None, **values: object) -> Change:
        on = script.participant(who).visits[visit].on if visit else today
        assert on is not None
        intent = SaveForm(participant=who, form=form, visit=visit, on=on, values=values, reason=reason)  # type: ignore[arg-type]
        return Change(intent, "coordinator", of(who, visit, form))

    return [
        Change(ScreenParticipant(site="01", identity=person), "coordinator", Scope(site="01")),
        Change(
            SignConsent(participant=new, document="1.0", language="en", signed_on=today), "coordinator", of(new)
        ),
        Change(WithdrawConsent(participant=first, on=today), "coordinator", of(first)),
        Change(AssessEligibility(participant=examined, judged={"I3": True}), "investigator", of(examined)),
        Change(AllocateParticipant(participant=eligible, strata={"site": "01"}), "investigator", of(eligible)),
        Change(HoldVisit(participant=first, visit=W8, on=today, reason="early"), "coordinator", of(first, W8)),
        Change(HoldUnscheduledVisit(participant=first, on=today, why="cough"), "nurse", of(first)),
        Change(MissVisit(participant=third, visit=W4, why="did not come"), "coordinator", of(third, W4)),
        Change(
            CorrectVisitDate(participant=first, visit=W4, on=today - timedelta(1), reason="read wrongly"),
            "coordinator",
            of(first, W4),
        ),
        Change(
            CorrectVisitDate(participant=third, visit=W8, on=today - timedelta(1), reason="read wrongly"),
            "coordinator",
            of(third, W8),
        ),
        Change(
            CorrectVisitDate(participant=third, visit=W0, on=today - timedelta(2), reason="read wrongly"),
            "coordinator",
            of(third, W0),
        ),
        Change(
            IssueBag(participant=first, order=f"{first}/W4", bag="B-000001-9", volume="100 mL"),
            "pharmacist",
            of(first, W4),
        ),
        save(first, W4, "immunology", cd4=260),
        save(first, W4, "vitals", reason="copied wrongly", pulse=74),
        save(first, "", "end_of_study", study_ended=str(today), study_end_why="COMPLETED"),
        Change(OrderInfusion(participant=third, visit=W8), "investigator", of(third, W8)),
        Change(
            RemoveForm(participant=first, form="adverse_event", reason="not this person's"),
            "coordinator",
            of(first, "", "adverse_event"),
        ),
        Change(
            RemoveForm(participant=second, form="end_of_treatment", reason="not this person's"),
            "coordinator",
            of(second, "", "end_of_treatment"),
        ),
        Change(CorrectStratum(participant=first, strata={"site": "02"}), "investigator", of(first)),
        Change(EndScreening(participant=new, why="OTHER", reason="moved away"), "coordinator", of(new)),
        Change(ReopenScreening(participant=declined, reason="thought it over"), "coordinator", of(declined)),
        Change(MoveParticipant(participant=first, protocol=script.version), "investigator", of(first)),
    ]


@cache
def prepared_work(kind: str) -> tuple[str, Path, tuple[Change, ...]]:
    """Bring a trial to the middle of its work, once a process; give its database, its folder, what is next."""
    name, folder = prepared(kind, "rehearsal", 24, 3, "allocated")
    kept = Path(tempfile.mkdtemp(prefix="equipoise-work-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    home = kept / "trial"
    shutil.copytree(folder, home)
    with database_url(running_server(kind).database(f"{name}_at_work", template=name)):
        script = attach(home)
        advance(script, list(script.trial.participants), "allocated", "infused")
        changes = at_work(script)
        script.close()
    return f"{name}_at_work", home, tuple(changes)

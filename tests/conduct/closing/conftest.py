"""A trial near its end, in memory: what happened is folded, what is asked for is decided."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from equipoise.conduct.closing.signatures import Sign, content_hash
from equipoise.conduct.door.chapters import DECISIONS, ROLES, evolve
from equipoise.conduct.door.fact import By, Fact, Intent, Outcome, Setting
from equipoise.conduct.door.state import Participant, Scalar, Trial
from equipoise.conduct.enrolment.allocation import ParticipantAllocated
from equipoise.conduct.enrolment.screening import CriterionVerdict, EligibilityAssessed, ParticipantScreened
from equipoise.conduct.follow_up.leaving import ParticipantEnded
from equipoise.conduct.follow_up.visits import VisitHeld
from equipoise.conduct.forms.entry import FormSaved
from equipoise.conduct.organisation.people import PersonEntered, RoleGranted
from equipoise.conduct.organisation.sites import SiteOpened
from equipoise.conduct.organisation.versions import ProtocolIssued
from equipoise.protocol import Protocol, parse_protocol
from equipoise.record.event import Event, canonical

SMALL = """
equipoise: 1
trial: {id: small, title: A small trial, phase: II}
population: {inclusion: {I1: {text: Adult, judged: true}}}
interventions: {cells: {label: Cells, route: intravenous, at: [V1]}}
arms: {dose: {label: Dose, cells: 1e6}, placebo: {label: Placebo, cells: 0, control: true}}
randomisation: {size: 4, method: complete}
blinding:
  blinded: [participant, investigator, data manager]
  unblinded: [pharmacist]
  emergency: any investigator
  unblinding: after the lock
schedule:
  day_1: first infusion
  visits: {V0: {day: -3}, V1: {day: 1}}
  activities: {vitals: [V1], infusion: [V1]}
  at_any_time: [ending]
forms:
  vitals:
    label: Vital signs
    sdtm: VS
    items:
      weight: {label: Weight, unit: kg, critical: true, testcd: WEIGHT}
      pulse: {label: Pulse, unit: /min, required: false, testcd: PULSE}
    checks:
      VS1: {rule: weight < 200, say: Very heavy; please confirm}
      VS2: {rule: pulse < 100, say: Fast; please confirm}
  infusion:
    label: Infusion
    sdtm: EC
    items: {infused: {label: Given, type: yes or no, sdtm: ECOCCUR}}
  ending:
    label: End of participation
    sdtm: DS
    ends: participation
    items:
      ended: {label: Date, type: date, sdtm: DSSTDTC}
      why: {label: Why, type: code, codes: {COMPLETED: Completed}, sdtm: DSDECOD}
analysis_sets: {all: {rule: randomised}}
estimands: {}
"""
DAY = date(2026, 3, 2)
PEOPLE = {
    "li": ("investigator", "01"),
    "ma": ("data manager", None),
    "mo": ("data manager", None),
    "su": ("sponsor", None),
    "ka": ("key holder", None),
    "ko": ("key holder", None),
}


class Closing:
    """A trial in memory; `ask` decides, `do` decides and folds, `happen` folds."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol, self.trial = protocol, Trial()
        self.now = datetime(2026, 3, 2, 4, tzinfo=UTC)
        self.events: list[Event] = []
        self.happen(ProtocolIssued(trial="small", protocol="v1"))
        self.happen(SiteOpened(site="01", name="Hospital 1", country="CHN", zone="Asia/Shanghai"), site="01")
        self.happen(SiteOpened(site="02", name="Hospital 2", country="CHN", zone="Asia/Shanghai"), site="02")
        for person, (role, site) in PEOPLE.items():
            self.happen(PersonEntered(person=person, name=person.title()))
            self.happen(RoleGranted(person=person, role=role, site=site, since=DAY, training="seen"))

    def person(self, participant: str) -> Participant:
        return self.trial.participants[participant]

    def wait(self, **time: int) -> None:
        self.now += timedelta(**time)

    def happen(
        self,
        fact: Fact,
        participant: str | None = None,
        site: str | None = None,
        reason: str | None = None,
        by: str = "su",
    ) -> None:
        event = Event(
            sequence=self.trial.sequence + 1,
            at=self.now,
            zone="Asia/Shanghai",
            actor=by,
            role="anybody",
            site=site or (participant or "")[:2] or None,
            participant=participant,
            kind=type(fact).__name__,
            version=fact.VERSION,
            payload=canonical(fact),
            reason=reason,
            request="one",
            part=1,
            previous=b"",
            hash=b"",
        )
        self.events.append(event)
        evolve(self.trial, event)

    def ask(self, intent: Intent, by: str) -> list[Outcome]:
        role = PEOPLE.get(by, (ROLES[type(intent)][0], None))[0]
        setting = Setting(self.protocol, By(by, role, self.now, "Asia/Shanghai"))
        return DECISIONS[type(intent)](setting, self.trial, intent)

    def do(self, intent: Intent, by: str) -> list[Outcome]:
        outcomes = self.ask(intent, by)
        for outcome in outcomes:
            self.happen(outcome.fact, outcome.participant, outcome.site, outcome.reason, by)
        return outcomes

    def screen(self, participant: str, *, eligible: bool = True) -> None:
        self.happen(ParticipantScreened(protocol="v1"), participant)
        verdict = {"I1": CriterionVerdict(met=eligible, judged=True)}
        not_met = () if eligible else ("I1",)
        self.happen(
            EligibilityAssessed(eligible=eligible, criteria=verdict, not_met=not_met, rules="r"), participant
        )

    def enrol(self, participant: str) -> None:
        """Let a participant come to both visits, with every form filled in but that of the end."""
        self.screen(participant)
        self.happen(VisitHeld(key="V0", on=DAY - timedelta(days=3)), participant)
        self.happen(ParticipantAllocated(number=f"R-{participant}", stratum="all"), participant)
        self.happen(VisitHeld(key="V1", on=DAY), participant)
        self.save(participant, {"weight": 61.0})
        self.happen(FormSaved(form="infusion", visit="V1", on=DAY, values={"infused": "Y"}), participant)

    def save(self, participant: str, values: dict[str, Scalar], raised: tuple[str, ...] = ()) -> None:
        self.happen(FormSaved(form="vitals", visit="V1", on=DAY, values=values, raised=raised), participant)

    def leave(self, participant: str) -> None:
        ended: dict[str, Any] = {"ended": f"{DAY}", "why": "COMPLETED"}
        self.happen(FormSaved(form="ending", on=DAY, values=ended), participant)
        self.happen(ParticipantEnded(what="participation", on=DAY, why="COMPLETED"), participant)

    def sign(self, participant: str, by: str = "li", meaning: str = "I have reviewed these data") -> None:
        content = content_hash(self.person(participant))
        self.do(Sign(participant=participant, meaning=meaning, content=content), by)

    def finish(self, *participants: str) -> None:
        """Let participants pass through the whole trial and be signed."""
        for participant in participants:
            self.enrol(participant)
            self.leave(participant)
            self.sign(participant)


@pytest.fixture(scope="session")
def small() -> Protocol:
    return parse_protocol(SMALL)


@pytest.fixture
def closing(small: Protocol) -> Closing:
    return Closing(small)

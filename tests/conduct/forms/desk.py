"""A desk at a site, without a database: steps are decided on the state, and their facts folded into it."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec

from equipoise.conduct.door.chapters import DECISIONS, FACTS, evolve
from equipoise.conduct.door.fact import By, Fact, Intent, Setting
from equipoise.conduct.door.state import Allocation, Consent, Eligibility, Participant, Person, Site, Trial
from equipoise.conduct.follow_up.visits import HoldVisit
from equipoise.conduct.forms.entry import SaveForm
from equipoise.protocol import Protocol, parse_protocol, read_protocol
from equipoise.protocol.read import locate_protocol
from equipoise.record.event import Event, canonical

WHO = "01-001"
SCREENED = date(2024, 3, 4)
DAY_1 = date(2024, 3, 18)
ZONE = "Asia/Shanghai"

VITALS = {
    "weight": 61.5,
    "height": 172,
    "systolic": 124,
    "diastolic": 78,
    "pulse": 72,
    "respiration": 16,
    "temperature": 36.6,
}
HAEMATOLOGY = {"wbc": 5.1, "neutrophils": 3.0, "lymphocytes": 1.6, "haemoglobin": 135, "platelets": 210}
EVENT = {
    "ae_term": "Fever",
    "ae_started": "2024-03-18",
    "ae_outcome": "RECOVERING/RESOLVING",
    "ae_grade": "1",
    "ae_serious": "N",
    "ae_causality": "POSSIBLY RELATED",
    "ae_action": "DOSE NOT CHANGED",
}
GIVEN = {
    "infused": "Y",
    "bag_number": "B-1",
    "infusion_start": "2024-03-18T10:00",
    "infusion_end": "2024-03-18T11:00",
    "volume_given": 100,
    "interrupted": "N",
    "temperature_after": 36.8,
    "reaction": "N",
}
LEFT = {"study_ended": "2024-04-20", "study_end_why": "COMPLETED"}


KITS = """    storage: {temperature: [-196, -135], in_use: 4 h}
    supply: {buffer: 8, viability: 70}
"""
"""How the shipped protocol says that its product is given from kits."""


@cache
def without_kits() -> Protocol:
    """The shipped protocol as if its doses needed no kits."""
    text = locate_protocol("hucmsc_inr").read_text(encoding="utf-8")
    sources = text[text.index("  interventions.cells.storage: ") : text.index("  arms: paper")]
    return edited((KITS, ""), (sources, ""))


@cache
def shipped(name: str = "hucmsc_inr") -> Protocol:
    return read_protocol(name)


def edited(*edits: tuple[str, str]) -> Protocol:
    """The shipped protocol with texts replaced, each of which must stand there."""
    text = locate_protocol("hucmsc_inr").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_protocol(text, "p.yaml")


def one_participant(*, allocated: bool = False) -> Trial:
    """A trial with one site, its staff and one participant, who has consented and is eligible."""
    trial = Trial(trial="hucmsc_inr", versions=["v1"], at=None)
    trial.sites["01"] = Site(name="Beijing", country="CHN", zone=ZONE, versions={"v1": date(2024, 1, 8)})
    trial.people = {"li": Person(name="Li Wei"), "wang": Person(name="Wang Fang")}
    participant = Participant(id=WHO, site="01", screened_on=SCREENED, protocol="v1")
    participant.consents.append(Consent(document="1.0", language="zh", signed_on=SCREENED))
    participant.eligibility = Eligibility(eligible=True, assessed_at=noon(SCREENED))
    if allocated:
        allocate(participant)
    trial.participants[WHO] = participant
    return trial


def allocate(participant: Participant) -> None:
    participant.allocation = Allocation(number="R-1", stratum="site=01", strata={"site": "01"}, at=noon(DAY_1))


def noon(day: date) -> datetime:
    """Twelve at the site, as UTC."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


class Desk:
    """Takes steps one after the other; `today` is the day at the site on which the next one is taken."""

    def __init__(self, protocol: Protocol | None = None, trial: Trial | None = None) -> None:
        self.protocol = protocol or shipped()
        self.trial = trial or one_participant()
        self.today = SCREENED
        self.events: list[Event] = []

    @property
    def participant(self) -> Participant:
        return self.trial.participants[WHO]

    def decide(self, intent: Intent, person: str = "li", role: str = "coordinator") -> list[Fact]:
        """What would be recorded; nothing is changed."""
        setting = Setting(self.protocol, By(person, role, noon(self.today), ZONE))
        return [outcome.fact for outcome in DECISIONS[type(intent)](setting, self.trial, intent)]

    def do(self, intent: Intent, person: str = "li", role: str = "coordinator") -> list[Fact]:
        """Take a step and fold what it leads to."""
        setting = Setting(self.protocol, By(person, role, noon(self.today), ZONE))
        outcomes = DECISIONS[type(intent)](setting, self.trial, intent)
        for outcome in outcomes:
            self.record(outcome.fact, reason=outcome.reason, person=person, role=role)
        return [outcome.fact for outcome in outcomes]

    def record(
        self, fact: Fact, *, reason: str | None = None, person: str = "li", role: str = "coordinator"
    ) -> None:
        """Fold a fact, as if a step had led to it."""
        event = Event(
            sequence=len(self.events) + 1,
            at=noon(self.today) + timedelta(seconds=len(self.events)),
            zone=ZONE,
            actor=person,
            role=role,
            site="01",
            participant=WHO,
            kind=type(fact).__name__,
            version=fact.VERSION,
            payload=canonical(fact),
            reason=reason,
            request="",
            part=1,
            previous=b"",
            hash=b"",
        )
        assert msgspec.json.decode(event.payload, type=FACTS[event.kind]) == fact
        self.events.append(event)
        evolve(self.trial, event)

    def hold(self, visit: str, on: date, reason: str | None = None) -> list[Fact]:
        self.today = max(self.today, on)
        return self.do(HoldVisit(participant=WHO, visit=visit, on=on, reason=reason))

    def save(
        self, form: str, visit: str = "", values: dict | None = None, *, person: str = "li", **more: object
    ) -> list[Fact]:
        """Save a form as of today, by default with the values of an ordinary day."""
        filled = {"vitals": VITALS, "haematology": HAEMATOLOGY, "adverse_event": EVENT, "end_of_study": LEFT}
        given = filled.get(form, {}) if values is None else values
        more = {"on": self.today, **more}
        role = str(more.pop("role", "coordinator"))
        return self.do(
            SaveForm(participant=WHO, form=form, visit=visit, values=given, **more), person=person, role=role
        )

    def start(self, on: date = DAY_1) -> "Desk":
        """Screen, hold day 1 and allocate."""
        self.hold("SCR", SCREENED)
        return self.start_from_day_1(on)

    def start_from_day_1(self, on: date = DAY_1) -> "Desk":
        """Hold day 1 and allocate."""
        self.hold("W0", on)
        allocate(self.participant)
        return self

    def value(self, item: str, form: str = "vitals", visit: str = "SCR", repeat: int = 1) -> object:
        return self.participant.forms[f"{visit}/{form}/{repeat}"].values[item].value


def replayed(events: list[Event], *, allocated: bool = False) -> Trial:
    """The state that follows from events alone, on the same beginning."""
    trial = one_participant(allocated=allocated)
    for event in events:
        evolve(trial, event)
    return trial

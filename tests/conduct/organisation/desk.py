"""A desk at which the chapters are asked, without a database: decisions on a trial folded from their facts."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from equipoise.conduct.door.chapter import Chapter
from equipoise.conduct.door.fact import By, Fact, Intent, Outcome, Setting
from equipoise.conduct.door.state import FormEntry, Participant, Scalar, Trial, Value, Visit, form_key
from equipoise.conduct.enrolment import allocation, consent, moving, reconciliation, screening
from equipoise.conduct.enrolment.allocation import AllocateParticipant
from equipoise.conduct.enrolment.consent import SignConsent
from equipoise.conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from equipoise.conduct.organisation import consent_documents, drills, people, sealed_list, sites, versions
from equipoise.conduct.organisation.consent_documents import ApproveConsentDocument
from equipoise.conduct.organisation.people import PersonEntered, RoleGranted
from equipoise.conduct.organisation.sealed_list import AnnounceSchedule
from equipoise.conduct.organisation.sites import ActivateSite, OpenSite
from equipoise.conduct.organisation.versions import ProtocolIssued
from equipoise.protocol import Protocol, protocol_version
from equipoise.record.event import Event, canonical

CHAPTERS: tuple[Chapter, ...] = tuple(
    module.CHAPTER
    for module in (
        *(versions, sites, people, consent_documents, sealed_list, drills),
        *(screening, consent, moving, allocation, reconciliation),
    )
)
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""The morning of 2 March 2026 in Beijing; the evening of 1 March in New York."""

PERSON = {"name": "Wang Fang", "birth_date": "1984-05-06", "sex": "F"}
LATER = "b" * 64
"""A second version of the protocol, by its hash."""


class Desk:
    """A trial in memory: `ask` decides, `do` decides and folds; the clock moves by `wait`."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.version = protocol_version(protocol)
        self.trial = Trial()
        self.now = START
        self.decisions = {intent: d for chapter in CHAPTERS for intent, d in chapter.decisions.items()}
        self.evolutions = {fact: e for chapter in CHAPTERS for fact, e in chapter.evolutions.items()}
        self.roles = {intent: r for chapter in CHAPTERS for intent, r in chapter.roles.items()}
        self.fold(ProtocolIssued(trial=protocol.trial.id, protocol=self.version))
        for person in ("sponsor", "administrator"):
            self.fold(PersonEntered(person=person, name=person.title()))
            self.fold(RoleGranted(person=person, role=person, since=START.date(), training="at the opening"))

    @property
    def today(self) -> date:
        """Today in Beijing."""
        return (self.now + timedelta(hours=8)).date()

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    def ask(self, intent: Intent, *, by: str = "", role: str = "", zone: str = "UTC") -> list[Outcome]:
        role = role or self.roles[type(intent)][-1]
        versions = {self.version: self.protocol, LATER: self.protocol}
        setting = Setting(self.protocol, By(by or role, role, self.now, zone), versions)
        return self.decisions[type(intent)](setting, self.trial, intent)

    def do(self, intent: Intent, *, by: str = "", role: str = "") -> list[Outcome]:
        outcomes = self.ask(intent, by=by, role=role)
        for outcome in outcomes:
            who = outcome.participant or getattr(intent, "participant", None)
            self.fold(outcome.fact, participant=who, site=outcome.site)
        return outcomes

    def fold(self, fact: Fact, *, participant: str | None = None, site: str | None = None) -> None:
        if participant is not None and participant in self.trial.participants:
            site = self.trial.participants[participant].site
        zone = self.trial.sites[site].zone if site in self.trial.sites else "UTC"
        self.trial.sequence += 1
        event = Event(
            sequence=self.trial.sequence, at=self.now, zone=zone, actor="somebody", role="somebody", site=site,
            participant=participant, kind=type(fact).__name__, version=fact.VERSION, payload=canonical(fact),
            reason=None, request=str(self.trial.sequence), part=1, previous=b"", hash=b"",
        )  # fmt: skip
        self.evolutions[type(fact)](self.trial, event, fact)

    def open_site(self, site: str = "01", zone: str = "Asia/Shanghai", *, activate: bool = True) -> None:
        self.do(OpenSite(site=site, name=f"Hospital {site}", country="CHN", zone=zone))
        if activate:
            self.do(ActivateSite(site=site, protocol=self.version, approved_on=date(2026, 2, 1)))

    def approve(
        self, document: str = "1.0", *, site: str = "01", since: date = date(2026, 2, 1), **others: object
    ) -> None:
        fields = {"language": self.protocol.trial.languages[0], "protocol": self.version, "renew": False} | others
        self.do(ApproveConsentDocument(document=document, site=site, valid_from=since, **fields))  # type: ignore[arg-type]

    def announce(self, places: Mapping[str, int]) -> None:
        self.do(
            AnnounceSchedule(
                list_hash="ab" * 32, public_key="key", method="blocks", generator="PCG64", places=dict(places)
            )
        )

    def screen(self, site: str = "01") -> Participant:
        (outcome,) = self.do(ScreenParticipant(site=site, identity=PERSON))
        assert outcome.participant is not None
        return self.trial.participants[outcome.participant]

    def sign(self, participant: Participant, document: str = "1.0", *, on: date | None = None) -> None:
        language = self.protocol.trial.languages[0]
        self.do(
            SignConsent(
                participant=participant.id, document=document, language=language, signed_on=on or self.today
            )
        )

    def hold(self, participant: Participant, visit: str, *, planned: bool = True) -> None:
        participant.visits[visit] = Visit(name=visit if planned else None, on=self.today)

    def save(self, participant: Participant, visit: str, form: str, *, repeat: int = 1, **values: Scalar) -> None:
        """Save values of a form; one that begins with `=` is the code of why there is none."""
        self.trial.sequence += 1
        key = form_key(visit, form, repeat)
        entry = participant.forms.setdefault(key, FormEntry(form=form, visit=visit, repeat=repeat, on=self.today))
        entry.sequence = self.trial.sequence
        for name, value in values.items():
            missing = value[1:] if isinstance(value, str) and value.startswith("=") else None
            entry.values[name] = Value(value=None if missing else value, missing=missing)

    def fill_in(self, participant: Participant, visit: str, forms: Mapping[str, Mapping[str, Scalar]]) -> None:
        for form, values in forms.items():
            self.save(participant, visit, form, **values)


ELIGIBLE: Mapping[str, Mapping[str, Scalar]] = {
    "demography": {"age": 41, "sex": "M"},
    "hiv_history": {"cd4_before_entry": 210, "category_c": "N", "specimen_on_file": "Y"},
    "art_history": {"months_on_art": 60},
    "immunology": {"cd4": 180, "cd8": 700},
    "virology": {"hiv_rna": 20},
    "karnofsky_scale": {"karnofsky": 90},
    "hepatitis": {
        "hcv_rna": "NEGATIVE", "hav_antibody": "NEGATIVE", "hdv_antibody": "NEGATIVE", "hev_antibody": "NEGATIVE",
    },
    "chemistry": {"alt": 30},
    "haematology": {"wbc": 5.1, "platelets": 190, "haemoglobin": 145},
    "pregnancy": {"childbearing": "N"},
}  # fmt: skip
"""Values at screening of somebody whom hucmsc_inr and hucmsc_confirm take in."""

JUDGED = {"I5": True, "I8": True, "E4": False}
"""The investigator's word on the criteria of hucmsc_inr without a rule."""


def judged_for(protocol: Protocol) -> dict[str, bool]:
    """Say of every criterion without a rule what lets the person in."""
    population = protocol.population
    return {name: True for name, c in population.inclusion.items() if c.judged} | {
        name: False for name, c in population.exclusion.items() if c.judged
    }


def enrolling(protocol: Protocol, places: Mapping[str, int], sites: Iterable[str] = ("01",)) -> Desk:
    """Give a desk with open sites, a consent form at each, and a sealed list."""
    desk = Desk(protocol)
    for site in sites:
        desk.open_site(site)
        desk.approve(site=site)
    desk.announce(places)
    return desk


def found_eligible(desk: Desk, site: str = "01") -> Participant:
    """Bring a participant up to the day of allocation: eligible, and at the visit of randomisation."""
    participant = desk.screen(site)
    desk.sign(participant)
    desk.hold(participant, "SCR")
    desk.fill_in(participant, "SCR", ELIGIBLE)
    desk.do(AssessEligibility(participant=participant.id, judged=judged_for(desk.protocol)))
    desk.wait(14)
    desk.hold(participant, "W0")
    return participant


def allocated(desk: Desk, participant: Participant, **strata: str) -> Participant:
    """Allocate a participant at the desk, where no vault gives a number."""
    desk.do(AllocateParticipant(participant=participant.id, strata=strata or {"site": participant.site}))
    return participant

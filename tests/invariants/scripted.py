"""A scripted trial: a small blinded one (`trial.yaml`) that goes through the same doors as any other.

`begin` sets it up: two sites with their people, a consent form, the list sealed, the sites active. Then each stage
takes participants one step on: `screen`, `consent`, `examine`, `assess`, `allocate`, `infuse`, `finish`; `lock`
ends the data, `unblind` the blind. `bring` does all of them up to a stage.

In a rehearsal the clock stands still but for a second a step, and `wait` moves it; a live trial goes by the real
one, and gets as far as the first infusion. Examinations of the screening visit are entered a fortnight late, so
that nobody has to wait for them.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from tests.servers import database_url

from equipoise.conduct.closing.locks import LockTrial
from equipoise.conduct.closing.signatures import Sign, content_hash
from equipoise.conduct.door.fact import By, Intent
from equipoise.conduct.door.state import Participant, Trial
from equipoise.conduct.enrolment.allocation import AllocateParticipant
from equipoise.conduct.enrolment.consent import SignConsent
from equipoise.conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from equipoise.conduct.follow_up.infusions import OrderInfusion
from equipoise.conduct.follow_up.visits import HoldVisit
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation.consent_documents import ApproveConsentDocument
from equipoise.conduct.organisation.people import EnterPerson, GrantRole
from equipoise.conduct.organisation.sites import ActivateSite, OpenSite
from equipoise.protocol import protocol_version
from equipoise.record.event import Event
from equipoise.trial.ceremony import seal_list
from equipoise.trial.opened import Disclosed
from equipoise.trial.running import RunningTrial, attach_trial, begin_trial
from equipoise.trial.steps import issue_bag, stamp_of, unblind_trial
from equipoise.trial.vault_process import open_vault, vault_handlers
from equipoise.vault.bags import Bag
from equipoise.vault.service import Vault

TRIAL = Path(__file__).parent / "trial.yaml"
SITES = {"01": "Asia/Shanghai", "02": "Europe/Berlin"}
AT_SITE = ("investigator", "coordinator", "nurse")
FOR_ALL = {
    "pharmacist": "pharmacist",
    "laboratory": "laboratory",
    "monitor": "monitor",
    "data.manager": "data manager",
    "data.manager.2": "data manager",
    "statistician": "trial statistician",
    "custodian": "list custodian",
    "holder.1": "key holder",
    "holder.2": "key holder",
    "unblinder": "safety unblinder",
    "auditor": "auditor",
}
"""People who work for all sites, with their role; `sponsor` and `administrator` are there from the opening."""

HOLDERS = (("holder.1", "the first half of the key"), ("holder.2", "the second half of the key"))
SECRETS = tuple(secret for _, secret in HOLDERS)
ARMS = ("canary_high", "canary_low", "canary_none")
CANARIES = ("canary", "Canary")
"""How every id and every label of an arm begins; nothing else says these words."""

START = datetime(2026, 3, 2, 4, tzinfo=UTC)
"""When a rehearsal begins: noon in Shanghai, early morning in Berlin."""

APPROVED = timedelta(days=60)
LATE = timedelta(days=14)
Mode = Literal["live", "rehearsal"]
Stage = Literal["screened", "consented", "examined", "eligible", "allocated", "infused", "ended", "locked"]


class VaultAtHand:
    """A vault in the test's own process, called as that of another process would be."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._handlers = vault_handlers(vault)

    def call(self, name: str, _kind: Any, /, **arguments: Any) -> Any:
        return self._handlers[name](**arguments)

    def close(self) -> None:
        self.vault.connection.close()


@dataclass
class Scripted:
    """A trial that is open for work, with the clock and the people of its script."""

    running: RunningTrial
    clock: datetime | None
    """None in a live trial."""
    requests: Callable[[], str] = field(default_factory=lambda: map("step {}".format, itertools.count(1)).__next__)
    at_the_end: list[Callable[[], None]] = field(default_factory=list)
    """What is done before it is closed."""

    @property
    def trial(self) -> Trial:
        """The state as of the last look."""
        return self.running.door.trial

    @property
    def folder(self) -> Path:
        return self.running.folder.path

    @property
    def version(self) -> str:
        return protocol_version(self.running.protocol)

    @cached_property
    def vault(self) -> VaultAtHand:
        """The vault, opened in this process when it is first asked for, whatever DATABASE_URL names by then."""
        with database_url(self.running.server):
            return VaultAtHand(open_vault(self.folder, SECRETS))

    def now(self) -> datetime:
        return datetime.now(UTC) if self.clock is None else self.clock

    def today(self, site: str = "01") -> date:
        return self.now().astimezone(ZoneInfo(SITES[site])).date()

    def wait(self, days: float) -> None:
        """Move the clock of a rehearsal."""
        assert self.clock is not None, "the clock of a live trial cannot be moved"
        self.clock += timedelta(days=days)

    def by(self, role: str, site: str | None = None, person: str | None = None) -> By:
        """Return who acts: the person of a role at a site, else of all sites; a step takes a second."""
        if self.clock is not None:
            self.clock += timedelta(seconds=1)
        return By(person or self.person(role, site), role, self.now())

    def person(self, role: str, site: str | None = None) -> str:
        if role in AT_SITE:
            return f"{role}.{site}"
        return next((person for person, known in FOR_ALL.items() if known == role), role)

    def do(
        self, intent: Intent, role: str, *, site: str | None = None, person: str | None = None, request: str = ""
    ) -> tuple[Event, ...]:
        """Carry out a step at the door; the site is that of its participant where it has one."""
        participant = getattr(intent, "participant", None)
        site = site or (participant.rpartition("-")[0] if participant else getattr(intent, "site", None))
        by = self.by(role, site, person)
        return self.running.door.submit(intent, by, request or None)

    def participant(self, participant: str) -> Participant:
        return self.trial.participants[participant]

    def save(self, participant: str, visit: str, form: str, *, role: str = "coordinator", **values: Any) -> None:
        """Fill in a form on the day of its visit, else today."""
        known = self.participant(participant)
        on = known.visits[visit].on if visit else self.today(known.site)
        assert on is not None
        self.do(SaveForm(participant=participant, form=form, visit=visit, on=on, values=values), role)

    def hold(self, participant: str, visit: str, on: date | None = None) -> None:
        site = self.participant(participant).site
        self.do(HoldVisit(participant=participant, visit=visit, on=on or self.today(site)), "coordinator")

    def close(self) -> None:
        """Close what was opened; the trial stays in its folder and its database."""
        while self.at_the_end:
            self.at_the_end.pop()()
        if "vault" in self.__dict__:
            self.vault.close()
            del self.__dict__["vault"]
        self.running.close()


def begin(path: Path, *, source: Path = TRIAL, mode: Mode = "rehearsal", flush: bool = True) -> Scripted:
    """Begin the trial in a new folder and set it up: sites, people, consent forms, the list, activation.

    The database is that of DATABASE_URL.
    """
    at = START if mode == "rehearsal" else None
    running = begin_trial(
        path, str(source), sponsor="sponsor", administrator="administrator", mode=mode, at=at, flush=flush
    )
    script = Scripted(running, at)
    for site, zone in SITES.items():
        script.do(OpenSite(site=site, name=f"Hospital {site}", country="CHN", zone=zone), "administrator")
    for person, role in FOR_ALL.items():
        let_in(script, person, role)
    for site in SITES:
        for role in AT_SITE:
            let_in(script, script.person(role, site), role, site)
    for site in SITES:
        approved = script.today(site) - APPROVED
        script.do(
            ApproveConsentDocument(
                document="1.0", language="en", site=site, protocol=script.version, valid_from=approved
            ),
            "sponsor",
        )
    seal_list(running, "custodian", HOLDERS, at=script.by("list custodian").at, cost="minimal")
    stamp = stamp_of(script.by("list custodian"), "announce the list", rehearsed=mode == "rehearsal")
    script.vault.call("announce", None, stamp=stamp)
    for site in SITES:
        approved = script.today(site) - APPROVED
        script.do(ActivateSite(site=site, protocol=script.version, approved_on=approved), "sponsor")
    return script


def attach(path: Path) -> Scripted:
    """Open a trial that was begun before; its clock goes on where the record ends."""
    running = attach_trial(path)
    return Scripted(running, running.door.trial.at if running.folder.mode == "rehearsal" else None)


def let_in(script: Scripted, person: str, role: str, site: str | None = None) -> None:
    """Enter a person and grant a role; who leads to the arms is let in by the sponsor."""
    since = script.today() - APPROVED
    script.do(EnterPerson(person=person, name=person.title()), "administrator")
    grant = GrantRole(person=person, role=role, site=site, since=since, training="certificate of the script")
    script.do(grant, "sponsor")


def screen(script: Scripted, number: int, sites: Sequence[str] = tuple(SITES)) -> list[str]:
    """Screen persons at the sites in turn; return their screening numbers."""
    found = []
    for site, _ in zip(itertools.cycle(sites), range(number), strict=False):
        person = {"name": f"Person {len(script.trial.participants)}", "birth_date": "1984-05-06", "sex": "F"}
        (screened,) = script.do(ScreenParticipant(site=site, identity=person), "coordinator")
        assert screened.participant is not None
        found.append(screened.participant)
    return found


def consent(script: Scripted, participants: Sequence[str]) -> None:
    for who in participants:
        signed = script.today(script.participant(who).site) - LATE
        script.do(SignConsent(participant=who, document="1.0", language="en", signed_on=signed), "coordinator")


def examine(script: Scripted, participants: Sequence[str]) -> None:
    """Enter the screening visit, of a fortnight ago."""
    for who in participants:
        script.hold(who, "SCR", script.today(script.participant(who).site) - LATE)
        script.save(who, "SCR", "demography", age=41, sex="F", pregnant="N")
        script.save(who, "SCR", "vitals", weight=61.3, pulse=70)
        script.save(who, "SCR", "immunology", cd4=210)


def assess(script: Scripted, participants: Sequence[str]) -> None:
    """Assess eligibility, and let those who are eligible come to the day of randomisation."""
    for who in participants:
        script.do(AssessEligibility(participant=who, judged={"I3": True}), "investigator")
        script.hold(who, "W0")


def ask_allocation(script: Scripted, participant: str) -> AllocateParticipant:
    """Return the intent that allocates a participant, its strata read back."""
    return AllocateParticipant(participant=participant, strata={"site": script.participant(participant).site})


def allocate(script: Scripted, participants: Sequence[str]) -> None:
    for who in participants:
        script.do(ask_allocation(script, who), "investigator")


def infuse(script: Scripted, participants: Sequence[str], visit: str = "W0") -> list[Bag]:
    """Weigh, order, prepare in the vault, give out and infuse, on the day of the visit."""
    bags = []
    for who in participants:
        script.save(who, visit, "vitals", weight=61.3, pulse=72)
        script.save(who, visit, "immunology", cd4=215)
        (ordered,) = script.do(OrderInfusion(participant=who, visit=visit), "investigator")
        assert ordered.participant == who
        bags.append(issue_bag(script.running, script.vault, script.by("pharmacist"), who, f"{who}/{visit}"))  # type: ignore[arg-type]
        on = script.participant(who).visits[visit].on
        script.save(who, visit, "infusion", role="nurse", infused="Y", infused_at=f"{on}T00:05")
    return bags


def finish(script: Scripted, participants: Sequence[str]) -> None:
    """Go through the visits after the first infusion, up to the end of participation; takes twelve weeks."""
    for visit, weeks in (("W4", 4), ("W8", 4), ("W12", 4)):
        script.wait(7 * weeks)
        for who in participants:
            script.hold(who, visit)
        if visit == "W4":
            infuse(script, participants, visit)
            continue
        for who in participants:
            script.save(who, visit, "vitals", weight=61.3, pulse=71)
            script.save(who, visit, "immunology", cd4=230)
    for who in participants:
        site = script.participant(who).site
        last, today = script.participant(who).visits["W4"].on, script.today(site)
        why = "COMPLETED"
        script.save(who, "", "end_of_treatment", treatment_ended=str(last), treatment_end_why=why)
        script.save(who, "", "end_of_study", study_ended=str(today), study_end_why=why)


def lock(script: Scripted) -> None:
    """Let the investigators sign for all who were allocated, and lock the data."""
    for who, participant in script.trial.participants.items():
        if participant.allocation is not None:
            content = content_hash(participant)
            script.do(Sign(participant=who, meaning="I have reviewed these data", content=content), "investigator")
    script.do(LockTrial(), "data manager")


def unblind(script: Scripted) -> Disclosed:
    return unblind_trial(script.running, script.vault, script.by("key holder"), SECRETS)  # type: ignore[arg-type]


STAGES: dict[Stage, Callable[[Scripted, Sequence[str]], object]] = {
    "consented": consent,
    "examined": examine,
    "eligible": assess,
    "allocated": allocate,
    "infused": infuse,
    "ended": finish,
}


def bring(script: Scripted, number: int, stage: Stage, *, sites: Sequence[str] = tuple(SITES)) -> list[str]:
    """Bring so many new participants to a stage, all of them together; return their numbers.

    `locked` locks the data of the whole trial: all others must have ended before.
    """
    participants = screen(script, number, sites)
    advance(script, participants, "screened", stage)
    return participants


def advance(script: Scripted, participants: Sequence[str], before: Stage, stage: Stage) -> None:
    """Bring participants from the stage that they are at to a later one."""
    order = get_args(Stage)
    for name in order[order.index(before) + 1 : order.index(stage) + 1]:
        if name == "locked":
            lock(script)
        else:
            STAGES[name](script, participants)

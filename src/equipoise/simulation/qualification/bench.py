"""The bench: a small trial in a throw-away database, on which an installation is tried.

It is set up through the same doors as any trial, and its clock is moved, so that it never waits. Its database is
that of the embedded server in a temporary folder, or an empty one of the server that the installation uses.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from psycopg import Connection
from psycopg.rows import TupleRow

from ...conduct.door.checkpoint import load_state
from ...conduct.door.door import Door
from ...conduct.door.fact import By, Intent
from ...conduct.door.services import Services
from ...conduct.door.state import Trial
from ...conduct.enrolment.allocation import AllocateParticipant
from ...conduct.enrolment.consent import SignConsent
from ...conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from ...conduct.follow_up.visits import HoldVisit
from ...conduct.forms.entry import SaveForm
from ...conduct.organisation.consent_documents import ApproveConsentDocument
from ...conduct.organisation.people import EnterPerson, GrantRole
from ...conduct.organisation.sites import ActivateSite, OpenSite
from ...line import take_next_slot
from ...protocol import protocol_version
from ...record import Book, Event, Stamp
from ...trial.ceremony import seal_list
from ...trial.running import RunningTrial, begin_trial
from ...trial.steps import stamp_of
from ...trial.vault_process import vault_handlers
from ...vault.ceremony.holders import read_key, unwrap_key
from ...vault.service import Vault

TRIAL = Path(__file__).with_name("trial.yaml")
ARMS = ("cerulean", "vermilion", "ochre")
"""Words that nothing but the arms of this trial says."""

SITES = {"01": "Asia/Shanghai", "02": "Europe/Berlin"}
PLACES = 6
"""Places of each site's list."""

AT_SITE = ("investigator", "coordinator")
FOR_ALL = {
    "pharmacist": "pharmacist",
    "data.manager": "data manager",
    "custodian": "list custodian",
    "holder.1": "key holder",
    "holder.2": "key holder",
}
HOLDERS = (("holder.1", "a first passphrase"), ("holder.2", "a second passphrase"))
"""Who holds the key of this trial, which keeps no secret."""

BEGINS = datetime(2028, 2, 25, 8, tzinfo=UTC)
APPROVED, BEFORE = timedelta(days=60), timedelta(days=14)


class VaultAtHand:
    """The vault in this process, called as one in a process of its own."""

    def __init__(self, running: RunningTrial) -> None:
        wrapped = read_key(running.folder.vault_key.read_text(encoding="utf-8"))
        key = unwrap_key(wrapped, [passphrase for _, passphrase in HOLDERS])
        self.vault = Vault(lambda: running.server.connect("vault"), key, wrapped, running.protocol)
        self._handlers = vault_handlers(self.vault)

    def call(self, name: str, _kind: Any, /, **arguments: Any) -> Any:
        """Call a handler."""
        return self._handlers[name](**arguments)


@dataclass
class Bench:
    """The trial on the bench; a context manager that closes it and takes its folder away."""

    running: RunningTrial
    clock: datetime = BEGINS
    _opened: ExitStack = field(default_factory=ExitStack)
    _keys: Iterator[int] = field(default_factory=itertools.count)
    _vault: VaultAtHand | None = None

    @property
    def trial(self) -> Trial:
        """The state of the trial."""
        return self.running.door.trial

    @property
    def today(self) -> date:
        """The day at the first site."""
        return (self.clock + timedelta(hours=8)).date()

    @property
    def vault(self) -> Any:
        """The vault, opened when it is first asked for; it stands for a caller at its door."""
        if self._vault is None:
            self._vault = VaultAtHand(self.running)
            self._opened.callback(self._vault.vault.close)
        return self._vault

    def connect(self, role: str) -> Connection[TupleRow]:
        """Connect to the database as a role, `admin` for its superuser, until the bench is closed."""
        server = self.running.server
        connection = server.connect_admin() if role == "admin" else server.connect(role)  # type: ignore[arg-type]
        return self._opened.enter_context(closing(connection))

    def by(self, role: str, site: str | None = None) -> By:
        """Return who acts in a role; each step takes a second."""
        self.clock += timedelta(seconds=1)
        if role in AT_SITE:
            return By(f"{role}.{site}", role, self.clock)
        return By(next((who for who, known in FOR_ALL.items() if known == role), role), role, self.clock)

    def stamp(self, role: str, site: str | None = None) -> Stamp:
        """Return the stamp of a step in the vault."""
        return stamp_of(self.by(role, site), f"bench {next(self._keys)}", rehearsed=True)

    def do(self, intent: Intent, role: str, *, site: str | None = None, request: str = "") -> tuple[Event, ...]:
        """Carry out a step at the door; the site is that of its participant where it has one."""
        participant = getattr(intent, "participant", None)
        site = site or (participant.partition("-")[0] if participant else getattr(intent, "site", None))
        return self.running.door.submit(intent, self.by(role, site), request or f"bench {next(self._keys)}")

    def let_in(self, person: str, role: str, site: str | None, since: date) -> None:
        """Enter a person and grant a role."""
        self.do(EnterPerson(person=person, name=person.title()), "administrator")
        grant = GrantRole(person=person, role=role, site=site, since=since, training="certificate")
        self.do(grant, "sponsor")

    def save(
        self,
        participant: str,
        visit: str,
        form: str,
        *,
        reason: str | None = None,
        expected: int | None = None,
        **values: Any,
    ) -> None:
        """Fill in or change a form on the day of its visit; `expected` is the event that was seen."""
        on = self.trial.participants[participant].visits[visit].on or self.today
        intent = SaveForm(
            participant=participant,
            form=form,
            visit=visit,
            on=on,
            values=values,
            reason=reason,
            expected=expected,
        )
        self.do(intent, "coordinator")

    def screen(self, site: str) -> str:
        """Screen a person; return the screening number."""
        person = {"name": f"Person {next(self._keys)}", "birth_date": "1984-05-06", "sex": "F"}
        (event,) = self.do(ScreenParticipant(site=site, identity=person), "coordinator")
        assert event.participant is not None
        return event.participant

    def make_eligible(self, site: str) -> str:
        """Bring a person up to the day of randomisation; return the screening number."""
        who, earlier = self.screen(site), self.today - BEFORE
        self.do(SignConsent(participant=who, document="1.0", language="en", signed_on=earlier), "coordinator")
        self.do(HoldVisit(participant=who, visit="SCR", on=earlier), "coordinator")
        self.save(who, "SCR", "demography", age=41, sex="F")
        self.save(who, "SCR", "vitals", weight=61.3, pulse=70)
        self.do(AssessEligibility(participant=who, judged={"I2": True}), "investigator")
        self.do(HoldVisit(participant=who, visit="W0", on=self.today), "coordinator")
        return who

    def allocation_of(self, participant: str) -> AllocateParticipant:
        """Return the step that allocates a participant."""
        return AllocateParticipant(participant=participant, strata={"site": participant.partition("-")[0]})

    def another_door(self) -> Door:
        """Open a door of its own to the same record, as another process has one."""
        book = Book(self.connect("conduct"))
        return Door(book, self.running.door.protocols, Services(allocate=take_next_slot), trial=load_state(book))

    def close(self) -> None:
        """Close everything, and take the folder away."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def set_up_bench() -> Bench:
    """Begin the trial of the bench, in the database of DATABASE_URL or an embedded one, and seal its list."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="equipoise-bench-")))
        running = opened.enter_context(
            begin_trial(
                folder / "trial",
                str(TRIAL),
                sponsor="sponsor",
                administrator="administrator",
                mode="rehearsal",
                at=BEGINS,
            )
        )
        bench = Bench(running)
        version = protocol_version(running.protocol)
        approved = (BEGINS - APPROVED).date()
        for site, zone in SITES.items():
            bench.do(OpenSite(site=site, name=f"Hospital {site}", country="CHN", zone=zone), "administrator")
        for person, role in FOR_ALL.items():
            bench.let_in(person, role, None, approved)
        for site, role in itertools.product(SITES, AT_SITE):
            bench.let_in(f"{role}.{site}", role, site, approved)
        for site in SITES:
            for language in ("en", "zh"):
                form = ApproveConsentDocument(
                    document="1.0", language=language, site=site, protocol=version, valid_from=approved
                )
                bench.do(form, "sponsor")
        seal_list(running, "custodian", HOLDERS, at=bench.by("list custodian").at, cost="minimal")
        for site in SITES:
            bench.do(ActivateSite(site=site, protocol=version, approved_on=approved), "sponsor")
        bench.vault.call("announce", None, stamp=bench.stamp("list custodian"))
        opened.push(bench._opened.pop_all())
        bench._opened = opened.pop_all()
        return bench


@contextmanager
def database_url(url: str | None) -> Iterator[None]:
    """Let DATABASE_URL name a throw-away database, or none, so that nothing is set up where a trial may live."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if _names_a_database(name)}
    if url is not None:
        os.environ["DATABASE_URL"] = url
    try:
        yield
    finally:
        os.environ.pop("DATABASE_URL", None)
        os.environ.update(before)


def _names_a_database(name: str) -> bool:
    return name == "DATABASE_URL" or (name.startswith("EQUIPOISE_") and name.endswith("_URL"))

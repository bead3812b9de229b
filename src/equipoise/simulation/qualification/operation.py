"""Operational qualification of conduct: what must hold in a trial is tried on the bench, and must hold.

Each test does what could go wrong and sees that it does not: it is not enough that the right way works. The tests
follow each other on one trial, in the order of `requirements.py`.
"""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ...conduct.closing.locks import HoldScope, Release
from ...conduct.closing.signatures import Sign, content_hash, signature_state
from ...conduct.door.state import Scope
from ...conduct.forms.entry import SaveForm
from ...conduct.safety.clocks import due_moment
from ...errors import DecisionRefused, EquipoiseError, RecordCorrupt
from ...protocol import Quantity
from ...record import Book, Event, check_heads, verify_book
from ...report.evidence import CheckFailed, Found, NotExercised
from ...trial.amendment.issue import dry_run, issue_amendment
from ...trial.drill import hold_drill
from ...trial.drill.steps import require_denied
from ...trial.steps import break_code
from ...trial.verify import verify_running
from ...vault.doses import Weighing, compute_doses
from .bench import ARMS, PLACES, Bench

TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
ROLES = ("conduct", "vault", "reader", "owner")


@dataclass
class Operation:
    """The tests on one bench; `allocated` are those who have a number, by participant."""

    bench: Bench
    allocated: dict[str, str] = field(default_factory=dict)

    @property
    def somebody(self) -> str:
        """The first who was allocated."""
        if not self.allocated:
            raise NotExercised("nobody could be allocated before")
        return next(iter(self.allocated))

    def allocate_at_once(self) -> Found:
        """Let two clients at once ask for each of six participants, under one key for both."""
        participants = [self.bench.make_eligible("01") for _ in range(PLACES)]
        by = {who: self.bench.by("investigator", "01") for who in participants}
        latest = max(one.at for one in by.values())
        start = threading.Barrier(2 * PLACES)

        def ask(who: str) -> str:
            door = self.bench.another_door()
            start.wait(timeout=30)
            by_now = msgspec.structs.replace(by[who], at=latest)
            return _number(door.submit(self.bench.allocation_of(who), by_now, f"allocate {who}"))

        with ThreadPoolExecutor(2 * PLACES) as clients:
            told = list(clients.map(ask, [*participants, *participants]))
        numbers = dict(zip(participants, told[:PLACES], strict=True))
        if told[:PLACES] != told[PLACES:]:
            raise CheckFailed("two clients with the same request were told different numbers")
        if len(set(told)) != PLACES:
            raise CheckFailed("a number was given to two participants")
        stored = self._stored("01")
        if {number: who for who, number in numbers.items()} != {number: who for number, _, who in stored}:
            raise CheckFailed("what was acknowledged is not what is stored")
        order = [event.participant for event in self.bench.running.book.read(kinds=["ParticipantAllocated"])]
        if [who for _, _, who in stored] != order or [place for _, place, _ in stored] != [*range(1, PLACES + 1)]:
            raise CheckFailed("the places were not taken in the order of the list")
        self.bench.running.door.refresh()
        self.allocated = numbers
        return {"clients at once": 2 * PLACES, "numbers": ", ".join(numbers.values()), "places": "1 to 6 in order"}

    def repeat_requests(self) -> Found:
        """Send every request again, by a connection of its own, under the same key."""
        assert self.somebody
        before = self.bench.trial.sequence
        door = self.bench.another_door()
        for who, number in self.allocated.items():
            by = self.bench.by("investigator", "01")
            if _number(door.submit(self.bench.allocation_of(who), by, f"allocate {who}")) != number:
                raise CheckFailed(f"the same request led to another number than before. Got {who}")
        if self.bench.running.door.refresh().sequence != before:
            raise CheckFailed("a repeated request has added events")
        return {"requests repeated": len(self.allocated), "events added": 0}

    def exhaust_list(self) -> Found:
        """Ask for one more number than the list of a site has."""
        who = self.bench.make_eligible("01")
        said = self._refused(lambda: self.bench.do(self.bench.allocation_of(who), "investigator"))
        if len(self._stored("01")) != PLACES:
            raise CheckFailed("the list was changed by a request that was refused")
        return {"places": PLACES, "refused": said}

    def require_conditions(self) -> Found:
        """Ask for a number without consent, and by a role that may not."""
        who = self.bench.screen("02")
        said = self._refused(lambda: self.bench.do(self.bench.allocation_of(who), "investigator"))
        other = self.bench.make_eligible("02")
        role = self._refused(lambda: self.bench.do(self.bench.allocation_of(other), "coordinator"))
        self.allocated[other] = _number(self.bench.do(self.bench.allocation_of(other), "investigator"))
        return {"without consent": said, "as coordinator": role, "in the right way": self.allocated[other]}

    def keep_events(self) -> Found:
        """Try to change, remove and empty the records of trial and vault, as every role short of superuser."""
        count = 0
        for role in ROLES:
            connection = self.bench.connect(role)
            for schema in ("record", "vault_record"):
                table = f"{schema}.event"
                for statement in (f"UPDATE {table} SET actor = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                    require_denied(connection, statement)
                    count += 1
        return {"statements refused": count, "roles": ", ".join(ROLES)}

    def keep_blind(self) -> Found:
        """Try to read every table of the vault as the blinded role; look for the arms in the whole database."""
        conduct, count = self.bench.connect("conduct"), 0
        owner = self.bench.connect("admin")
        tables = owner.execute(TABLES).fetchall()
        for schema, table in tables:
            if schema in ("vault", "vault_record"):
                require_denied(conduct, f'SELECT FROM {schema}."{table}"')
                count += 1
            for (text,) in owner.execute(SQL("SELECT t::text FROM {} t").format(Identifier(schema, table))):
                if word := next((arm for arm in ARMS if arm in text.lower()), None):
                    raise CheckFailed(f"{schema}.{table} holds the name of an arm in the clear ({word})")
        return {"tables refused": count, "tables searched for the arms": len(tables)}

    def detect_tampering(self) -> Found:
        """Change an event, and cut off the newest, as a superuser; both must be named. Then all is put back."""
        running, admin = self.bench.running, self.bench.connect("admin")
        head = running.book.head()
        said = []
        with admin.transaction(force_rollback=True):
            admin.execute("SET LOCAL session_replication_role = replica")
            admin.execute("UPDATE record.event SET reason = 'changed' WHERE sequence = 5")
            try:
                verify_book(Book(admin))
            except RecordCorrupt as corrupt:
                said.append(str(corrupt))
        with admin.transaction(force_rollback=True):
            admin.execute("SET LOCAL session_replication_role = replica")
            admin.execute("DELETE FROM record.event WHERE sequence = %s", (head.sequence,))
            said += check_heads([head], Book(admin))
        if (
            len(said) != 2
            or not said[0].startswith("event 5 ")
            or not said[1].startswith(f"event {head.sequence} ")
        ):
            raise CheckFailed(
                f"an event that was changed or removed is not named. Got {'; '.join(said) or 'nothing'}"
            )
        return {"changed": said[0], "removed": said[1]}

    def replay(self) -> Found:
        """Replay the record from its first event, and compare with the state at work and the anchors."""
        return verify_running(self.bench.running)

    def break_signature(self) -> Found:
        """Sign a participant's data, change a value, and look at the signature."""
        who = self.somebody
        participant = self.bench.trial.participants[who]
        meaning = "I have reviewed these data"
        self.bench.do(Sign(participant=who, meaning=meaning, content=content_hash(participant)), "investigator")
        states = [signature_state(self.bench.trial.participants[who])]
        self.bench.save(who, "SCR", "vitals", reason="error of transcription", pulse=71)
        states.append(signature_state(self.bench.trial.participants[who]))
        self.bench.save(who, "SCR", "vitals", reason="it was right before", pulse=70)
        states.append(signature_state(self.bench.trial.participants[who]))
        if states != ["intact", "broken", "intact"]:
            raise CheckFailed(f"a signature must break with a change, and hold with none. Got {', '.join(states)}")
        return {"signed": states[0], "after a change": states[1], "after the change was taken back": states[2]}

    def require_reason(self) -> Found:
        """Change a value without a reason, enter one out of its range, and enter one of tomorrow."""
        who = self.somebody
        tomorrow = self.bench.today + timedelta(days=1)
        return {
            "without a reason": self._refused(lambda: self.bench.save(who, "SCR", "vitals", pulse=90)),
            "out of range": self._refused(lambda: self.bench.save(who, "W0", "vitals", weight=900, pulse=70)),
            "of tomorrow": self._refused(
                lambda: self.bench.do(
                    SaveForm(participant=who, form="vitals", visit="W0", on=tomorrow, values={"pulse": 70}),
                    "coordinator",
                )
            ),
        }

    def edit_at_once(self) -> Found:
        """Let two people change the same record, both having seen it as it was before."""
        who = self.somebody
        seen = self.bench.trial.participants[who].forms["SCR/vitals/1"].sequence
        self.bench.save(who, "SCR", "vitals", reason="the first of two", expected=seen, pulse=74)
        before = self.bench.trial.participants[who].forms["SCR/vitals/1"].values["pulse"].value
        said = self._refused(
            lambda: self.bench.save(who, "SCR", "vitals", reason="the second", expected=seen, weight=62.5)
        )
        after = self.bench.trial.participants[who].forms["SCR/vitals/1"].values
        if (before, after["pulse"].value, after["weight"].value) != (74, 74, 61.3):
            raise CheckFailed(
                f"the two changes were mixed. Got {after['pulse'].value} and {after['weight'].value}"
            )
        return {"the second": said}

    def lock_scope(self) -> Found:
        """Lock a participant; then write at the door, and to the database directly as the blinded role."""
        who = self.somebody
        self.bench.do(HoldScope(scope=Scope(participant=who), locked=True), "data manager")
        said = self._refused(lambda: self.bench.save(who, "SCR", "vitals", reason="too late", pulse=99))
        other = list(self.allocated)[1]
        self.bench.save(other, "SCR", "vitals", reason="not locked", pulse=72)
        held = [event for event in self.bench.running.book.read(participant=who) if event.kind == "FormSaved"][-1]
        code = self._append_directly(held)
        if code != "QG001":
            raise CheckFailed(f"the database itself must refuse what is locked (QG001). Got {code}")
        said_too = self._refused(
            lambda: self.bench.do(Release(scope=Scope(participant=who), reason="the same person"), "data manager")
        )
        return {"at the door": said, "in the database": code, "release by the one who locked": said_too}

    def bound_doses(self) -> Found:
        """Compute doses by weight: rounded half up, capped, refused where the weight is old or not believable."""
        protocol, on = self.bench.running.protocol, self.bench.today
        expected = {
            "61.3": ("92.0", "30.7"),
            "32.3": ("48.5", "16.2"),
            "100": ("150.0", "50.0"),
            "180": ("150.0", "50.0"),
        }
        found = {}
        for weight, (high, low) in expected.items():
            doses = compute_doses(protocol, "cells", Weighing(Decimal(weight), "kg", on), on)
            amounts = [doses[arm].amount for arm in ARMS]
            if amounts != [Decimal(high) * 10**6, Decimal(low) * 10**6, Decimal(0)]:
                raise CheckFailed(f"of {weight} kg {high} and {low} million cells were expected. Got {amounts}")
            found[f"{weight} kg"] = f"{high} and {low} million cells"
        wrong = {
            "29 days old": Weighing(Decimal(60), "kg", on - timedelta(days=29)),
            "of tomorrow": Weighing(Decimal(60), "kg", on + timedelta(days=1)),
            "29 kg": Weighing(Decimal(29), "kg", on),
            "in pounds": Weighing(Decimal(60), "lb", on),
        }
        for name, weighing in wrong.items():
            found[name] = self._refused(lambda one=weighing: compute_doses(protocol, "cells", one, on))  # type: ignore[misc]
        return found

    def break_one_code(self) -> Found:
        """Break the code of one participant; without a reason, and by a coordinator, nothing is shown."""
        running, vault, who = self.bench.running, self.bench.vault, self.somebody
        asks: Callable[..., Any] = lambda by, why: break_code(running, vault, by, who, why)  # noqa: E731
        without = self._refused(lambda: asks(self.bench.by("investigator", "01"), " "))
        wrong = self._refused(lambda: asks(self.bench.by("coordinator", "01"), "curious"))
        shown = break_code(running, vault, self.bench.by("investigator", "01"), who, "an emergency on the bench")
        opened = [one.participant for one in vault.vault.book.read(kinds=["CodeBroken"])]
        others = [one.id for one in self.bench.trial.participants.values() if one.code_broken_at is not None]
        if shown.number != self.allocated[who] or shown.arm not in ARMS or opened != [who] or others != [who]:
            raise CheckFailed(
                f"one code was to be broken, and is to be on both records. Got {opened} and {others}"
            )
        told = [event for event in running.book.read() if any(arm in event.payload for arm in ARMS)]
        if told:
            raise CheckFailed(f"event {told[0].sequence} of the blinded record tells an arm")
        return {"without a reason": without, "by a coordinator": wrong, "broken": "one, on both records"}

    def print_envelopes(self) -> Found:
        """Print a sealed envelope in English and in Chinese; it opens with its password only, and tells no arm."""
        printed = {}
        for language in ("en", "zh"):
            stamp = self.bench.stamp("list custodian")
            pdf = self.bench.vault.call(
                "print_envelopes",
                bytes,
                stamp=stamp,
                site="01",
                participants=[self.somebody],
                password="a password of the bench",
                language=language,
            )
            if not pdf.startswith(b"%PDF") or b"/Encrypt" not in pdf:
                raise CheckFailed(f"the envelope in {language} is no PDF that is shut by a password")
            if any(arm.encode() in pdf.lower() for arm in ARMS):
                raise CheckFailed(f"the envelope in {language} tells an arm in the clear")
            printed[language] = hashlib.sha256(pdf).hexdigest()
        return printed

    def run_clocks(self) -> Found:
        """Compute when reports are due: by hours and days, over a leap day, a weekend and changes of clocks."""
        days, hours = Quantity(Decimal(7), "d"), Quantity(Decimal(24), "h")
        expected = (
            (hours, "Asia/Shanghai", "2028-02-28T23:30+08:00", "2028-02-29T15:30+00:00"),
            (days, "Asia/Shanghai", "2028-02-25T23:59+08:00", "2028-03-03T16:00+00:00"),
            (days, "Europe/Berlin", "2028-03-24T09:00+01:00", "2028-03-31T22:00+00:00"),
            (days, "Europe/Berlin", "2028-10-27T09:00+02:00", "2028-11-03T23:00+00:00"),
            (days, "America/New_York", "2028-03-10T23:30-05:00", "2028-03-18T04:00+00:00"),
            (Quantity(Decimal(15), "d"), "UTC", "2100-02-20T10:00+00:00", "2100-03-08T00:00+00:00"),
        )
        for within, zone, since, due in expected:
            found = due_moment(datetime.fromisoformat(since), within, zone)
            if found != datetime.fromisoformat(due):
                raise CheckFailed(f"{within} after {since} in {zone} is {due}. Got {found.isoformat()}")
        return {f"{within} after {since}, {zone}": f"{due} (UTC)" for within, zone, since, due in expected}

    def amend(self) -> Found:
        """Amend the protocol: a dry run that records nothing, then the real one, which must equal it."""
        running = self.bench.running
        text = running.folder.protocol_file(self.bench.trial.versions[-1]).read_text(encoding="utf-8")
        stricter = text.replace("rule: pulse < 120", "rule: pulse < 60").replace("window: 7 d", "window: 10 d")
        file = running.folder.path / "amendment.yaml"
        file.write_text(stricter, encoding="utf-8")
        before = running.book.head().sequence
        dry = dry_run(running, str(file), self.bench.by("sponsor"))
        if running.book.head().sequence != before:
            raise CheckFailed("the dry run has added events")
        real = issue_amendment(running, str(file), self.bench.by("sponsor"))
        # by whom and when is in both; what was found must be the same
        if (dry.version, dry.changes, dry.found) != (real.version, real.changes, real.found):
            raise CheckFailed(f"the dry run foresaw {dry.found}. Got {real.found}")
        if not dry.found.raised or self.bench.trial.versions[-1] != dry.version:
            raise CheckFailed(f"a stricter check was to be broken by what is recorded. Got {dry.found.raised}")
        still = {one.protocol for one in self.bench.trial.participants.values()}
        return {
            "checks newly broken": dry.found.raised,
            "hash of the state, dry and real": dry.found.state,
            "participants still on their version": len(still) == 1,
        }

    def recover(self) -> Found:
        """Back the trial up, restore it elsewhere and try the copy: the drill, step by step."""
        held = hold_drill(self.bench.running, self.bench.by("administrator"), vault=self.bench.vault)
        if held.failed:
            said = "; ".join(f"{check.id}: {check.failure}" for check in held.checks if check.passed is False)
            raise CheckFailed(said)
        return {check.id: "passed" if check.passed else check.failure for check in held.checks}

    def _stored(self, site: str) -> list[tuple[str, int, str]]:
        query = "SELECT number, place, participant FROM vault.allocation WHERE stratum = %s ORDER BY place"
        return self.bench.connect("admin").execute(query, (f"site={site}",)).fetchall()

    def _refused(self, step: Callable[[], object]) -> str:
        """Do what must be refused; return the words of the refusal."""
        before = self.bench.running.door.refresh().sequence
        try:
            step()
        except DecisionRefused as refused:
            if self.bench.running.door.refresh().sequence != before:
                raise CheckFailed(f"a step that was refused has left an event: {refused}") from refused
            return str(refused)
        except EquipoiseError as other:
            raise CheckFailed(f"refused in other words than those for people: {other}") from other
        raise CheckFailed("what must be refused was done")

    def _append_directly(self, event: Event) -> str:
        """Append a copy of an event as the blinded role, past the door; return the SQLSTATE, or `stored`."""
        connection = self.bench.connect("conduct")
        names = ("zone", "actor", "role", "site", "participant", "kind", "version", "payload", "reason", "part")
        values = {name: getattr(event, name) for name in names} | {"request": "past the door"}
        values["at"] = self.bench.by("coordinator", event.site).at
        query = SQL("INSERT INTO record.event ({}) VALUES ({})").format(
            SQL(", ").join(map(Identifier, values)), SQL(", ").join(SQL("%s") for _ in values)
        )
        try:
            with connection.transaction(force_rollback=True):
                connection.execute("SELECT record.take_turn()")
                connection.execute(query, [*values.values()])
        except psycopg.Error as error:
            return str(error.sqlstate)
        return "stored"


def _number(events: tuple[Event, ...]) -> str:
    (number,) = (
        msgspec.json.decode(one.payload)["number"] for one in events if one.kind == "ParticipantAllocated"
    )
    return str(number)

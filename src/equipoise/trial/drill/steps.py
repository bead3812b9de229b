"""The steps of a drill: what each requires, and how the copy is tried."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from ...conduct.closing.cut import trial_as_of
from ...errors import DecisionRefused
from ...line import Places, VaultClient, read_places, take_next_slot
from ...record import Book, Stamp, Turn, check_heads, read_anchors, read_gate, require_open_gate
from ...report.evidence import Check, CheckFailed, Found, NotExercised
from ...vault.ceremony.holders import read_key
from ...vault.events import VaultState, evolve
from ...vault.reconcile import give_up_slots, require_open_gates
from ...vault.schema import OWN_RECORD
from ...vault.slots import StoredCeremony, read_ceremony, require_same_list
from ..folder import TrialFolder
from ..running import signing_key
from .restored import RestoredCopy, hash_state, version_of

SIGNERS = ("first signer of the drill", "second signer of the drill")
_NOBODY = "nobody, in a drill"
_GATE_IS_SHUT = "QV002"
_DENIED = ("42501", "QR")
"""How the SQLSTATE begins where a role may not, or the record refuses to be changed."""


@dataclass(frozen=True)
class DrillSteps:
    """The steps on one copy; `vault` is the unblinded door of the running vault, where it runs."""

    copy: RestoredCopy
    stamp: Stamp
    vault: VaultClient | None

    def back_up(self) -> Found:
        """Back up the running trial, and see that it goes on."""
        running = self.copy.running
        before = running.book.head()
        file = self.copy.back_up()
        with file.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256")
        return {
            "events when the backup began": before.sequence,
            "bytes": file.stat().st_size,
            "SHA-256": digest.hexdigest(),
            "PostgreSQL of the trial": _version(version_of(running.server)),
        }

    def restore(self) -> Found:
        """Restore it into an empty database and verify the chain of both records."""
        self.copy.restore()
        heads = self.copy.heads
        return {
            "PostgreSQL of the copy": _version(version_of(self.copy.server)),
            **{f"{schema} ends at event": head.sequence for schema, head in heads.items()},
            **{f"hash of it in {schema}": head.hash.hex() for schema, head in heads.items()},
        }

    def compare_heads(self) -> Found:
        """Hold the copy against the anchors kept outside the database, and against the running trial."""
        running, book = self.copy.running, self.copy.book()
        head, vault_head = self.copy.heads["record"], self.copy.heads[OWN_RECORD]
        anchored = []
        if running.folder.anchors.exists():
            anchors = read_anchors(running.folder.anchors, signing_key(running.folder).verify_key)
            anchored = [anchor.head() for anchor in anchors if anchor.sequence <= head.sequence]
        if findings := check_heads(anchored, book):
            raise CheckFailed(findings[0])
        if check_heads([head], running.book):
            raise CheckFailed(f"event {head.sequence} of the copy is not that of the running trial")
        with running.server.connect("vault") as connection:
            if check_heads([vault_head], Book(connection, OWN_RECORD)):
                raise CheckFailed(f"event {vault_head.sequence} of the vault's record is not that of the copy")
        last = max((one.sequence for one in anchored), default=0)
        return {"anchors compared": len(anchored), "newest of them at event": last or "none"}

    def compare_state(self) -> Found:
        """Replay the copy, and compare with the running trial as it stood at the same event."""
        copied = trial_as_of(self.copy.book().read(), self.copy.heads["record"].sequence)
        running = self.copy.running
        stood = running.door.trial
        if stood.sequence != copied.sequence:
            stood = trial_as_of(running.book.read(), copied.sequence)
        if hash_state(copied) != hash_state(stood):
            raise CheckFailed(
                f"the copy replays to another state than the trial had at event {copied.sequence}. "
                f"Got {hash_state(copied)}"
            )
        return {"SHA-256 of the state": hash_state(copied), "participants": len(copied.participants)}

    def read_folder(self) -> Found:
        """Copy what a restore needs besides the database, and read it there."""
        given, folder = self.copy.running.folder, TrialFolder(self.copy.folder / "trial")
        folder.path.mkdir()
        shutil.copy(given.path / "trial.json", folder.path)
        shutil.copytree(given.path / "protocols", folder.path / "protocols")
        issued, kept = self.copy.running.door.trial.versions, folder.protocols()
        if missing := [version[:12] for version in issued if version not in kept]:
            raise CheckFailed(f"the folder lacks the file of protocol version {', '.join(missing)}")
        if folder.trial != self.copy.running.book.trial:
            raise CheckFailed(f"trial.json names another trial than the record. Got {folder.trial}")
        return {"protocol versions": ", ".join(version[:12] for version in issued)}

    def try_protections(self) -> Found:
        """Try to read the list as the blinded role, and to change and remove an event as the owner."""
        conduct, owner = self.copy.connect("conduct"), self.copy.connect("owner")
        for table in ("slot", "allocation"):
            require_denied(conduct, f"SELECT FROM vault.{table}")
        for statement in ("UPDATE record.event SET actor = actor", "DELETE FROM record.event"):
            require_denied(owner, statement)
        return {"statements refused": 4}

    def try_shut(self) -> Found:
        """Ask for a number and a dose at every door of the copy; each must refuse."""
        said = self._refusals()
        if given := [name for name, why in said.items() if why is None]:
            raise CheckFailed(f"the copy would give out what it must not: {'; '.join(given)}")
        return {"why it is shut": read_gate(self.copy.book()).why, **said}

    def reconcile(self) -> Found:
        """Reconcile the copy with the positions of the running trial; a position too low must be refused."""
        witnessed = {name: used.taken for name, used in self._places().items()}
        book = self.copy.book(OWN_RECORD)
        before = read_places(book.connection)
        used = next((name for name, places in before.items() if places.taken), None)
        if used is not None:
            try:
                self._reconcile(book, {**witnessed, used: before[used].taken - 1})
            except DecisionRefused:
                pass
            else:
                raise CheckFailed(f"a position below the last that the copy knows was accepted. Got {used}")
        lost = self._reconcile(book, witnessed)
        return {
            "witnessed positions": "; ".join(f"{name}: {taken}" for name, taken in witnessed.items()) or "no list",
            "places given up": sum(lost.values()),
            "a position too low": "refused" if used is not None else "not tried, no place was taken",
        }

    def try_open(self) -> Found:
        """Ask again; the next place of a list must be given, and none that was given before."""
        said = self._refusals(number=False)
        if found := "; ".join(why for why in said.values() if why):
            raise CheckFailed(f"the copy stays shut after it was reconciled: {found}")
        places = self._places()
        free = next((name for name, used in places.items() if used.left), None)
        if free is None:
            return {"next place": "no list has a place left" if places else "no list has been sealed yet"}
        owner = self.copy.connect("owner")
        if self._ceremony().seed_box is not None:
            return {"next place": "drawn by the vault when somebody comes, which needs its key"}
        with owner.transaction(force_rollback=True):
            # the guard that wants a consenting, eligible participant; a drill invents nobody
            owner.execute("ALTER TABLE vault.allocation DISABLE TRIGGER require_allocatable")
            number = take_next_slot(owner, free, _NOBODY, self.stamp.request)
            query = "SELECT stratum, position FROM vault.slot WHERE number = %s"
            given = owner.execute(query, (number,)).fetchone()
        if given != (free, places[free].taken + 1):
            raise CheckFailed(f"the place after {places[free].taken} of {free} was to be given. Got {given}")
        return {"next place": f"{free}: {places[free].taken + 1}, given and taken back"}

    def reach_code_break(self) -> Found:
        """Follow the way of a code break up to the passphrases."""
        ceremony = self._ceremony()
        connection = self.copy.connect("vault")
        state = VaultState()
        for event in self.copy.book(OWN_RECORD).read():
            evolve(state, event)
        require_same_list(connection, ceremony, state)
        file = self.copy.running.folder.vault_key
        if not file.exists():
            raise CheckFailed(
                "keys/vault.json is missing from the trial's folder; without it no code can be broken"
            )
        wrapped = read_key(file.read_text(encoding="utf-8"))
        if wrapped.public_key != ceremony.public_key:
            raise CheckFailed(
                "keys/vault.json is not the key that the list was sealed to; take it from its copies"
            )
        query = "SELECT count(*), count(s.box) FROM vault.allocation a LEFT JOIN vault.slot s USING (number)"
        allocated, sealed = connection.execute(query).fetchone() or (0, 0)
        if allocated != sealed:
            raise CheckFailed(f"{allocated - sealed} allocated participants have no sealed slot")
        if self.vault is None:
            answers = "the vault does not run, so its door was not tried"
        elif self.vault.call("holders", list[str]) != [holder.name for holder in wrapped.holders]:
            raise CheckFailed("the vault that runs was opened with another key than that of the folder")
        else:
            answers = "the running vault answers and serves this key"
        return {
            "list": f"{sum(ceremony.places.values())} places, as sealed ({ceremony.list_hash[:12]})",
            "allocated, each with a sealed slot": allocated,
            "holders of the key": ", ".join(holder.name for holder in wrapped.holders),
            "door": answers,
            "not exercised": "the passphrases, and what a slot holds: no code was broken, no envelope opened",
        }

    def _refusals(self, *, number: bool = True) -> dict[str, str | None]:
        """Ask for a number and a dose at each door; give the refusals, None where it would be given."""
        book, vault_book = self.copy.book(), self.copy.book(OWN_RECORD)
        said = {
            "allocation and dispensing, at the door": _refusal(book, require_open_gate),
            "doses and draws, in the vault": _refusal(vault_book, require_open_gates),
        }
        if number and (places := self._places()):
            said["the next number, in the database"] = _refused_number(
                self.copy.connect("conduct"), next(iter(places))
            )
        return said

    def _places(self) -> dict[str, Places]:
        return read_places(self.copy.running.book.connection)

    def _ceremony(self) -> StoredCeremony:
        if not self._places():
            raise NotExercised("no list has been sealed yet; hold the drill again after the ceremony")
        return read_ceremony(self.copy.connect("vault"))

    def _reconcile(self, book: Book, witnessed: Mapping[str, int]) -> dict[str, int]:
        with book.turn(book.head().sequence, self.stamp.request) as turn:
            return give_up_slots(turn, self.stamp, witnessed, SIGNERS, "a drill, on a copy that is thrown away")


def _refusal(book: Book, ask: Callable[[Turn], Any]) -> str | None:
    try:
        with book.turn(book.head().sequence, "drill") as turn:
            ask(turn)
    except DecisionRefused as refused:
        return str(refused)
    return None


def _refused_number(connection: Connection[TupleRow], stratum: str) -> str | None:
    """Ask the database for the next number; the refusal counts only where it is for the gate."""
    try:
        with connection.transaction(force_rollback=True):
            take_next_slot(connection, stratum, _NOBODY, "drill")
    except DecisionRefused as refused:
        cause = refused.__cause__
        return str(refused) if isinstance(cause, psycopg.Error) and cause.sqlstate == _GATE_IS_SHUT else None
    except psycopg.Error:
        return None
    return None


def require_denied(connection: Connection[TupleRow], statement: str) -> None:
    """Execute a statement that must be refused to a role, by rights or by the record; CheckFailed where not."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except psycopg.DatabaseError as error:
        if (error.sqlstate or "").startswith(_DENIED):
            return
        raise
    raise CheckFailed(f"this must be refused to {connection.info.user}, and was done: {statement}")


def _version(number: int) -> str:
    return f"{number // 10_000}.{number % 10_000}"


PART = "Restore drill"
_RECOVERY = ("ICH E6(R3) 4.3.3(c-d)", "21 CFR 11.10(c)")
STEPS: tuple[tuple[Check, Callable[[DrillSteps], Found]], ...] = tuple(
    (Check(name, PART, requirement, (test.__doc__ or "").strip(), sources), test)
    for name, requirement, sources, test in (
        (
            "backup",
            "The whole database can be backed up while the trial goes on.",
            _RECOVERY,
            DrillSteps.back_up,
        ),
        (
            "restore",
            "A backup can be brought back on another server, both records whole.",
            _RECOVERY,
            DrillSteps.restore,
        ),
        (
            "anchors",
            "What is brought back is what was anchored outside the database, and what the running trial holds.",
            ("ICH E6(R3) 4.3.3(c-d)", "ICH E6(R3) 4.2.2(b)", "21 CFR 11.10(e)"),
            DrillSteps.compare_heads,
        ),
        (
            "state",
            "From what is brought back follows the same state of every participant.",
            _RECOVERY,
            DrillSteps.compare_state,
        ),
        (
            "folder",
            "The files that a restore needs besides the database are there and unaltered.",
            _RECOVERY,
            DrillSteps.read_folder,
        ),
        (
            "protections",
            "The wall between the roles, and the rule that nothing is changed, come back with the data.",
            ("ICH E6(R3) 4.1.2", "ICH E6(R3) 4.2.2(b)", "21 CFR 11.10(d-e)"),
            DrillSteps.try_protections,
        ),
        (
            "shut",
            "After a restore nothing is allocated or dispensed.",
            ("ICH E6(R3) 4.3.3(c-d)", "ICH E6(R3) 4.3.4(h)"),
            DrillSteps.try_shut,
        ),
        (
            "reconciled",
            "The positions witnessed outside are reconciled, and none may be lower than what is known.",
            ("ICH E6(R3) 4.3.3(c-d)", "ICH E6(R3) 4.3.4(h)"),
            DrillSteps.reconcile,
        ),
        (
            "open again",
            "After that the trial can go on, and no place is given twice.",
            ("ICH E6(R3) 4.3.3(c-d)", "ICH E6(R3) 4.3.4(h)"),
            DrillSteps.try_open,
        ),
        (
            "code break",
            "A code can be broken after a restore.",
            ("ICH E6(R3) 3.15", "ICH E6(R3) 4.1.4"),
            DrillSteps.reach_code_break,
        ),
    )
)
"""What each step requires, by which clauses, and its test."""

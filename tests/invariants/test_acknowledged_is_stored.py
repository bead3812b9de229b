"""Invariant 1: an acknowledged allocation is a stored allocation, whoever dies and whatever stops.

Clients are threads and processes; they are killed where they stand, also at the worst moments, and the server is
stopped under them as if the power had failed. Then everybody asks again, under the same keys.
"""

import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Signal

import pytest
from nacl.signing import SigningKey
from tests.servers import DEBIAN, NO_DEBIAN, DebianServer, WheelServer

from equipoise.conduct.door.door import Door
from equipoise.errors import DecisionRefused
from equipoise.record import Book, check_anchors, read_anchors, verify_book, write_anchor
from equipoise.trial.running import signing_key

from .allocations import wrong_allocations
from .clients import Nursery, allocate, open_door
from .conftest import TrialAt, database_url, sized
from .mutation import drop_trigger
from .scripted import Scripted, begin, bring

PARTICIPANTS, CLIENTS = 24, 16


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def shared_out(participants: Sequence[str], clients: int) -> list[list[str]]:
    """Give each client its share, so that every participant is asked for by two of them."""
    return [
        [who for n, who in enumerate(participants) if client in (n % clients, (n + 1) % clients)]
        for client in range(clients)
    ]


def door_of(script: Scripted, trial_at: TrialAt) -> Door:
    return open_door(trial_at.server.connect("conduct"), script.running.door.protocols)


def test_sixteen_threads_at_once_are_told_what_is_stored(trial_at: TrialAt) -> None:
    script = trial_at("eligible", PARTICIPANTS)
    doors = [door_of(script, trial_at) for _ in range(CLIENTS)]

    def client(door: Door, participants: Sequence[str]) -> list[tuple[str, str]]:
        return [(who, allocate(door, who, script.now())) for who in participants]

    with ThreadPoolExecutor(CLIENTS) as pool:
        told = set().union(*pool.map(client, doors, shared_out(list(script.trial.participants), CLIENTS)))
    assert len(told) == PARTICIPANTS
    assert wrong_allocations(trial_at.admin, dict(told)) == []


def test_sixteen_processes_at_once_are_told_what_is_stored_and_each_allocation_is_anchored(
    trial_at: TrialAt, nursery: Nursery, tmp_path: Path
) -> None:
    script = trial_at("eligible", PARTICIPANTS)
    work = shared_out(list(script.trial.participants), CLIENTS)

    hatched = nursery.hatch(
        trial_at.server.url("conduct"), script.folder, script.now(), work, out=tmp_path / "told"
    )

    assert hatched.wait() == [0] * CLIENTS
    told = hatched.acknowledged()
    assert len(told) == PARTICIPANTS
    assert wrong_allocations(trial_at.admin, told) == []
    folder = script.running.folder
    anchors = read_anchors(folder.anchors, signing_key(folder).verify_key)
    assert len(anchors) == PARTICIPANTS
    assert check_anchors(folder.anchors, signing_key(folder).verify_key, script.running.book) == ()


def test_what_clients_were_told_before_they_were_killed_is_stored(
    trial_at: TrialAt, nursery: Nursery, tmp_path: Path
) -> None:
    script = trial_at("eligible", PARTICIPANTS)
    url, everybody = trial_at.server.url("conduct"), list(script.trial.participants)
    hatched = nursery.hatch(url, script.folder, script.now(), shared_out(everybody, 8), out=tmp_path / "told")
    hatched.kill_when(6)
    assert -signal.SIGKILL in hatched.wait()
    told = hatched.acknowledged()
    assert wrong_allocations(trial_at.admin, told) == []
    again = {who: allocate(script.running.door, who, script.now()) for who in everybody}
    assert told.items() <= again.items()
    assert wrong_allocations(trial_at.admin, again) == []


MOMENTS = ("slot taken", "appended", "committed")


def allocated_after_deaths(
    trial_at: TrialAt, nursery: Nursery, out: Path, *, apart: bool = False
) -> tuple[Scripted, list[str]]:
    """Let a client die at each of the worst moments, ask again for its participant; return what is wrong then."""
    script = trial_at("eligible", PARTICIPANTS)
    url, everybody = trial_at.server.url("conduct"), list(script.trial.participants)
    wrong = []
    if apart:
        drop_trigger(trial_at.admin, "require_its_event", "vault.allocation")
    for who, moment in zip(everybody, MOMENTS, strict=False):
        die = f"apart, {moment}" if apart else moment
        hatched = nursery.hatch(url, script.folder, script.now(), [[who]], die=die, out=out / moment)
        assert hatched.wait() == [-signal.SIGKILL]
        wrong += wrong_allocations(trial_at.admin, hatched.acknowledged())
    again = {who: allocate(script.running.door, who, script.now()) for who in everybody}
    return script, wrong + wrong_allocations(trial_at.admin, again)


def test_a_client_that_dies_at_the_worst_moment_leaves_all_or_nothing(
    trial_at: TrialAt, nursery: Nursery, tmp_path: Path
) -> None:
    script, wrong = allocated_after_deaths(trial_at, nursery, tmp_path)
    assert wrong == []
    assert verify_book(script.running.book).sequence == script.running.door.refresh().sequence


def test_without_one_transaction_for_slot_and_event_a_death_would_lose_a_slot(
    trial_at: TrialAt, nursery: Nursery, tmp_path: Path
) -> None:
    _, wrong = allocated_after_deaths(trial_at, nursery, tmp_path, apart=True)
    assert any("only in one of record and vault" in what for what in wrong)


CLIENTS_OF_A_CRASH = 12


@pytest.fixture(scope="module", params=["wheel", "debian"])
def crashing(request: pytest.FixtureRequest) -> Iterator["Crashing"]:
    """A trial on a server of its own, which these tests stop as if the power had failed."""
    if request.param == "debian" and not DEBIAN:
        pytest.skip(NO_DEBIAN)
    # not in the folder of the tests: every session of pytest shuts it to other users, and PostgreSQL is one
    home = Path(tempfile.mkdtemp(prefix="equipoise-crash-"))
    server = WheelServer(home) if request.param == "wheel" else DebianServer(home)
    yield Crashing(server, home)
    server.stop(immediate=True)
    shutil.rmtree(home, ignore_errors=True)


class Crashing:
    """A trial with participants who wait to be allocated, on a server that is stopped and started again."""

    def __init__(self, server: WheelServer | DebianServer, home: Path) -> None:
        self.server = server
        with server.start().connect_admin() as admin:
            # PostgreSQL flushes now and then by itself; not while these tests look
            admin.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            admin.execute("SELECT pg_reload_conf()")
        with database_url(server.start()):
            self.script = begin(home / "trial", source=sized(home, PARTICIPANTS), flush=False)
            bring(self.script, 2 * PARTICIPANTS, "eligible")
            self.script.running.book.flush()
            self.script.close()
        everybody = list(self.script.trial.participants)
        self.first, self.second = everybody[:PARTICIPANTS], everybody[PARTICIPANTS:]

    def door(self, *, flush: bool = True) -> Door:
        """Open a door; the server is started where it was stopped."""
        connection = self.server.start().connect("conduct")
        return open_door(connection, self.script.running.door.protocols, flush=flush)

    def fail(self) -> None:
        """Let the power fail."""
        self.server.stop(immediate=True)

    def wrong(self, told: Mapping[str, str]) -> list[str]:
        """Return what is wrong with the allocations, once the server is back."""
        with self.server.start().connect_admin() as admin:
            return wrong_allocations(admin, told)

    def told_until_it_fails(self, participants: Sequence[str]) -> dict[str, str]:
        """Let twelve clients allocate, and the power fail under them; return what they were told."""
        told: dict[str, str] = {}
        enough, at = Signal(), self.script.now()

        def client(door: Door, share: Sequence[str]) -> None:
            for who in share:
                try:
                    told[who] = allocate(door, who, at)
                except DecisionRefused as refused:
                    assert "the database cannot be reached" in str(refused)
                    return
                if len(told) >= len(participants) // 2:
                    enough.set()

        doors = [self.door() for _ in range(CLIENTS_OF_A_CRASH)]
        with ThreadPoolExecutor(CLIENTS_OF_A_CRASH) as pool:
            work = [pool.submit(client, d, participants[n::CLIENTS_OF_A_CRASH]) for n, d in enumerate(doors)]
            assert enough.wait(60)
            self.fail()
        assert [done.result() for done in work] == [None] * CLIENTS_OF_A_CRASH
        return told


def test_what_was_acknowledged_when_the_server_was_stopped_is_stored(crashing: Crashing) -> None:
    told = crashing.told_until_it_fails(crashing.first)
    assert crashing.wrong(told) == []

    door = crashing.door()
    again = {who: allocate(door, who, crashing.script.now()) for who in crashing.first}

    assert told.items() <= again.items()
    assert crashing.wrong(again) == []


def test_without_the_flush_what_was_acknowledged_would_be_lost_but_never_what_was_anchored(
    crashing: Crashing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariants 1 and 23: whoever writes an anchor waits for the disk, even where the steps did not."""
    door, at, key = crashing.door(flush=False), crashing.script.now(), SigningKey.generate()
    told: dict[str, str] = {}
    for who in crashing.second[:3]:
        told[who] = allocate(door, who, at)
    write_anchor(tmp_path / "anchors", key, door.book)
    for who in crashing.second[3:]:
        told[who] = allocate(door, who, at)
    monkeypatch.setattr(Book, "flush", lambda _: None)
    write_anchor(tmp_path / "anchors without a flush", key, door.book)
    crashing.fail()

    lost = crashing.wrong(told)

    assert any("the record says None" in what for what in lost)
    with crashing.server.start().connect("conduct") as connection:
        book = Book(connection)
        assert check_anchors(tmp_path / "anchors", key.verify_key, book) == ()
        assert len(check_anchors(tmp_path / "anchors without a flush", key.verify_key, book)) == 1

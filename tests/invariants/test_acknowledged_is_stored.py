"""Invariant 1: an acknowledged allocation is a stored allocation, whoever dies and whatever stops.

Clients are threads and processes; they are killed where they stand, also at the worst moments, and the server is
stopped under them as if the power had failed. Then everybody asks again, under the same keys.
"""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event as Signal

import psycopg
import pytest
from tests.servers import DebianServer, WheelServer

from equipoise.conduct.door.door import Door
from equipoise.errors import DecisionRefused
from equipoise.record import check_anchors, read_anchors, verify_book
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


def begun_on(running: WheelServer | DebianServer, home: Path) -> Scripted:
    """Begin the trial on a server of the test's own, with participants who wait to be allocated."""
    server = running.start()
    with server.connect_admin() as admin:
        # PostgreSQL flushes now and then by itself; not while this test looks
        admin.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        admin.execute("SELECT pg_reload_conf()")
    with database_url(server):
        script = begin(home / "trial", source=sized(home, PARTICIPANTS), flush=False)
        bring(script, 2 * PARTICIPANTS, "eligible")
        script.running.book.flush()
        script.close()
    return script


def told_until_the_power_fails(
    running: WheelServer | DebianServer, script: Scripted, participants: Sequence[str], *, flush: bool
) -> dict[str, str]:
    """Let twelve clients allocate, stop the server under them; return what they were told."""
    clients, enough = 12, Signal()
    told: dict[str, str] = {}
    server = running.start()
    doors = [
        open_door(server.connect("conduct"), script.running.door.protocols, flush=flush) for _ in range(clients)
    ]

    def client(door: Door, share: Sequence[str], at: datetime) -> None:
        for who in share:
            try:
                told[who] = allocate(door, who, at)
            except DecisionRefused as refused:
                assert "the database cannot be reached" in str(refused)
                return
            if len(told) >= PARTICIPANTS // 2:
                enough.set()

    with ThreadPoolExecutor(clients) as pool:
        at_work = [
            pool.submit(client, door, participants[n::clients], script.now()) for n, door in enumerate(doors)
        ]
        assert enough.wait(30)
        running.stop(immediate=True)
    assert [done.result() for done in at_work] == [None] * clients
    return told


@pytest.mark.slow
def test_what_was_acknowledged_when_the_server_was_stopped_is_stored_and_without_the_flush_would_not_be(
    crash_server: WheelServer | DebianServer, tmp_path: Path
) -> None:
    script = begun_on(crash_server, tmp_path)
    everybody = list(script.trial.participants)
    first, second = everybody[:PARTICIPANTS], everybody[PARTICIPANTS:]

    told = told_until_the_power_fails(crash_server, script, first, flush=True)
    server = crash_server.start()
    with server.connect_admin() as admin:
        assert wrong_allocations(admin, told) == []
        door = open_door(server.connect("conduct"), script.running.door.protocols)
        again = {who: allocate(door, who, script.now()) for who in first}
        assert told.items() <= again.items()
        assert wrong_allocations(admin, again) == []

    told = told_until_the_power_fails(crash_server, script, second, flush=False)
    with crash_server.start().connect_admin() as admin:
        lost = wrong_allocations(admin, told)
    assert any("the record says None" in what for what in lost)
    with pytest.raises(psycopg.OperationalError):
        door.book.connection.execute("SELECT 1")

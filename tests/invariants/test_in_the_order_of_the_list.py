"""Invariant 3: the positions used of a list are a prefix of it, in the order in which they were committed."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from psycopg import Connection, Rollback, errors
from psycopg.rows import TupleRow

from .allocations import out_of_order
from .by_hand import allocate_by_hand
from .clients import allocate, open_door
from .conftest import TrialAt
from .mutation import rewrite_function

THREADS = 8


def wrong_order(trial_at: TrialAt, mutate: Callable[[Connection[TupleRow]], object] = lambda _: None) -> list[str]:
    """Let eight take slots by SQL, each slow in its own way and some giving up; return what is out of order.

    They go past the door, whose lock on the record would keep the order as well.
    """
    script = trial_at("eligible", 24)
    mutate(trial_at.admin)
    connections = [trial_at.server.connect("conduct") for _ in range(THREADS)]
    everybody = list(script.trial.participants)

    def client(connection: Connection[TupleRow], share: Sequence[str], at: datetime) -> None:
        chance = random.Random(share[0])
        for who in share:
            # two who took the same slot: one of them has none, see below
            with suppress(errors.UniqueViolation), connection.transaction():
                if chance.random() < 0.2:
                    allocate_by_hand(connection, who, at, f"given up {who}", chance.uniform(0, 0.01))
                    raise Rollback
            with suppress(errors.UniqueViolation):
                allocate_by_hand(connection, who, at, f"allocate {who}", chance.uniform(0, 0.01))

    with ThreadPoolExecutor(THREADS) as pool:
        shares = [everybody[n::THREADS] for n in range(THREADS)]
        list(pool.map(client, connections, shares, [script.now()] * THREADS))
    allocated = script.running.door.refresh().allocated
    left_out = [f"{who} has no slot" for who in everybody if script.participant(who).allocation is None]
    assert sum(allocated.values()) + len(left_out) == len(everybody)
    return out_of_order(trial_at.admin) + left_out


def test_eight_at_once_use_each_list_from_its_beginning_in_the_order_of_their_commits(trial_at: TrialAt) -> None:
    assert wrong_order(trial_at) == []


def test_eight_doors_at_once_keep_the_order_too(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 24)
    protocols, everybody = script.running.door.protocols, list(script.trial.participants)
    doors = [open_door(trial_at.server.connect("conduct"), protocols) for _ in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda n: allocate(doors[n % THREADS], everybody[n], script.now()), range(24)))
    assert out_of_order(trial_at.admin) == []


def skip_locked(admin: Connection[TupleRow]) -> None:
    """Let who would have to wait for a slot pass on to the one behind it."""
    free = "NOT EXISTS (SELECT FROM vault.allocation a WHERE a.number = s.number)"
    rewrite_function(
        admin,
        "vault.take_next(text, text, text)",
        ("s.name = of_stratum FOR NO KEY UPDATE", "s.name = of_stratum"),
        ("s.position = list.taken + 1;", f"{free} ORDER BY s.position LIMIT 1 FOR UPDATE SKIP LOCKED;"),
        ("of_stratum, list.taken + 1, for_participant", "of_stratum, next.position, for_participant"),
        ("UPDATE vault.stratum s SET taken = list.taken + 1 WHERE s.name = of_stratum;", ""),
    )


def test_without_the_lock_on_its_row_a_list_would_be_used_out_of_order(trial_at: TrialAt) -> None:
    assert any("in the order" in what for what in wrong_order(trial_at, skip_locked))

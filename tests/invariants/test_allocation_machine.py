"""Invariants 2, 3, 4 and 6 together: whatever happens in whatever order, the lists are used as they should be.

A state machine allocates, asks again, withdraws, fails in the middle, loses its connection, forgets an answer, and
tries it by SQL; a model of a few lines says what the record and the vault must hold after each step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, sampled_from
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.conduct.door.fact import By
from equipoise.conduct.enrolment.consent import WithdrawConsent
from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.record import Event

from .allocations import wrong_allocations
from .by_hand import allocate_by_hand
from .clients import number_in, open_door
from .conftest import TrialAt
from .mutation import forget_keys, rewrite_function
from .rewind import Rewind
from .scripted import ask_allocation

SIZE = 3
PARTICIPANTS = [f"{site}-{n:03d}" for n in range(1, 5) for site in ("01", "02")]
anybody = sampled_from(PARTICIPANTS)
Mutation = Callable[[Connection[TupleRow]], object]


class Allocating(RuleBasedStateMachine):
    """The trial with lists of three places, and four who wait at each of its two sites."""

    trial_at: TrialAt
    rewind: Rewind

    def __init__(self) -> None:
        super().__init__()
        self.script, self.admin = self.rewind.script, self.rewind.admin
        self.answers: dict[str, tuple[Event, ...]] = {}
        self.numbers: dict[str, str] = {}
        self.withdrawn: set[str] = set()
        self.by_hand = self.trial_at.server.connect("conduct")
        self.connect()

    def connect(self) -> None:
        """Ask by another door from now on."""
        self.door = open_door(self.trial_at.server.connect("conduct"), self.script.running.door.protocols)

    def ask(self, who: str, key: str) -> tuple[Event, ...]:
        by = By(f"investigator.{who[:2]}", "investigator", self.script.now())
        return self.door.submit(ask_allocation(self.script, who), by, key)

    def must_be_refused(self, who: str) -> bool:
        taken = sum(other[:2] == who[:2] for other in self.numbers)
        return who in self.numbers or who in self.withdrawn or taken == SIZE

    def remember(self, who: str, key: str, events: tuple[Event, ...]) -> None:
        assert not self.must_be_refused(who)
        self.numbers[who], self.answers[key] = number_in(events), events

    @rule(who=anybody, forget=booleans())
    def allocate(self, who: str, forget: bool) -> None:
        """Ask for a place; whoever forgets the answer asks again with the same key, from another door."""
        key = f"{who} is asked for {len(self.answers)}"
        try:
            events = self.ask(who, key)
        except DecisionRefused:
            assert self.must_be_refused(who)
            return
        if forget:
            self.connect()
            assert self.ask(who, key) == events
        self.remember(who, key, events)

    @rule(again=sampled_from(range(6)))
    def ask_again(self, again: int) -> None:
        for key, events in list(self.answers.items())[again : again + 1]:
            assert self.ask(events[0].participant or "", key) == events

    @rule(who=anybody)
    def withdraw(self, who: str) -> None:
        with suppress(DecisionRefused):
            on = self.script.today(who[:2])
            by = By(f"investigator.{who[:2]}", "investigator", self.script.now())
            self.door.submit(WithdrawConsent(participant=who, on=on), by)
            self.withdrawn.add(who)

    @rule(who=anybody, cut=booleans())
    def fail_in_the_middle(self, who: str, cut: bool) -> None:
        """Fail with the slot in hand, or lose the connection there; then the same key may be sent again."""
        with self.failing(cut), suppress(DecisionRefused):
            self.ask(who, f"{who} fails")
            raise AssertionError("a step that failed was answered")
        if cut:
            self.connect()

    @rule(site=sampled_from(["01", "02"]))
    def use_up(self, site: str) -> None:
        """Let all come who wait at a site, one more than there are places."""
        for who in (who for who in PARTICIPANTS if who.startswith(site)):
            self.allocate(who, forget=False)
            self.try_by_hand(who)

    @rule(who=anybody)
    def try_by_hand(self, who: str) -> None:
        with suppress(psycopg.Error):
            key = f"{who} by hand"
            number = allocate_by_hand(self.by_hand, who, self.script.now(), key)
            assert not self.must_be_refused(who)
            self.numbers[who] = number
            self.answers[key] = self.ask(who, key)

    @contextmanager
    def failing(self, cut: bool) -> Iterator[None]:
        services = self.door.services

        def take(connection: Any, stratum: str, participant: str, request: str) -> str:
            take_next_slot(connection, stratum, participant, request)
            if cut:
                backend = connection.info.backend_pid
                self.admin.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
                connection.execute("SELECT 1")
            raise DecisionRefused("something else went wrong in this step")

        self.door.services = type(services)(allocate=take)
        yield
        self.door.services = services

    @invariant()
    def record_and_vault_are_as_the_model_says(self) -> None:
        assert wrong_allocations(self.admin, self.numbers) == []
        (stored,) = self.admin.execute("SELECT count(*) FROM vault.allocation").fetchone() or (0,)
        assert stored == len(self.numbers)

    def teardown(self) -> None:
        self.by_hand.close()
        self.door.book.connection.close()
        self.rewind.back()


def play(trial_at: TrialAt, mutate: Mutation = lambda _: None, **others: Any) -> None:
    """Play the machine on this PostgreSQL, with guards taken out of its database where asked."""
    script = trial_at("eligible", len(PARTICIPANTS), size=SIZE)
    mutate(trial_at.admin)
    parts = {"trial_at": trial_at, "rewind": Rewind(script, trial_at.admin)}
    chosen = {"max_examples": 15, "stateful_step_count": 8, "deadline": None, **others}
    run_state_machine_as_test(type("AllocatingHere", (Allocating,), parts), settings=settings(**chosen))


def test_whatever_happens_each_list_is_used_once_in_order_and_to_its_end(trial_at: TrialAt) -> None:
    play(trial_at)


TAKE_NEXT = "vault.take_next(text, text, text)"
NEXT = "s.position = list.taken + 1;"


def out_of_order(admin: Connection[TupleRow]) -> None:
    """Let every other place of a list be passed over."""
    rewrite_function(admin, TAKE_NEXT, (NEXT, "s.position = list.taken * 2 % list.places + 1;"))


def the_first_again(admin: Connection[TupleRow]) -> None:
    """Let everybody have the first place of a list."""
    rewrite_function(admin, TAKE_NEXT, (NEXT, "s.position = 1;"))
    admin.execute("ALTER TABLE vault.allocation DROP CONSTRAINT allocation_pkey")


def beyond_the_end(admin: Connection[TupleRow]) -> None:
    """Let a list that is used up begin anew."""
    rewrite_function(
        admin,
        TAKE_NEXT,
        (NEXT, "s.position = list.taken % list.places + 1;"),
        ("next.number IS NULL OR list.taken >= list.places", "next.number IS NULL"),
    )
    admin.execute("ALTER TABLE vault.allocation DROP CONSTRAINT allocation_pkey")
    admin.execute("ALTER TABLE vault.stratum DROP CONSTRAINT stratum_check")


@pytest.mark.parametrize("mutate", [out_of_order, the_first_again, beyond_the_end])
def test_the_machine_finds_out_where_a_guard_is_missing(trial_at: TrialAt, mutate: Mutation) -> None:
    with pytest.raises(AssertionError):
        play(trial_at, mutate, phases=[Phase.generate])


def test_the_machine_finds_out_where_keys_are_forgotten(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_keys(monkeypatch)
    with pytest.raises((AssertionError, DecisionRefused)):
        play(trial_at, phases=[Phase.generate])

"""Invariant 2: a participant has at most one slot, a slot at most one participant, and no slot comes back.

Not after an error, not after a withdrawal of consent, not by SQL with the rights of the blinded side.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.conduct.door.fact import By
from equipoise.conduct.enrolment.consent import WithdrawConsent
from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot

from .allocations import given_twice
from .by_hand import allocate_by_hand, record_allocation, take_slot
from .clients import allocate, number_in, open_door
from .conftest import TrialAt
from .mutation import drop_trigger, rewrite_function
from .scripted import ask_allocation


def test_one_participant_asked_for_by_eight_at_once_has_one_slot(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    protocols, by = script.running.door.protocols, By("investigator.01", "investigator", script.now())
    doors = [open_door(trial_at.server.connect("conduct"), protocols) for _ in range(8)]

    def ask(n: int) -> str:
        try:
            return number_in(doors[n].submit(ask_allocation(script, "01-001"), by, f"key {n}"))
        except DecisionRefused as refused:
            return str(refused)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert sum("nobody is allocated twice" in answer for answer in answers) == 7
    assert given_twice(trial_at.admin) == []


def test_a_slot_of_a_step_that_failed_was_told_to_nobody_and_goes_to_the_next(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    seen = []

    def failing(connection: Any, stratum: str, participant: str, request: str) -> str:
        seen.append(take_next_slot(connection, stratum, participant, request))
        raise DecisionRefused("something else went wrong in this step")

    door = open_door(trial_at.server.connect("conduct"), script.running.door.protocols, allocate=failing)
    with pytest.raises(DecisionRefused, match="something else"):
        allocate(door, "01-001", script.now())
    assert given_twice(trial_at.admin) == []
    assert allocate(script.running.door, "01-002", script.now()) == seen[0]
    assert allocate(script.running.door, "01-001", script.now()) != seen[0]
    assert given_twice(trial_at.admin) == []


def test_the_slot_of_who_withdraws_consent_stays_theirs(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    number = allocate(script.running.door, "01-001", script.now())
    script.do(WithdrawConsent(participant="01-001", on=script.today()), "investigator")

    others = {allocate(script.running.door, who, script.now()) for who in ("01-002", "02-001", "02-002")}

    assert number not in others
    with pytest.raises(DecisionRefused):
        script.do(ask_allocation(script, "01-001"), "investigator")
    assert given_twice(trial_at.admin) == []


Attack = Callable[[Connection[TupleRow], datetime], object]
"""A transaction as the role of conduct, while 01-001 and 02-001 are allocated, 01-002 and 02-002 are not."""

ATTACKS: dict[str, Attack] = {
    "take another slot": lambda c, at: allocate_by_hand(c, "01-001", at, "a second time"),
    "take one of another list": lambda c, at: record_allocation(
        c, "01-001", take_slot(c, "01-001", "elsewhere", "site=02"), at, "elsewhere"
    ),
    "take a slot and keep quiet": lambda c, _: take_slot(c, "01-002", "in silence"),
    "record a number that was made up": lambda c, at: record_allocation(c, "01-002", "R-00000-0", at, "made up"),
    "record the number of somebody else": lambda c, at: record_allocation(c, "01-002", number(c), at, "borrowed"),
    "record the own number again": lambda c, at: record_allocation(c, "01-001", number(c), at, "again"),
    "write the slot oneself": lambda c, _: c.execute(
        "INSERT INTO vault.allocation VALUES ('R-00000-0', 'site=01', 2, '01-002', 'oneself')"
    ),
    "give it back": lambda c, _: c.execute("DELETE FROM vault.allocation"),
    "turn the list back": lambda c, _: c.execute("UPDATE vault.stratum SET taken = 0"),
    "begin the list anew": lambda c, _: c.execute("TRUNCATE vault.allocation"),
}


def number(connection: Connection[TupleRow]) -> str:
    row = connection.execute(
        "SELECT payload::jsonb ->> 'number' FROM record.event "
        "WHERE kind = 'ParticipantAllocated' AND participant = '01-001'"
    ).fetchone()
    assert row is not None
    return str(row[0])


def wrong_after_attacks(trial_at: TrialAt, *mutations: Callable[[Connection[TupleRow]], object]) -> list[str]:
    """Take guards out, attack, allocate whoever is left; return what is wrong then."""
    script = trial_at("eligible", 4)
    for mutate in mutations:
        mutate(trial_at.admin)
    for who in ("01-001", "02-001"):
        allocate(script.running.door, who, script.now())
    by_hand = trial_at.server.connect("conduct")
    for attack in ATTACKS.values():
        with suppress(psycopg.Error), by_hand.transaction():
            attack(by_hand, script.now())
    for who in ("01-002", "02-002"):
        with suppress(DecisionRefused, psycopg.Error):
            allocate(script.running.door, who, script.now())
    return given_twice(trial_at.admin)


def without_one_slot_a_participant(admin: Connection[TupleRow]) -> None:
    for trigger in ("require_allocatable", "require_its_event"):
        drop_trigger(admin, trigger, "vault.allocation")
    admin.execute("ALTER TABLE vault.allocation DROP CONSTRAINT allocation_participant_key")
    admin.execute("DROP INDEX record.once_a_participant")
    rewrite_function(
        admin,
        "vault.take_next(text, text, text)",
        ("IF FOUND THEN\n        RETURN given.number", "IF FOUND AND false THEN\n        RETURN given.number"),
        ("ON CONFLICT (participant) DO NOTHING", ""),
    )


def without_a_list_that_only_goes_on(admin: Connection[TupleRow]) -> None:
    drop_trigger(admin, "refuse_going_back", "vault.stratum")
    admin.execute("GRANT SELECT, UPDATE ON vault.stratum TO equipoise_conduct")
    admin.execute(
        "ALTER TABLE vault.allocation DROP CONSTRAINT allocation_pkey, "
        "DROP CONSTRAINT allocation_stratum_place_key"
    )


def test_no_statement_of_the_blinded_side_gives_a_slot_twice(trial_at: TrialAt) -> None:
    assert wrong_after_attacks(trial_at) == []


def test_without_its_guard_a_participant_would_get_a_second_slot(trial_at: TrialAt) -> None:
    assert "participant 01-001 is there 3 times in the vault" in wrong_after_attacks(
        trial_at, without_one_slot_a_participant
    )


def test_without_its_guard_a_slot_would_be_given_a_second_time(trial_at: TrialAt) -> None:
    wrong = wrong_after_attacks(trial_at, without_a_list_that_only_goes_on)
    assert any(what.startswith("slot ") and what.endswith("2 times in the vault") for what in wrong)

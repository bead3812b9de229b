"""Invariant 6: a list that is used up means a refusal and an alarm, and changes nothing; it never begins anew."""

from collections.abc import Callable

import msgspec
import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.conduct.enrolment import allocation
from equipoise.errors import DecisionRefused

from .by_hand import allocate_by_hand
from .clients import allocate
from .conftest import TrialAt
from .contents import contents
from .mutation import rewrite_function
from .scripted import Scripted

SIZE, WAITING = 3, 8
ONE = "site=01"


def used_up(trial_at: TrialAt) -> tuple[Scripted, str]:
    """Return a trial whose list of site 01 is used up, and a participant of that site who waits."""
    script = trial_at("eligible", WAITING, size=SIZE)
    waiting = [who for who in script.trial.participants if who.startswith("01")]
    assert script.trial.places == {ONE: SIZE, "site=02": SIZE}
    for who in waiting[:SIZE]:
        allocate(script.running.door, who, script.now())
    return script, waiting[SIZE]


def wrong_when_asked(trial_at: TrialAt, script: Scripted, ask: Callable[[], str]) -> list[str]:
    """Ask for one place too many; return what is wrong: an answer, other words, a change of anything stored."""
    before, state, wrong = contents(trial_at.admin), msgspec.msgpack.encode(script.trial), []
    try:
        wrong.append(f"a place was given out: {ask()}")
    except DecisionRefused as refused:
        if "list is used up" not in str(refused) or "Call the randomisation contact" not in str(refused):
            wrong.append(f"it was said: {refused}")
    except psycopg.Error as error:
        if error.sqlstate != "QV001":
            wrong.append(f"the database said: {error}")
    after = contents(trial_at.admin)
    wrong += [f"{table} was changed" for table in before if before[table] != after[table]]
    script.running.door.refresh()
    return wrong + (["the state was changed"] if msgspec.msgpack.encode(script.trial) != state else [])


def test_a_list_that_is_used_up_gives_no_place_and_changes_nothing(trial_at: TrialAt) -> None:
    script, late = used_up(trial_at)
    assert wrong_when_asked(trial_at, script, lambda: allocate(script.running.door, late, script.now())) == []


def test_the_vault_gives_no_place_of_it_even_where_the_decision_believes_in_one(trial_at: TrialAt) -> None:
    script, late = used_up(trial_at)
    script.trial.places[ONE] += 1
    assert wrong_when_asked(trial_at, script, lambda: allocate(script.running.door, late, script.now())) == []


def test_nor_does_it_to_sql_of_the_blinded_side(trial_at: TrialAt) -> None:
    script, late = used_up(trial_at)
    by_hand = trial_at.server.connect("conduct")
    ask = lambda: allocate_by_hand(by_hand, late, script.now(), "by hand")  # noqa: E731
    assert wrong_when_asked(trial_at, script, ask) == []


def test_the_list_of_another_stratum_goes_on(trial_at: TrialAt) -> None:
    script, late = used_up(trial_at)
    with pytest.raises(DecisionRefused):
        allocate(script.running.door, late, script.now())
    assert allocate(script.running.door, "02-001", script.now())


def alarms(script: Scripted) -> list[tuple[str, int]]:
    said = [msgspec.json.decode(e.payload) for e in script.running.book.read(kinds=["StratumNearlyFull"])]
    return [(one["stratum"], one["left"]) for one in said]


def unalarmed(script: Scripted) -> list[str]:
    """Return the lists that are used up without one alarm while two of the largest blocks were left."""
    few = 2 * allocation.largest_block(script.running.protocol)
    full = [stratum for stratum, taken in script.trial.allocated.items() if taken == script.trial.places[stratum]]
    return [
        stratum for stratum in full if [left <= few for one, left in alarms(script) if one == stratum] != [True]
    ]


def test_an_alarm_comes_once_before_the_list_ends(trial_at: TrialAt) -> None:
    script, _ = used_up(trial_at)
    assert unalarmed(script) == []


def test_a_longer_list_has_its_alarm_when_two_of_the_largest_blocks_are_left(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 24)
    script.trial.places = dict.fromkeys(script.trial.places, 15)  # as if the list were shorter
    for who in script.trial.participants:
        allocate(script.running.door, who, script.now())
    assert alarms(script) == [(ONE, 12), ("site=02", 12)]


def test_without_the_alarm_a_list_would_end_unannounced(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = allocation.largest_block
    monkeypatch.setattr(allocation, "largest_block", lambda _: -1)
    script, _ = used_up(trial_at)
    monkeypatch.setattr(allocation, "largest_block", largest)
    assert unalarmed(script) == [ONE]


def wrap(admin: Connection[TupleRow]) -> None:
    """Let a list that is used up begin anew, as some systems do."""
    rewrite_function(
        admin,
        "vault.take_next(text, text, text)",
        ("s.position = list.taken + 1;", "s.position = list.taken % list.places + 1;"),
        ("next.number IS NULL OR list.taken >= list.places", "next.number IS NULL"),
    )
    admin.execute(
        "ALTER TABLE vault.allocation DROP CONSTRAINT allocation_pkey; "
        "ALTER TABLE vault.stratum DROP CONSTRAINT stratum_check"
    )


def test_without_its_guards_a_list_would_begin_anew(trial_at: TrialAt) -> None:
    script, late = used_up(trial_at)
    wrap(trial_at.admin)
    script.trial.places[ONE] += 1
    wrong = wrong_when_asked(trial_at, script, lambda: allocate(script.running.door, late, script.now()))
    assert any("a place was given out" in what for what in wrong)
    assert "vault.allocation was changed" in wrong

"""Invariant 13: every change that is committed has exactly one event; the record counts what the tables count.

Transactions of random SQL are sent with the rights of the blinded side, with steps at the door among them. A
witness of the test's own, a trigger on every table, counts the rows that were changed. Each of them must be told
by an event, with who and when, and the events must be as many as the head says.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg import Connection, Rollback, sql
from psycopg.rows import TupleRow

from equipoise.conduct.enrolment.screening import DestroyIdentity
from equipoise.errors import DecisionRefused
from equipoise.record import Book, verify_chain

from .conftest import TrialAt
from .contents import tables
from .mutation import drop_trigger
from .scripted import START, Scripted, ask_allocation, screen

PEOPLE = ("01-001", "02-001", "01-002", "02-002", "01-099")
"""Four who wait to be allocated, and one whom nobody knows."""

WITNESS = """
CREATE SCHEMA witness;
CREATE TABLE witness.change (place text, what text);
CREATE FUNCTION witness.see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO witness.change VALUES (tg_table_schema || '.' || tg_table_name, lower(tg_op));
    RETURN NULL;
END $$;
"""
TOLD_BY = {
    ("vault.allocation", "insert"): "ParticipantAllocated",
    ("vault.stratum", "update"): "ParticipantAllocated",
    ("identity.person", "insert"): "ParticipantScreened",
    ("identity.key", "insert"): "ParticipantScreened",
    ("identity.key", "delete"): "IdentityDestroyed",
}
"""Changes of rows, each with the kind of its event."""
WITHOUT_STEP = """
SELECT request FROM record.asked a WHERE NOT EXISTS (SELECT FROM record.event e WHERE e.request = a.request)
"""
"""Hashes of what was asked that no event stands beside; there is one a request, by its key."""


def set_witness(admin: Connection[TupleRow]) -> None:
    """Let every change of a row be seen, and every TRUNCATE."""
    admin.execute(WITNESS)
    for table in tables(admin):
        name = sql.Identifier(*table.split("."))
        for what in ("INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW", "TRUNCATE ON {} FOR EACH STATEMENT"):
            trigger = sql.SQL("see_truncate" if "TRUNCATE" in what else "see")
            statement = sql.SQL(f"CREATE TRIGGER {{}} AFTER {what} EXECUTE FUNCTION witness.see()")
            admin.execute(statement.format(trigger, name))


def untold(admin: Connection[TupleRow], before: Counter[str]) -> list[str]:
    """Return changes without exactly one event, and events that are not counted, complete or in their chain.

    before: how many events of each kind there were when the witness came.
    """
    seen = Counter(admin.execute("SELECT place, what FROM witness.change").fetchall())
    events = list(Book(admin).read())
    since = Counter(event.kind for event in events) - before
    wrong = [
        f"{seen[change]} rows changed ({' '.join(change)}), {since[kind]} events of {kind} tell of them"
        for change, kind in TOLD_BY.items()
        if seen[change] != since[kind]
    ]
    own = {("record.event", "insert"), ("record.asked", "insert"), *TOLD_BY}
    wrong += [f"rows changed without an event: {' '.join(change)}" for change in seen if change not in own]
    if seen["record.event", "insert"] != since.total():
        wrong.append(f"{seen['record.event', 'insert']} events came, {since.total()} are there")
    head = verify_chain(events, Book(admin).beginning)
    if [event.sequence for event in events] != list(range(1, head.sequence + 1)):
        wrong.append(f"the head is {head.sequence}, there are {len(events)} events")
    wrong += [f"event {e.sequence} lacks who or when" for e in events if not (e.actor and e.role and e.at.tzinfo)]
    twice = Counter((e.kind, e.participant) for e in events if e.kind in TOLD_BY.values())
    wrong += [f"{kind} of {who} is told {n} times" for (kind, who), n in twice.items() if n > 1]
    return wrong + [f"a hash of what was asked has no event: {key}" for (key,) in admin.execute(WITHOUT_STEP)]


# --- SQL with the rights of the blinded side


class Sent(NamedTuple):
    """A transaction: its statements, whether it goes on after an error, whether it is committed."""

    statements: Sequence[str]
    goes_on: bool = False
    commits: bool = True


def event(kind: str, who: str, payload: str, request: str) -> str:
    """Write an INSERT of an event; `payload` is an SQL expression."""
    at = f"'{START.isoformat()}'::timestamptz + interval '1 day'"
    return (
        "INSERT INTO record.event (at, zone, actor, role, site, participant, kind, version, payload, reason, "
        f"request, part) SELECT {at}, 'UTC', 'somebody', 'investigator', '{who[:2]}', '{who}', '{kind}', 1, "
        f"{payload}, NULL, '{request}', 1"
    )


def take(who: str, request: str) -> str:
    return f"vault.take_next('site={who[:2]}', '{who}', '{request}')"


def allocation(who: str, number: str, request: str) -> str:
    """Write an INSERT of an allocation; `number` is an SQL expression."""
    rest = f'","strata":{{"site":"{who[:2]}"}},"stratum":"site={who[:2]}"}}'
    return event("ParticipantAllocated", who, f"'{{\"number\":\"' || {number} || '{rest}'", request)


def store_identity(who: str) -> str:
    return f"INSERT INTO identity.person VALUES ('{who}', '{who[:2]}', 'sealed')"


def store_key(who: str) -> str:
    return f"INSERT INTO identity.key VALUES ('{who}', 'sealed', '{who}')"


def destroy_key(who: str) -> str:
    return f"DELETE FROM identity.key WHERE participant = '{who}'"


SCREENED = '\'{"protocol":"0000"}\''
KNOWN_TO_WORK = (
    Sent([allocation("01-001", take("01-001", "by hand"), "by hand")]),
    Sent([store_identity("01-099"), store_key("01-099"), event("ParticipantScreened", "01-099", SCREENED, "new")]),
    Sent([destroy_key("02-002"), event("IdentityDestroyed", "02-002", "'{}'", "gone")]),
)
"""What the blinded side may do: a change and its event in one transaction."""

KNOWN_TO_BE_WRONG = (
    Sent([f"SELECT {take('01-002', 'in silence')}"]),
    Sent([allocation("01-002", "'R-00000-0'", "made up")]),
    Sent([allocation("01-001", take("01-001", "by hand"), "twice")]),
    Sent([store_identity("01-098"), store_key("01-098")]),
    Sent([event("ParticipantScreened", "01-097", SCREENED, "nobody")]),
    Sent([destroy_key("01-001")]),
    Sent([event("IdentityDestroyed", "01-002", "'{}'", "not gone")]),
    Sent(["DELETE FROM record.event WHERE sequence = (SELECT max(sequence) FROM record.event)"]),
    Sent(["UPDATE vault.stratum SET taken = taken + 1"]),
)


def statements(names: Sequence[str], columns: dict[str, list[str]]) -> st.SearchStrategy[str]:
    """Draw statements: on any table, and those that the role of conduct has a right to."""
    who, request, table = st.sampled_from(PEOPLE), st.sampled_from("abcdefgh"), st.sampled_from(list(names))
    kind = st.sampled_from(
        ["ParticipantScreened", "ParticipantAllocated", "IdentityDestroyed", "ConsentWithdrawn"]
    )
    column = st.sampled_from([(name, column) for name in names for column in columns[name]])
    return st.one_of(
        table.map("DELETE FROM {}".format),
        table.map("TRUNCATE {} CASCADE".format),
        table.map("INSERT INTO {0} TABLE {0}".format),
        column.map(lambda pair: "UPDATE {0} SET {1} = {1}".format(*pair)),
        st.builds(lambda w, r: f"SELECT {take(w, r)}", who, request),
        st.builds(lambda w, r: allocation(w, take(w, r), r), who, request),
        st.builds(lambda w, r: allocation(w, "'R-00000-0'", r), who, request),
        st.builds(lambda k, w, r: event(k, w, "'{}'", r), kind, who, request),
        st.sampled_from([store_identity, store_key, destroy_key]).flatmap(who.map),
        st.sampled_from(["SELECT record.take_turn()", "SELECT * FROM vault.places()", "RESET ROLE"]),
    )


def send(connection: Connection[TupleRow], sent: Sent) -> None:
    """Send a transaction; what the database refuses is refused."""
    with suppress(psycopg.Error), connection.transaction():
        for statement in sent.statements:
            if sent.goes_on:
                with suppress(psycopg.Error), connection.transaction():
                    connection.execute(statement.encode())
            else:
                connection.execute(statement.encode())
        if not sent.commits:
            raise Rollback


def steps(script: Scripted) -> list[Callable[[], object]]:
    """Steps at the door that change rows beside the record."""
    reason = "asked for by the person"
    return [
        lambda: screen(script, 1),
        lambda: script.do(ask_allocation(script, "02-001"), "investigator"),
        lambda: script.do(DestroyIdentity(participant="01-002", reason=reason), "investigator"),
    ]


def fuzz(trial_at: TrialAt, *mutations: Callable[[Connection[TupleRow]], object]) -> None:
    """Send random transactions and steps, with guards taken out where asked; assert that all of it is told."""
    script, admin = trial_at("eligible", 4), trial_at.admin
    script.wait(1)
    set_witness(admin)
    for mutate in mutations:
        mutate(admin)
    before = Counter(event.kind for event in script.running.book.read())
    by_hand, at_the_door = trial_at.server.connect("conduct"), steps(script)
    names = tables(admin)
    columns = {
        name: [row[0] for row in admin.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", (name,)
        )]
        for name in names
    }  # fmt: skip
    drawn = st.builds(
        Sent, st.lists(statements(names, columns), min_size=1, max_size=4), st.booleans(), st.booleans()
    )

    def check(sent: Sent, step: int | None) -> None:
        send(by_hand, sent)
        if step is not None:
            with suppress(DecisionRefused):
                at_the_door[step]()
        assert untold(admin, before) == []

    for known in (*KNOWN_TO_WORK, *KNOWN_TO_BE_WRONG):
        check = example(sent=known, step=None)(check)
    check = given(sent=drawn, step=st.none() | st.integers(0, len(at_the_door) - 1))(check)
    settings(max_examples=30, deadline=None)(check)()


def test_whatever_sql_the_blinded_side_sends_each_change_has_one_event(trial_at: TrialAt) -> None:
    fuzz(trial_at)


def test_a_change_with_its_event_is_let_through(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    script.wait(1)
    set_witness(trial_at.admin)
    for sent in KNOWN_TO_WORK:
        send(trial_at.server.connect("conduct"), sent)
    assert [e.kind for e in script.running.book.read(after=script.trial.sequence)] == [
        "ParticipantAllocated", "ParticipantScreened", "IdentityDestroyed",
    ]  # fmt: skip


def slots_in_silence(admin: Connection[TupleRow]) -> None:
    drop_trigger(admin, "require_its_event", "vault.allocation")


def allocations_without_slots(admin: Connection[TupleRow]) -> None:
    drop_trigger(admin, "require_its_slot", "record.event")


def allocations_told_twice(admin: Connection[TupleRow]) -> None:
    admin.execute("DROP INDEX record.once_a_participant")


def identities_in_silence(admin: Connection[TupleRow]) -> None:
    drop_trigger(admin, "require_agreement", "identity.person")
    drop_trigger(admin, "require_agreement", "identity.key")


def screenings_of_nobody(admin: Connection[TupleRow]) -> None:
    drop_trigger(admin, "require_agreement", "record.event")


def events_taken_away(admin: Connection[TupleRow]) -> None:
    drop_trigger(admin, "refuse_change", "record.event")
    admin.execute("GRANT DELETE ON record.event TO equipoise_conduct")


def lists_in_the_open(admin: Connection[TupleRow]) -> None:
    admin.execute("GRANT SELECT, UPDATE ON vault.stratum TO equipoise_conduct")


@pytest.mark.parametrize(
    ("mutate", "says"),
    [
        (slots_in_silence, "2 rows changed .vault.allocation insert., 1 events"),
        (allocations_without_slots, "1 rows changed .vault.allocation insert., 2 events"),
        (allocations_told_twice, "told 2 times"),
        (identities_in_silence, "identity.key delete., 0 events of IdentityDestroyed"),
        (screenings_of_nobody, "0 rows changed"),
        (events_taken_away, "rows changed without an event: record.event delete"),
        (lists_in_the_open, "rows changed .vault.stratum update."),
    ],
    ids=lambda given: given.__name__ if callable(given) else "",
)
def test_without_its_guard_a_change_would_go_untold(
    trial_at: TrialAt, mutate: Callable[[Connection[TupleRow]], object], says: str
) -> None:
    with pytest.raises(AssertionError, match=says):
        fuzz(trial_at, mutate)

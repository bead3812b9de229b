"""The book: what is appended is stored, once, in order; a step that was refused or broke off leaves nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest
from psycopg import errors
from tests.record.books import MIDNIGHT, append, draft, fill, new_book, stamp
from tests.servers import fresh_database, running_server

from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.record import Book, Draft, Server, Stamp, canonical, create_book, role_name


@pytest.fixture(scope="module")
def empty() -> Iterator[Book]:
    """A record for steps that are refused, and so leave it empty."""
    for database in fresh_database(running_server("wheel")):
        yield new_book(database)


def test_an_event_is_stored_with_who_when_where_what_and_why(each_database: Server) -> None:
    book = new_book(each_database)
    who = Stamp("nurse 7", "coordinator", "Asia/Shanghai", "r-1")
    what = Draft("WeightMeasured", 1, canonical({"kg": "61.5"}), "01", "01-007", "typing error")
    before = datetime.now(UTC)
    with book.turn(0, "r-1") as turn:
        (given,) = turn.append(who, [what])
    (event,) = book.read()
    assert event == given == book.event(1)
    assert (event.sequence, event.part, event.previous) == (1, 1, book.beginning.hash)
    assert Stamp(event.actor, event.role, event.zone, event.request) == who
    assert what == Draft(event.kind, event.version, event.payload, event.site, event.participant, event.reason)
    assert before - timedelta(seconds=5) < event.at < datetime.now(UTC) + timedelta(seconds=5)
    assert event.at.utcoffset() == timedelta(0)
    assert book.head() == turn.head


def test_events_are_chained_and_numbered_without_a_gap(database: Server) -> None:
    book = new_book(database)
    append(book, "r-1", draft(1), draft(2))
    append(book, "r-2", draft(3))
    events = list(book.read())
    assert [(event.sequence, event.request, event.part) for event in events] == [
        (1, "r-1", 1),
        (2, "r-1", 2),
        (3, "r-2", 1),
    ]
    assert [event.previous for event in events[1:]] == [event.hash for event in events[:-1]]


def test_two_appends_of_one_turn_count_their_parts_on(database: Server) -> None:
    book = new_book(database)
    with book.turn(0, "r-1") as turn:
        turn.append(stamp("r-1"), [draft(1)])
        turn.append(stamp("r-1"), [draft(2), draft(3)])
        assert turn.append(stamp("r-1"), []) == ()
    assert [event.part for event in book.read()] == [1, 2, 3]
    assert turn.head.sequence == 3


def test_a_turn_shows_what_has_come_since(database: Server) -> None:
    book = new_book(database)
    events = fill(book, 4)
    with book.turn(2, "r-9") as turn:
        assert turn.news == events[2:]
        assert turn.head == book.head()
        assert turn.answered == ()


def test_a_request_that_was_answered_shows_its_events_and_adds_nothing(database: Server) -> None:
    book = new_book(database)
    first = append(book, "r-1", draft(1), draft(2))
    with book.turn(0, "r-1") as turn:
        assert turn.answered == first
        with pytest.raises(DecisionRefused, match="stored before under the same key"):
            turn.append(stamp("r-1"), [draft(3)])
    assert book.head().sequence == 2


def test_a_request_that_asks_for_something_else_than_before_is_told(database: Server) -> None:
    book = new_book(database)
    this, that = b"1" * 32, b"2" * 32
    with book.turn(0, "r-1") as turn:
        assert not turn.was_for_another(this)
        turn.append(msgspec.structs.replace(stamp("r-1"), asked=this), [draft(1), draft(2)])
    append(book, "r-2", draft(3))
    for request, asked, another in (("r-1", this, False), ("r-1", that, True), ("r-1", None, False),
                                    ("r-2", that, False), ("r-3", that, False)):  # fmt: skip
        with book.turn(3, request) as turn:
            assert turn.was_for_another(asked) == another, (request, asked)


def test_what_was_asked_is_stored_with_its_events_or_not_at_all(database: Server) -> None:
    book = new_book(database)
    with pytest.raises(ZeroDivisionError), book.turn(0, "r-1") as turn:
        turn.append(msgspec.structs.replace(stamp("r-1"), asked=b"1" * 32), [draft(1)])
        1 / 0  # noqa: B018
    assert book.connection.execute("SELECT count(*) FROM record.asked").fetchone() == (0,)


def test_an_exception_in_a_turn_leaves_nothing(database: Server) -> None:
    book = new_book(database)
    with pytest.raises(DecisionRefused, match="not eligible"), book.turn(0, "r-1") as turn:
        turn.append(stamp("r-1"), [draft()])
        raise DecisionRefused("not eligible")
    assert book.head() == book.beginning
    assert len(append(book, "r-1", draft())) == 1


def test_a_failed_statement_that_was_swallowed_is_not_taken_for_stored(database: Server) -> None:
    book = new_book(database)
    with pytest.raises(RuntimeError, match="not stored"), book.turn(0, "r-1") as turn:
        turn.append(stamp("r-1"), [draft()])
        with pytest.raises(errors.UndefinedTable):
            turn.connection.execute("SELECT * FROM there_is_no_such_table")
    assert book.head() == book.beginning


def test_a_guard_row_is_stored_with_the_events_of_its_turn_or_not_at_all(database: Server) -> None:
    book = new_book(database)
    owner = database.connect("owner")
    owner.execute("CREATE TABLE record.slot (number int PRIMARY KEY)")
    owner.execute("GRANT INSERT ON record.slot TO equipoise_conduct")
    with pytest.raises(DecisionRefused), book.turn(0, "r-1") as turn:
        turn.connection.execute("INSERT INTO record.slot VALUES (1)")
        raise DecisionRefused("no")
    with book.turn(0, "r-2") as turn:
        turn.connection.execute("INSERT INTO record.slot VALUES (1)")
        turn.append(stamp("r-2"), [draft()])
    assert owner.execute("SELECT count(*) FROM record.slot").fetchone() == (1,)


def test_reading_can_begin_after_an_event_and_keep_to_a_participant_or_some_kinds(database: Server) -> None:
    book = new_book(database)
    append(
        book, "r-1", draft(1, "A", "01-001"), draft(2, "B", "01-002"), draft(3, "C", None), draft(4, "A", "01-002")
    )

    def numbers(**only: object) -> list[int]:
        return [event.sequence for event in book.read(**only)]  # type: ignore[arg-type]

    assert numbers() == [1, 2, 3, 4]
    assert numbers(after=2) == [3, 4]
    assert numbers(participant="01-002") == [2, 4]
    assert numbers(kinds=["A", "C"]) == [1, 3, 4]
    assert numbers(kinds=[]) == []
    assert numbers(after=2, participant="01-002", kinds={"A"}) == [4]
    assert book.event(5) is None


def test_reading_goes_on_over_the_end_of_a_batch(database: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equipoise.record.book._BATCH", 3)
    book = new_book(database)
    for count in (2, 1, 1, 3):  # 2, 3, 4 and 7 events: below, at, above, far above a batch
        append(book, f"{count} {book.head().sequence}", *map(draft, range(count)))
        assert [event.sequence for event in book.read()] == list(range(1, book.head().sequence + 1))


def test_a_live_book_gives_the_time_itself(database: Server) -> None:
    book = new_book(database)
    (event,) = append(book, "r-1", draft(), at=MIDNIGHT)
    assert abs(event.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_time_of_a_live_book_never_goes_back(database: Server) -> None:
    book = new_book(database)
    times = [event.at for event in fill(book, 20)]
    assert times == sorted(times)


def test_a_rehearsal_keeps_the_time_it_is_given(database: Server) -> None:
    book = new_book(database, "rehearsal")
    assert [event.at for event in fill(book, 3)] == [MIDNIGHT + timedelta(minutes=n) for n in (1, 2, 3)]
    (event,) = append(book, "r-9", draft(), at=MIDNIGHT + timedelta(minutes=3))
    assert event.at == MIDNIGHT + timedelta(minutes=3)


def test_the_clock_of_a_rehearsal_may_not_go_back(database: Server) -> None:
    book = new_book(database, "rehearsal")
    fill(book, 3)
    with pytest.raises(DecisionRefused, match="may not go back"):
        append(book, "r-9", draft(), at=MIDNIGHT + timedelta(minutes=3) - timedelta(microseconds=1))
    assert book.head().sequence == 3


@pytest.mark.parametrize("at", [None, datetime(2026, 3, 1)])
def test_a_rehearsal_needs_a_time_with_its_zone(database: Server, at: datetime | None) -> None:
    book = new_book(database, "rehearsal")
    with pytest.raises(DataError, match="bear its time"):
        append(book, "r-1", draft(), at=at)


@pytest.mark.parametrize(
    ("who", "what", "word"),
    [
        ({"actor": " "}, {}, "actor"),
        ({"role": ""}, {}, "role"),
        ({"zone": "Asia/Atlantis"}, {}, "IANA"),
        ({"zone": "../etc"}, {}, "IANA"),
        ({}, {"kind": ""}, "kind"),
        ({}, {"version": 0}, "version"),
        ({}, {"version": 2**31}, "hold"),
        ({}, {"site": ""}, "site"),
        ({}, {"participant": " "}, "participant"),
        ({}, {"reason": ""}, "reason"),
        ({}, {"reason": "a\0b"}, "hold"),
        ({}, {"payload": '{"a":"\\u0000"}'}, "hold"),
        ({}, {"payload": '{"a": 1}'}, "canonical"),
    ],
)
def test_what_the_record_cannot_hold_is_refused_by_name(
    empty: Book, who: dict[str, str], what: dict[str, object], word: str
) -> None:
    wrong = Draft(**{"kind": "A", "version": 1, "payload": "{}", **what})  # type: ignore[arg-type]
    with pytest.raises(DataError, match=word), empty.turn(0, "r-1") as turn:
        turn.append(stamp("r-1", **who), [draft(), wrong])
    assert empty.head() == empty.beginning


def test_an_empty_request_is_refused(empty: Book) -> None:
    with pytest.raises(DataError, match="request"):
        append(empty, "", draft())


def test_a_stamp_of_another_request_is_a_mistake_of_the_program(empty: Book) -> None:
    with pytest.raises(ValueError, match="request of the turn"), empty.turn(0, "r-1") as turn:
        turn.append(stamp("r-2"), [draft()])


def test_a_turn_that_is_over_cannot_append(empty: Book) -> None:
    with empty.turn(0, "r-1") as turn:
        pass
    with pytest.raises(RuntimeError, match="over"):
        turn.append(stamp("r-1"), [draft()])


def test_turns_are_not_nested_and_the_outer_one_ends_well(database: Server) -> None:
    book = new_book(database)
    with book.turn(0, "r-1") as turn:
        turn.append(stamp("r-1"), [draft()])
        with pytest.raises(RuntimeError, match="inside another transaction"), book.turn(0, "r-2"):
            pass
    assert book.head().sequence == 1


def test_a_turn_waits_no_longer_than_half_a_minute_for_another(empty: Book) -> None:
    with empty.turn(0, "r-1"):
        limits = empty.connection.execute(
            "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'), "
            "current_setting('synchronous_commit')"
        ).fetchone()
    assert limits == ("30s", "1min", "off")


def test_where_others_hold_the_record_the_step_is_refused_for_now(database: Server) -> None:
    book = new_book(database)
    other = Book(database.connect("conduct"))
    owner = database.connect("owner")
    (definition,) = owner.execute("SELECT pg_get_functiondef('record.take_turn'::regproc)").fetchone() or ("",)
    owner.execute(definition.replace("'30s'", "'50ms'").encode())
    with other.turn(0, "r-1"), pytest.raises(DecisionRefused, match="nothing was stored"), book.turn(0, "r-2"):
        pass


def test_the_disk_is_waited_for_after_the_turn_even_where_the_server_would_not(database: Server) -> None:
    with database.connect_admin() as connection:
        statement = (
            f"ALTER ROLE equipoise_conduct IN DATABASE {connection.info.dbname} SET synchronous_commit = off"
        )
        connection.execute(statement.encode())
    book = new_book(database)
    append(book, "r-1", draft())
    assert book.connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_owner_creates_a_record_once(database: Server) -> None:
    new_book(database)
    with pytest.raises(DataError, match="does not exist yet"):
        create_book(database.connect("owner"), trial="demo", mode="live")


@pytest.mark.parametrize(
    "wrong",
    [{"schema": "Record"}, {"schema": "a'b"}, {"mode": "test"}, {"trial": " "}, {"writers": ["nobody_known"]}],
)
def test_a_record_that_cannot_be_is_refused_whole(database: Server, wrong: dict[str, object]) -> None:
    with pytest.raises(DataError):
        create_book(database.connect("owner"), **{"trial": "demo", "mode": "live", **wrong})  # type: ignore[arg-type]
    assert database.connect("owner").execute(
        "SELECT count(*) FROM pg_namespace WHERE nspowner = %s::regrole", (role_name("owner"),)
    ).fetchone() == (0,)


def test_two_records_of_one_database_begin_differently(database: Server) -> None:
    first, second = new_book(database), new_book(database, schema="vault_record")
    assert first.beginning.hash != second.beginning.hash
    append(second, "r-1", draft())
    assert (first.head().sequence, second.head().sequence) == (0, 1)


def test_a_book_says_where_there_is_no_record(database: Server) -> None:
    with pytest.raises(DataError, match="no record"):
        Book(database.connect("conduct"))


def test_a_book_needs_a_connection_that_commits_by_itself(database: Server) -> None:
    with psycopg.connect(database.url("owner")) as connection, pytest.raises(ValueError, match="autocommit"):
        Book(connection)


def test_a_trial_that_was_renamed_in_the_database_is_noticed(database: Server) -> None:
    new_book(database)
    with database.connect_admin() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE record.book SET trial = 'another'")
    with pytest.raises(RecordCorrupt, match="another"):
        Book(database.connect("conduct"))


def test_a_deadlock_over_guard_rows_is_a_refusal_to_be_repeated(database: Server) -> None:
    book = new_book(database)
    with (
        pytest.raises(DecisionRefused, match=r"cannot go on; nothing was stored.* deadlock"),
        book.turn(0, "r-1") as turn,
    ):
        turn.append(stamp("r-1"), [draft()])
        turn.connection.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
    assert book.head() == book.beginning


def test_a_full_disk_is_said(database: Server) -> None:
    book = new_book(database)
    with pytest.raises(DecisionRefused, match=r"nothing was stored.* no room"), book.turn(0, "r-1") as turn:
        turn.connection.execute("DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$")
    assert append(book, "r-1", draft())


def test_a_step_that_others_have_overtaken_bears_the_time_of_the_newest_where_it_may(database: Server) -> None:
    book = new_book(database, "rehearsal")
    fill(book, 3)
    before = MIDNIGHT + timedelta(minutes=1)
    with book.turn(3, "r-9", in_order=True) as turn:
        (event,) = turn.append(Stamp("nurse", "nurse", "UTC", "r-9", before), [draft()])
    assert event.at == MIDNIGHT + timedelta(minutes=3)
    later = MIDNIGHT + timedelta(minutes=4)
    with book.turn(4, "r-10", in_order=True) as turn:
        (event,) = turn.append(Stamp("nurse", "nurse", "UTC", "r-10", later), [draft()])
    assert event.at == later

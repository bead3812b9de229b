"""What can be read with SQL alone."""

from datetime import UTC, datetime

import pytest
from psycopg import DatabaseError, errors
from tests.record.books import MIDNIGHT, new_book, stamp

from equipoise.record import Draft, Server, canonical


def test_the_trail_tells_the_time_of_the_site_beside_utc_and_the_content_as_json(each_database: Server) -> None:
    book = new_book(each_database, "rehearsal")
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    with book.turn(0, "r-1") as turn:
        draft = Draft("WeightMeasured", 1, canonical({"kg": "61.5"}), "01", "01-007", "typing error")
        (event,) = turn.append(stamp("r-1", late), [draft])
    reader = each_database.connect("reader")
    row = reader.execute("SELECT utc, local_time, payload ->> 'kg', reason, hash FROM record.trail").fetchone()
    assert row == (
        datetime(2026, 3, 1, 22, 30),
        datetime(2026, 3, 2, 6, 30),
        "61.5",
        "typing error",
        event.hash.hex(),
    )


def test_the_trail_reads_the_same_in_whatever_zone_its_reader_sits(database: Server) -> None:
    book = new_book(database, "rehearsal")
    with book.turn(0, "r-1") as turn:
        turn.append(stamp("r-1", MIDNIGHT), [Draft("A", 1, "{}")])
    reader = database.connect("reader")
    rows = []
    for zone in ("UTC", "Asia/Shanghai", "America/New_York"):
        reader.execute("SELECT set_config('timezone', %s, false)", (zone,))
        rows.append(reader.execute("SELECT utc::text, local_time::text FROM record.trail").fetchone())
    assert set(rows) == {("2026-03-01 00:00:00", "2026-03-01 08:00:00")}


def test_activity_counts_who_did_what_on_which_day_of_the_site(database: Server) -> None:
    book = new_book(database, "rehearsal")
    for number, (hour, reason) in enumerate([(10, None), (11, "typing error"), (18, None)]):
        with book.turn(0, f"r-{number}") as turn:
            turn.append(
                stamp(f"r-{number}", MIDNIGHT.replace(hour=hour)), [Draft("A", 1, "{}", "01", None, reason)]
            )
    rows = database.connect("reader").execute(
        "SELECT day::text, site, actor, role, kind, events, with_reason FROM record.activity ORDER BY day"
    )
    assert rows.fetchall() == [
        ("2026-03-01", "01", "nurse 7", "coordinator", "A", 2, 1),
        ("2026-03-02", "01", "nurse 7", "coordinator", "A", 1, 0),
    ]


@pytest.mark.parametrize("view", ["trail", "activity"])
def test_the_views_are_for_reading_only_and_for_those_who_may(database: Server, view: str) -> None:
    new_book(database)
    with pytest.raises(errors.InsufficientPrivilege):
        database.connect("vault").execute(f"SELECT * FROM record.{view}".encode())
    with pytest.raises(DatabaseError):
        database.connect("reader").execute(f"DELETE FROM record.{view}".encode())

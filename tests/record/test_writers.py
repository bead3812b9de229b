"""Many writers at once: no event lost, none twice, none out of order; one key, one answer."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from tests.record.books import append, draft, new_book, stamp

from equipoise.record import Book, Event, Server, verify_book

ROOT = Path(__file__).parents[2]
THREADS = 8
STEPS = 25


def test_one_key_sent_by_eight_at_once_is_answered_once(each_database: Server) -> None:
    new_book(each_database)
    books = [Book(each_database.connect("conduct")) for _ in range(THREADS)]
    start = Barrier(THREADS)

    def click(book: Book, request: str) -> tuple[Event, ...]:
        start.wait()
        with book.turn(0, request) as turn:
            return turn.answered or turn.append(stamp(request), [draft(1), draft(2)])

    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(10):
            answers = list(pool.map(click, books, [f"r-{number}"] * THREADS))
            assert len(set(answers)) == 1
    assert [(event.request, event.part) for event in books[0].read()] == [
        (f"r-{number}", part) for number in range(10) for part in (1, 2)
    ]


def test_many_steps_at_once_make_one_chain_and_each_sees_all_before_it(database: Server) -> None:
    new_book(database)
    books = [Book(database.connect("conduct")) for _ in range(THREADS)]

    def work(place: int) -> list[tuple[int, int]]:
        seen = []
        known = 0
        for step in range(STEPS):
            request = f"{place}-{step}"
            with books[place].turn(known, request) as turn:
                known += len(turn.news)
                seen.append((known, turn.append(stamp(request), [draft(step)])[0].sequence))
                known += 1
        return seen

    with ThreadPoolExecutor(THREADS) as pool:
        seen = [pair for pairs in pool.map(work, range(THREADS)) for pair in pairs]
    assert all(sequence == known + 1 for known, sequence in seen)
    assert sorted(sequence for _, sequence in seen) == list(range(1, THREADS * STEPS + 1))
    assert verify_book(books[0]).sequence == THREADS * STEPS


def write_as_a_process(url: str, place: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        book = Book(connection)
        for step in range(STEPS):
            append(book, f"{place}-{step}", draft(step))


def test_processes_share_a_record_as_threads_do(database: Server) -> None:
    book = new_book(database)
    program = (
        "import sys; from tests.record.test_writers import *; write_as_a_process(sys.argv[1], int(sys.argv[2]))"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, database.url("conduct"), str(place)], cwd=ROOT)
        for place in range(2)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert verify_book(book).sequence == 2 * STEPS


def test_a_reader_never_waits_for_a_writer(database: Server) -> None:
    writer = new_book(database)
    append(writer, "r-1", draft())
    reader = Book(database.connect("reader"))
    reader.connection.execute("SET statement_timeout = '5s'")
    with writer.turn(0, "r-2") as turn:
        turn.append(stamp("r-2"), [draft()])
        assert [event.sequence for event in reader.read()] == [1]
    assert reader.head().sequence == 2


def test_a_writer_that_dies_in_its_turn_leaves_the_lock_and_nothing_else(database: Server) -> None:
    book = new_book(database)
    dying = Book(psycopg.connect(database.url("conduct"), autocommit=True))
    with pytest.raises(Exception, match="gone"), dying.turn(0, "r-1") as turn:
        turn.append(stamp("r-1"), [draft()])
        with database.connect_admin() as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", (dying.connection.info.backend_pid,))
        raise RuntimeError("gone")
    dying.connection.close()
    append(book, "r-2", draft())
    assert [event.request for event in book.read()] == ["r-2"]

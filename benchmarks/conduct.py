"""How fast a trial is conducted: appending, allocating, verifying, reading the state, the whole rehearsal.

    uv run python benchmarks/conduct.py [--only append,allocate,state,verify,rehearse] [--scale 1.0]

On the embedded PostgreSQL, with fsync; each line prints what was measured beside the goal and their ratio. The
limits that no program can beat are printed where they are known: what one flush to disk costs, what merely reading
the rows costs. `--scale` makes the large records smaller.
"""

import argparse
import atexit
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from equipoise.conduct.door.checkpoint import load_participant, load_state, save_state
from equipoise.conduct.enrolment.consent import ConsentSigned
from equipoise.conduct.enrolment.screening import ParticipantScreened
from equipoise.conduct.follow_up.visits import VisitHeld
from equipoise.conduct.forms.entry import FormSaved
from equipoise.conduct.organisation.sites import SiteOpened
from equipoise.record import Book, Draft, Stamp, canonical, create_book, open_server, role_name, verify_book
from equipoise.record.server import Server

PARTICIPANTS, EVENTS_EACH, CHAIN = 3000, 133, 1_000_000
VISITS, FORMS, ITEMS = 11, 11, 8


def line(what: str, measured: float, unit: str, goal: float | None, *, more_is_better: bool = False) -> None:
    """Print a measurement beside its goal."""
    ratio = "" if goal is None else f"{(measured / goal if more_is_better else goal / measured):8.1f} x the goal"
    print(
        f"{what:66}{measured:12,.2f} {unit:9}{'' if goal is None else f'goal {goal:,.0f}':>12}{ratio}", flush=True
    )


@contextmanager
def database(mode: str = "live") -> Iterator[Server]:
    """Give a server with an empty record in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="equipoise-bench-") as folder, open_server(Path(folder)) as server:
        with server.connect("owner") as owner:
            create_book(owner, trial="bench", mode=mode, writers=[role_name("conduct")])  # type: ignore[arg-type]
        yield server


def form(visit: int, number: int) -> FormSaved:
    """Make up a form of eight items."""
    values = {f"item_{k}": 10.5 + k + number for k in range(ITEMS)}
    return FormSaved(form=f"form_{number}", visit=f"W{visit}", on=date(2026, 1, 5), values=values)


def append() -> None:
    """Append one form a turn, by one client and by eight; and what a flush alone costs."""
    with database() as server:
        payload = canonical(form(1, 1))

        def work(client: int, count: int, times: list[float]) -> None:
            with server.connect("conduct") as connection:
                book, known = Book(connection), 0
                for k in range(count):
                    start = time.perf_counter()
                    key = f"{client}-{k}"
                    with book.turn(known, key) as turn:
                        turn.append(
                            Stamp("nurse", "nurse", "UTC", key), [Draft("FormSaved", 1, payload, "01", "01-001")]
                        )
                        known = turn.head.sequence
                    times.append(time.perf_counter() - start)

        with server.connect("conduct") as connection:
            book = Book(connection)
            book.flush()
            start = time.perf_counter()
            for _ in range(200):
                book.flush()
            line("one flush to disk", (time.perf_counter() - start) / 200 * 1000, "ms", None)
        for clients, count in ((1, 2000), (8, 500)):
            times: list[list[float]] = [[] for _ in range(clients)]
            threads = [
                threading.Thread(target=work, args=(clients * 100 + c, count, times[c])) for c in range(clients)
            ]
            start = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            seconds = time.perf_counter() - start
            line(
                f"append, {clients} client(s), a turn an event",
                clients * count / seconds,
                "events/s",
                500,
                more_is_better=True,
            )
            every = [one * 1000 for own in times for one in own]
            line(f"  median turn, {clients} client(s)", statistics.median(every), "ms", None)


def fill(book: Book, drafts: list[Draft], at: datetime, size: int = 20_000) -> None:
    """Append many events in few turns."""
    known = book.head().sequence
    for first in range(0, len(drafts), size):
        key = f"fill {known}"
        with book.turn(known, key) as turn:
            turn.append(Stamp("bench", "coordinator", "UTC", key, at), drafts[first : first + size])
            known = turn.head.sequence


def trial_drafts(participants: int) -> list[Draft]:
    """Make up a whole trial: each participant screened, consented, with visits and forms."""
    found = [draft(SiteOpened(site="01", name="Bench", country="CHN", zone="UTC"), None)]
    for p in range(participants):
        who = f"01-{p + 1:04d}"
        found.append(draft(ParticipantScreened(protocol="0" * 64), who))
        found.append(draft(ConsentSigned(document="1.0", language="en", signed_on=date(2026, 1, 5)), who))
        for v in range(VISITS):
            found.append(draft(VisitHeld(key=f"W{v}", on=date(2026, 1, 5) + timedelta(days=7 * v)), who))
            found += [draft(form(v, f), who) for f in range(FORMS)]
    return found


def draft(fact: object, participant: str | None) -> Draft:
    """Write a fact as a draft."""
    return Draft(type(fact).__name__, 1, canonical(fact), "01", participant)


def state(scale: float) -> None:
    """Read the state of a large trial from cold, from a checkpoint, and of one participant."""
    participants = max(1, round(PARTICIPANTS * scale))
    with database("rehearsal") as server, tempfile.TemporaryDirectory() as folder:
        book = Book(server.connect("conduct"), flush=False)
        fill(book, trial_drafts(participants), datetime(2026, 1, 5, tzinfo=UTC))
        head = book.head()
        read = timed(lambda: sum(1 for _ in book.read()))
        line(f"merely reading {head.sequence:,} events", read, "s", None)
        start = time.perf_counter()
        trial = load_state(book)
        line(f"state of {participants:,} participants from cold", time.perf_counter() - start, "s", 10)
        save_state(Path(folder), trial, head)
        line("state from a checkpoint", timed(lambda: load_state(book, Path(folder))), "s", 1)
        who = f"01-{participants // 2 + 1:04d}"
        times = [timed(lambda: load_participant(book, who)) * 1000 for _ in range(50)]
        line("one participant from the record", statistics.median(times), "ms", 5)
        warm = load_state(book, Path(folder))
        line("one participant from a checkpoint", timed(lambda: warm.participants[who]) * 1000, "ms", 5)


def verify(scale: float) -> None:
    """Verify the chain of a long record."""
    events = max(1, round(CHAIN * scale))
    with database("rehearsal") as server:
        book = Book(server.connect("conduct"), flush=False)
        drafts = [draft(form(k % VISITS, k % FORMS), f"01-{k % PARTICIPANTS:04d}") for k in range(20_000)]
        start = time.perf_counter()
        while (known := book.head().sequence) < events:
            fill(book, drafts[: events - known], datetime(2026, 1, 5, tzinfo=UTC))
        line(
            f"appending {events:,} events, 20,000 a turn", events / (time.perf_counter() - start), "events/s", None
        )
        line(f"merely reading {events:,} events", timed(lambda: sum(1 for _ in book.read())), "s", None)
        line(f"verifying a chain of {events:,} events", timed(lambda: verify_book(book)), "s", 20)


def allocate() -> None:
    """Allocate by eight clients at once, each with a door and a connection of its own, on a live trial."""
    from tests.invariants.scripted import TRIAL, ask_allocation, attach, begin, bring

    clients, each = 8, 12
    home = Path(tempfile.mkdtemp(prefix="equipoise-bench-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # last of all: the server in it stops before
    text = TRIAL.read_text(encoding="utf-8").replace("size: 24", f"size: {2 * clients * each}")
    (home / "trial.yaml").write_text(text, encoding="utf-8")
    script = begin(home / "trial", source=home / "trial.yaml", mode="live")
    waiting = bring(script, clients * each, "eligible")
    times: list[float] = []

    def work(own: list[str]) -> None:
        mine = attach(home / "trial")
        for participant in own:
            by = mine.by("investigator", mine.trial.participants[participant].site)
            intent = ask_allocation(mine, participant)
            start = time.perf_counter()
            mine.running.door.submit(intent, by)
            times.append((time.perf_counter() - start) * 1000)
        mine.close()

    threads = [threading.Thread(target=work, args=(waiting[c::clients],)) for c in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    script.close()
    line(f"allocation, {clients} clients at once, median", statistics.median(times), "ms", 15)
    line("  the slowest of them", max(times), "ms", None)


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rehearse() -> None:
    """Rehearse the trial of record, whole process, from nothing to the report; then verify its archive."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [sys.executable, "-m", "equipoise.cli"]
        for what, arguments, goal in (
            ("rehearse hucmsc_inr, from nothing to the report", ["rehearse", "hucmsc_inr", "--out", str(out)], 60),
            ("verify its archive", ["verify", str(out)], None),
        ):
            start = time.perf_counter()
            subprocess.run(
                [*command, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            line(what, time.perf_counter() - start, "s", goal)


def main() -> None:
    """Print the measurements asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="append,allocate,state,verify,rehearse")
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the scripted trial is that of the tests
    work: dict[str, Callable[[], None]] = {
        "append": append,
        "allocate": allocate,
        "state": lambda: state(arguments.scale),
        "verify": lambda: verify(arguments.scale),
        "rehearse": rehearse,
    }
    for name in arguments.only.split(","):
        work[name]()


if __name__ == "__main__":
    main()

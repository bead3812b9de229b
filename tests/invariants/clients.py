"""Clients of the scripted trial, each with a connection and a door of its own: as threads, or as processes.

Processes are forked by a nursery, one program that has imported everything once: `Nursery.hatch` gives it an
order, a line of JSON, and it forks a client for each part of it. What a client was told it writes to a file of its
own at once, as a witness that outlives it.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.conduct.door.checkpoint import load_state
from equipoise.conduct.door.door import Door
from equipoise.conduct.door.fact import By
from equipoise.conduct.door.services import Allocate, Services
from equipoise.conduct.enrolment.allocation import AllocateParticipant
from equipoise.line import take_next_slot
from equipoise.protocol import Protocol
from equipoise.record import Book, Event, Head, Turn, write_anchor
from equipoise.trial.folder import TrialFolder
from equipoise.trial.running import signing_key

ROOT = Path(__file__).parents[2]
Witness = Callable[[Head], object]


def open_door(
    connection: Connection[TupleRow],
    protocols: Mapping[str, Protocol],
    *,
    allocate: Allocate = take_next_slot,
    witness: Callable[[Book], Witness] | None = None,
    flush: bool = True,
) -> Door:
    """Open a door of one's own, through a connection of the role of conduct."""
    book = Book(connection, flush=flush)
    services = Services(allocate=allocate, witness=None if witness is None else witness(book))
    return Door(book, protocols, services, trial=load_state(book))


def allocate(door: Door, participant: str, at: datetime) -> str:
    """Allocate a participant under the one key that this step has; return the number."""
    site = participant.partition("-")[0]
    intent = AllocateParticipant(participant=participant, strata={"site": site})
    return number_in(
        door.submit(intent, By(f"investigator.{site}", "investigator", at), f"allocate {participant}")
    )


def number_in(events: Sequence[Event]) -> str:
    """Return the randomisation number that the events of an allocation tell."""
    (number,) = (msgspec.json.decode(e.payload)["number"] for e in events if e.kind == "ParticipantAllocated")
    return str(number)


@dataclass
class Hatched:
    """Clients at work."""

    pids: list[int]
    told: list[Path]
    _nursery: "Nursery"

    def acknowledged(self) -> dict[str, str]:
        """Return what clients were told so far, number by participant; two who asked the same heard the same."""
        said = [line.split() for file in self.told if file.exists() for line in file.read_text().splitlines()]
        numbers: dict[str, str] = dict(said)
        assert all(numbers[participant] == number for participant, number in said)
        return numbers

    def kill_when(self, number: int) -> None:
        """Kill all of them, without a warning, as soon as so many participants were acknowledged."""
        deadline = time.monotonic() + 30
        while len(self.acknowledged()) < number:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)

    def wait(self) -> list[int]:
        """Wait until all have ended; return how each did: 0, or minus the signal that killed it."""
        statuses: list[int] = self._nursery.answer()
        return statuses


class Nursery:
    """The program that forks clients; started once in a test process."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-c", "from tests.invariants.clients import rear; rear()"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hatch(
        self, url: str, folder: Path, at: datetime, work: Sequence[Sequence[str]], *, die: str = "", out: Path
    ) -> Hatched:
        """Fork a client for each list of participants, who allocates them one after the other.

        die: where a client kills itself in its first allocation: `slot taken`, `appended`, `committed`; with
        `apart` before it the slot is taken in a transaction of its own, as it must not be.
        """
        assert self._program.stdin is not None
        out.mkdir(exist_ok=True)
        told = [out / f"client {n}" for n in range(len(work))]
        order = {"url": url, "folder": str(folder), "at": at.isoformat(), "work": work, "die": die}
        self._program.stdin.write(json.dumps({**order, "told": [str(file) for file in told]}) + "\n")
        self._program.stdin.flush()
        return Hatched(self.answer(), told, self)

    def answer(self) -> Any:
        assert self._program.stdout is not None
        return json.loads(self._program.stdout.readline())

    def close(self) -> None:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.close()
        self._program.wait()
        self._program.stdout.close()


def rear() -> None:
    """Read orders from standard input; fork the clients, tell their numbers, then how they ended."""
    for line in sys.stdin:
        order = json.loads(line)
        folder = TrialFolder(Path(order["folder"]))
        protocols, key = folder.protocols(), signing_key(folder)
        pids = []
        for participants, told in zip(order["work"], order["told"], strict=True):
            if (pid := os.fork()) == 0:
                try:
                    work(order, participants, Path(told), protocols, partial(_anchoring, folder, key))
                    os._exit(0)
                except BaseException:  # noqa: BLE001 - a forked process must never return into its parent's loop
                    traceback.print_exc()
                    os._exit(1)
            pids.append(pid)
        print(json.dumps(pids), flush=True)  # noqa: T201 - the answer to who gave the order
        statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        print(json.dumps(statuses), flush=True)  # noqa: T201


def work(
    order: Mapping[str, Any],
    participants: Sequence[str],
    told: Path,
    protocols: Mapping[str, Protocol],
    witness: Callable[[Book], Witness],
) -> None:
    """Allocate participants one after the other, and write down what one is told."""
    die = str(order["die"])
    door = open_door(psycopg.connect(order["url"], autocommit=True), protocols, witness=witness)
    if die:
        door.services = dying(die, order["url"])
    for participant in participants:
        number = allocate(door, participant, datetime.fromisoformat(order["at"]))
        with told.open("a") as out:
            out.write(f"{participant} {number}\n")


def dying(die: str, url: str) -> Services:
    """Give services in which a client comes to its end."""

    def kill(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if die.endswith("appended"):
        append = Turn.append
        Turn.append = lambda *given: (append(*given), kill())[0]  # type: ignore[method-assign, func-returns-value]

    def take(connection: Any, stratum: str, participant: str, request: str) -> str:
        if die.startswith("apart"):
            with psycopg.connect(url, autocommit=True) as apart:
                number = take_next_slot(apart, stratum, participant, request)
        else:
            number = take_next_slot(connection, stratum, participant, request)
        if die.endswith("slot taken"):
            kill()
        return number

    return Services(allocate=take, witness=kill if die.endswith("committed") else None)


def _anchoring(folder: TrialFolder, key: Any, book: Book) -> Witness:
    return lambda _: write_anchor(folder.anchors, key, book)

"""A large trial out of a small one: the folder copied, what happened to each participant written for others too.

Both records of the copy, that of the trial and that of the vault, are written anew, each event at the time of its
original, so that state, trail and history are those of a trial that many people went through. Participants,
allocations, bags, cartons, kits and shipments get a mark for each copy. Tables beside the records (the sealed
list, what the vault knows of kits) stay those of the small trial.
"""

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from equipoise.conduct.door.checkpoint import load_state, save_state
from equipoise.conduct.door.state import Trial
from equipoise.conduct.supply import packing, quarantine, returns, shipments
from equipoise.record import Book, Event, canonical, open_server
from equipoise.record.event import GIVEN
from equipoise.trial.folder import TrialFolder
from equipoise.vault.schema import OWN_RECORD
from equipoise.vault.supply.contents import OF_STOCK

AT_ONCE = 5000
OF_SUPPLY = frozenset(
    fact.__name__ for chapter in (packing, quarantine, returns, shipments) for fact in chapter.CHAPTER.evolutions
)
"""Kinds of events that are written for every copy though they name no participant: the kits of the copies."""
_TOKEN = re.compile(r"([\w-]+/S\d+|[\w-]+)")
_APPEND = """
INSERT INTO {table} ({given}) SELECT {given} FROM unnest(
    %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::int[]
) WITH ORDINALITY AS draft ({given}, place) ORDER BY place
"""


def grow(small: Path, large: Path, participants: int, say: Callable[[str], object]) -> int:
    """Make a folder with so many participants or a few more, copies of those of a small trial; return how many.

    small: folder of a rehearsed trial that nobody has open.
    """
    copy_folder(small, large)
    (large / "anchors.jsonl").unlink(missing_ok=True)
    shutil.rmtree(large / "checkpoints", ignore_errors=True)
    with open_server(large) as server, server.connect_admin() as admin:
        with server.connect("conduct") as conduct, server.connect("vault") as vault:
            trial = load_state(Book(conduct))
            copies = -(-participants // len(trial.participants))
            copying = Copying(frozenset(trial.participants), numbers_of(trial), copies)
            for connection, schema in ((conduct, "record"), (vault, OWN_RECORD)):
                events = list(Book(connection, schema).read())
                say(f"writing {len(events):,} events for {copies} times as many participants ({schema})")
                write(admin, schema, copying.rows(events))
            say("reading the state")
            book = Book(conduct)
            grown = load_state(book)
            save_state(TrialFolder(large).checkpoints, grown, book.head())
        return len(grown.participants)


def copy_folder(folder: Path, copy: Path) -> None:
    """Copy the folder of a trial that nobody has open, with whom its files belong to."""
    subprocess.run(["cp", "-a", folder, copy], check=True)


def numbers_of(trial: Trial) -> frozenset[str]:
    """Return every number that names one thing of a participant or of the supply."""
    allocated = (one.allocation.number for one in trial.participants.values() if one.allocation is not None)
    return frozenset(
        itertools.chain(trial.participants, allocated, trial.bags, trial.cartons, trial.kits, trial.shipments)
    )


@dataclass(frozen=True)
class Copying:
    """How events are copied: of which people, which numbers get a mark, how many times there is everything."""

    people: Set[str]
    numbers: Set[str]
    copies: int

    def rows(self, events: Sequence[Event]) -> Iterator[tuple[Any, ...]]:
        """Give what is stored of each event: request by request, the original and then its copies."""
        for request, group in itertools.groupby(events, key=lambda one: one.request):
            originals = list(group)
            yield from (_row(one, one.participant, one.payload, request, one.part) for one in originals)
            concerned = [(one, _TOKEN.split(one.payload)) for one in originals if self._is_copied(one)]
            for copy in range(1, self.copies):
                mark = f".{copy:02}"
                for part, (one, pieces) in enumerate(concerned, start=1):
                    who = None if one.participant is None else one.participant + mark
                    yield _row(one, who, self._marked(pieces, mark), request + mark, part)

    def _is_copied(self, event: Event) -> bool:
        return event.kind not in OF_STOCK and (event.participant in self.people or event.kind in OF_SUPPLY)

    def _marked(self, pieces: Sequence[str], mark: str) -> str:
        """Return a payload with a mark at every number; a number may be a key, so the keys are sorted again."""
        marked = "".join(piece + mark if piece in self.numbers else piece for piece in pieces)
        return canonical(json.loads(marked))


def write(admin: Connection[Any], schema: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """Write the events of a record anew, chained; without its guards, for copies have no slot in the list."""
    table = sql.Identifier(schema, "event")
    admin.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
    admin.execute(sql.SQL("TRUNCATE {}").format(table))
    admin.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER chain_event").format(table))
    given = sql.SQL(", ").join(map(sql.Identifier, GIVEN))
    statement = sql.SQL(_APPEND).format(table=table, given=given)
    while chunk := list(itertools.islice(rows, AT_ONCE)):
        admin.execute(statement, [list(column) for column in zip(*chunk, strict=True)])
    admin.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
    admin.execute(sql.SQL("ANALYZE {}").format(table))


def _row(one: Event, participant: str | None, payload: str, request: str, part: int) -> tuple[Any, ...]:
    given = (one.at, one.zone, one.actor, one.role, one.site, participant, one.kind, one.version, payload)
    return (*given, one.reason, request, part)

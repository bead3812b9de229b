"""Invariant 14: the state at work is what follows from the record, as is every export; a changed record is found.

However the state comes about (live, from the beginning, from a checkpoint, from the archived lines, one
participant alone) it is the same, and a checkpoint that is missing, damaged or of another record changes nothing.
Whatever a superuser changes, takes out or puts in is found, and the event is named: by the chain, or by the
anchors where the chain was made anew.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import equipoise.record.checkpoint
import equipoise.record.verify
from equipoise.conduct.closing.cut import trial_as_of
from equipoise.conduct.door.chapters import replay
from equipoise.conduct.door.checkpoint import load_participant, load_state, save_state
from equipoise.conduct.door.state import Trial
from equipoise.datasets.from_record import write_datasets, write_sdtm
from equipoise.errors import RecordCorrupt
from equipoise.record import (
    Book,
    Event,
    Head,
    check_anchors,
    hash_event,
    read_lines,
    verify_book,
    verify_lines,
    write_anchor,
    write_lines,
)
from equipoise.trial.running import signing_key
from equipoise.trial.steps import export_data

from .conftest import TrialAt
from .scripted import Scripted, attach
from .work import prepared_work


@pytest.fixture
def script(each_server: str, trial_at: TrialAt) -> Scripted:
    name, folder, _ = prepared_work(each_server)
    return trial_at.copy(name, folder)


def state(trial: Trial) -> bytes:
    """Write a state as bytes, each participant with it whatever it is kept in."""
    whole = msgspec.structs.replace(trial, participants={})
    return msgspec.msgpack.encode([whole, list(trial.participants.items())])


# --- the same state by every way


def otherwise(script: Scripted, home: Path) -> list[str]:
    """Return the ways by which another state comes about than that at work."""
    book, live = script.running.door.book, script.trial
    write_lines(book, home / "events.jsonl")
    alone = {who: load_participant(book, who) for who in live.participants}
    ways = {
        "from the beginning": load_state(book),
        "from the archived lines": replay(read_lines(home / "events.jsonl")),
        "as of the newest event": trial_as_of(book.read(), live.sequence),
        "with the checkpoints": load_state(book, script.running.folder.checkpoints),
        "each participant alone": msgspec.structs.replace(live, participants=alone),
    }
    return [way for way, found in ways.items() if state(found) != state(live)]


def checkpoint_at(script: Scripted, sequence: int) -> Path:
    """Leave one checkpoint: that of the state after an event."""
    folder = script.running.folder.checkpoints
    for file in folder.glob("*"):
        file.unlink()
    trial = trial_as_of(script.running.door.book.read(), sequence)
    event = script.running.door.book.event(sequence)
    assert event is not None
    save_state(folder, trial, Head(sequence, event.hash, event.at))
    (file,) = folder.glob("*")
    return file


def test_the_state_is_the_same_by_every_way_from_whatever_checkpoint(script: Scripted, tmp_path: Path) -> None:
    assert otherwise(script, tmp_path) == []

    @settings(max_examples=10, deadline=None)
    @given(st.integers(1, script.trial.sequence))
    def holds(sequence: int) -> None:
        checkpoint_at(script, sequence)
        assert otherwise(script, tmp_path) == []

    holds()


def test_a_checkpoint_that_is_missing_damaged_or_of_another_record_changes_nothing(
    script: Scripted, tmp_path: Path
) -> None:
    file = checkpoint_at(script, 60)
    whole = file.read_bytes()

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, len(whole) - 1), st.integers(1, 255), st.sampled_from(["changed", "cut off", "longer"]))
    def holds(at: int, by: int, how: str) -> None:
        file.write_bytes(
            {
                "changed": whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :],
                "cut off": whole[:at],
                "longer": whole + bytes([by]),
            }[how]
        )
        assert otherwise(script, tmp_path) == []

    holds()
    of_another(script)
    assert otherwise(script, tmp_path) == []
    for left in script.running.folder.checkpoints.glob("*"):
        left.unlink()
    assert otherwise(script, tmp_path) == []


def of_another(script: Scripted) -> None:
    """Leave a checkpoint of a state that is none, after an event that the record does not hold."""
    wrong = Trial(sequence=60, trial="another")
    save_state(script.running.folder.checkpoints, wrong, Head(60, b"\0" * 32, None))


def test_a_door_that_is_opened_again_goes_on_from_the_same_state(script: Scripted) -> None:
    checkpoint_at(script, 60)
    again = attach(script.folder)
    assert state(again.trial) == state(script.trial)
    again.close()


class Unhashed:
    """A hash that is the same for everything."""

    digest_size = 32

    def __init__(self, _: bytes = b"") -> None: ...

    def update(self, _: bytes) -> None: ...

    def digest(self) -> bytes:
        return bytes(self.digest_size)


def test_without_its_hash_a_damaged_checkpoint_would_be_believed(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equipoise.record.checkpoint.hashlib, "sha256", Unhashed)
    file = checkpoint_at(script, 60)
    monkeypatch.undo()
    monkeypatch.setattr(equipoise.record.checkpoint, "hashlib", type("", (), {"sha256": Unhashed}))
    file.write_bytes(file.read_bytes().replace(b"Hospital 01", b"Hospital 02"))
    assert otherwise(script, tmp_path) == ["with the checkpoints"]


def test_without_a_look_at_the_record_a_checkpoint_of_another_would_be_believed(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equipoise.record.checkpoint, "_holds", lambda *_: True)
    of_another(script)
    with pytest.raises(RecordCorrupt, match="speaks of something that no event before it has made"):
        otherwise(script, tmp_path)


# --- and the same export


def values_by_event(events: Iterator[Event], items: tuple[str, ...]) -> dict[tuple[str, str, str], float]:
    """Read the newest value of items from the events alone, by participant, visit and item."""
    found: dict[tuple[str, str, str], float] = {}
    for event in events:
        if event.kind == "FormSaved":
            said = json.loads(event.payload)
            for item, value in said.get("values", {}).items():
                if item in items:
                    found[event.participant or "", said.get("visit", ""), item] = value
    return found


def exported_otherwise(script: Scripted, home: Path) -> list[str]:
    """Export, and return what is otherwise in the export than the record says."""
    book, protocol = script.running.door.book, script.running.protocol
    export_data(script.running, script.by("data manager"), home / "export", "a look", kind="parquet")
    *_, exported = book.read(kinds=["DataExported"])
    said = json.loads(exported.payload)
    then = trial_as_of(book.read(), said["sequence"])
    assert then.at is not None
    again = write_datasets(home / "again", write_sdtm(protocol, then), "parquet", at=then.at)
    found = [
        f"{name} does not follow from the record" for name, sha in said["hashes"].items() if again[name] != sha
    ]
    measured = {}
    for domain in ("vs", "lb"):
        for row in pl.read_parquet(home / "export" / f"{domain}.parquet").to_dicts():
            item = row[f"{domain.upper()}TESTCD"].lower()
            who = row["USUBJID"].rpartition("SCRIPTED-")[2]
            measured[who, row["VISIT"], item] = row[f"{domain.upper()}STRESN"]
    told = values_by_event(book.read(), ("weight", "pulse", "cd4"))
    if measured != {(who, protocol.visit_label(at), item): value for (who, at, item), value in told.items()}:
        found.append("the values are not those of the events")
    return found


def test_an_export_is_what_follows_from_the_record(script: Scripted, tmp_path: Path) -> None:
    assert exported_otherwise(script, tmp_path) == []


def test_an_export_of_a_state_that_went_astray_would_be_found(script: Scripted, tmp_path: Path) -> None:
    script.participant("01-001").forms["W0/immunology/1"].values["cd4"].value = 999
    assert exported_otherwise(script, tmp_path) == [
        "lb does not follow from the record",
        "the values are not those of the events",
    ]


# --- a superuser at the table of events


def found_by_verifying(script: Scripted, book: Book) -> list[str]:
    """Verify a record and hold it against its anchors; return the sentences."""
    folder = script.running.folder
    found = list(check_anchors(folder.anchors, signing_key(folder).verify_key, book))
    try:
        verify_book(book)
    except RecordCorrupt as error:
        found.insert(0, str(error))
    return found


CHANGES = {
    "at": "at + interval '1 microsecond'",
    "zone": "'Europe/Madrid'",
    "actor": "'nobody'",
    "role": "role || ' '",
    "site": "coalesce(site, '') || '9'",
    "participant": "CASE WHEN participant IS NULL THEN '01-001' END",
    "kind": "'VisitMissed'",
    "version": "version + 1",
    "payload": "regexp_replace(payload, '^.', '{ ')",
    "reason": "coalesce(reason, '') || 'because'",
    "request": "request || '.'",
    "part": "part + 1",
    "previous": "sha256(previous)",
    "hash": "sha256(hash)",
}
"""Another value of each column of an event."""


def change(admin: psycopg.Connection, at: int, column: str) -> None:
    admin.execute(f"UPDATE record.event SET {column} = {CHANGES[column]} WHERE sequence = {at}".encode())


def delete(admin: psycopg.Connection, at: int, _: str) -> None:
    admin.execute("DELETE FROM record.event WHERE sequence = %s", (at,))


def put_in(admin: psycopg.Connection, at: int, _: str) -> None:
    """Put an event in behind another one, and move the rest."""
    admin.execute("UPDATE record.event SET sequence = -sequence WHERE sequence > %s", (at,))
    admin.execute("UPDATE record.event SET sequence = 1 - sequence WHERE sequence < 0")
    admin.execute(
        "INSERT INTO record.event SELECT sequence + 1, at, zone, actor, role, site, participant, 'VisitMissed', "
        "version, payload, reason, request || ' again', part, hash, hash FROM record.event WHERE sequence = %s",
        (at,),
    )


def change_and_hash(admin: psycopg.Connection, at: int, column: str) -> None:
    change(admin, at, column)
    chain(admin, at, at)


def change_and_chain(admin: psycopg.Connection, at: int, column: str) -> None:
    """Change an event, and all that follow, so that the chain holds again."""
    change(admin, at, column)
    (last,) = admin.execute("SELECT max(sequence) FROM record.event").fetchone() or (at,)
    chain(admin, at, last)


def chain(admin: psycopg.Connection, first: int, last: int) -> None:
    book = Book(admin)
    before = book.event(first - 1)
    previous = book.beginning.hash if before is None else before.hash
    for sequence in range(first, last + 1):
        event = book.event(sequence)
        assert event is not None
        event = msgspec.structs.replace(event, previous=previous)
        previous = hash_event(event)
        admin.execute(
            "UPDATE record.event SET previous = %s, hash = %s WHERE sequence = %s",
            (event.previous, previous, sequence),
        )


WAYS = {way.__name__: way for way in (change, delete, put_in, change_and_hash, change_and_chain)}


def unnoticed(script: Scripted, admin: psycopg.Connection, way: str, at: int, column: str) -> list[str]:
    """Let a superuser at the events; return what is wrong about how it is found."""
    if way in ("change_and_hash", "change_and_chain") and column in ("previous", "hash"):
        column = "actor"
    with admin.transaction(force_rollback=True):
        admin.execute("SET LOCAL session_replication_role = replica")
        admin.execute("ALTER TABLE record.event DROP CONSTRAINT reason, DROP CONSTRAINT site")
        book = Book(admin)
        WAYS[way](admin, at, column)
        found = found_by_verifying(script, book)
    if not found:
        return [f"{way} {column} of event {at} was not found"]
    named = {int(number) for number in re.findall(r"event (\d+)", found[0])}
    if way == "change_and_chain":
        return [] if min(named) >= at else [f"{way} of event {at} is said to be at {named}"]
    return [] if named & {at, at + 1} else [f"{way} {column} of event {at} is said to be at {named}"]


def test_whatever_a_superuser_changes_takes_out_or_puts_in_is_found_and_named(
    script: Scripted, trial_at: TrialAt
) -> None:
    folder = script.running.folder
    write_anchor(folder.anchors, signing_key(folder), script.running.door.book)
    last = script.trial.sequence
    with trial_at.server.connect_admin() as admin:

        @settings(max_examples=60, deadline=None)
        @given(st.sampled_from(sorted(WAYS)), st.integers(1, last), st.sampled_from(sorted(CHANGES)))
        def holds(way: str, at: int, column: str) -> None:
            assert unnoticed(script, admin, way, at, column) == []

        holds()
        for way in WAYS:
            for at in (1, last):
                assert unnoticed(script, admin, way, at, "actor") == []


def test_without_hashes_or_without_anchors_it_would_not_be_found(
    script: Scripted, trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = script.running.folder
    last = script.trial.sequence
    with trial_at.server.connect_admin() as admin:
        for column in set(CHANGES) - {"at", "previous", "hash", "payload"}:
            with monkeypatch.context() as patch:
                patch.setattr(equipoise.record.verify, "hash_event", lambda event: event.hash)
                assert unnoticed(script, admin, "change", 60, column)
        folder.anchors.write_bytes(b"")
        for way, at in (("delete", last), ("change_and_hash", last), ("change_and_chain", 60)):
            (found,) = unnoticed(script, admin, way, at, "actor")
            assert found.endswith("was not found")


# --- one byte of the archived lines


def test_one_flipped_byte_in_any_event_of_the_archived_lines_is_found_and_named(
    script: Scripted, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    write_lines(script.running.door.book, file)
    lines = file.read_bytes().splitlines(keepends=True)

    @settings(max_examples=150, deadline=None)
    @given(st.integers(1, len(lines) - 2), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
    def holds(number: int, where: float, by: int) -> None:
        assert flipped_unnoticed(file, lines, number, int(where * len(lines[number])), by) == []

    holds()
    for number in (1, len(lines) - 2):
        for place in (0, len(lines[number]) - 1):
            assert flipped_unnoticed(file, lines, number, place, 1) == []


def flipped_unnoticed(file: Path, lines: list[bytes], number: int, place: int, by: int) -> list[str]:
    """Change a byte of the line of an event; return what is wrong about how it is found."""
    line = lines[number]
    changed = line[:place] + bytes([line[place] ^ by]) + line[place + 1 :]
    file.write_bytes(b"".join([*lines[:number], changed, *lines[number + 1 :]]))
    try:
        verify_lines(file)
    except RecordCorrupt as error:
        # between the last event and the last line stands a byte that belongs to both
        between = (number, place) == (len(lines) - 2, len(line) - 1) and "the last line must give" in str(error)
        return [] if between or f"event {number} " in str(error) else [f"byte {place} of event {number}: {error}"]
    return [f"byte {place} of event {number} was changed, and nothing found"]


def test_without_the_hash_a_changed_line_would_not_be_found(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "events.jsonl"
    write_lines(script.running.door.book, file)
    lines = file.read_bytes().splitlines(keepends=True)
    monkeypatch.setattr(equipoise.record.verify, "hash_event", lambda event: event.hash)
    assert flipped_unnoticed(file, lines, 60, lines[60].index(b"actor") + len('actor":"'), 1)

"""Invariant 23: a backup that is put back reaches the last anchored root, and one that does not is found out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nacl.signing import SigningKey

from equipoise.conduct.closing.locks import data_hash
from equipoise.record import Head, anchor, back_up, check_anchors, read_anchors, write_anchor
from equipoise.trial.running import signing_key

from .clients import allocate
from .conftest import TrialAt
from .scripted import Scripted


def anchored_trial(trial_at: TrialAt) -> Scripted:
    """Return a trial that has anchors in its file: one for each allocation."""
    script = trial_at("eligible", 4)
    for who in script.trial.participants:
        allocate(script.running.door, who, script.now())
    return script


def anchor_now(script: Scripted) -> Head:
    """Anchor the head as it stands, after whatever was recorded since the last allocation."""
    script.save("01-001", "W0", "vitals", weight=61.3, pulse=70)
    return write_anchor(
        script.running.folder.anchors, signing_key(script.running.folder), script.running.book
    ).head()


def not_reached(script: Scripted, root: Head) -> list[str]:
    """Return which anchored roots the record does not hold, and whether the last one is not where it was."""
    folder = script.running.folder
    found = list(check_anchors(folder.anchors, signing_key(folder).verify_key, script.running.book))
    event = script.running.book.event(root.sequence)
    if event is None or event.hash != root.hash:
        found.append(f"the last root, of event {root.sequence}, is not reached")
    return found


def test_a_backup_put_back_reaches_the_last_anchored_root_with_all_data(trial_at: TrialAt, tmp_path: Path) -> None:
    script = anchored_trial(trial_at)
    root, data = anchor_now(script), data_hash(script.trial)
    back_up(trial_at.server, tmp_path / "backup")

    restored = trial_at.restored(tmp_path / "backup", script.folder)

    assert not_reached(restored, root) == []
    assert data_hash(restored.trial) == data
    assert len(read_anchors(script.running.folder.anchors, signing_key(script.running.folder).verify_key)) == 5


def test_a_backup_older_than_the_last_anchor_is_found_out(trial_at: TrialAt, tmp_path: Path) -> None:
    script = anchored_trial(trial_at)
    back_up(trial_at.server, tmp_path / "backup")
    root = anchor_now(script)

    restored = trial_at.restored(tmp_path / "backup", script.folder)

    assert len(not_reached(restored, root)) == 2


@contextmanager
def guards_off(trial_at: TrialAt) -> Iterator[Any]:
    trial_at.admin.execute("SET session_replication_role = replica")
    yield trial_at.admin
    trial_at.admin.execute("RESET session_replication_role")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM record.event WHERE sequence = (SELECT max(sequence) FROM record.event)",
        "UPDATE record.event SET hash = sha256(hash) WHERE sequence = (SELECT max(sequence) FROM record.event)",
    ],
)
def test_a_root_that_was_removed_or_changed_before_the_backup_is_found_out(
    trial_at: TrialAt, tmp_path: Path, change: str
) -> None:
    script = anchored_trial(trial_at)
    root = anchor_now(script)
    with guards_off(trial_at) as admin:
        admin.execute(change)
    assert not_reached(script, root) != []


# --- the anchors themselves


def anchors_of_eight_at_once(file: Path) -> int:
    """Let eight write anchors to one file at once, 25 each; return how many are there in the end."""
    key = SigningKey.generate()
    book: Any = SimpleNamespace(
        schema="record", trial="scripted", head=lambda: Head(1, b"x" * 32, None), flush=lambda: None
    )
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: write_anchor(file, key, book), range(200)))
    return file.read_bytes().count(b"\n")


def test_of_anchors_that_several_write_at_once_none_is_lost(tmp_path: Path) -> None:
    assert anchors_of_eight_at_once(tmp_path / "anchors") == 200


def test_without_its_lock_the_file_would_lose_anchors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchor.fcntl, "flock", lambda *_: None)
    counts = [anchors_of_eight_at_once(tmp_path / f"anchors {n}") for n in range(5)]
    assert min(counts) < 200

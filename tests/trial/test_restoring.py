"""Restoring a trial: into an empty database, shut until two have reconciled, and anchored anew."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted, allocate, attach
from tests.servers import DEBIAN, NO_DEBIAN, fresh_database, running_server

from equipoise.errors import DataError, DecisionRefused
from equipoise.record import Server, back_up, read_anchors, read_gate
from equipoise.trial.restoring import back_up_trial, reconcile_trial, restore_trial
from equipoise.trial.running import signing_key

SIGNERS = ("sponsor", "custodian")


@pytest.fixture
def each_server() -> str:
    """The server of Debian, whose programs are found where only its URL is known."""
    if not DEBIAN:
        pytest.skip(NO_DEBIAN)
    return "debian"


@pytest.fixture
def backup(trial_at: TrialAt, tmp_path: Path) -> tuple[Scripted, Path]:
    """A trial, and a backup of it that does not know of its last allocation."""
    script = trial_at("eligible", 4)
    allocate(script, ["01-001", "02-001"])
    back_up(trial_at.server, tmp_path / "backup")
    allocate(script, ["01-002"])
    return script, tmp_path / "backup"


@pytest.fixture
def restored(
    backup: tuple[Scripted, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Scripted, Server]]:
    """The trial as it was put back into another database, in a copy of its folder."""
    script, file = backup
    shutil.copytree(script.folder, tmp_path / "copy")
    databases = fresh_database(running_server("debian"))
    server = next(databases)
    monkeypatch.setenv("DATABASE_URL", server.admin_url)
    heads = restore_trial(tmp_path / "copy", file)
    assert set(heads) == {"record", "vault_record"}
    again = attach(tmp_path / "copy")
    assert heads["record"].sequence == again.trial.sequence < script.trial.sequence
    yield again, server
    again.close()
    next(databases, None)


def reconcile(script: Scripted, witnessed: dict[str, int], signers: tuple[str, str] = SIGNERS) -> dict[str, int]:
    by = script.by("list custodian")
    return reconcile_trial(
        script.running, script.vault, by, witnessed, signers, "the letters of allocation", "a key"
    )


def test_a_restored_trial_gives_nothing_out_until_it_is_reconciled(restored: tuple[Scripted, Server]) -> None:
    script, _ = restored
    assert not read_gate(script.running.book).open
    with pytest.raises(DecisionRefused, match="shut until the numbers already used have been reconciled"):
        allocate(script, ["01-002"])
    lost = reconcile(script, {"site=01": 2, "site=02": 1})
    assert lost == {"site=01": 1, "site=02": 0}
    assert reconcile(script, {"site=01": 2, "site=02": 1}) == lost, "under the same key it is done once"
    (event,) = script.running.book.read(kinds=["ListReconciled"])
    assert (event.role, event.reason, event.request) == ("list custodian", "the letters of allocation", "a key")
    assert json.loads(event.payload) == {"given_up": {"site=01": 1}, "signers": list(SIGNERS)}
    assert script.trial.given_up == {"site=01": 1}
    allocate(script, ["01-002", "02-002"])
    anchors = read_anchors(script.running.folder.anchors, signing_key(script.running.folder).verify_key)
    restarts = [anchor.restart for anchor in anchors if anchor.restart]
    assert restarts[0].startswith("reconciled by sponsor and custodian on 2026-03-02: the letters of allocation")
    script.close()
    again = attach(script.folder)
    assert read_gate(again.running.book).open, "an anchor of what was lost shuts it no more"
    again.close()


@pytest.mark.parametrize(
    ("witnessed", "signers", "says"),
    [
        ({"site=01": 2}, SIGNERS, "stratum site=02 needs its highest witnessed position"),
        ({"site=01": 0, "site=02": 1}, SIGNERS, "stratum site=01 needs its highest witnessed position, from 1"),
        ({"site=01": 2, "site=02": 1, "site=03": 1}, SIGNERS, "that was announced has no stratum of this name"),
        ({"site=01": 2, "site=02": 1}, ("sponsor", "sponsor"), "two different persons"),
    ],
)
def test_what_cannot_be_vouched_for_opens_nothing(
    restored: tuple[Scripted, Server], witnessed: dict[str, int], signers: tuple[str, str], says: str
) -> None:
    script, _ = restored
    before = script.running.folder.anchors.read_bytes()
    with pytest.raises(DecisionRefused, match=says):
        reconcile(script, witnessed, signers)
    assert not read_gate(script.running.book).open
    assert script.running.folder.anchors.read_bytes() == before


def test_a_backup_is_put_into_the_folder_of_a_trial_and_an_empty_database(
    backup: tuple[Scripted, Path], tmp_path: Path
) -> None:
    script, file = backup
    with pytest.raises(DataError, match="holds no trial"):
        restore_trial(tmp_path, file)
    with pytest.raises(DataError, match="there is no backup at this path"):
        restore_trial(script.folder, tmp_path / "nowhere")
    with pytest.raises(DataError, match="is restored into an empty database"):
        restore_trial(script.folder, file)


def test_a_backup_reaches_the_anchor_that_is_written_with_it(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("eligible", 1)
    folder = script.running.folder
    assert back_up_trial(script.running, tmp_path / "backup") == script.trial.sequence
    (anchor,) = read_anchors(folder.anchors, signing_key(folder).verify_key)
    assert anchor.sequence == script.trial.sequence
    again = trial_at.restored(tmp_path / "backup", script.folder)
    assert again.trial.sequence == anchor.sequence

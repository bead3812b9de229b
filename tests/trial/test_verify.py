"""Verifying a trial while it runs, and its archive by whoever has another version of the program."""

import json
import shutil
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted, unblind

from equipoise.errors import DataError, RecordCorrupt
from equipoise.record import Book
from equipoise.report.folder import MANIFEST, SIGNATURE, hash_files
from equipoise.trial.archive import made_here, read_versions, replay, write_archive
from equipoise.trial.folder import is_archive
from equipoise.trial.restoring import reconcile_trial
from equipoise.trial.running import signing_key
from equipoise.trial.steps import stamp_of
from equipoise.trial.verify import verify_archive, verify_running

SIX = 6
"""So many participants that each site has a whole block, and each arm somebody."""


def archive(script: Scripted, out: Path, language: str = "en") -> dict[str, int]:
    disclosed = unblind(script) if script.trial.unblinded_at is None else disclosed_again(script)
    with script.running.server.connect("vault") as connection:
        return write_archive(
            out,
            protocol_files=script.running.protocol_files(),
            book=script.running.book,
            vault_book=Book(connection, "vault_record"),
            disclosed=disclosed,
            anchors=script.running.folder.anchors,
            key=signing_key(script.running.folder),
            language=language,
        )


def disclosed_again(script: Scripted) -> object:
    return script.vault.call("show_disclosed", None)


def test_a_running_trial_is_verified_with_what_was_counted(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 2)
    assert verify_running(script.running) == {"events": script.trial.sequence, "participants": 2, "anchors": 2}


def test_a_state_that_went_astray_is_found(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 2)
    script.participant("01-001").forms["SCR/vitals/1"].values["weight"].value = 700
    with pytest.raises(RecordCorrupt, match="the state at work is not the one that follows from the record"):
        verify_running(script.running)


def test_places_that_the_vault_has_used_and_the_record_does_not_know_are_found(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 3)
    by = script.by("list custodian")
    stamp = stamp_of(by, "a key", rehearsed=True)
    witnessed = {"site=01": 4, "site=02": 1}
    signers = ("sponsor", "custodian")
    script.vault.call("reconcile", None, stamp=stamp, witnessed=witnessed, signers=signers, reason="letters")
    with pytest.raises(RecordCorrupt, match=r"site=01: .* 2 places .* and 0 given up, the vault has used 4"):
        verify_running(script.running)
    reconcile_trial(script.running, script.vault, by, witnessed, signers, "letters", "a key")  # type: ignore[arg-type]
    assert verify_running(script.running)["participants"] == 3


def test_a_place_that_the_vault_has_forgotten_is_found(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 2)
    with trial_at.server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE vault.stratum SET taken = 0 WHERE name = 'site=02'")
    with pytest.raises(RecordCorrupt, match=r"site=02: .* 1 places .* and 0 given up, the vault has used 0"):
        verify_running(script.running)


def test_an_anchor_of_an_event_that_is_another_now_is_found(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 2)
    anchored = json.loads(script.running.folder.anchors.read_bytes().splitlines()[0])["sequence"]
    with trial_at.server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE record.event SET hash = sha256(hash) WHERE sequence = %s", (anchored,))
    with pytest.raises(RecordCorrupt, match=f"event {anchored}"):
        verify_running(script.running)


def test_two_archives_of_a_trial_have_the_same_bytes_and_replace_one_another(
    trial_at: TrialAt, tmp_path: Path
) -> None:
    script = trial_at("locked", SIX)
    counts = archive(script, tmp_path / "one")
    assert counts["record"] == script.trial.sequence
    assert is_archive(tmp_path / "one")
    assert not is_archive(tmp_path)
    archive(script, tmp_path / "another")
    assert hash_files(tmp_path / "one") == hash_files(tmp_path / "another")
    archive(script, tmp_path / "another")
    found = verify_archive(tmp_path / "another")
    assert (found.events, found.anchors) == (script.trial.sequence, SIX + len(["lock", "unblinding"]))


def test_the_archive_of_a_trial_that_is_not_unblinded_is_not_written(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("locked", SIX)
    disclosed = unblind(script)
    events = list(script.running.book.read())
    assert replay(events).unblinded_at is not None
    before = trial_at("locked", SIX)
    with (
        before.running.server.connect("vault") as connection,
        pytest.raises(DataError, match="locked and unblinded"),
    ):
        write_archive(
            tmp_path / "out",
            protocol_files=before.running.protocol_files(),
            book=before.running.book,
            vault_book=Book(connection, "vault_record"),
            disclosed=disclosed,
            anchors=None,
            key=signing_key(before.running.folder),
        )
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_an_archive_is_not_written_over_what_is_another_s(trial_at: TrialAt, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter").write_text("a letter")
    with pytest.raises(DataError, match="holds files that Equipoise did not write"):
        archive(trial_at("locked", SIX), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter"]


def test_what_another_version_has_made_is_whole_but_not_made_again(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("locked", SIX)
    archive(script, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_bytes())
    assert made_here(manifest)
    other = {**manifest, "version": "0.0.1"}
    assert not made_here(other)
    text = (json.dumps(other, indent=1, ensure_ascii=False) + "\n").encode()
    (tmp_path / "out" / MANIFEST).write_bytes(text)
    signature = signing_key(script.running.folder).sign(text).signature.hex()
    (tmp_path / "out" / SIGNATURE).write_text(signature + "\n")
    with pytest.raises(DataError, match=r"made by version 0\.0\.1 of the program; its record and files are whole"):
        verify_archive(tmp_path / "out")


def test_the_protocol_of_an_archive_is_the_one_that_was_issued(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("locked", SIX)
    archive(script, tmp_path / "out")
    (protocol,) = read_versions(tmp_path / "out", script.trial)
    assert protocol.trial.id == "scripted"
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "out", other)
    file = other / "protocol.yaml"
    file.write_text(file.read_text().replace("range: [30, 200]", "range: [30, 201]"))
    with pytest.raises(RecordCorrupt, match="is not the version of the protocol that was issued"):
        read_versions(other, script.trial)

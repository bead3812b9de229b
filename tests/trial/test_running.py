"""A running trial: begun once in a database of its own, attached again, and closed whatever happens."""

import time
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import START, TRIAL, Scripted, attach, let_in, lock, unblind

from equipoise.conduct.closing.locks import CutData, LockTrial, UnlockTrial
from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.protocol import protocol_version
from equipoise.record import Server, read_anchors, read_gate, write_anchor
from equipoise.trial.running import RunningTrial, attach_trial, begin_trial, signing_key
from equipoise.trial.steps import break_code, export_data


def begin(path: Path, source: Path = TRIAL) -> RunningTrial:
    return begin_trial(
        path,
        str(source),
        sponsor="sponsor",
        administrator="administrator",
        names={"sponsor": "Sponsor Person"},
        mode="rehearsal",
        at=START,
    )


def connections(server: Server) -> int:
    """Count the connections to a database besides this one."""
    with server.connect_admin() as admin:
        (count,) = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone() or (0,)
    return int(count)


def require_connections(server: Server, expected: int = 0) -> None:
    """Fail unless so many connections are left; the server takes a moment to notice that one is closed."""
    deadline = time.monotonic() + 5
    while (count := connections(server)) != expected:
        assert time.monotonic() < deadline, f"{count} connections are open"
        time.sleep(0.02)


@pytest.fixture
def empty(database: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("DATABASE_URL", database.admin_url)
    return database


def test_a_trial_begins_with_its_protocol_and_its_first_two_people(empty: Server, tmp_path: Path) -> None:
    with begin(tmp_path / "trial") as running:
        trial = running.door.trial
        assert trial.versions == [protocol_version(running.protocol)]
        assert {person: [grant.role for grant in known.grants] for person, known in trial.people.items()} == {
            "sponsor": ["sponsor"],
            "administrator": ["administrator"],
        }
        assert trial.people["sponsor"].name == "Sponsor Person"
        assert running.book.mode == running.folder.mode == "rehearsal"
        assert running.protocol.trial.id == running.book.trial == "scripted"
        assert read_gate(running.book).open
    require_connections(empty)


def test_a_database_holds_one_trial(empty: Server, tmp_path: Path) -> None:
    begin(tmp_path / "one").close()
    with pytest.raises(DataError, match="a new record needs a schema that does not exist yet"):
        begin(tmp_path / "another")
    require_connections(empty)


def test_the_folder_of_another_trial_is_not_attached(empty: Server, tmp_path: Path) -> None:
    begin(tmp_path / "trial").close()
    about = tmp_path / "trial" / "trial.json"
    about.write_text(about.read_text().replace("scripted", "another"))
    with pytest.raises(DataError, match="the database holds trial scripted, the folder another"):
        attach_trial(tmp_path / "trial")
    require_connections(empty)


def test_a_folder_without_its_database_is_not_attached(empty: Server, tmp_path: Path) -> None:
    begin(tmp_path / "trial").close()
    with empty.connect_admin() as admin:
        admin.execute("DROP SCHEMA record CASCADE")
    with pytest.raises(DataError, match=r"no record that .* may read is in this database"):
        attach_trial(tmp_path / "trial")
    require_connections(empty)


def test_a_record_that_lies_behind_what_was_witnessed_is_attached_with_its_gate_shut(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 2)
    folder = script.running.folder
    write_anchor(folder.anchors, signing_key(folder), script.running.book)
    witnessed = script.trial.sequence
    with trial_at.server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM record.event WHERE sequence > %s", (witnessed - 3,))
    again = attach(script.folder)
    gate = read_gate(again.running.book)
    assert not gate.open
    assert f"event {witnessed} was witnessed outside the database but the record ends" in gate.why
    again.close()


def test_an_anchor_that_was_changed_keeps_the_trial_shut_and_nothing_open(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 2)
    anchors = script.running.folder.anchors
    anchors.write_bytes(anchors.read_bytes()[:-9] + b"\n")
    before = connections(trial_at.server)
    with pytest.raises(RecordCorrupt, match="is no anchor signed by the key of this trial"):
        attach_trial(script.folder)
    require_connections(trial_at.server, before)


def test_a_lost_connection_is_made_anew_and_closed_in_the_end(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 2)
    first = script.running.book.connection
    with trial_at.server.connect_admin() as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (first.info.backend_pid,))
    with pytest.raises(DecisionRefused, match="the database cannot be reached"):
        script.hold("01-001", "W4")
    script.running.door.refresh()
    second = script.running.book.connection
    assert second is not first
    script.close()
    assert second.closed


def test_each_allocation_is_anchored_outside_the_database(trial_at: TrialAt) -> None:
    script: Scripted = trial_at("allocated", 2)
    assert len(script.running.folder.anchors.read_bytes().splitlines()) == 2


def test_what_a_trial_stands_or_falls_with_is_anchored_and_nothing_else(trial_at: TrialAt, tmp_path: Path) -> None:
    script: Scripted = trial_at("ended", 2)
    file, key = script.running.folder.anchors, signing_key(script.running.folder).verify_key

    def anchored() -> list[str]:
        events = [script.running.book.event(anchor.sequence) for anchor in read_anchors(file, key)]
        return [event.kind for event in events if event is not None]

    assert anchored() == ["ParticipantAllocated"] * 2
    break_code(script.running, script.vault, script.by("investigator", "01"), "01-001", "an emergency")
    script.do(CutData(through=script.today()), "data manager")
    export_data(script.running, script.by("data manager"), tmp_path / "data", "a first look")
    lock(script)
    let_in(script, "second", "data manager")
    script.do(UnlockTrial(reason="a value was wrong"), "data manager", person="second")
    script.do(LockTrial(), "data manager")
    unblind(script)
    kinds = ["CodeBroken", "DataCut", "DataExported", "TrialLocked", "TrialUnlocked"]
    assert anchored()[2:] == [*kinds, "TrialLocked", "TrialUnblinded"]

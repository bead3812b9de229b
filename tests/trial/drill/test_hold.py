"""A drill on a running trial: what it proves, that it touches nothing, and that it finds what is broken."""

import re
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.mutation import rewrite_function
from tests.invariants.scripted import Scripted, allocate
from tests.servers import DEBIAN, NO_DEBIAN, fresh_database, running_server

from equipoise.conduct.organisation.drills import next_drill_due
from equipoise.errors import DecisionRefused
from equipoise.record import Server
from equipoise.report.evidence import check_report, write_report
from equipoise.trial.drill import Drill, evidence_of, hold_drill
from equipoise.trial.drill.steps import STEPS
from equipoise.trial.running import signing_key

NAMES = [check.id for check, _ in STEPS]
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"


def hold(script: Scripted, **options: object) -> Drill:
    return hold_drill(script.running, script.by("administrator"), **options)  # type: ignore[arg-type]


def found(drill: Drill, name: str) -> dict[str, str]:
    (check,) = (check for check in drill.checks if check.id == name)
    return dict(check.evidence)


def failures(drill: Drill) -> dict[str, str]:
    return {check.id: check.failure for check in drill.checks if check.passed is False}


def test_a_drill_adds_its_own_event_and_nothing_else(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("allocated", 3)
    before, places = script.trial.sequence, found_places(script)
    drill = hold(script, vault=script.vault)
    assert [check.id for check in drill.checks if check.passed] == NAMES, failures(drill)
    assert drill.head is not None and drill.head.sequence == before
    (event,) = script.running.book.read(after=before)
    assert event == drill.event and event.participant is event.site is None
    assert found_places(script) == places
    assert found(drill, "restore")["record ends at event"] == str(before)
    assert found(drill, "anchors")["anchors compared"] == "3"
    assert found(drill, "reconciled")["witnessed positions"] == "site=01: 2; site=02: 1"
    assert found(drill, "open again")["next place"] == "site=01: 3, given and taken back"
    assert found(drill, "code break")["door"] == "the running vault answers and serves this key"
    assert next_drill_due(script.trial) is not None
    key = signing_key(script.running.folder)
    public = write_report(tmp_path / "report", evidence_of(script.running, drill), key)
    said = check_report(tmp_path / "report")
    assert said["passed"] and said["key"] == public == key.verify_key.encode().hex()
    assert drill.event.hash.hex() in said["about"]["In the record"]


def found_places(script: Scripted) -> list[tuple[object, ...]]:
    return script.running.book.connection.execute("SELECT * FROM vault.places()").fetchall()


def test_work_goes_on_during_a_drill_and_its_places_are_witnessed(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4, mode="live")
    allocate(script, ["01-001", "02-001"])
    before = script.trial.sequence

    def work(step: str) -> None:
        if step == "restore":
            allocate(script, ["01-002"])

    drill = hold(script, progress=work)
    assert not drill.failed, failures(drill)
    assert drill.head is not None and drill.head.sequence == before < script.trial.sequence - 1
    assert found(drill, "reconciled")["places given up"] == "1"
    assert found(drill, "open again")["next place"] == "site=01: 3, given and taken back"
    assert found(drill, "code break")["door"] == "the vault does not run, so its door was not tried"


def test_what_is_broken_is_found_step_by_step(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> None:
    script = trial_at("allocated", 3)
    folder = script.running.folder
    anchors = folder.anchors.read_text().splitlines(keepends=True)
    folder.anchors.write_text(anchors[0].replace('"sequence":', '"sequence":1') + "".join(anchors[1:]))
    folder.vault_key.unlink()
    next(folder.path.glob("protocols/*.yaml")).write_bytes(b"")
    trial_at.admin.execute("GRANT SELECT ON vault.slot TO equipoise_conduct")
    rewrite_function(trial_at.admin, "record.read_gate()", ("g.open,", "true,"), ("g.home =", "true OR g.home ="))
    monkeypatch.setattr("equipoise.vault.reconcile.count_lost", lambda *_: {})
    said = failures(hold(script))
    assert list(said) == ["anchors", "folder", "protections", "shut", "reconciled", "code break"]
    assert "is no anchor signed by the key" in said["anchors"]
    assert said["protections"].endswith("SELECT FROM vault.slot")
    assert "allocation and dispensing, at the door" in said["shut"]
    assert "below the last that the copy knows was accepted" in said["reconciled"]
    assert "keys/vault.json is missing" in said["code break"]


def test_an_event_that_a_superuser_changed_is_named_and_nothing_further_is_tried(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 1)
    trial_at.admin.execute("SET session_replication_role = replica")
    trial_at.admin.execute("UPDATE record.event SET actor = 'somebody' WHERE sequence = 7")
    drill = hold(script)
    assert re.match(r"event 7 \(\w+\) was changed after it was stored", failures(drill).pop("restore"))
    assert [check.id for check in drill.checks if check.passed is None] == NAMES[2:]
    assert script.trial.drills[-1].failed == ("restore",)
    assert drill.event.payload == '{"failed":["restore"],"hash":"","steps":10,"through":0}'


@pytest.mark.parametrize("each_server", ["debian"])
def test_an_older_server_is_restored_into_the_embedded_one_or_a_given_database(
    trial_at: TrialAt, each_server: str
) -> None:
    if not DEBIAN:
        pytest.skip(NO_DEBIAN)
    script = trial_at()
    drill = hold(script)
    assert not drill.failed, failures(drill)
    assert found(drill, "backup")["PostgreSQL of the trial"].startswith("15.")
    assert found(drill, "restore")["PostgreSQL of the copy"].startswith("18.")
    for other in fresh_database(running_server("debian")):
        drill = hold(script, into=other.admin_url)
        assert not drill.failed, failures(drill)
        assert found(drill, "restore")["PostgreSQL of the copy"].startswith("15.")
        assert tables(other) == 0


def tables(server: Server) -> int:
    with server.connect_admin() as connection:
        (number,) = connection.execute(TABLES).fetchone() or (-1,)
    return int(number)


def test_a_database_that_holds_something_is_left_alone(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 1)
    before = tables(trial_at.server)
    drill = hold(script, into=trial_at.server.admin_url)
    assert "a backup is restored into an empty database" in failures(drill)["restore"]
    assert tables(trial_at.server) == before


def test_a_newer_backup_is_not_put_into_an_older_server(trial_at: TrialAt) -> None:
    if not DEBIAN:
        pytest.skip(NO_DEBIAN)
    script = trial_at()
    for other in fresh_database(running_server("debian")):
        said = failures(hold(script, into=other.admin_url))["restore"]
        assert said.startswith("a backup of PostgreSQL 18 cannot be restored by an older one")


def test_only_an_administrator_holds_one(trial_at: TrialAt) -> None:
    script = trial_at()
    before = script.trial.sequence
    with pytest.raises(DecisionRefused, match=r"this step \(record drill\) is for: administrator"):
        hold_drill(script.running, script.by("data manager"))
    assert script.running.door.refresh().sequence == before

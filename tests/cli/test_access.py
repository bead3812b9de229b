"""Commands of access and of the wall: who may look, what is left in the record, what never comes into it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.command_line import Ended, equipoise
from tests.invariants.at_hand import vault_at_hand
from tests.invariants.conftest import TrialAt
from tests.invariants.refusals import stamp
from tests.invariants.scripted import Scripted, let_in

from equipoise.conduct.closing.signatures import content_hash
from equipoise.errors import DecisionRefused
from equipoise.record import Event

WHO = "01-001"
Run = Callable[..., Ended]
Typed = Callable[..., None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type answers to what a command asks for."""

    def answer(*answers: str) -> None:
        waiting = iter(answers)
        monkeypatch.setattr("typer.prompt", lambda *_, **__: next(waiting))

    return answer


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    """Two participants who were infused, one at each site, and an unblinded monitor."""
    script = trial_at("infused", 2)
    let_in(script, "second.eyes", "unblinded monitor")
    return script


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, script: Scripted) -> Run:
    """Run a command on the trial that must end well, or with the status that is given."""
    vault_at_hand(monkeypatch, script)

    def run(command: str, *arguments: object, status: int = 0) -> Ended:
        first, *words = command.split()
        ended = equipoise(capsys, first, *words, script.folder, *arguments)
        assert ended.status == status, ended
        return ended

    return run


def events(script: Scripted, kind: str) -> list[Event]:
    return list(script.running.book.read(kinds=[kind]))


def vault_kinds(script: Scripted) -> list[str]:
    """The kinds of the events of the vault's own record."""
    with script.running.server.connect("vault") as connection:
        return [kind for (kind,) in connection.execute("SELECT kind FROM vault_record.event ORDER BY sequence")]


def test_an_identity_is_shown_at_its_site_with_an_event_that_names_nobody(run: Run, script: Scripted) -> None:
    monitor = ("--by", "monitor", "--role", "monitor")
    shown = run("identity", WHO, *monitor, "--reason", "source verification", "--json")
    assert json.loads(shown.said)["name"] == "Person 0"
    (read,) = events(script, "IdentityRead")
    assert (read.actor, read.participant, read.reason, read.payload) == (
        "monitor",
        WHO,
        "source verification",
        "{}",
    )
    assert "say why the identity is needed" in run("identity", WHO, *monitor, "--reason", " ", status=2).error
    other = run("identity", WHO, "--by", "coordinator.02", "--reason", "curious", status=2)
    assert "is not coordinator at site 01" in other.error
    nurse = run("identity", WHO, "--by", "nurse.01", "--role", "nurse", "--reason", "curious", status=2)
    assert "this step (read identity) is for: investigator, coordinator, monitor, auditor" in nurse.error
    assert len(events(script, "IdentityRead")) == 1


def test_a_person_is_registered_from_what_is_typed_or_from_a_file(
    run: Run, script: Scripted, typed: Typed, tmp_path: Path
) -> None:
    typed("Wang Fang", "1980-05-31", "F", "")
    assert "was registered for screening" in run("screen", "01", "--by", "coordinator.01").said
    file = tmp_path / "person.json"
    file.write_text(json.dumps({"name": "Li Lei", "birth_date": "1981-01-02", "sex": "M"}), encoding="utf-8")
    run("screen", "02", "--by", "investigator.02", "--role", "investigator", "--identity", file)
    assert "must be JSON" in run("screen", "02", "--by", "coordinator.02", "--identity", __file__, status=2).error
    new = [event.participant for event in events(script, "ParticipantScreened")][-2:]
    assert new == ["01-002", "02-002"]
    stored = "".join(event.payload + str(event.reason) for event in script.running.book.read())
    assert "Wang" not in stored
    assert "1980-05-31" not in stored


def test_masked_values_go_to_the_vault_and_the_unblinded_side_sees_only_where_they_are(
    run: Run, script: Scripted, typed: Typed
) -> None:
    place = ("--visit", "W0", "--form", "antibodies")
    before = script.running.book.head().sequence
    typed("37")
    run("masked enter", WHO, "hla_class_1", *place, "--by", "laboratory")
    typed("370")
    wrong = run("masked enter", WHO, "hla_class_1", *place, "--by", "laboratory", status=2)
    assert "must lie between 0 and 100" in wrong.error
    typed("37")
    monitor = ("--by", "monitor", "--role", "monitor")
    assert "may ask this of the vault" in run("masked enter", WHO, "hla_class_1", *place, *monitor, status=2).error
    assert script.running.book.head().sequence == before
    listed = json.loads(run("masked list", "--by", "second.eyes", "--role", "unblinded monitor", "--json").said)
    assert [(one["participant"], one["item"], one["actor"]) for one in listed] == [
        (WHO, "hla_class_1", "laboratory")
    ]
    assert "37" not in str([one.get("value") for one in listed])
    assert "may ask this of the vault" in run("masked list", *monitor, status=2).error


def test_a_masked_value_is_not_entered_once_the_data_are_locked(run: Run, script: Scripted, typed: Typed) -> None:
    run(
        "step",
        "HoldScope",
        'scope={"visit": "W0"}',
        "locked=true",
        "--by",
        "data.manager",
        "--role",
        "data manager",
    )
    typed("37")
    place = ("--visit", "W0", "--form", "antibodies")
    refused = run("masked enter", WHO, "hla_class_1", *place, "--by", "laboratory", status=2)
    assert "was locked by" in refused.error
    with pytest.raises(DecisionRefused, match="was locked by"):  # nor by who goes round the command
        script.vault.call(
            "enter_masked",
            None,
            stamp=stamp(script, "laboratory"),
            participant=WHO,
            item="hla_class_1",
            value=37,
            visit="W0",
            form="antibodies",
            reason=None,
        )


def test_an_opened_envelope_is_reported_to_both_records_once(run: Run, script: Scripted) -> None:
    report = (WHO, "--by", "investigator.01", "--reason", "collapse at night", "--opened-by", "Dr Wei")
    at = ("--opened-at", "2026-05-01T03:40+08:00", "--request", "envelope 1")
    for _ in range(2):
        assert "both records know" in run("report-envelope", *report, *at).said
    assert [event.participant for event in events(script, "CodeBroken")] == [WHO]
    assert vault_kinds(script).count("EnvelopeOpened") == 1
    naive = run("report-envelope", *report, "--opened-at", "2026-05-01T03:40", status=2)
    assert "needs its offset from UTC" in naive.error
    later = run("report-envelope", *report, "--opened-at", "2099-05-01T03:40+08:00", status=2)
    assert "cannot have been opened in the future" in later.error


def test_a_preparation_is_shown_again_and_each_showing_is_an_event(run: Run, script: Scripted) -> None:
    shown = vault_kinds(script).count("PreparationShown")
    first = run("dose", WHO, f"{WHO}/W0", "--by", "pharmacist", "--show", "--json").said
    again = run("dose", WHO, f"{WHO}/W0", "--by", "pharmacist", "--show", "--json").said
    assert first == again
    assert json.loads(first)["arm"].startswith("canary")
    seen = json.loads(run("supply show", f"{WHO}/W0", "--by", "second.eyes", "--json").said)
    assert seen["arm"] == json.loads(first)["arm"]
    assert vault_kinds(script).count("PreparationShown") == shown + 3
    run("supply verify", "--by", "second.eyes", "--note", "all kits seen")
    assert vault_kinds(script)[-1] == "AccountsVerified"
    record = run("history", "--vault", "--by", "second.eyes", "--role", "unblinded monitor").said
    assert f"second.eyes (unblinded monitor): {WHO} the content of a bag was shown." in record
    assert "canary" not in record
    monitor = ("--by", "monitor", "--role", "monitor")
    assert "may ask this of the vault" in run("history", "--vault", *monitor, status=2).error


def test_what_is_shown_ends_at_the_site_of_who_looks(run: Run, script: Scripted) -> None:
    own = json.loads(run("history", "--by", "nurse.01", "--role", "nurse", "--last", 9999, "--json").said)
    assert {event["site"] for event in own} == {"01"}
    everything = json.loads(run("history", "--last", 9999, "--json").said)
    assert {event["site"] for event in everything} == {None, "01", "02"}
    states = json.loads(run("signatures", "--by", "coordinator.02", "--role", "coordinator", "--json").said)
    assert list(states) == ["02-001"]
    sites = json.loads(run("quality complete", "--by", "monitor", "--role", "monitor", "--json").said)
    assert [one["site"] for one in sites] == ["01", "02"]
    pharmacist = run("history", "--by", "pharmacist", "--role", "pharmacist", status=2)
    assert "the audit trail: this is shown to" in pharmacist.error
    other = run("quality queries", "--site", "02", "--by", "coordinator.01", "--role", "coordinator", status=2)
    assert "is not coordinator at site 02 today" in other.error
    assert "in which role" in run("safety list", "--by", "monitor", status=2).error


def test_access_is_listed_attested_and_due_again_after_a_quarter(run: Run, script: Scripted) -> None:
    listed = json.loads(run("access", "--by", "auditor", "--role", "auditor", "--json").said)
    people = {one["person"]: one for one in listed["people"]}
    assert people["nurse.01"]["roles"] == ["nurse at site 01"]
    assert people["second.eyes"]["last_act"] is None
    assert people["coordinator.01"]["last_act"] is not None
    assert listed["due"] is None
    attest = ("AttestAccess", "--by", "administrator", "--role", "administrator")
    stale = run("step", *attest, "seen=5", "note=fine", status=2)
    assert "people or roles have changed since you looked" in stale.error
    run("step", *attest, f"seen={listed['seen']}", "note=nobody has left")
    (event,) = events(script, "AccessAttested")
    assert json.loads(event.payload)["held"]["nurse.01"] == ["nurse at site 01"]
    assert "the next review is due on" in run("access").said.lower()


def test_passwords_that_are_set_and_wrong_ones_leave_events_and_no_step_pretends_them(
    run: Run, script: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EQUIPOISE_NEW_PASSWORD", "a good long password")
    run("password", "--by", "investigator.01")
    (kept,) = events(script, "PasswordSet")
    assert (kept.actor, kept.role, kept.site, kept.payload) == (
        "investigator.01",
        "investigator",
        "01",
        '{"changed":false}',
    )
    monkeypatch.setenv("EQUIPOISE_PASSWORD", "a guess at somebody")
    content = content_hash(script.participant(WHO))
    run("sign", WHO, "--by", "investigator.01", "--content", content, status=2)
    (wrong,) = events(script, "PasswordRefused")
    assert (wrong.actor, wrong.payload) == ("investigator.01", '{"failures":1}')
    assert not events(script, "Signed")
    for step, fields in (("Sign", "participant=01-001"), ("ReportPasswordSet", "changed=true")):
        refused = run("step", step, fields, "--by", "investigator.01", "--role", "investigator", status=2)
        assert "use `equipoise" in refused.error


def test_roles_are_exported_and_those_of_a_person_told(
    run: Run, script: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix = json.loads(equipoise(capsys, "roles", "--json").said)
    nurse = next(row for row in matrix if row["role"] == "nurse")
    assert "CheckPreparation" in nurse["steps"]
    assert nurse["vault"] == []
    mine = json.loads(run("roles", "--person", "second.eyes", "--json").said)
    assert [(row["role"], row["where"]) for row in mine] == [("unblinded monitor", "at all sites")]
    assert "nobody is entered" in run("roles", "--person", "nobody", status=2).error
    assert "there is no such role" in equipoise(capsys, "roles", "--role", "nurs").error


def test_who_never_consents_is_closed_without_a_signature_and_counted_as_a_screen_failure(
    run: Run, script: Scripted, tmp_path: Path, typed: Typed
) -> None:
    typed("Li Lei", "1981-01-02", "M", "")
    run("screen", "01", "--by", "coordinator.01")
    look = ("lock", "--by", "data.manager", "--check", "--json")
    point = "participants whose participation has not ended"
    before = json.loads(run(*look).said)[point]
    who = ("participant=01-002", "--by", "coordinator.01", "--role", "coordinator")
    run("step", "EndScreening", "why=DECLINED", "reason=no time", *who)
    assert json.loads(run(*look).said)[point] == before - 1
    consent = ("document=1.0", "language=en", "signed_on=2026-06-01")
    assert "screening of 01-002 ended on" in run("step", "SignConsent", *consent, *who, status=2).error
    run("export", "--by", "data.manager", "--out", tmp_path / "out", "--purpose", "flow", "--format", "csv")
    ends = (tmp_path / "out" / "ds.csv").read_text(encoding="utf-8")
    assert "DECLINED,SCREEN FAILURE" in ends
    assert "SCREEN FAILURE" in (tmp_path / "out" / "dm.csv").read_text(encoding="utf-8")
    run("step", "ReopenScreening", "reason=has time after all", *who)
    assert json.loads(run(*look).said)[point] == before
    allocated = run("step", "EndScreening", "why=OTHER", "reason=x", f"participant={WHO}", *who[1:], status=2)
    assert "was allocated; the form that ends participation" in allocated.error


def test_a_third_audits_the_list_with_the_shares_of_both(run: Run, tmp_path: Path) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        file.write_text("1: 48213-7\n", encoding="utf-8")
    shares = [word for file in files for word in ("--share", file)]
    assert "a share must be" in run("audit-list", "--by", "custodian", *shares, status=2).error
    assert "--share twice" in run("audit-list", "--by", "custodian", *shares[:2], status=2).error


def test_envelopes_are_not_opened_for_a_file_that_cannot_be_written(
    run: Run, script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EQUIPOISE_ENVELOPES", "a long password")
    there, new = tmp_path / "there.pdf", tmp_path / "new.pdf"
    there.touch()
    asked = ("--site", "01", "--by", "pharmacist", "--out")
    before = script.vault.vault.book.head()
    for file, why in ((there, "File exists"), (tmp_path / "no" / "new.pdf", "No such file or directory")):
        refused = run("envelopes", *asked, file, status=2).error
        assert refused == (
            f"a file of envelopes must be written to a new file, in a folder that is there ({why}). Got {file}"
        )
    run("envelopes", *asked, new, "--role", "nurse", status=2)
    assert (there.read_bytes(), new.exists()) == (b"", False)
    assert script.vault.vault.book.head() == before
    run("envelopes", *asked, new)
    assert new.stat().st_mode & 0o777 == 0o600
    assert new.read_bytes().startswith(b"%PDF")


def test_an_envelope_was_not_opened_before_there_was_one(run: Run, script: Scripted) -> None:
    allocated = script.participant(WHO).allocation
    assert allocated is not None
    told = ("--by", "investigator.01", "--opened-by", "Dr Li", "--reason", "a fall", "--opened-at")
    before = script.vault.vault.book.head(), script.running.book.head()
    early = (allocated.at - timedelta(minutes=1)).isoformat()
    refused = run("report-envelope", WHO, *told, early, status=2).error
    assert refused.startswith(f"there was no envelope before the allocation at {allocated.at:%Y-%m-%d %H:%M} UTC")
    assert (script.vault.vault.book.head(), script.running.book.head()) == before
    run("report-envelope", WHO, *told, allocated.at.isoformat())

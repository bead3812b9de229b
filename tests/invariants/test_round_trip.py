"""Invariant 21: out as ODM or JSON Lines and back again: the same state, by its hash; all or nothing, once.

From ODM come the events of participants, from JSON Lines the whole record. Put together they give the state that
is at work; JSON Lines alone fill an empty record with the same chain. What is lost on the way is seen: an audit
record taken out, a byte changed.
"""

import hashlib
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from tests.servers import fresh_database, running_server

from equipoise.conduct.closing.locks import data_hash
from equipoise.conduct.door.chapters import replay
from equipoise.conduct.door.checkpoint import load_state
from equipoise.conduct.door.state import Trial
from equipoise.conduct.forms.entry import SaveForm
from equipoise.datasets.odm import NAMESPACES, Version, check_schema, clinical_hash, read_odm
from equipoise.datasets.odm import clinical as clinical_data
from equipoise.errors import DataError, DecisionRefused, EquipoiseError, RecordCorrupt
from equipoise.record import Book, Event, Head, create_book, fill_book, lines, read_gate, verify_book, write_lines
from equipoise.trial.exports.odm import export_odm

from .amended import AMENDMENT, activate, issue, sign_anew
from .conftest import TrialAt
from .scripted import Scripted
from .work import prepared_work

another_database = contextmanager(fresh_database)


@pytest.fixture
def script(each_server: str, trial_at: TrialAt) -> Scripted:
    """A trial in the middle of its work, with what was corrected, refused, missed and struck out."""
    name, folder, changes = prepared_work(each_server)
    script = trial_at.copy(name, folder)
    wanted = (
        "SaveForm",
        "RemoveForm",
        "MissVisit",
        "CorrectVisitDate",
        "AssessEligibility",
        "HoldUnscheduledVisit",
    )
    for change in changes:
        if str(change) in wanted:
            try:
                script.do(change.intent, change.role)
            except DecisionRefused:
                continue  # one change may stand against another
    return script


def exported(script: Scripted, home: Path, version: Version = "1.3.2") -> Path:
    export_odm(script.running, script.by("data manager"), home / "trial.xml", "a copy", version=version)
    return home / "trial.xml"


def state(trial: Trial) -> bytes:
    whole = msgspec.structs.replace(trial, participants={})
    return msgspec.msgpack.encode([whole, list(trial.participants.items())])


def put_together(clinical: Sequence[Event], others: Sequence[Event]) -> Trial:
    """Return the state that follows from events of participants, and those that concern nobody."""
    rest = [event for event in others if event.participant is None]
    return replay(sorted([*clinical, *rest], key=lambda event: event.sequence))


def lost_by_odm(script: Scripted, home: Path, version: Version = "1.3.2") -> list[str]:
    """Go by ODM and back; return what is not the same afterwards."""
    file = exported(script, home, version)
    events = list(script.running.door.book.read())
    try:
        read = read_odm(file)
    except EquipoiseError as error:
        return [str(error)]
    # the export itself has come after what was exported
    came = [event for event in read.events if event.participant]
    again = put_together(came, events)
    live = script.running.door.refresh()
    differs = {
        "clinical hash": read.clinical != clinical_hash(events),
        "state": state(again) != state(live),
        "hash of the data": data_hash(again) != data_hash(live),
    }
    return [what for what, is_so in differs.items() if is_so]


@pytest.mark.parametrize("version", NAMESPACES)
def test_by_odm_and_back_the_state_is_the_same(script: Scripted, tmp_path: Path, version: Version) -> None:
    assert lost_by_odm(script, tmp_path, version) == []
    check_schema(tmp_path / "trial.xml")


def test_so_it_is_with_participants_on_two_versions_of_the_protocol(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("infused", 2)
    issue(script, tmp_path, *AMENDMENT)
    activate(script, "01")
    sign_anew(script, "01-001")
    script.wait(28)
    for who in ("01-001", "02-001"):
        script.hold(who, "W4")
    script.save("01-001", "W4", "vitals", weight=61.3, pulse=71, temperature=36.6)
    script.save("02-001", "W4", "vitals", weight=61.3, pulse=71)
    on = script.participant("01-001").visits["W0"].on
    assert on is not None
    older = SaveForm(
        participant="01-001", form="vitals", visit="W0", on=on, values={"pulse": 73}, reason="copied wrongly"
    )
    script.do(older, "coordinator")
    assert lost_by_odm(script, tmp_path) == []
    check_schema(tmp_path / "trial.xml")
    text = (tmp_path / "trial.xml").read_text(encoding="utf-8")
    assert text.count("<MetaDataVersion ") == text.count("<ClinicalData ") == 2


def test_an_audit_record_that_is_left_out_is_seen(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left_out = clinical_data.Subject._item, []

    def without_one(self: clinical_data.Subject, group: object, event: Event, oid: str, path: object) -> object:
        made = write(self, group, event, oid, path)  # type: ignore[arg-type]
        if not left_out and made.get("TransactionType") == "Update":
            made.remove(made[0])
            left_out.append(oid)
        return made

    monkeypatch.setattr(clinical_data.Subject, "_item", without_one)
    (said,) = lost_by_odm(script, tmp_path)
    assert f"{left_out[0]} without its audit record" in said


def test_a_value_a_reason_or_a_person_that_is_lost_is_seen(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = clinical_data.audit

    def without_reason(event: Event) -> object:
        return audit(msgspec.structs.replace(event, reason=None))

    monkeypatch.setattr(clinical_data, "audit", without_reason)
    (said,) = lost_by_odm(script, tmp_path)
    assert "is not what was written" in said


def test_the_export_is_an_event_with_its_hash_and_leaves_nothing_where_it_is_refused(
    script: Scripted, tmp_path: Path
) -> None:
    before = script.running.door.refresh().sequence
    with pytest.raises(DecisionRefused, match=r"this step \(export data\) is for"):
        export_odm(script.running, script.by("monitor"), tmp_path / "trial.xml", "a copy")
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    file = exported(script, tmp_path)
    *_, event = script.running.door.book.read(after=before)
    said = msgspec.json.decode(event.payload)
    assert (event.kind, said["blind"], said["sequence"]) == ("DataExported", "blinded", before)
    assert said["hashes"] == {"odm.xml": hashlib.sha256(file.read_bytes()).hexdigest()}
    with pytest.raises(DataError, match="does not exist yet"):
        exported(script, tmp_path)


def test_by_json_lines_and_back_chain_and_state_are_the_same(
    each_server: str, script: Scripted, tmp_path: Path
) -> None:
    assert lost_by_lines(each_server, script, tmp_path) == []


def lost_by_lines(kind: str, script: Scripted, home: Path) -> list[str]:
    """Go by JSON Lines into an empty record, twice; return what is not the same afterwards."""
    book, live = script.running.door.book, script.running.door.refresh()
    write_lines(book, home / "events.jsonl")
    with another_database(running_server(kind)) as server:
        owner = server.connect("owner")
        create_book(owner, "record", trial=book.trial, mode=book.mode, writers=["equipoise_conduct"])
        filled = Book(server.connect("conduct"))
        try:
            fill_book(owner, home / "events.jsonl")
            fill_book(owner, home / "events.jsonl")
        except EquipoiseError as error:
            return [str(error), f"{filled.head().sequence} events"]
        write_lines(filled, home / "again.jsonl")
        differs = {
            "chain": verify_book(filled) != book.head(),
            "lines": (home / "again.jsonl").read_bytes() != (home / "events.jsonl").read_bytes(),
            "state": state(load_state(filled)) != state(live),
            "open gate": read_gate(filled).open,
        }
        return [what for what, is_so in differs.items() if is_so]


def change_one(book: Book, file: Path) -> Head:
    """Write the lines of a record, with one weight otherwise."""
    head = write_whole_lines(book, file)
    file.write_bytes(file.read_bytes().replace(b'"weight":61.3', b'"weight":16.3', 1))
    return head


write_whole_lines = write_lines


def test_a_changed_event_is_not_put_in_and_nothing_else_either(
    each_server: str, script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "write_lines", change_one)
    said, stored = lost_by_lines(each_server, script, tmp_path)
    assert "(FormSaved) was changed after it was stored" in said
    assert stored == "0 events"


def test_without_the_verification_a_changed_event_would_come_in(
    each_server: str, script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = script.running.door.book.head()
    monkeypatch.setitem(globals(), "write_lines", change_one)
    monkeypatch.setattr(lines, "verify_lines", lambda _: head)
    monkeypatch.setattr(lines, "verify_book", lambda _: head)
    with pytest.raises(RecordCorrupt, match="was changed after it was stored"):
        lost_by_lines(each_server, script, tmp_path)

"""Invariant 25: of a trial that was conducted to its end the archive holds the truth, whole or not at all.

A small trial is rehearsed, with everything that goes wrong in one, on either PostgreSQL. In the end the other
invariants hold, the archive verifies, and what it analyses is what nature had in store: the same participants, the
arms of the sealed list, the values of the bodies. One byte changed in any file of the archive, and it does not
verify any more; it is said which file, or which event.
"""

import fcntl
import json
import pickle
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey
from tests.servers import DEBIAN, NO_DEBIAN, fresh_database, running_server

from equipoise.conduct.door.chapters import replay
from equipoise.conduct.door.door import WITNESSED
from equipoise.conduct.door.fact import By
from equipoise.conduct.door.state import Participant, Trial
from equipoise.datasets.formats import read_dataset_json
from equipoise.errors import DataError, RecordCorrupt
from equipoise.protocol import Protocol, read_protocol
from equipoise.record import Book, read_lines
from equipoise.report.folder import MANIFEST, SIGNATURE, hash_files
from equipoise.simulation.example import FIRST_DAY
from equipoise.simulation.rehearsal.nature import Nature
from equipoise.simulation.rehearsal.walk import walk_trial
from equipoise.trial import verify
from equipoise.trial.archive import read_disclosed, read_versions, write_archive
from equipoise.trial.opened import Disclosed
from equipoise.trial.running import RunningTrial, signing_key
from equipoise.trial.verify import verify_archive, verify_running

from .allocations import wrong_allocations
from .conftest import database_url

SOURCE = Path(__file__).parents[1] / "simulation" / "rehearsal" / "trial.yaml"
STEADY = {
    "dropout: {by: W24, share: 0.3}": "dropout: {by: W24, share: 0.1}",
    "death: {share: 0.15}": "death: {share: 0.05}",
    "stopped: {share: 0.3, by: W4}": "stopped: {share: 0.1, by: W4}",
    "missed_visit: 0.12": "missed_visit: 0.05",
}
"""What is changed in the trial so that enough participants stay for its analysis."""

SEED = 3


@dataclass(frozen=True)
class Archived:
    """The archive of a rehearsed trial, the key that it was signed with, and what is known besides.

    counts: what happened on the way. wrong: what was found of other invariants. persons: who of nature's persons
    each participant is, which the table of identities knows alone.
    """

    folder: Path
    key: bytes
    counts: Mapping[str, int]
    wrong: list[str]
    persons: Mapping[str, int]

    @property
    def trial(self) -> Trial:
        return replay(read_lines(self.folder / "record" / "events.jsonl"))

    @property
    def protocol(self) -> Protocol:
        return read_protocol(str(self.folder / "protocol.yaml"))

    @property
    def disclosed(self) -> Disclosed:
        return read_disclosed(self.folder / "record" / "opened.json")

    def data(self, kind: str, name: str) -> pl.DataFrame:
        return read_dataset_json(self.folder / kind / f"{name}.json").frame


def rehearse_and_archive(kind: str, home: Path) -> Archived:
    """Rehearse the trial on a server, look at the other invariants, and archive it."""
    text = SOURCE.read_text(encoding="utf-8")
    for old, new in STEADY.items():
        assert old in text
        text = text.replace(old, new)
    (home / "trial.yaml").write_text(text, encoding="utf-8")
    databases = fresh_database(running_server(kind))
    server = next(databases)
    with (
        database_url(server),
        walk_trial(str(home / "trial.yaml"), home / "trial", seed=SEED, drill=True) as walked,
    ):
        running = walked.running
        with server.connect_admin() as admin:
            allocated = {
                who: one.allocation.number for who, one in walked.trial.participants.items() if one.allocation
            }
            wrong = wrong_allocations(admin, allocated)
        assert verify_running(running)["events"] == walked.trial.sequence
        persons = {who: person_of(running, who) for who in walked.trial.participants}
        key = signing_key(running.folder)
        with running.server.connect("vault") as connection:
            write_archive(
                home / "archive",
                protocol_files=running.protocol_files(),
                book=running.book,
                vault_book=Book(connection, "vault_record"),
                disclosed=walked.disclosed,
                anchors=running.folder.anchors,
                key=key,
                documents=walked.documents,
            )
    next(databases, None)
    return Archived(home / "archive", key.encode(), dict(walked.counts), wrong, persons)


def person_of(running: RunningTrial, who: str) -> int:
    """Return who of nature's persons a participant is, as the site can read it."""
    identities, trial = running.door.services.identities, running.door.trial
    assert identities is not None
    assert trial.at is not None
    by = By(f"investigator.{trial.participants[who].site}", "investigator", trial.at)
    identity = identities.read(running.book.connection, trial, by, who)
    return int(identity["name"].rpartition(" ")[2]) - 1


@pytest.fixture(scope="module", params=["wheel", "debian"])
def archived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Archived:
    """The archive, made by whichever worker asks first."""
    if request.param == "debian" and not DEBIAN:
        pytest.skip(NO_DEBIAN)
    shared = tmp_path_factory.getbasetemp()
    home = (shared if worker_id == "master" else shared.parent) / f"archived {request.param}"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "archived").exists():
            (home / "archived").write_bytes(pickle.dumps(rehearse_and_archive(request.param, home)))
    found: Archived = pickle.loads((home / "archived").read_bytes())
    return found


@pytest.fixture
def copy(archived: Archived, tmp_path: Path) -> Path:
    """A copy of the archive, to do harm to."""
    shutil.copytree(archived.folder, tmp_path / "archive")
    return tmp_path / "archive"


# --- the truth


def test_in_the_end_the_other_invariants_hold_and_the_archive_verifies(archived: Archived) -> None:
    assert archived.wrong == []
    found = verify_archive(archived.folder)
    assert found.events == archived.trial.sequence
    events = list(read_lines(archived.folder / "record" / "events.jsonl"))
    witnessed = [event for event in events if event.kind in WITNESSED]
    assert found.anchors == len(witnessed) - 1 > archived.counts["allocated"]  # the first version: before the door
    assert found.made_again > 30
    assert found.files > found.made_again
    assert found.board_reports == 2
    drill = json.loads((archived.folder / "documents" / "drill" / "report.json").read_text(encoding="utf-8"))
    assert (drill["passed"], archived.counts["restore drills held"]) == (True, 1)
    assert archived.trial.drills[0].failed == ()


def untrue(archived: Archived) -> list[str]:
    """Hold the analysed data against the record, the opened list and nature; return what is not true."""
    trial, protocol, disclosed = archived.trial, archived.protocol, archived.disclosed
    arms = {slot.participant: slot.arm for slot in disclosed.slots if slot.participant is not None}
    allocated = {who: one for who, one in trial.participants.items() if one.allocation is not None}
    found = []
    if set(arms) != set(allocated):
        found.append("others were allocated by the list than by the record")
    adsl = {number_of(row["USUBJID"]): row for row in archived.data("adam", "adsl").to_dicts()}
    labels = {arm: one.label.say() for arm, one in protocol.arms.items()}
    if {who for who, row in adsl.items() if row["TRT01P"] in labels.values()} != set(allocated):
        found.append("others are analysed than were allocated")
    treated = {who: adsl[who]["TRT01P"] for who in arms if who in adsl}
    found += [f"{who} is analysed as {said}" for who, said in treated.items() if said != labels[arms[who]]]
    given = {(number_of(row["USUBJID"]), row["EXREFID"]): row for row in archived.data("sdtm", "ex").to_dicts()}
    for dose in disclosed.doses:
        row = given.get((dose.participant, dose.bag))
        if row is not None and row["EXDOSE"] and row["EXDOSE"] > float(dose.amount):
            found.append(f"{dose.participant} got more than was in bag {dose.bag}")
    return found + values_otherwise(archived, arms, allocated)


def values_otherwise(
    archived: Archived, arms: Mapping[str, str], allocated: Mapping[str, Participant]
) -> list[str]:
    """Hold the analysed CD4 counts against those of the bodies, which know no amendment."""
    protocol, *_ = read_versions(archived.folder, archived.trial)
    nature = Nature(protocol, seed=SEED, opening=FIRST_DAY, arm_of=lambda who: arms[who])
    analysed = {
        (number_of(row["USUBJID"]), row["AVISIT"]): row["AVAL"]
        for row in archived.data("adam", "adlb").filter(pl.col("PARAMCD") == "CD4").to_dicts()
    }
    truth = {}
    for who, participant in allocated.items():
        for visit, held in participant.visits.items():
            if held.on is None or held.name is None:
                continue
            values = {form: said for form, _, said in nature.measure(archived.persons[who], visit, who)}
            entry = participant.forms.get(f"{visit}/immunology/1")
            if entry is not None and entry.values["cd4"].missing is None:
                truth[who, protocol.visit_label(visit)] = values["immunology"]["cd4"]
    assert len(truth) > 30
    return [
        f"CD4 of {who} at {visit} was {value}, analysed is {analysed.get((who, visit))}"
        for (who, visit), value in truth.items()
        if analysed.get((who, visit)) != value
    ]


def number_of(subject: str) -> str:
    return re.sub(r"^[A-Z]+-", "", subject)


def test_what_is_analysed_is_what_was_recorded_and_what_was_true(archived: Archived) -> None:
    assert untrue(archived) == []


def test_another_arm_another_participant_or_another_value_would_be_found(
    archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = Archived.data

    def with_one_row_changed(name: str, **changes: object) -> Callable[[Archived, str, str], pl.DataFrame]:
        def data(self: Archived, kind: str, asked: str) -> pl.DataFrame:
            found = frame(self, kind, asked)
            if asked != name:
                return found
            wanted = "PARAMCD" not in found.columns or pl.col("PARAMCD") == "CD4"
            first = found.with_row_index("row").filter(
                wanted & pl.col("TRTP" if "TRTP" in found.columns else "TRT01P").is_not_null()
            )["row"][0]
            rows = found.to_dicts()
            rows[first] |= changes
            return pl.DataFrame(rows, schema=found.schema)

        return data

    for name, changes in (
        ("adsl", {"TRT01P": "Active or placebo"}),
        ("adsl", {"USUBJID": "REHEARSED-09-001"}),
        ("adlb", {"AVAL": 4000.0}),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(Archived, "data", with_one_row_changed(name, **changes))
            assert untrue(archived), name


# --- one byte


def unfound(folder: Path, name: str, where: float, by: int) -> list[str]:
    """Change a byte of a file, verify, put it back; return what is wrong about how it is found."""
    file = folder / name
    whole = file.read_bytes()
    at = int(where * len(whole))
    file.write_bytes(whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :])
    try:
        verify_archive(folder)
    except (RecordCorrupt, DataError) as error:
        told = str(error)
    except Exception as error:  # noqa: BLE001 - whatever else it was is no answer
        return [f"byte {at} of {name} ends in {type(error).__name__}: {error}"]
    else:
        return [f"byte {at} of {name} was changed, and nothing found"]
    finally:
        file.write_bytes(whole)
    # the key stands in the manifest: where it is changed the first that it has signed is said to be wrong
    other = {MANIFEST: "signed", "record/opened.json": "the opened (slot|list)"}.get(name, name)
    named = name in told or re.search(r"event \d+", told) or re.search(other, told)
    return [] if named else [f"byte {at} of {name} is told as: {told}"]


def test_one_changed_byte_in_any_file_is_found_and_the_file_or_the_event_named(copy: Path) -> None:
    files = sorted(hash_files(copy))
    assert {MANIFEST, SIGNATURE, "protocol.yaml", "record/events.jsonl", "record/vault.jsonl"} <= set(files)
    for number, name in enumerate(files):
        assert unfound(copy, name, (number % 7) / 7, 1 + number % 255) == []


def test_one_changed_byte_anywhere_in_what_all_else_follows_from_is_found(copy: Path) -> None:
    kept = sorted(name for name in hash_files(copy) if name.startswith("record/") or "/" not in name)

    @settings(max_examples=40, deadline=None)
    @given(st.sampled_from(kept), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
    def holds(name: str, where: float, by: int) -> None:
        assert unfound(copy, name, where, by) == []

    holds()
    for name in ("record/events.jsonl", "record/vault.jsonl", "record/opened.json", MANIFEST):
        for where in (0.0, 1e-9, 0.00005):  # the first line, and bytes that are no text
            assert unfound(copy, name, where, 128) == []


def test_a_file_too_many_and_one_too_few_are_found(copy: Path) -> None:
    (copy / "sdtm" / "more.json").write_text("{}")
    with pytest.raises(RecordCorrupt, match=r"more\.json is not part of the archive"):
        verify_archive(copy)
    (copy / "sdtm" / "more.json").unlink()
    (copy / "sdtm" / "dm.json").unlink()
    with pytest.raises(RecordCorrupt, match=r"dm\.json is missing"):
        verify_archive(copy)


def test_without_its_hashes_a_changed_file_would_not_be_found(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_make_again", lambda *_: 0)
    for guard, name in (("_check_files", "index.html"), ("_check_signature", SIGNATURE)):
        with monkeypatch.context() as patch:
            patch.setattr(verify, guard, lambda *_: 0)
            assert unfound(copy, name, 0.5, 1)


# --- whoever holds the key


def sign_again(folder: Path, key: bytes) -> None:
    """Write the hashes of the files as they are, and sign them with the trial's own key."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"] = {
        name: sha for name, sha in hash_files(folder).items() if name not in (MANIFEST, SIGNATURE)
    }
    text = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    (folder / MANIFEST).write_bytes(text)
    (folder / SIGNATURE).write_text(SigningKey(key).sign(text).signature.hex() + "\n")


def better_result(folder: Path) -> str:
    file = folder / "results.csv"
    file.write_bytes(re.sub(rb"\d\.\d", b"0.0", file.read_bytes(), count=1))
    return "results.csv does not follow from the record"


def another_value(folder: Path) -> str:
    file = folder / "sdtm" / "lb.json"
    file.write_bytes(file.read_bytes().replace(b"CD4", b"CD8", 1))
    return "lb.json does not follow from the record"


def exchanged_arms(folder: Path) -> str:
    file = folder / "record" / "opened.json"
    text = file.read_text()
    file.write_text(text.replace('"active"', '"?"').replace('"placebo"', '"active"').replace('"?"', '"placebo"'))
    return "is not the one that was sealed"


def more_cells(folder: Path) -> str:
    file = folder / "record" / "opened.json"
    opened = json.loads(file.read_text())
    first = next(dose for dose in opened["doses"] if float(dose["amount"]))
    first["amount"] = str(int(float(first["amount"])) // 2)
    file.write_text(json.dumps(opened))
    return "does not follow from the record"


def cut_off(folder: Path) -> str:
    """Leave out the lock and what came after it, in a record that is whole in itself, and its anchors."""
    file = folder / "record" / "events.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    number = len(lines) - 5
    last = json.loads(lines[number])
    end = json.dumps({"events": number, "hash": last["hash"]}, separators=(",", ":")).encode() + b"\n"
    file.write_bytes(b"".join([*lines[: number + 1], end]))
    anchors = folder / "record" / "anchors.jsonl"
    kept = [
        line for line in anchors.read_bytes().splitlines(keepends=True) if json.loads(line)["sequence"] <= number
    ]
    anchors.write_bytes(b"".join(kept))
    return "no lock of the trial"


def cut_off_but_anchored(folder: Path) -> str:
    anchors = (folder / "record" / "anchors.jsonl").read_bytes()
    cut_off(folder)
    (folder / "record" / "anchors.jsonl").write_bytes(anchors)
    return r"event \d+ is not the one that was anchored while the trial ran"


def other_data_for_the_board(folder: Path) -> str:
    file = folder / "documents" / "board" / "open" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"data": "0" * 64}))
    return "is not of the data as they stood at event"


FORGERIES = (
    better_result,
    another_value,
    exchanged_arms,
    more_cells,
    cut_off,
    cut_off_but_anchored,
    other_data_for_the_board,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__.replace("_", " "))
def test_not_even_who_holds_the_key_can_sign_what_does_not_follow_from_the_record(
    archived: Archived, copy: Path, forge: Callable[[Path], str]
) -> None:
    before = hash_files(copy)
    said = forge(copy)
    assert hash_files(copy) != before
    sign_again(copy, archived.key)
    with pytest.raises((RecordCorrupt, DataError), match=said):
        verify_archive(copy)


def test_without_making_it_again_a_signed_forgery_would_pass(
    archived: Archived, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "_make_again", lambda *_: 0)
    better_result(copy)
    sign_again(copy, archived.key)
    verify_archive(copy)

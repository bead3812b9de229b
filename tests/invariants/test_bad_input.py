"""Bad input is refused in words that a nurse understands, nothing is stored, and what is right goes on."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from equipoise.conduct.door.chapters import read_intent
from equipoise.conduct.follow_up.visits import HoldUnscheduledVisit
from equipoise.errors import DataError, DecisionRefused, EquipoiseError, RecordCorrupt
from equipoise.record import Book, verify_book
from equipoise.trial.restoring import restore_trial
from equipoise.trial.running import attach_trial
from equipoise.trial.verify import verify_archive

from .conftest import TrialAt
from .mutation import drop_trigger
from .refusals import CASES, FIRST, Case, save
from .rewind import Rewind, rewinding
from .scripted import Scripted
from .work import W4, prepared_work

OF_PROGRAMS = re.compile(
    r"Traceback|Error\b|Exception|psycopg|SELECT |INSERT |NULL|None\b|<\w|\w\(\)|[{}\[\]]|SQLSTATE|constraint"
)
"""What no nurse should have to read."""


@pytest.fixture
def rewind(each_server: str, trial_at: TrialAt) -> Iterator[Rewind]:
    name, folder, _ = prepared_work(each_server)
    with rewinding(trial_at.copy(name, folder), trial_at.server) as kept:
        yield kept


def unclear(text: str) -> list[str]:
    """Return what is wrong with the words of a refusal: each line one sentence without the words of programs."""
    found = [f"words of programs: {said}" for said in OF_PROGRAMS.findall(text)]
    lines = text.splitlines()
    found += [f"no sentence: {line}" for line in lines if not 20 <= len(line) <= 400]
    return found + ([] if lines else ["says nothing"])


def wrong_about(rewind: Rewind, case: Case) -> list[str]:
    """Try a case; return what is wrong about its refusal."""
    with rewind.example() as script:
        case.before(script)
        before, state = rewind.stored(), msgspec.msgpack.encode(script.trial)
        try:
            case.tries(script)
        except EquipoiseError as refused:
            found = unclear(str(refused))
            if type(refused) is not case.kind:
                found.append(f"refused as {type(refused).__name__}")
            if not re.search(case.says, str(refused)):
                found.append(f"refused by other words: {refused}")
        else:
            found = ["was not refused"]
        if rewind.stored() != before or msgspec.msgpack.encode(script.trial) != state:
            found.append("something was stored")
        return [f"{case.name}: {what}" for what in found]


def test_every_case_is_refused_in_plain_words_and_stores_nothing(rewind: Rewind) -> None:
    assert [what for case in CASES for what in wrong_about(rewind, case)] == []


def test_without_the_rollback_something_would_be_stored(rewind: Rewind, monkeypatch: pytest.MonkeyPatch) -> None:
    drop_trigger(rewind.admin, "require_agreement", "identity.person")
    monkeypatch.setattr(Book, "_roll_back", lambda book: book.connection.commit())
    twice = next(case for case in CASES if case.name == "a person who is there already")
    assert wrong_about(rewind, twice) == [f"{twice.name}: something was stored"]


def test_a_refusal_in_the_words_of_a_program_would_be_found(
    rewind: Rewind, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = next(case for case in CASES if case.name == "a consent of an old version")

    def refuse(*_: object) -> None:
        raise DecisionRefused("KeyError: {'document': None} in psycopg.connect()")

    monkeypatch.setattr("equipoise.conduct.enrolment.consent._require_in_use", refuse)
    assert len(wrong_about(rewind, old)) > 3


def test_a_double_click_gets_the_same_answer_and_is_stored_once(rewind: Rewind) -> None:
    script = rewind.script
    visit = HoldUnscheduledVisit(participant=FIRST, on=script.today(), why="cough")
    first = script.do(visit, "nurse", request="one click")
    once = rewind.stored()
    assert script.do(visit, "nurse", request="one click") == first
    assert rewind.stored() == once


def test_the_database_gone_in_the_middle_stores_nothing_and_the_step_can_be_repeated(rewind: Rewind) -> None:
    script, step = rewind.script, save(FIRST, W4, "immunology", cd4=260)
    before = rewind.stored()
    backend = script.running.door.book.connection.info.backend_pid
    rewind.admin.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
    with pytest.raises(
        DecisionRefused, match="cannot be reached; nothing was stored by this step, repeat"
    ) as refused:
        step(script)
    assert unclear(str(refused.value)) == []
    assert rewind.stored() == before
    step(script)
    assert script.participant(FIRST).forms[f"{W4}/immunology/1"].values["cd4"].value == 260


def no_folder(script: Scripted, folder: Path) -> object:
    return attach_trial(folder / "nowhere")


def damaged_folder(script: Scripted, folder: Path) -> object:
    (folder / "trial.json").write_text('{"trial": ')
    return attach_trial(folder)


def changed_protocol(script: Scripted, folder: Path) -> object:
    file = folder / "protocols" / f"{script.version}.yaml"
    file.write_text(file.read_text().replace("range: [30, 200]", "range: [30, 900]"))
    return attach_trial(folder)


def no_backup(script: Scripted, folder: Path) -> object:
    return restore_trial(folder, folder / "nowhere.backup")


def full_database(script: Scripted, folder: Path) -> object:
    (folder / "any.backup").write_bytes(b"PGDMP")
    return restore_trial(folder, folder / "any.backup")


def no_archive(script: Scripted, folder: Path) -> object:
    return verify_archive(folder)


def changed_event(script: Scripted, folder: Path) -> object:
    with script.running.server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE record.event SET actor = 'nobody' WHERE sequence = 17")
    return verify_book(script.running.book)


def changed_anchor(script: Scripted, folder: Path) -> object:
    anchors = folder / "anchors.jsonl"
    anchors.write_bytes(anchors.read_bytes().replace(b'"sequence":', b'"sequence":1', 1))
    return attach_trial(folder)


FROM_OUTSIDE: tuple[tuple[Callable[[Scripted, Path], object], type[EquipoiseError], str], ...] = (
    (no_folder, DataError, "this folder holds no trial"),
    (damaged_folder, DataError, "is damaged; take it from a backup"),
    (changed_protocol, DataError, "was changed: its content no longer has the hash that is its name"),
    (no_backup, DataError, "there is no backup at this path"),
    (full_database, DataError, "a backup is restored into an empty database"),
    (no_archive, DataError, "the folder must be the archive of a trial"),
    (changed_event, RecordCorrupt, r"event 17 \(\w+\) was changed after it was stored"),
    (changed_anchor, RecordCorrupt, "is no anchor signed by the key of this trial"),
)


def test_what_comes_from_outside_is_refused_by_its_kind_of_sentence(rewind: Rewind, tmp_path: Path) -> None:
    for tries, kind, says in FROM_OUTSIDE:
        folder = tmp_path / tries.__name__
        shutil.copytree(rewind.script.folder, folder)
        with rewind.example() as script, pytest.raises(kind, match=says) as refused:
            tries(script, folder)
        assert type(refused.value) is kind, tries
        assert unclear(str(refused.value)) == [], tries


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        ("ScreenParticipants", {}, "there is no step called ScreenParticipants; there are:"),
        ("WithdrawConsent", {"participant": FIRST}, "the field on is missing"),
        ("WithdrawConsent", {"participant": FIRST, "on": "today"}, "on must be a date as in 2026-05-31"),
        ("WithdrawConsent", {"participant": FIRST, "on": "2026-03-02", "why": "no"}, "there is no field why"),
    ],
)
def test_a_step_that_is_none_is_named_with_what_is_wrong(name: str, fields: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_intent(name, fields)

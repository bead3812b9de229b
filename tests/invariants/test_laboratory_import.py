"""Invariant 21: results are imported all or nothing, once, every line judged; the masked ones by the vault."""

import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.servers import DebianServer, WheelServer

from equipoise.conduct.closing.locks import HoldScope, LockTrial
from equipoise.conduct.door.chapters import read_fact
from equipoise.conduct.door.door import GUARDS
from equipoise.conduct.door.state import ReferenceRange, Scope
from equipoise.conduct.forms import entry
from equipoise.conduct.laboratory import results
from equipoise.conduct.laboratory.ranges import EnterLaboratory, SetReferenceRanges
from equipoise.conduct.laboratory.results import ImportResults, ResultsImported
from equipoise.datasets.from_record import write_sdtm
from equipoise.errors import DataError, DecisionRefused
from equipoise.trial.laboratory.steps import import_results, read_results
from equipoise.trial.opened import opened_of
from equipoise.vault.events.state import in_force

from .conftest import TrialAt, database_url
from .laboratory_files import NAME, enter_laboratory, intent_of, result, write_results
from .mutation import drop_trigger, forget_keys
from .rewind import Rewind, rewinding
from .scanner import files_in, written
from .scripted import Scripted, attach, begin, bring, let_in, lock, unblind

FIRST, SECOND, THIRD = "01-001", "02-001", "01-002"
W4 = "W4"
MASKED = 37
"""A value of the masked item, as a file would give it."""


@pytest.fixture
def rewind(trial_at: TrialAt) -> Iterator[Rewind]:
    """Three infused participants at week 4, and a laboratory."""
    script = trial_at("infused", 3)
    script.wait(28)
    for who in (FIRST, SECOND, THIRD):
        script.hold(who, W4)
    enter_laboratory(script)
    with rewinding(script, trial_at.server) as kept:
        yield kept


def at(script: Scripted, who: str = FIRST, visit: str = W4) -> str:
    """Eight in the morning of a visit, by the clock of the laboratory."""
    return f"{script.participant(who).visits[visit].on}T08:00"


def counts(script: Scripted, **values: str) -> list[dict[str, str]]:
    """A CD4 count for each of the three at week 4."""
    return [
        result(who, at(script, who), "CD4", values.get(who.replace("-", "_"), "240"), "/uL", f"A{number}")
        for number, who in enumerate((FIRST, SECOND, THIRD))
    ]


def give(script: Scripted, intent: ImportResults) -> tuple[Any, ...]:
    """Import, as the laboratory, with the vault at hand."""
    return import_results(script.running, script.vault, script.by("laboratory"), intent)  # type: ignore[arg-type]


def cd4(script: Scripted, who: str, visit: str = W4) -> Any:
    return script.participant(who).forms[f"{visit}/immunology/1"].values["cd4"].value


# --- what a file leads to


def test_a_file_becomes_records_of_forms_with_their_specimens(rewind: Rewind, tmp_path: Path) -> None:
    script = rewind.script
    events = give(script, intent_of(tmp_path, script, counts(script, **{"01_001": "241"})))
    assert [event.kind for event in events] == ["ResultsImported", "FormSaved", "FormSaved", "FormSaved"]
    assert (cd4(script, FIRST), cd4(script, SECOND)) == (241, 240)
    specimen = script.participant(FIRST).forms[f"{W4}/immunology/1"].specimens["cd4"]
    assert (specimen.laboratory, specimen.accession, specimen.collected) == (NAME, "A0", at(script))
    told = read_fact(events[0])
    assert isinstance(told, ResultsImported)
    assert (told.rows, told.records, told.values, told.masked, len(told.sha256)) == (3, 3, 3, 0, 64)


def test_a_file_imported_twice_is_imported_once(rewind: Rewind, tmp_path: Path) -> None:
    script = rewind.script
    intent = intent_of(tmp_path, script, counts(script))
    first = give(script, intent)
    stored = rewind.stored()
    assert give(script, intent) == first
    assert rewind.stored() == stored


def test_without_the_keys_answered_before_a_file_is_known_by_its_content_and_without_both_told_twice(
    rewind: Rewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = rewind.script
    intent = intent_of(tmp_path, script, counts(script))
    give(script, intent)
    with pytest.raises(DecisionRefused, match="was imported before, by event"):
        script.do(intent, "laboratory", request="another key")
    script.trial.imports.clear()
    (again,) = script.do(intent, "laboratory", request="another key")
    assert again.kind == "ResultsImported"
    forget_keys(monkeypatch)
    script.trial.imports.clear()
    with pytest.raises(DecisionRefused, match="stored before"):  # the unique key of the database itself
        give(script, intent)


def test_a_corrected_result_is_a_change_with_its_reason_and_the_history_stays(
    rewind: Rewind, tmp_path: Path
) -> None:
    script = rewind.script
    give(script, intent_of(tmp_path, script, counts(script)))
    events = give(script, intent_of(tmp_path, script, counts(script, **{"01_001": "260"}), name="second.csv"))
    told, saved = events
    assert saved.reason == f"corrected by laboratory {NAME}"
    assert read_fact(told).unchanged == 2  # type: ignore[attr-defined]
    assert (cd4(script, FIRST), script.participant(FIRST).forms[f"{W4}/immunology/1"].values["cd4"].changes) == (
        260,
        1,
    )
    other = [result(FIRST, at(script), "CD4", "270", "/uL", "A9")]
    with pytest.raises(DecisionRefused, match="stands there already, from accession A0; say in the manifest why"):
        give(script, intent_of(tmp_path, script, other, name="third.csv"))
    (_, saved) = give(script, intent_of(tmp_path, script, other, name="third.csv", reason="the tube was mixed up"))
    assert saved.reason == "the tube was mixed up"


def test_a_value_changed_by_hand_is_no_longer_that_of_the_laboratory(rewind: Rewind, tmp_path: Path) -> None:
    script = rewind.script
    give(script, intent_of(tmp_path, script, counts(script)))
    on = script.participant(FIRST).visits[W4].on
    assert on is not None
    by_hand = entry.SaveForm(
        participant=FIRST, form="immunology", visit=W4, on=on, values={"cd4": 99}, reason="read wrongly"
    )
    script.do(by_hand, "coordinator")
    assert script.participant(FIRST).forms[f"{W4}/immunology/1"].specimens == {}


# --- all or nothing


def bad_files(script: Scripted) -> dict[str, tuple[list[dict[str, str]], dict[str, Any], str]]:
    """Files with something wrong: rows, what the manifest says besides, and how they are refused."""
    good = counts(script)
    soon = (script.now() + timedelta(days=1)).isoformat(timespec="minutes")
    return {
        "a bad unit": (
            [*good[:2], {**good[2], "unit": "mg/dL"}],
            {},
            r"line 4, unit: cannot be converted to cells/uL, .*Got mg/dL",
        ),
        "no unit": ([{**good[0], "unit": ""}], {}, "line 2, unit: is missing; results are recorded in"),
        "a unit that nobody knows": (
            [{**good[0], "unit": "blups"}],
            {},
            r"line 2, unit: is not a unit that is known",
        ),
        "a time to come": (
            [good[0], {**good[1], "collected": soon}],
            {},
            r"line 3, collected: must not lie in the future",
        ),
        "no date": ([{**good[0], "collected": "5 May"}], {}, r"line 2, collected: must be a date and time"),
        "nobody": ([{**good[0], "participant": "01-999"}], {}, r"line 2, participant: nobody has this"),
        "another site": (
            good,
            {"site": "01"},
            r"line 3, participant: belongs to site 02, and this import is for site 01. Got 02-001",
        ),
        "a test that is none": ([{**good[0], "test": "CD5"}], {}, r"line 2, test: .*did you mean CD4\? Got CD5"),
        "a visit not held": ([{**good[0], "visit": "W8"}], {}, r"line 2, visit: has not been recorded as held"),
        "a day without a visit": (
            [{**good[0], "collected": "2026-03-20T08:00"}],
            {},
            r"line 2, collected: 01-001 held no visit on this day",
        ),
        "no number": ([{**good[0], "value": "many"}], {}, r"line 2, value: must be a number .*Got many"),
        "out of range": ([{**good[0], "value": "9000"}], {}, r"line 2, value: must lie between 0 and 3000"),
        "nothing": ([{**good[0], "value": ""}], {}, r"line 2, value: is empty; where there is none, say why"),
        "below the limit": (
            [{**good[0], "value": "<20"}],
            {},
            "line 2, value: lies below the limit of",
        ),
        "the same twice": ([good[0], good[0]], {}, r"line 3, test: gives a result for the same record as line 2"),
        "too few": (good, {"rows": 4}, r"the manifest tells of 4 results and the file holds 3"),
        "another code list": (good, {"code_list": "0" * 12}, r"the code list .* must be a version of this trial"),
        "another laboratory": (good, {"laboratory": "centrall"}, r"no such laboratory .*did you mean central"),
        "a manifest without a zone": (good, {"created_at": "2026-01-05T10:00"}, r"with the offset from UTC"),
    }


def kept_of(rewind: Rewind, folder: Path) -> list[str]:
    """Import each bad file; return what is wrong about its refusal."""
    found = []
    for name, (rows, said, words) in bad_files(rewind.script).items():
        with rewind.example() as script:
            before, state = rewind.stored(), msgspec.msgpack.encode(script.trial)
            try:
                give(script, intent_of(folder, script, rows, **said))
                found.append(f"{name}: was imported")
            except DecisionRefused as refused:
                if not re.search(words, str(refused)):
                    found.append(f"{name}: {refused}")
            if rewind.stored() != before or msgspec.msgpack.encode(script.trial) != state:
                found.append(f"{name}: something was stored")
    return found


def test_one_bad_line_refuses_the_whole_file_in_words_that_name_it(rewind: Rewind, tmp_path: Path) -> None:
    assert kept_of(rewind, tmp_path) == []


def test_every_bad_line_is_named_at_once_up_to_twenty(rewind: Rewind, tmp_path: Path) -> None:
    script = rewind.script
    rows = [{**counts(script)[0], "participant": f"99-{number:03}"} for number in range(30)]
    with pytest.raises(DecisionRefused) as refused:
        give(script, intent_of(tmp_path, script, rows))
    said = str(refused.value).splitlines()
    assert said[0] == "results.csv was not imported and nothing was stored, as 30 of its lines are wrong:"
    assert (len(said), said[-1]) == (22, "and 10 more such lines")
    assert said[1].startswith("line 2, participant: nobody has")


def test_without_the_judgement_of_lines_a_bad_file_would_be_imported(
    rewind: Rewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "_require_right", lambda *_: None)
    assert any("a bad unit: was imported" in what for what in kept_of(rewind, tmp_path))


def test_a_file_that_is_not_the_one_of_its_manifest_is_refused(rewind: Rewind, tmp_path: Path) -> None:
    script = rewind.script
    file, manifest = write_results(tmp_path, script, counts(script))
    text = file.read_text()
    file.write_text(text.replace("240", "250"))
    with pytest.raises(DataError, match="was changed on its way: its SHA-256 must be"):
        read_results(file, manifest)
    file.write_text(text)
    other = file.rename(tmp_path / "other.csv")
    with pytest.raises(DataError, match=r"speaks of the file results.csv; give that one. Got other"):
        read_results(other, manifest)


# --- locks


def test_a_locked_scope_refuses_the_whole_file(rewind: Rewind, tmp_path: Path) -> None:
    for scope in (Scope(site="01"), Scope(participant=FIRST), Scope(visit=W4), Scope(form="immunology"), Scope()):
        with rewind.example() as script:
            script.do(HoldScope(scope=scope, locked=True), "data manager", site="")
            before = rewind.stored()
            with pytest.raises(DecisionRefused, match="was locked by"):
                give(script, intent_of(tmp_path, script, counts(script)))
            assert rewind.stored() == before


def test_without_its_guard_in_the_decision_the_database_refuses_and_without_both_nobody(
    rewind: Rewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setattr(entry, "require_open", lambda *_, **__: None)
    script = rewind.script
    script.do(HoldScope(scope=Scope(visit=W4), locked=True), "data manager", site="")
    before = rewind.stored()
    with pytest.raises(psycopg.Error, match="these data are locked"):
        give(script, intent_of(tmp_path, script, counts(script)))
    assert rewind.stored() == before
    drop_trigger(rewind.admin, "refuse_locked", "record.event")
    assert len(give(script, intent_of(tmp_path, script, counts(script)))) == 4


def test_after_the_lock_laboratories_and_ranges_stay_as_they_are(
    rewind: Rewind, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equipoise.conduct.closing import locks

    monkeypatch.setattr(locks, "checklist", lambda *_: {})
    script = rewind.script
    script.do(LockTrial(), "data manager")
    low = ReferenceRange(test="CD4", valid_from=script.today(), low="500", unit="/uL")
    for intent in (
        EnterLaboratory(laboratory="other", name="Other", zone="UTC"),
        SetReferenceRanges(laboratory=NAME, ranges=(low,)),
    ):
        with pytest.raises(DecisionRefused, match="is locked"):
            script.do(intent, "data manager")


# --- what only the vault keeps


def masked_rows(script: Scripted, value: str = str(MASKED)) -> list[dict[str, str]]:
    """A count, and a result of the masked item for an allocated participant."""
    return [counts(script)[0], result(FIRST, at(script, FIRST, "W0"), "HLAIPRA", value, "%", "A7")]


def test_masked_results_go_to_the_vault_and_into_no_byte_of_the_blinded_side(
    rewind: Rewind, trial_at: TrialAt, tmp_path: Path
) -> None:
    script = rewind.script
    value = f"{10 + secrets.randbelow(80)}"
    intent = intent_of(tmp_path, script, masked_rows(script, value))
    events = give(script, intent)
    told = read_fact(events[0])
    assert isinstance(told, ResultsImported)
    assert (told.values, told.masked, told.sha256) == (1, 1, "")
    assert [event.kind for event in events] == ["ResultsImported", "FormSaved"]
    assert "W0/antibodies/1" not in script.participant(FIRST).forms
    row = script.vault.vault.masked[FIRST, "W0", "antibodies", "hla_class_1"]
    assert row.said.imported == told.content
    record = b"".join(event.payload.encode() for event in events)
    assert f'"hla_class_1":{value}'.encode() not in record and b"hla_class_1" not in record
    for place, content in {**files_in(script.folder), "state": written(script.trial)}.items():
        if not place.startswith("protocols/"):
            assert b"hla_class_1" not in content, place
    assert intent.manifest.sha256.encode() not in record


def test_the_record_of_a_file_does_not_hang_on_what_is_masked_in_it(rewind: Rewind, tmp_path: Path) -> None:
    """The same file with other masked values gives the same bytes: not even the hash of the file tells them."""
    found = []
    for value in ("3", "97"):
        with rewind.example() as script:
            events = give(script, intent_of(tmp_path, script, masked_rows(script, value)))
            found.append([(event.payload, event.request, event.kind, event.hash) for event in events])
    assert found[0] == found[1]


def test_without_the_guard_that_hands_them_over_masked_values_would_stand_in_the_record(
    rewind: Rewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(GUARDS, ImportResults)  # type: ignore[arg-type]
    script = rewind.script
    with pytest.raises(Exception, match="of a kind that nobody here knows"):
        give(script, intent_of(tmp_path, script, masked_rows(script)))
    rows = rewind.admin.execute("SELECT payload FROM record.event WHERE payload LIKE '%hla_class_1%'").fetchall()
    assert len(rows) == 1


def test_no_refusal_shows_a_masked_value(rewind: Rewind, tmp_path: Path) -> None:
    script = rewind.script
    for value, unit in (("123", "%"), ("12x", "%"), ("55", "mg"), ("<33", "%")):
        rows = [{**masked_rows(script)[1], "value": value, "unit": unit}]
        with pytest.raises(DecisionRefused, match="line 2, ") as refused:
            give(script, intent_of(tmp_path, script, rows))
        assert value not in str(refused.value)


def test_masked_results_without_the_vault_are_refused_and_nothing_is_stored(
    rewind: Rewind, tmp_path: Path
) -> None:
    script = rewind.script
    before = rewind.stored()
    with pytest.raises(DecisionRefused, match="holds results that only the vault may keep"):
        import_results(
            script.running, None, script.by("laboratory"), intent_of(tmp_path, script, masked_rows(script))
        )
    assert rewind.stored() == before


class Stopped(Exception):
    """The process dies here."""


def left_half_done(script: Scripted, intent: ImportResults, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an import die after the vault has stored and before the record has."""
    from equipoise.record import Turn

    def dies(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(Turn, "append", _only_in_the_vault(Turn.append, dies))
        give(script, intent)


def _only_in_the_vault(append: Any, dies: Any) -> Any:
    def appended(turn: Any, *given: Any) -> Any:
        return append(turn, *given) if turn._book.schema == "vault_record" else dies()

    return appended


def in_force_of(script: Scripted) -> Any:
    """What counts of the masked value, by what the record says was imported."""
    last = script.vault.vault.masked[FIRST, "W0", "antibodies", "hla_class_1"]
    return in_force(last, script.trial.imports)


def test_an_import_that_dies_between_both_records_leaves_nothing_that_counts_and_heals_when_repeated(
    rewind: Rewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = rewind.script
    intent = intent_of(tmp_path, script, masked_rows(script))
    before = len(list(script.running.book.read()))
    left_half_done(script, intent, monkeypatch)
    assert len(list(script.running.book.read())) == before
    assert in_force_of(script) is None
    give(script, intent)
    give(script, intent)
    assert in_force_of(script) is not None
    kinds = [event.kind for event in script.vault.vault.book.read()]
    assert kinds.count("MaskedValueEntered") == 1


def test_an_import_given_up_half_way_leaves_the_value_that_stood_there(
    rewind: Rewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = rewind.script
    first = intent_of(tmp_path, script, masked_rows(script))
    give(script, first)
    counted = in_force_of(script)
    left_half_done(
        script, intent_of(tmp_path, script, masked_rows(script, "88")[1:], name="second.csv"), monkeypatch
    )
    assert in_force_of(script) == counted
    last = script.vault.vault.masked[FIRST, "W0", "antibodies", "hla_class_1"]
    assert last != counted, "without the rule what was never imported would count"


# --- killed in the middle


PROGRAM = """
import sys
from pathlib import Path
from datetime import datetime
from equipoise.conduct.door.fact import By
from equipoise.record import Turn
from equipoise.trial.laboratory.steps import import_results, read_results
from equipoise.trial.running import attach_trial
folder, file, manifest, at, moment = sys.argv[1:]
append = Turn.append
def slow(turn, *given):
    events = append(turn, *given)
    print("appended", flush=True)
    sys.stdin.readline()
    return events
if moment == "appended":
    Turn.append = slow
with attach_trial(Path(folder)) as running:
    intent = read_results(Path(file), Path(manifest))
    print("begins", flush=True)
    by = By("laboratory", "laboratory", datetime.fromisoformat(at))
    import_results(running, None, by, intent)
    print("imported", flush=True)
    sys.stdin.readline()
"""


def imported_by_a_process(script: Scripted, file: Path, manifest: Path, moment: str) -> "subprocess.Popen[str]":
    """Import in a process of its own, and wait until it says that it has come to a moment."""
    at_ = script.by("laboratory").at.isoformat()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(script.folder), str(file), str(manifest), at_, moment],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == moment:
            return process
    raise AssertionError("the process ended before")


@pytest.mark.parametrize("moment", ["begins", "appended", "imported"])
def test_an_import_that_is_killed_is_there_as_a_whole_or_not_at_all(
    rewind: Rewind, tmp_path: Path, moment: str
) -> None:
    script = rewind.script
    file, manifest = write_results(tmp_path, script, counts(script))
    before = rewind.stored()
    process = imported_by_a_process(script, file, manifest, moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        stream.close()
    deadline = time.monotonic() + 30
    while moment == "appended" and time.monotonic() < deadline and rewind.stored() != before:
        time.sleep(0.05)
    if moment != "imported":
        assert rewind.stored() == before
    events = give(script, read_results(file, manifest))
    assert [event.kind for event in events] == ["ResultsImported", "FormSaved", "FormSaved", "FormSaved"]
    kinds = [event.kind for event in script.running.book.read(kinds=["ResultsImported"])]
    assert kinds == ["ResultsImported"]


@pytest.mark.parametrize("moment", ["appended", "imported"])
def test_the_power_that_fails_under_an_import_leaves_all_of_it_or_nothing(
    crash_server: WheelServer | DebianServer, moment: str
) -> None:
    """Stopped as after a loss of power: what was not acknowledged is gone as a whole, what was is there."""
    home = crash_server.folder
    with database_url(crash_server.start()):
        script = begin(home / "trial")
        (who,) = bring(script, 1, "allocated", sites=["01"])
        enter_laboratory(script)
        rows = [result(who, f"{script.participant(who).visits['W0'].on}T08:00", "CD4", "240", "/uL")]
        file, manifest = write_results(home, script, rows)
        before = script.running.book.head()
        script.close()
        process = imported_by_a_process(script, file, manifest, moment)
        crash_server.stop(immediate=True)
        assert process.stdin is not None
        process.kill()
        process.communicate()
    with database_url(crash_server.start()):
        again = attach(home / "trial")
        kinds = [event.kind for event in again.running.book.read(after=before.sequence)]
        assert kinds == ([] if moment == "appended" else ["ResultsImported", "FormSaved"])
        import_results(again.running, None, again.by("laboratory"), read_results(file, manifest))
        kinds = [event.kind for event in again.running.book.read(after=before.sequence)]
        assert kinds == ["ResultsImported", "FormSaved"]
        again.close()


def test_once_all_codes_are_open_the_imported_masked_values_stand_in_the_data(
    trial_at: TrialAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = trial_at("ended", 1)
    enter_laboratory(script)
    rows = [result(FIRST, at(script, FIRST, "W0"), "HLAIPRA", str(MASKED), "%")]
    give(script, intent_of(tmp_path, script, rows))
    left_half_done(script, intent_of(tmp_path, script, [{**rows[0], "value": "88"}], name="lost.csv"), monkeypatch)
    lock(script)
    disclosed = unblind(script)
    assert [(one.item, one.value) for one in disclosed.masked] == [("hla_class_1", MASKED)]
    (found,) = (
        write_sdtm(script.running.protocol, script.trial, opened=opened_of(disclosed))["is"]
        .frame["ISSTRESN"]
        .to_list()
    )
    assert found == MASKED


def test_who_works_at_one_site_imports_for_that_site_alone(rewind: Rewind, tmp_path: Path) -> None:
    script = rewind.script
    let_in(script, "lab.01", "laboratory", "01")
    own, all_of_them = masked_rows(script), counts(script)

    def by_lab(rows: list[dict[str, str]], name: str, site: str | None) -> tuple[Any, ...]:
        by = script.by("laboratory", person="lab.01")
        intent = intent_of(tmp_path, script, rows, name=name, site=site)
        return import_results(script.running, script.vault, by, intent)  # type: ignore[arg-type]

    with pytest.raises(DecisionRefused, match="is not laboratory at all sites"):
        by_lab(own, "a.csv", None)
    with pytest.raises(DecisionRefused, match="is not laboratory at site 02"):
        by_lab(own, "b.csv", "02")
    with pytest.raises(DecisionRefused, match="line 3, participant: belongs to site 02, and this import"):
        by_lab(all_of_them, "c.csv", "01")
    assert len(by_lab(own, "d.csv", "01")) == 2
    assert in_force_of(script) is not None

"""Invariant 20: an amendment: old forms keep their version, no item loses values, dry run and real run agree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from equipoise.conduct.door.chapters import EVOLUTIONS
from equipoise.conduct.enrolment.moving import ParticipantMoved
from equipoise.conduct.follow_up.visits import HoldVisit
from equipoise.conduct.forms import entry
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation import versions
from equipoise.conduct.organisation.versions import ProtocolIssued
from equipoise.datasets.from_record import write_sdtm
from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.trial.amendment.issue import dry_run, issue_amendment

from .amended import AMENDMENT, PULSE, WIDER, activate, amended, issue, sign_anew
from .conftest import TrialAt
from .scripted import Scripted

FIRST, OTHER = "01-001", "02-001"
"""Two participants, each at a site of their own."""


def values(script: Scripted) -> dict[tuple[str, str, str], Any]:
    """Return every value of the record by participant, record and item."""
    return {
        (person.id, key, item): (value.value, value.missing)
        for person in script.trial.participants.values()
        for key, form in person.forms.items()
        for item, value in form.values.items()
    }


def exported(script: Scripted) -> Mapping[str, Any]:
    """Return the findings as they are exported: test, visit and result by participant."""
    sdtm = write_sdtm(script.running.protocol, script.trial, earlier=script.running.earlier)
    found = {}
    for domain in ("vs", "lb"):
        columns = ["USUBJID", "VISIT", f"{domain.upper()}TESTCD", f"{domain.upper()}ORRES"]
        found[domain] = set(sdtm[domain].frame.select(columns).rows())
    return found


def check_kept(script: Scripted, home: Path) -> None:
    """Issue an amendment, move one of two participants, and go on: what was recorded stays what it was."""
    first = script.version
    before, shown = values(script), exported(script)
    held = {visit: one.in_window for visit, one in script.participant(FIRST).visits.items()}
    raised = {key: one.raised for key, one in script.participant(FIRST).forms.items()}
    issue(script, home, *AMENDMENT)
    activate(script, "01")
    sign_anew(script, FIRST)
    assert (script.participant(FIRST).protocol, script.participant(OTHER).protocol) == (script.version, first)
    script.wait(28)
    for who in (FIRST, OTHER):
        script.hold(who, "W4")
        script.save(who, "W4", "vitals", weight=61.3, pulse=71)
    assert script.participant(FIRST).forms["W4/vitals/1"].raised == ("VS1",)
    assert script.participant(OTHER).forms["W4/vitals/1"].raised == ()
    correct(script, FIRST, "W0", pulse=73)
    entry = script.participant(FIRST).forms["W0/vitals/1"]
    assert (entry.protocol, entry.raised) == (first, ())
    after = values(script)
    assert {key for key, value in before.items() if after.get(key) != value} == {(FIRST, "W0/vitals/1", "pulse")}
    assert {v: one.in_window for v, one in script.participant(FIRST).visits.items() if v in held} == held
    still = {key: one.raised for key, one in script.participant(FIRST).forms.items() if key in raised}
    assert still == raised
    told = exported(script)
    lost = {row for domain, rows in shown.items() for row in rows - told[domain]}
    assert lost == {row for row in shown["vs"] if row[0].endswith(FIRST) and row[1:3] == ("Baseline", "PULSE")}


def correct(script: Scripted, participant: str, visit: str, **changed: Any) -> None:
    on = script.participant(participant).visits[visit].on
    assert on is not None
    intent = SaveForm(
        participant=participant, form="vitals", visit=visit, on=on, values=changed, reason="error of transcription"
    )
    script.do(intent, "coordinator")


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    """Two participants after their first infusion."""
    return trial_at("infused", 2)


def test_what_was_recorded_keeps_its_version_and_its_values(script: Scripted, tmp_path: Path) -> None:
    check_kept(script, tmp_path)


def test_without_its_version_a_record_would_be_judged_by_the_new_one(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "version_of_record", lambda setting, *_: setting.protocol)
    with pytest.raises(AssertionError):
        check_kept(script, tmp_path)


def test_a_visit_is_judged_by_the_window_of_its_own_version(script: Scripted, tmp_path: Path) -> None:
    check_windows(script, tmp_path)


def test_without_its_version_a_visit_would_come_into_the_new_window(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = EVOLUTIONS[ParticipantMoved]

    def take_along(trial: Any, event: Any, fact: Any) -> None:
        move(trial, event, fact)
        for visit in trial.participants[event.participant].visits.values():
            visit.protocol = fact.protocol

    monkeypatch.setitem(EVOLUTIONS, ParticipantMoved, take_along)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        check_windows(script, tmp_path)


def check_windows(script: Scripted, home: Path) -> None:
    """Hold a visit late by the old window, move to a wider one, and hold the next: the late visit stays late."""
    script.wait(7 * 8 + 10)
    late = HoldVisit(participant=FIRST, visit="W8", on=script.today(), reason="was away")
    script.do(late, "coordinator")
    issue(script, home, WIDER)
    activate(script, "01")
    sign_anew(script, FIRST)
    script.wait(18)
    script.hold(FIRST, "W12")
    assert not script.participant(FIRST).visits["W8"].in_window
    assert [one.visit for one in script.participant(FIRST).deviations] == ["W8"]
    assert script.participant(FIRST).visits["W12"].protocol == script.version


def test_the_dry_run_is_what_the_real_run_comes_to(script: Scripted, tmp_path: Path) -> None:
    file, by = amended(script, tmp_path, *AMENDMENT), script.by("sponsor")
    before = script.trial.sequence
    tried = dry_run(script.running, file, by)
    assert script.running.door.refresh().sequence == before
    done = issue_amendment(script.running, file, by)
    assert done.found == tried.found
    assert tried.found.raised == {"vitals.VS1": 4}
    assert tried.found.on_older == tried.found.participants == 2
    assert script.trial.versions[-1] == done.version


def test_a_real_run_that_does_something_else_is_found_out(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard is the comparison: the real run moves everybody, which the dry run did not foresee."""
    file, by = amended(script, tmp_path, *AMENDMENT), script.by("sponsor")
    issued, working = EVOLUTIONS[ProtocolIssued], script.trial

    def move_everybody(trial: Any, event: Any, fact: Any) -> None:
        issued(trial, event, fact)
        for person in trial.participants.values() if trial is working else ():
            person.protocol = fact.protocol

    monkeypatch.setitem(EVOLUTIONS, ProtocolIssued, move_everybody)  # type: ignore[arg-type]
    with pytest.raises(RecordCorrupt, match="not what the dry run foresaw"):
        issue_amendment(script.running, file, by)


def test_what_removes_or_retypes_collected_items_is_refused_and_leaves_nothing(
    script: Scripted, tmp_path: Path
) -> None:
    check_refused(script, tmp_path)


def test_without_the_refusal_an_item_would_lose_its_values(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "refusals", lambda *_: ())
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        check_refused(script, tmp_path)


def check_refused(script: Scripted, home: Path) -> None:
    wrong = {
        r"item pulse of form vitals \(Vital signs\) holds 4 values and cannot be removed": (
            (PULSE, ""),
            ("checks:\n      VS1: {rule: pulse < 120, say: The pulse is fast; please confirm}\n", ""),
        ),
        "item cd4 .* holds 4 values of type count": (
            ("type: count, unit: cells/uL", "type: number, unit: cells/uL"),
        ),
        "item pulse .* of unit /min": ((PULSE, PULSE.replace("unit: /min", "unit: /h")),),
        "arms is kept by the sealed list": (("cells: 0.5e6 /kg", "cells: 0.6e6 /kg"),),
        "blinding is kept by the sealed list": (("[hla_class_1]", "[hla_class_1, cd4]"),),
    }
    before, files = script.trial.sequence, sorted((script.folder / "protocols").iterdir())
    for words, changes in wrong.items():
        with pytest.raises(DecisionRefused, match=words):
            issue(script, home, *changes)
    assert script.running.door.refresh().sequence == before
    assert sorted((script.folder / "protocols").iterdir()) == files


def test_what_only_an_older_version_asks_for_is_written_by_that_version(script: Scripted, tmp_path: Path) -> None:
    """The new version drops an item that holds nothing yet; who is on the old one fills it in afterwards."""
    serious = "      ae_serious: {label: Serious, type: yes or no, sdtm: AESER}\n"
    issue(script, tmp_path, (serious, ""))
    values = {"ae_term": "fever", "ae_started": str(script.today("02")), "ae_serious": "N"}
    event = SaveForm(participant=OTHER, form="adverse_event", on=script.today("02"), values=values)
    script.do(event, "coordinator")
    newest, earlier = script.running.protocol, script.running.earlier
    assert write_sdtm(newest, script.trial, earlier=earlier)["ae"].frame["AESER"].to_list() == ["N"]
    with pytest.raises(DataError, match="holds what no version of the protocol has"):
        write_sdtm(newest, script.trial)

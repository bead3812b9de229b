"""Steps that need both sides of the blind: in their order, once; the blinded side learns that they happened."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.rewind import Rewind, rewinding
from tests.invariants.scripted import ARMS, SECRETS, Scripted, advance, allocate, lock, unblind

from equipoise.conduct.follow_up.infusions import OrderInfusion
from equipoise.errors import DecisionRefused
from equipoise.record import Stamp
from equipoise.trial.steps import break_code, export_data, issue_bag, stamp_of, unblind_trial

WHO = "01-001"


@pytest.fixture
def ordered(trial_at: TrialAt) -> Iterator[Rewind]:
    """A participant for whom an infusion is ordered."""
    script = trial_at("eligible", 2)
    allocate(script, [WHO])
    script.save(WHO, "W0", "vitals", weight=61.3, pulse=72)
    script.do(OrderInfusion(participant=WHO, visit="W0"), "investigator")
    with rewinding(script, trial_at.server) as kept:
        yield kept


def kinds(script: Scripted) -> list[str]:
    return [event.kind for event in script.vault.vault.book.read()]


def test_the_stamp_of_a_live_step_leaves_the_time_to_the_database(trial_at: TrialAt) -> None:
    by = trial_at().by("pharmacist")
    assert stamp_of(by, "a key", rehearsed=False) == Stamp(by.person, by.role, by.zone, "a key", None)
    assert stamp_of(by, "a key", rehearsed=True).at == by.at


def test_a_bag_is_prepared_and_given_out_once_however_often_it_is_asked_for(ordered: Rewind) -> None:
    script, by = ordered.script, ordered.script.by("pharmacist")
    bag = issue_bag(script.running, script.vault, by, WHO, f"{WHO}/W0", "a key")
    stored = ordered.stored()
    assert issue_bag(script.running, script.vault, by, WHO, f"{WHO}/W0", "a key") == bag
    assert ordered.stored() == stored
    infusion = script.participant(WHO).infusions[f"{WHO}/W0"]
    assert (infusion.bag, infusion.volume) == (bag.number, bag.volume)
    with pytest.raises(DecisionRefused, match="has already been given out"):
        issue_bag(script.running, script.vault, by, WHO, f"{WHO}/W0", "another key")
    assert ordered.stored() == stored


@pytest.mark.parametrize(("who", "order"), [(WHO, f"{WHO}/W4"), ("02-001", f"{WHO}/W0"), ("09-001", "09-001/W0")])
def test_a_bag_that_nobody_has_ordered_is_not_prepared(ordered: Rewind, who: str, order: str) -> None:
    script, before = ordered.script, ordered.stored()
    with pytest.raises(DecisionRefused, match=f"there is no such order; check its number. Got {order}"):
        issue_bag(script.running, script.vault, script.by("pharmacist"), who, order)
    assert ordered.stored() == before


def test_a_bag_is_prepared_for_nobody_but_the_pharmacist(ordered: Rewind) -> None:
    script, before = ordered.script, ordered.stored()
    with pytest.raises(DecisionRefused, match=r"is for: pharmacist\. Got nurse"):
        issue_bag(script.running, script.vault, script.by("nurse", "01"), WHO, f"{WHO}/W0")
    assert ordered.stored() == before


def test_a_code_is_broken_on_both_records_and_the_arm_stands_on_neither(ordered: Rewind) -> None:
    script, by = ordered.script, ordered.script.by("investigator", "01")
    shown = break_code(script.running, script.vault, by, WHO, "an emergency", "a key")
    assert shown.arm in ARMS
    (event,) = script.running.door.book.read(kinds=["CodeBroken"])
    (own,) = script.vault.vault.book.read(kinds=["CodeBroken"])
    assert (event.participant, event.reason, event.request) == (WHO, "an emergency", "a key")
    assert (own.participant, own.reason, own.request) == (WHO, "an emergency", "a key")
    assert json.loads(event.payload) == {"how": "vault"}
    stored = ordered.stored()
    assert break_code(script.running, script.vault, by, WHO, "an emergency", "a key") == shown
    assert ordered.stored() == stored


def test_a_code_that_the_record_would_not_know_of_is_not_shown(ordered: Rewind) -> None:
    script, before = ordered.script, ordered.stored()
    for role, site, reason in (("nurse", "01", "an emergency"), ("investigator", "01", " ")):
        with pytest.raises(DecisionRefused):
            break_code(script.running, script.vault, script.by(role, site), WHO, reason)
    with pytest.raises(DecisionRefused, match="was never allocated"):
        break_code(script.running, script.vault, script.by("investigator", "02"), "02-001", "an emergency")
    assert ordered.stored() == before
    assert "CodeBroken" not in kinds(script)


def test_an_export_is_on_record_with_the_hash_of_each_of_its_files(ordered: Rewind, tmp_path: Path) -> None:
    script = ordered.script
    rows = export_data(script.running, script.by("data manager"), tmp_path / "out", "a review", request="a key")
    (event,) = script.running.door.book.read(kinds=["DataExported"])
    said = json.loads(event.payload)
    files = {file.stem: file for file in (tmp_path / "out").glob("*.json") if file.stem != "manifest"}
    assert said["rows"] == rows
    assert said["hashes"] == {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    assert (said["blind"], said["purpose"], said["sequence"]) == ("blinded", "a review", event.sequence - 1)


@pytest.mark.parametrize("role", ["nurse", "sponsor"])
def test_an_export_that_is_refused_leaves_no_folder(ordered: Rewind, tmp_path: Path, role: str) -> None:
    script, before = ordered.script, ordered.stored()
    with pytest.raises(DecisionRefused, match="is for"):
        export_data(script.running, script.by(role, "01" if role == "nurse" else None), tmp_path / "out", "a look")
    with pytest.raises(DecisionRefused, match="needs its purpose"):
        export_data(script.running, script.by("data manager"), tmp_path / "out", " ")
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]
    assert ordered.stored() == before


def test_all_codes_are_opened_once_the_data_are_locked_and_by_both_holders(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 2)
    holder = script.by("key holder")
    with pytest.raises(DecisionRefused, match="lock the trial first"):
        unblind_trial(script.running, script.vault, holder, SECRETS)
    advance(script, list(script.trial.participants), "eligible", "ended")
    lock(script)
    with pytest.raises(DecisionRefused, match="nothing was opened"):
        unblind_trial(script.running, script.vault, script.by("key holder"), (SECRETS[0], "a guess"))
    assert "TrialUnblinded" not in kinds(script)
    assert script.trial.unblinded_at is None
    disclosed = unblind(script)
    assert script.trial.unblinded_at is not None
    (own,) = script.vault.vault.book.read(kinds=["TrialUnblinded"])
    assert json.loads(own.payload)["data"] == script.trial.data_hash
    assert {slot.participant for slot in disclosed.slots} - {None} == set(script.trial.participants)


def test_an_unblinded_export_holds_the_arms_and_says_so(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("locked", 1)
    disclosed = unblind(script)
    export_data(script.running, script.by("trial statistician"), tmp_path / "out", "analysis", disclosed=disclosed)
    said = json.loads(list(script.running.door.book.read(kinds=["DataExported"]))[-1].payload)
    assert said["blind"] == "unblinded"
    assert any(
        label in (tmp_path / "out" / "dm.json").read_text() for label in ("Canary high", "Canary low", "Canary pl")
    )

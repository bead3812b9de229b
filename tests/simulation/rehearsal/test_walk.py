"""A small trial walked from its set-up to the opening of all codes: what the record must hold in the end."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from equipoise.conduct.closing.signatures import signature_state
from equipoise.conduct.door.chapters import evolve
from equipoise.conduct.door.state import Participant, Trial
from equipoise.record import verify_chain
from equipoise.simulation.example import FIRST_DAY
from equipoise.simulation.rehearsal.nature import Nature
from equipoise.simulation.rehearsal.staff import make_sites

from .conftest import VARIANTS, Told, walk

MISHAPS = (
    "double clicks",
    "forms entered from paper",
    "values corrected",
    "values in another unit",
    "values kept by the vault",
    "values missing",
    "visits missed",
    "visits unscheduled",
    "visits outside their window",
    "values changed after a signature",
    "serious adverse events",
    "records settled",
)
REFUSALS = {
    "a change without its reason": "say why",
    "a form entered late without its reason": "say in `late` why",
    "a form that somebody else had saved since": "since you opened it",
    "a lock over a broken signature": "changed since they were signed: 1",
    "a lock with open points": "cannot be locked yet",
    "a person who is in the trial already": "nobody takes part twice",
    "a value after the lock": "locked",
    "a value at a frozen site": "frozen",
    "a value out of its range": "must lie between",
    "a visit outside its window without a reason": "say why",
    "a wrong passphrase": "nothing was opened",
    "consent of an old version": "2.0",
    "day 1 of a person who is not eligible": "not eligible",
    "opening the codes before the lock": "after the data of the whole trial are locked",
    "wrong strata read back": "read the strata",
}


def payload(event: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.payload)
    return found


def allocated(trial: Trial) -> list[Participant]:
    return [person for person in trial.participants.values() if person.allocation is not None]


def test_the_chain_holds_and_its_time_never_goes_back(told: Told) -> None:
    assert verify_chain(told.events, told.beginning).sequence == len(told.events)
    times = [event.at for event in told.events]
    assert times == sorted(times)


def test_what_was_recorded_gives_the_state_that_was_worked_on(told: Told) -> None:
    trial = Trial()
    for event in told.events:
        evolve(trial, event)
    assert trial == told.trial
    assert trial.locked_at is not None
    assert trial.unblinded_at is not None
    assert trial.locked_at < trial.unblinded_at


def test_the_flow_of_participants_is_the_one_that_the_staff_counted(told: Told) -> None:
    counts, people = told.counts, list(told.trial.participants.values())
    assert counts["screened"] == len(people) == len(told.of("ParticipantScreened"))
    assert counts["allocated"] == len(allocated(told.trial)) == told.protocol.size
    out = [p for p in people if p.eligibility is not None and not p.eligibility.eligible]
    assert counts["not eligible"] == len(out)
    withdrawn = [p for p in people if p.consent_withdrawn_on is not None and p.allocation is None]
    assert counts["withdrawn before entry"] == len(withdrawn)
    assert counts["screened"] == counts["allocated"] + counts["not eligible"] + counts["withdrawn before entry"]
    whys = Counter(person.ended["participation"].why for person in allocated(told.trial))
    assert {f"ended: {why}": number for why, number in whys.items()} == {
        name: number for name, number in counts.items() if name.startswith("ended: ")
    }
    assert len(whys) > 1


def test_visits_forms_and_steps_are_as_many_as_the_staff_counted(told: Told) -> None:
    counts = told.counts
    held = [payload(event) for event in told.of("VisitHeld")]
    assert counts["visits held"] == sum(one.get("planned", True) for one in held)
    assert counts["visits unscheduled"] == sum(not one.get("planned", True) for one in held)
    assert counts["visits outside their window"] == sum(not one.get("in_window", True) for one in held)
    assert counts["visits missed"] == len(told.of("VisitMissed"))
    assert counts["consents signed"] == len(told.of("ConsentSigned"))
    assert counts["bags given out"] == len(told.of("BagIssued")) == len(told.disclosed.doses)
    assert counts["signatures"] == len(told.of("Signed"))
    saved = [payload(event) for event in told.of("FormSaved")]
    assert counts["records of adverse_event"] == sum(
        one["form"] == "adverse_event" and "ae_term" in one["values"] for one in saved
    )
    assert counts["values kept by the vault"] == len(told.disclosed.masked)
    paper = [one for one in saved if "from_paper" in one]
    assert counts["forms entered from paper"] == len(paper) == sum("late" in one for one in saved)
    assert len({(one["on"], one["from_paper"]["written_on"]) for one in paper}) == 1, "one day of outage"
    assert {one["on"] for one in held if "from_paper" in one} == {one["on"] for one in paper}


@pytest.mark.parametrize("mishap", MISHAPS)
def test_every_mishap_has_happened(told: Told, mishap: str) -> None:
    assert told.counts[mishap] > 0


def test_every_step_that_must_be_refused_was_tried_and_left_no_event(told: Told) -> None:
    for what, words in REFUSALS.items():
        assert told.counts[f"refused: {what}"] > 0, what
        assert words in told.refusals[what]
    keys = {event.request for event in told.events}
    refused = sum(number for name, number in told.counts.items() if name.startswith("refused: "))
    used = [int(key.split()[1]) for key in keys if key.startswith("rehearsal ")]
    vault_only = {event.request for event in told.vault} - keys
    assert max(used) <= len(used) + refused + len(vault_only)


def test_a_double_click_is_stored_once(told: Told) -> None:
    parts = Counter((event.request, event.part) for event in told.events)
    assert set(parts.values()) == {1}
    assert told.counts["double clicks"] > 0


def test_a_change_bears_its_reason_and_a_first_value_none(told: Told) -> None:
    changed = [event for event in told.of("FormSaved") if event.reason == "error of transcription"]
    assert len(changed) == told.counts["values corrected"]
    for event in changed:
        said = payload(event)
        entry = told.trial.participants[event.participant or ""].forms[
            f"{said.get('visit', '')}/{said['form']}/{said.get('repeat', 1)}"
        ]
        assert all(entry.values[name].changes > 0 for name in said["values"])


def test_each_event_bears_the_zone_of_its_site(told: Told) -> None:
    zones = {site.number: site.zone for site in make_sites(2)}
    assert len(set(zones.values())) == 2
    for event in told.events:
        if event.participant is not None and event.site is not None:
            assert event.zone == zones[event.site]


def test_in_the_end_the_record_says_what_the_bodies_had(told: Told) -> None:
    arms = {slot.participant: slot.arm for slot in told.disclosed.slots if slot.participant is not None}
    nature = Nature(told.protocol, seed=1, opening=FIRST_DAY, arm_of=lambda participant: arms[participant])
    came: dict[str, list[int]] = {}
    for person in nature.persons():
        came.setdefault(f"{person.site + 1:02d}", []).append(person.index)
    compared = 0
    for participant in allocated(told.trial):
        index = came[participant.site][int(participant.id[-3:]) - 1]
        assert index < nature.drawn.enrolled
        course = nature.happens(index, participant.id)
        held = {name: visit.on for name, visit in participant.visits.items() if visit.name and visit.on}
        assert {name: on for name, on in course.visits.items() if on} == {
            name: on for name, on in held.items() if name in course.visits
        }
        for visit in held:
            for form, repeat, values in nature.measure(index, visit, participant.id):
                entry = participant.forms.get(f"{visit}/{form}/{repeat}")
                for name, value in values.items() if entry is not None else ():
                    item = told.protocol.forms[form].items[name]
                    stored = entry.values.get(name) if entry is not None else None
                    if stored is not None and stored.missing is None and item.type != "text":
                        assert stored.value == value
                        compared += 1
    assert compared > 400


def test_arms_come_in_blocks_and_doses_follow_the_weight(told: Told) -> None:
    arms = {slot.participant: slot.arm for slot in told.disclosed.slots if slot.participant is not None}
    assert set(arms) == {person.id for person in allocated(told.trial)}
    for site in told.trial.sites:
        at = Counter(arm for participant, arm in arms.items() if participant.startswith(site))
        assert abs(at["active"] - at["placebo"]) <= 2
    ordered = {payload(event)["order"]: payload(event) for event in told.of("InfusionOrdered")}
    for dose in told.disclosed.doses:
        per_kg = Decimal("1.5e6") if arms[dose.participant] == "active" else Decimal(0)
        exact = per_kg * min(Decimal(ordered[dose.order]["weight_kg"]), Decimal(100))
        assert abs(dose.amount - exact) <= Decimal("0.05e6")
        assert dose.volume.startswith("100")


def test_the_blinded_record_names_no_arm_and_no_masked_value(told: Told) -> None:
    unblinded = told.of("TrialUnblinded")[0].sequence
    for event in told.events[: unblinded - 1]:
        words = set(json.dumps(payload(event)).replace('"', " ").split())
        assert not words & {"placebo", "active", "1.5e6"}
    for person in allocated(told.trial):
        assert person.allocation is not None
        late = [e for key, e in person.forms.items() if "/antibodies/" in key and e.visit != "W0"]
        assert not any("hla" in entry.values for entry in late)
    assert {one.visit for one in told.disclosed.masked} == {"W12"}


def test_one_code_was_broken_and_the_vault_knows_by_whom(told: Told) -> None:
    broken = [person.id for person in told.trial.participants.values() if person.code_broken_at is not None]
    assert len(broken) == told.counts["codes broken"] == 1
    (in_vault,) = [event for event in told.vault if event.kind == "CodeBroken"]
    (in_record,) = told.of("CodeBroken")
    assert in_vault.participant == in_record.participant == broken[0]
    assert (in_vault.actor, in_vault.reason, in_vault.at) == (in_record.actor, in_record.reason, in_record.at)
    assert in_vault.role == "investigator"


def test_everybody_allocated_is_signed_at_the_lock_and_exports_are_on_record(told: Told) -> None:
    assert {signature_state(person) for person in allocated(told.trial)} == {"intact"}
    (locked,), (opened,) = told.of("TrialLocked"), told.of("TrialUnblinded")
    assert not any(payload(locked)["checklist"].values())
    blinded, unblinded = told.of("DataExported")
    assert [payload(one)["blind"] for one in (blinded, unblinded)] == ["blinded", "unblinded"]
    assert blinded.sequence < locked.sequence < opened.sequence < unblinded.sequence
    assert told.of("DataCut")[0].sequence < locked.sequence


def test_both_versions_of_the_consent_form_were_signed(told: Told) -> None:
    documents = Counter(payload(event)["document"] for event in told.of("ConsentSigned"))
    assert set(documents) == {"1.0", "2.0"}
    twice = [person for person in allocated(told.trial) if len(person.consents) == 2]
    assert twice


def test_progress_is_told_by_stage_up_to_its_end(told: Told) -> None:
    stages = list(dict.fromkeys(stage for stage, _, _ in told.stages))
    assert stages == ["setting up", "participants", "closing"]
    for stage in stages:
        steps = [(done, total) for name, done, total in told.stages if name == stage]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]
    assert sum(name == "participants" for name, _, _ in told.stages) == told.counts["screened"]


@pytest.mark.parametrize("variant", ["minimised", "kits"])
def test_the_same_seed_gives_the_same_record_to_the_last_byte(once: Callable[[str], Told], variant: str) -> None:
    first, again = once(variant), walk(variant)
    assert again.events == first.events
    assert [(e.at, e.actor, e.kind, e.participant, e.request) for e in again.vault] == [
        (e.at, e.actor, e.kind, e.participant, e.request) for e in first.vault
    ]
    assert again.disclosed == first.disclosed


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "blinded"])
def test_other_designs_walk_through_the_same_code(once: Callable[[str], Told], variant: str) -> None:
    found = once(variant)
    assert found.counts["allocated"] == len(allocated(found.trial)) == found.protocol.size
    assert found.trial.unblinded_at is not None
    arms = Counter(slot.arm for slot in found.disclosed.slots if slot.participant is not None)
    if found.protocol.enrolment is not None:
        assert dict(arms) == dict(found.protocol.enrolment.per_arm)
        assert "codes broken" not in found.counts
    else:
        assert sum(arms.values()) == found.protocol.size
        assert found.counts["codes broken"] == 1
    assert {one.on.year for one in found.disclosed.doses} <= {date(2026, 1, 1).year}

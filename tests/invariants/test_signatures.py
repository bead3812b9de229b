"""Invariant 17: whatever changes signed content marks the signature broken, in the same transaction."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from equipoise.conduct.closing import signatures
from equipoise.conduct.closing.signatures import Sign, content_hash, signature_state
from equipoise.conduct.door.chapters import replay
from equipoise.conduct.door.state import FormEntry, Visit
from equipoise.conduct.follow_up.visits import CorrectVisitDate
from equipoise.conduct.forms.entry import RemoveForm, SaveForm

from .conftest import TrialAt
from .scripted import Scripted

WHO = "01-001"
Change = Callable[[Scripted], object]


def save(script: Scripted, **fields: object) -> object:
    on = script.participant(WHO).visits["W0"].on
    given = {"participant": WHO, "form": "vitals", "visit": "W0", "on": on, "reason": "error"} | fields
    return script.do(SaveForm(**given), "coordinator")  # type: ignore[arg-type]


def event(script: Scripted) -> SaveForm:
    values = {"ae_term": "fever", "ae_started": str(script.today()), "ae_serious": "N"}
    return SaveForm(participant=WHO, form="adverse_event", on=script.today(), values=values)


CHANGES: dict[str, Change] = {
    "a value": lambda script: save(script, values={"pulse": 74}),
    "a value that is missing": lambda script: save(script, missing={"pulse": "NOT DONE"}),
    "a value by which a check no longer holds": lambda script: save(script, values={"pulse": 130}),
    "a new record": lambda script: script.do(event(script), "coordinator"),
    "a record that is struck out": lambda script: script.do(
        RemoveForm(participant=WHO, form="adverse_event", repeat=1, reason="not his"), "coordinator"
    ),
    "the date of a visit": lambda script: script.do(
        CorrectVisitDate(
            participant=WHO,
            visit="SCR",
            on=script.today() - timedelta(days=13),
            reason="error",
        ),
        "coordinator",
    ),
    "another visit": lambda script: (script.wait(28), script.hold(WHO, "W4")),
    "the end of participation": lambda script: script.save(
        WHO, "", "end_of_study", study_ended=str(script.today()), study_end_why="DEATH"
    ),
}


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    script = trial_at("infused", 1)
    script.do(event(script), "coordinator")
    return script


def check_broken(script: Scripted) -> None:
    """Sign, change, and look at the record after each event: intact up to the change, broken from it on."""
    for what, change in CHANGES.items():
        content = content_hash(script.participant(WHO))
        (signed,) = script.do(Sign(participant=WHO, meaning=f"before {what}", content=content), "investigator")
        assert signature_state(script.participant(WHO)) == "intact", what
        change(script)
        events = list(script.running.book.read())
        changed = next(one for one in events if one.sequence > signed.sequence)
        last = max(one.sequence for one in events if one.request == changed.request)
        for through, state in ((signed.sequence, "intact"), (last, "broken")):
            then = replay(one for one in events if one.sequence <= through).participants[WHO]
            assert signature_state(then) == state, f"{what}, after event {through}"


def test_a_change_of_what_was_signed_breaks_the_signature_at_once(script: Scripted) -> None:
    check_broken(script)


@pytest.mark.parametrize("left_out", ["values", "removed", "visits"])
def test_what_the_hash_leaves_out_could_be_changed_unnoticed(
    script: Scripted, monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    part, visit = signatures._signed_part, signatures._visit_part

    def without(entry: FormEntry) -> dict[str, object]:
        return {name: value for name, value in part(entry).items() if name != left_out}

    def same(held: Visit) -> dict[str, object]:
        return {} if left_out == "visits" else visit(held)

    monkeypatch.setattr(signatures, "_signed_part", without)
    monkeypatch.setattr(signatures, "_visit_part", same)
    with pytest.raises(AssertionError):
        check_broken(script)

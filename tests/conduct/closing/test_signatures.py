"""Signatures: bound to what was seen, broken by what changes later."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conduct.closing.conftest import DAY

from equipoise.conduct.closing.signatures import Sign, broken_signatures, content_hash, signature_state
from equipoise.conduct.door.state import FormEntry, Leaving, Participant, Value, Visit
from equipoise.errors import DecisionRefused


def test_data_are_signed_as_they_stand(closing: Any) -> None:
    closing.enrol("01-001")
    assert signature_state(closing.person("01-001")) == "missing"
    closing.sign("01-001")
    (signature,) = closing.person("01-001").signatures
    assert (signature.person, signature.meaning) == ("li", "I have reviewed these data")
    assert signature.content == content_hash(closing.person("01-001"))
    assert signature_state(closing.person("01-001")) == "intact"


def test_what_has_changed_since_it_was_shown_is_not_signed(closing: Any) -> None:
    closing.enrol("01-001")
    shown = content_hash(closing.person("01-001"))
    closing.save("01-001", {"weight": 62.0})
    with pytest.raises(DecisionRefused, match="have changed since you looked at them; look again and sign then"):
        closing.ask(Sign(participant="01-001", meaning="reviewed", content=shown), "li")


def test_a_later_change_breaks_the_signature_and_a_new_one_mends_it(closing: Any) -> None:
    closing.enrol("01-001")
    closing.sign("01-001")
    closing.save("01-001", {"weight": 62.0})
    assert broken_signatures(closing.person("01-001")) == closing.person("01-001").signatures
    assert signature_state(closing.person("01-001")) == "broken"
    closing.sign("01-001")
    assert len(broken_signatures(closing.person("01-001"))) == 1
    assert signature_state(closing.person("01-001")) == "intact"


def test_a_signature_needs_a_meaning_and_something_to_sign(closing: Any) -> None:
    closing.screen("01-001")
    content = content_hash(closing.person("01-001"))
    with pytest.raises(DecisionRefused, match="no form of 01-001 is filled in"):
        closing.ask(Sign(participant="01-001", meaning="reviewed", content=content), "li")
    closing.enrol("01-002")
    content = content_hash(closing.person("01-002"))
    with pytest.raises(DecisionRefused, match="needs its meaning"):
        closing.ask(Sign(participant="01-002", meaning=" ", content=content), "li")


def test_the_same_data_are_signed_once_with_one_meaning(closing: Any) -> None:
    closing.enrol("01-001")
    closing.sign("01-001")
    with pytest.raises(DecisionRefused, match="you have signed these data of 01-001 already"):
        closing.sign("01-001")
    closing.sign("01-001", meaning="I am responsible for these data")
    assert len(closing.person("01-001").signatures) == 2


def test_nothing_is_signed_in_a_locked_trial(closing: Any) -> None:
    closing.enrol("01-001")
    closing.trial.locked_at = closing.now
    with pytest.raises(DecisionRefused, match="the trial is locked"):
        closing.sign("01-001")


def participant() -> Participant:
    person = Participant(id="01-001", site="01", screened_on=DAY, protocol="v1")
    person.visits = {"V1": Visit(name="V1", on=DAY)}
    values = {"weight": Value(value=61.0), "pulse": Value(missing="NOT DONE")}
    person.forms = {
        "V1/vitals/1": FormEntry(form="vitals", visit="V1", repeat=1, on=DAY, values=values, sequence=7)
    }
    person.ended = {"participation": Leaving(on=DAY, why="COMPLETED")}
    return person


def change_value(person: Participant) -> None:
    person.forms["V1/vitals/1"].values["weight"].value = 62.0


def change_missing_code(person: Participant) -> None:
    person.forms["V1/vitals/1"].values["pulse"].missing = "REFUSED"


def change_what_was_typed(person: Participant) -> None:
    person.forms["V1/vitals/1"].values["weight"].entered = "134 lb"


def change_the_day(person: Participant) -> None:
    person.forms["V1/vitals/1"].on = DAY + timedelta(days=1)


def raise_a_check(person: Participant) -> None:
    person.forms["V1/vitals/1"].raised = ("VS1",)


def strike_out(person: Participant) -> None:
    person.forms["V1/vitals/1"].removed = "wrong participant"


def add_a_form(person: Participant) -> None:
    person.forms["V1/vitals/2"] = FormEntry(form="vitals", visit="V1", repeat=2, on=DAY)


def move_a_visit(person: Participant) -> None:
    person.visits["V1"].on = DAY + timedelta(days=1)


def add_a_visit(person: Participant) -> None:
    person.visits["U1"] = Visit(name=None, on=DAY)


def change_the_ending(person: Participant) -> None:
    person.ended["participation"].why = "DEATH"


CHANGES = [
    *(change_value, change_missing_code, change_what_was_typed, change_the_day, raise_a_check, strike_out),
    *(add_a_form, move_a_visit, add_a_visit, change_the_ending),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_change_of_what_was_signed_changes_the_hash(change: Any) -> None:
    before, after = participant(), participant()
    change(after)
    assert content_hash(before) != content_hash(after)


def test_the_number_of_an_event_is_no_content(closing: Any) -> None:
    one, other = participant(), participant()
    other.forms["V1/vitals/1"].sequence = 8
    other.code_broken_at = closing.now
    assert content_hash(one) == content_hash(other)


@given(st.permutations(["weight", "pulse", "note"]))
def test_the_hash_does_not_hang_on_the_order_in_which_values_were_entered(order: list[str]) -> None:
    one, other = participant(), participant()
    values = {"weight": Value(value=61.0), "pulse": Value(missing="NOT DONE"), "note": Value(value="x")}
    one.forms["V1/vitals/1"].values = values
    other.forms["V1/vitals/1"].values = {name: values[name] for name in order}
    assert content_hash(one) == content_hash(other)

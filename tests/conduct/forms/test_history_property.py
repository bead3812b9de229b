"""The history of values: any sequence of saves replays to the same values, and the history tells each of them."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.conduct.forms.entry import MISSING, RemoveForm
from equipoise.conduct.forms.history import histories, history_of
from equipoise.errors import DecisionRefused

from .desk import DAY_1, EVENT, SCREENED, VITALS, WHO, Desk, replayed, shipped

shipped()

changes = st.fixed_dictionaries(
    {},
    optional={
        "weight": st.sampled_from([61.5, "62.0 kg", 63, 700, ""]),
        "pulse": st.integers(60, 80),
        "systolic": st.sampled_from([70, 120]),
        "height": st.sampled_from([172, 173.5, None]),
    },
)
saves = st.tuples(
    st.sampled_from(["SCR", "W0", "W4"]),
    changes,
    st.dictionaries(st.sampled_from(["temperature", "respiration"]), st.sampled_from(MISSING), max_size=1),
    st.sampled_from([None, "typing error", "read again"]),
    st.sampled_from(["li", "wang"]),
)
events = st.tuples(
    st.none() | st.integers(1, 3), st.sampled_from(["1", "2", "5"]), st.sampled_from([None, "grew worse"])
)
removals = st.tuples(st.integers(1, 3), st.just("entered twice"))


@settings(max_examples=40, deadline=None)
@given(st.lists(saves | events | removals, max_size=12))
def test_any_sequence_of_saves_replays_to_the_same_values_and_the_history_tells_each(steps: list) -> None:
    desk = Desk().start()
    desk.hold("W4", DAY_1 + timedelta(days=28))
    desk.participant.allocation = None  # it is not among the events that are replayed
    for step in steps:
        before = replayed(desk.events)
        try:
            take(desk, step)
        except DecisionRefused as refusal:
            assert str(refusal)
            assert desk.trial == before, "a refused step changes nothing"
    assert replayed(desk.events) == desk.trial
    told = histories(desk.events)
    for key, entry in desk.participant.forms.items():
        for item, value in entry.values.items():
            past = told.pop((key, item))
            kept = [one for one in past if not one.removed]
            last = kept[-1]
            assert (last.value, last.missing, last.entered) == (value.value, value.missing, value.entered)
            assert len(kept) == value.changes + 1
            assert all(one.reason for one in past[1:])
            assert [one.sequence for one in past] == sorted({one.sequence for one in past})
            assert past[-1].removed == (entry.removed is not None)
    assert not told, "nothing is told of that is not there"


def take(desk: Desk, step: tuple) -> None:
    if len(step) == 5:
        visit, values, missing, reason, person = step
        first = f"{visit}/vitals/1" not in desk.participant.forms
        given = {**VITALS, **values} if first else values
        given = {name: value for name, value in given.items() if name not in missing}
        desk.save("vitals", visit, given, missing=missing, reason=reason, person=person)
    elif len(step) == 3:
        repeat, grade, reason = step
        values = {**EVENT, "ae_grade": grade, "ae_outcome": "FATAL" if grade == "5" else EVENT["ae_outcome"]}
        values |= {"ae_ended": "2024-03-20"} if grade == "5" else {}
        desk.save("adverse_event", values=values, repeat=repeat, reason=reason)
    else:
        repeat, reason = step
        desk.do(RemoveForm(participant=WHO, form="adverse_event", repeat=repeat, reason=reason))


def test_the_history_of_a_value_says_who_when_and_why() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    desk.save("haematology", "SCR", role="laboratory")
    desk.today += timedelta(days=1)
    desk.save("haematology", "SCR", {"haemoglobin": "14.1 g/dL"}, person="wang", reason="diluted", on=SCREENED)
    first, second = history_of(desk.events, "haemoglobin", "haematology", "SCR")
    assert (first.value, first.actor, first.role, first.reason) == (135, "li", "laboratory", None)
    assert (second.value, second.actor, second.reason, second.entered) == (141, "wang", "diluted", "14.1 g/dL")
    assert (second.at - first.at).days == 1
    assert second.zone == "Asia/Shanghai"
    assert history_of(desk.events, "haemoglobin", "haematology", "W0") == ()

"""Double entry: the second is blind to the first by value, words and order; a third settles a difference."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.forms.desk import WHO, Desk, edited, shipped

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.door.fact import Fact
from equipoise.conduct.quality import second_entry
from equipoise.conduct.quality.second_entry import AdjudicateEntry, EnterSecond, list_second_entries
from equipoise.errors import DecisionRefused

RECORD = "W0/immunology/1"
CELLS = {"cd4": 215, "cd8": 700}


@pytest.fixture
def desk() -> Desk:
    return written(CELLS)


def written(values: dict[str, Any], protocol: Any = None) -> Desk:
    """A desk where the coordinator Li has written the cell counts of day 1."""
    desk = Desk(protocol).start()
    desk.save("immunology", "W0", values, missing={item: "NOT DONE" for item in CELLS if item not in values})
    return desk


def again(desk: Desk, person: str = "wang", missing: dict[str, str] | None = None, **values: Any) -> list[Fact]:
    intent = EnterSecond(participant=WHO, form="immunology", visit="W0", values=values, missing=missing or {})
    return desk.do(intent, person=person, role="coordinator")


def settle(desk: Desk, keep: Any, person: str = "zhao", **changed: Any) -> list[Fact]:
    fields = {
        "participant": WHO,
        "record": RECORD,
        "item": "cd4",
        "keep": keep,
        "reason": "the print-out",
        **changed,
    }
    return desk.do(AdjudicateEntry(**fields), person=person, role="investigator")


def open_points(desk: Desk) -> tuple[int, int]:
    points = checklist(desk.protocol, desk.trial, desk.today)
    return points["entries not made a second time"], points["differences between entries not settled"]


def test_what_is_to_be_entered_twice_waits_until_it_is(desk: Desk) -> None:
    assert open_points(desk) == (1, 0)
    (fact,) = again(desk, cd4=215)
    assert open_points(desk) == (0, 0)
    assert "215" not in fact.tell()


def test_a_difference_is_settled_for_the_first_or_the_second(desk: Desk) -> None:
    again(desk, cd4=251)
    assert open_points(desk) == (0, 1)
    settle(desk, "first")
    assert (desk.value("cd4", "immunology", "W0"), open_points(desk)) == (215, (0, 0))
    desk.save("immunology", "W0", {"cd4": 216}, reason="misread")
    assert open_points(desk) == (0, 1)
    settle(desk, "second")
    assert (desk.value("cd4", "immunology", "W0"), open_points(desk)) == (251, (0, 0))


def test_a_code_of_why_there_is_no_value_counts_as_an_entry(desk: Desk) -> None:
    again(desk, missing={"cd4": "NOT DONE"})
    assert open_points(desk) == (0, 1)
    settle(desk, "second")
    assert desk.participant.forms[RECORD].values["cd4"].missing == "NOT DONE"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"person": "li", "cd4": 215}, "you wrote T-cell counts, visit W0 yourself"),
        ({"cd8": 700}, "is entered once; leave it out"),
        ({}, "is empty; enter CD4"),
        ({"cd4": 99999}, "must lie between 0 and 3000 cells/uL. Got 99999"),
    ],
)
def test_a_second_entry_that_cannot_be_is_refused(desk: Desk, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(DecisionRefused, match=said):
        again(desk, **fields)


def test_the_second_entry_is_made_once_whether_it_agreed_or_not() -> None:
    told = set()
    for value in (215, 251):
        desk = written(CELLS)
        again(desk, cd4=value)
        with pytest.raises(DecisionRefused, match="was entered a second time already") as refused:
            again(desk, cd4=215)
        told.add(str(refused.value))
    assert len(told) == 1


def test_who_entered_does_not_settle(desk: Desk) -> None:
    again(desk, cd4=251)
    for person in ("li", "wang"):
        with pytest.raises(DecisionRefused, match="another investigator settles"):
            settle(desk, "first", person)
    with pytest.raises(DecisionRefused, match="say what the source shows"):
        settle(desk, "first", reason=" ")
    settle(desk, "first")
    with pytest.raises(DecisionRefused, match="no difference of cd4 to be settled"):
        settle(desk, "first")


def test_a_trial_without_double_entry_asks_for_none() -> None:
    reason = "  quality.double_entry: assumed; not published, the counts decide the result\n"
    desk = written(CELLS, edited(("  double_entry: [cd4]\n", ""), (reason, "")))
    assert list_second_entries(desk.protocol, desk.trial) == []
    with pytest.raises(DecisionRefused, match="asks for no second entry"):
        again(desk, cd4=215)


# --- blind: whatever the first entry was, the second person is told the same


TRIES: tuple[dict[str, Any], ...] = (
    {"cd4": 215},
    {"cd4": 251},
    {"cd4": "0.25 cells/nL"},
    {"cd4": "many"},
    {"cd4": 99999},
    {"cd4": -1},
    {"cd4": 215.5},
    {"missing": {"cd4": "NOT DONE"}},
    {"missing": {"cd4": "LOST"}},
    {"cd4": 0},
    {},
)


def told_to_the_second(first: dict[str, Any]) -> Iterator[str]:
    """Try to enter every value a second time, each on a fresh desk; give what is said, and recorded but values."""
    for values in TRIES:
        desk = written(first, shipped())
        try:
            facts = again(desk, **values)
        except DecisionRefused as refused:
            yield str(refused)
            continue
        yield f"{[type(fact).__name__ for fact in facts]} {[fact.tell() for fact in facts]}"
        with suppress(DecisionRefused):
            again(desk, cd4=215)
            yield "entered twice"


FIRST = st.fixed_dictionaries({}, optional={"cd4": st.integers(0, 3000), "cd8": st.integers(0, 5000)})
SAME = list(told_to_the_second(CELLS))


@settings(max_examples=15, deadline=None)
@given(FIRST)
def test_nothing_that_the_second_person_is_told_hangs_on_the_first_entry(first: dict[str, Any]) -> None:
    assert list(told_to_the_second(first)) == SAME


def test_the_list_of_what_waits_is_in_the_order_of_the_protocol_whatever_was_entered() -> None:
    lists = set()
    for cells in (CELLS, {"cd4": 3000, "cd8": 1}):
        desk = written(cells)
        desk.save("immunology", "SCR", cells)
        lists.add(tuple((one.record, one.items) for one in list_second_entries(desk.protocol, desk.trial)))
    assert len(lists) == 1


def test_judged_beside_the_first_entry_the_second_would_be_told_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read = second_entry.read_items
    first = {"cd4": 215, "cd8": 700}

    def beside(form: Any, values: Any, missing: Any, *, before: Any, **others: Any) -> Any:
        assert before == {}
        known = written(first).participant.forms[RECORD].values
        return read(form, values, missing, before=known, **others)

    monkeypatch.setattr(second_entry, "read_items", beside)
    assert list(told_to_the_second(first)) != SAME

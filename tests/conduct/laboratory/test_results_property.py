"""What a file of results leads to: the same as its records saved one by one, at the visits where they belong."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.forms.desk import DAY_1, SCREENED, WHO, Desk

from equipoise.conduct.follow_up.visits import HoldUnscheduledVisit
from equipoise.conduct.forms.entry import FormSaved, SaveForm
from equipoise.conduct.laboratory.results import ResultsImported, content_hash
from equipoise.errors import DecisionRefused

from .sending import HAEMATOLOGY, file_of, panel, row, send, served

VISITS = {"SCR": SCREENED, "W0": DAY_1, "W4": DAY_1 + timedelta(28), "W12": DAY_1 + timedelta(84)}
COUNTS = {"cd4": "CD4", "cd8": "CD8", "cd8_activated": "CD8ACT"}


def course() -> Desk:
    """A desk at week 12, with a laboratory and four visits held."""
    desk = served(Desk().start())
    for visit in ("W4", "W12"):
        desk.hold(visit, VISITS[visit])
    return desk


def counts(visit: str, values: dict[str, Any], first: int = 2) -> list[Any]:
    given = {COUNTS[item]: str(value) for item, value in values.items()}
    return panel(f"{VISITS[visit]}T08:00", given, first)


measured = st.fixed_dictionaries(
    {"cd4": st.integers(0, 900), "cd8": st.integers(0, 2500)}, optional={"cd8_activated": st.integers(0, 100)}
)


@settings(max_examples=25)
@given(
    st.dictionaries(st.sampled_from(list(VISITS)), measured, min_size=1),
    st.randoms(use_true_random=False),
)
def test_a_file_is_what_its_records_saved_one_by_one_would_be(found: dict[str, Any], order: Any) -> None:
    in_order = [visit for visit in VISITS if visit in found]
    one_by_one = course()
    for visit in in_order:
        on, values = VISITS[visit], found[visit]
        saved = SaveForm(participant=WHO, form="immunology", visit=visit, on=on, values=values, late="sent late")
        one_by_one.do(saved, person="lab", role="laboratory")
    rows = [one for visit in in_order for one in counts(visit, found[visit])]
    order.shuffle(rows)
    at_once = course()
    send(at_once, [msgspec.structs.replace(one, line=line) for line, one in enumerate(rows, 2)])
    for desk in (one_by_one, at_once):
        for entry in desk.participant.forms.values():
            entry.sequence, entry.specimens, entry.late = 0, {}, None
        for query in desk.participant.queries.values():
            query.raised_at = query.closed_at = None  # type: ignore[assignment]
    assert at_once.participant.forms == one_by_one.participant.forms
    assert at_once.participant.queries == one_by_one.participant.queries


def test_a_decision_leaves_the_state_as_it_was() -> None:
    desk = course()
    send(desk, counts("W4", {"cd4": 900, "cd8": 700}))
    before = msgspec.msgpack.encode(desk.trial)
    later = [*counts("W0", {"cd4": 100, "cd8": 700}), *counts("W12", {"cd4": 10, "cd8": 700}, 4)]
    assert desk.decide(file_of(later), person="lab", role="laboratory")
    assert msgspec.msgpack.encode(desk.trial) == before


def visit_of(desk: Desk, collected: str, **fields: str) -> str:
    saved = send(desk, [*panel(collected, {"CD4": "300", "CD8": "700"}, **fields)])[1]
    assert isinstance(saved, FormSaved)
    return saved.visit


@pytest.mark.parametrize(
    ("collected", "visit"),
    [
        (f"{VISITS['W4']}T08:00", "W4"),
        (f"{VISITS['W4'] + timedelta(5)}T08:00", "W4"),
        (f"{VISITS['W4'] - timedelta(7)}T08:00", "W4"),
        (f"{VISITS['W0']}", "W0"),
        (f"{VISITS['W12'] + timedelta(1)}T23:30-05:00", "W12"),
        (f"{VISITS['W4'] - timedelta(1)}T23:30Z", "W4"),
    ],
)
def test_a_result_belongs_to_the_visit_of_its_day_at_the_site_else_of_its_window(
    collected: str, visit: str
) -> None:
    desk = course()
    desk.today = VISITS["W12"] + timedelta(20)
    assert visit_of(desk, collected) == visit


def test_a_day_between_the_windows_belongs_to_an_unscheduled_visit_of_that_day_or_to_none() -> None:
    desk = course()
    day = VISITS["W4"] + timedelta(20)
    with pytest.raises(DecisionRefused, match=r"line 2, collected: 01-001 held no visit on this day"):
        visit_of(desk, f"{day}T08:00")
    desk.do(HoldUnscheduledVisit(participant=WHO, on=day, why="a repeat"))
    assert visit_of(desk, f"{day}T08:00") == "U1"


def test_a_named_visit_counts_and_its_name_may_be_that_of_the_laboratory() -> None:
    desk = course()
    assert visit_of(desk, f"{VISITS['W12']}T08:00", visit="W4") == "W4"
    rows = panel(f"{VISITS['W12']}T08:00", {"CD4": "300", "CD8": "700"}, visit="Week 12")
    (_, saved) = send(desk, rows, visits={"Week 12": "W12"}, file="second.csv")[:2]
    assert isinstance(saved, FormSaved)
    assert (saved.visit, saved.specimens[0].collected) == ("W12", f"{VISITS['W12']}T08:00")


def test_a_panel_lacks_what_its_form_requires_unless_a_status_says_why() -> None:
    desk = course()
    values = {name: value for name, value in HAEMATOLOGY.items() if name != "PLAT"}
    rows = panel(f"{VISITS['W4']}T08:00", values)
    with pytest.raises(DecisionRefused, match=r"line 2: Haematology, visit W4: Platelets must be filled in"):
        send(desk, rows)
    send(desk, [*rows, row(9, f"{VISITS['W4']}T08:00", "PLAT", "", status="NOT DONE")])
    assert desk.participant.forms["W4/haematology/1"].values["platelets"].missing == "NOT DONE"


def test_what_was_sent_stands_beside_the_value_wherever_it_differs() -> None:
    desk = course()
    values = {**HAEMATOLOGY, "WBC": "5.126", "PLAT": "210", "HGB": "13.45"}
    send(desk, panel(f"{VISITS['W4']}T08:00", values))
    found = desk.participant.forms["W4/haematology/1"].values
    assert (found["wbc"].value, found["wbc"].entered) == (5.13, "5.126 10*9/L")
    assert (found["haemoglobin"].value, found["haemoglobin"].entered) == (135, "13.45 g/dL")
    assert found["platelets"].entered is None, "10*9/L is 10^9/L"


@pytest.mark.parametrize(
    ("value", "rules", "recorded"),
    [
        ("<20", {"below": "limit"}, 20),
        ("<20", {"below": "half"}, 10),
        (">1000", {"above": "limit"}, 1000),
    ],
)
def test_beyond_the_limit_of_the_assay_the_rule_of_the_manifest_counts(
    value: str, rules: dict[str, str], recorded: int
) -> None:
    desk = course()
    rows = [row(2, f"{VISITS['W4']}T08:00", "HIV1RNA", value)]
    with pytest.raises(DecisionRefused, match="limit of the assay; say in the manifest"):
        send(desk, rows)
    send(desk, rows, **rules)
    kept = desk.participant.forms["W4/virology/1"].values["hiv_rna"]
    assert (kept.value, kept.entered) == (recorded, f"{value} {{copies}}/mL")


@pytest.mark.parametrize("value", ["1e15", "-1e15", "1e3000000", "1e999999999999999999", "1e-40"])
def test_a_number_of_no_believable_size_is_named_with_its_line(value: str) -> None:
    with pytest.raises(DecisionRefused, match=r"line 2, value: must be a number that can be recorded.* Got "):
        send(course(), [row(2, f"{VISITS['W4']}T08:00", "HIV1RNA", value)])


def test_codes_of_the_laboratory_are_those_that_the_manifest_translates() -> None:
    desk = course()
    codes = ("HCRNA", "HAV", "HDVAB", "HEVAB")
    rows = [row(line, f"{VISITS['SCR']}T08:00", code, "neg") for line, code in enumerate(codes, 2)]
    with pytest.raises(DecisionRefused, match=r"line 3, test: is no laboratory test of this trial"):
        send(desk, rows)
    with pytest.raises(DecisionRefused, match=r"line 2, value: must be one of its codes.*Got neg"):
        send(desk, rows, tests={"HAV": "HAVAB"})
    send(desk, rows, tests={"HAV": "HAVAB"}, codes={"neg": "NEGATIVE"})
    assert desk.participant.forms["SCR/hepatitis/1"].values["hav_antibody"].value == "NEGATIVE"


def test_a_test_that_is_derived_or_not_recorded_is_left_out_by_name() -> None:
    desk = course()
    at = f"{VISITS['W4']}T08:00"
    rows = [*counts("W4", {"cd4": 300, "cd8": 600}), row(4, at, "CD4CD8", "0.5"), row(5, at, "ESR", "12")]
    with pytest.raises(DecisionRefused) as refused:
        send(desk, rows)
    assert "line 4, test: is computed from other values" in str(refused.value)
    assert "line 5, test: is no laboratory test" in str(refused.value)
    told = send(desk, rows, leave_out=("CD4CD8", "ESR"))[0]
    assert isinstance(told, ResultsImported)
    assert (told.rows, told.left_out, told.values) == (4, 2, 2)
    assert desk.participant.forms["W4/immunology/1"].values["cd4_cd8"].value == 0.5


def test_what_the_site_fills_in_on_the_same_form_comes_first() -> None:
    desk = course()
    desk.save("pregnancy", "W4", {"childbearing": "N"}, on=VISITS["W4"], late="sent late")
    (_, saved) = send(desk, [row(2, f"{VISITS['W4']}T08:00", "HCG", "NEGATIVE")])
    assert isinstance(saved, FormSaved)
    assert saved.values == {"pregnancy_test": "NEGATIVE"}
    with pytest.raises(DecisionRefused, match=r"line 2: Pregnancy test, visit W12: Can become pregnant must be"):
        send(desk, [row(2, f"{VISITS['W12']}T08:00", "HCG", "NEGATIVE")], file="second.csv")


def test_the_hash_of_a_content_hangs_on_all_but_masked_values_and_the_hash_of_the_file() -> None:
    desk = course()
    plain = file_of([row(2, f"{DAY_1}", "HLAIPRA", "5", unit="%"), row(3, f"{DAY_1}", "CD4", "300")])

    def hashed(intent: Any, **said: Any) -> str:
        return content_hash([desk.protocol], msgspec.structs.replace(intent.manifest, **said), intent.rows)

    def with_value(line: int, value: str) -> Any:
        rows = tuple(msgspec.structs.replace(r, value=value) if r.line == line else r for r in plain.rows)
        return msgspec.structs.replace(plain, rows=rows)

    assert hashed(plain) == hashed(plain, sha256="1" * 64) == hashed(with_value(2, "6"))
    others = {hashed(plain), hashed(with_value(3, "301")), hashed(plain, file="b.csv"), hashed(plain, reason="x")}
    assert len(others) == 4
    renamed = {"X": "HLAIPRA"}
    first = file_of([row(2, f"{DAY_1}", "X", "5", unit="%")], tests=renamed)
    second = file_of([row(2, f"{DAY_1}", "X", "6", unit="%")], tests=renamed)
    assert hashed(first) == hashed(second)

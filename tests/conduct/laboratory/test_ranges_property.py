"""Reference ranges: which one holds for whom on which day, and what no laboratory may set."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conduct.forms.desk import Desk

from equipoise.conduct.door.state import ReferenceRange
from equipoise.conduct.laboratory.people import Person
from equipoise.conduct.laboratory.ranges import (
    Age,
    EnterLaboratory,
    SetReferenceRanges,
    find_range,
    indicate,
    limits_in,
)
from equipoise.errors import DecisionRefused

FROM = date(2024, 1, 1)
ADULT = Age(years=40, days=14610)


def reference(**fields: Any) -> ReferenceRange:
    return ReferenceRange(**{"test": "HGB", "valid_from": FROM, "low": "120", "unit": "g/L", **fields})


def desk() -> Desk:
    desk = Desk()
    desk.do(EnterLaboratory(laboratory="central", name="Central", zone="Asia/Shanghai"), role="data manager")
    return desk


def put(desk: Desk, *ranges: ReferenceRange, reason: str = "") -> None:
    desk.do(SetReferenceRanges(laboratory="central", ranges=ranges, reason=reason), role="data manager")


def test_men_and_women_have_their_own_range() -> None:
    ranges = [reference(sex="M", low="130"), reference(sex="F", low="115")]
    assert getattr(find_range(ranges, "HGB", "M", ADULT, FROM), "low", None) == "130"
    assert getattr(find_range(ranges, "HGB", "F", ADULT, FROM), "low", None) == "115"
    assert find_range(ranges, "HGB", None, ADULT, FROM) is None
    assert find_range(ranges, "ALT", "M", ADULT, FROM) is None


def test_an_age_from_is_within_and_an_age_below_is_not() -> None:
    ranges = [
        reference(low="1", age_from=0, age_below=28, age_in="days"),
        reference(low="2", age_from=28, age_below=6575, age_in="days"),
        reference(low="3", age_from=18),
    ]
    for age, low in ((Age(0, 27), "1"), (Age(0, 28), "2"), (Age(17, 6574), "2"), (Age(18, 6575), "3")):
        assert getattr(find_range(ranges, "HGB", "F", age, FROM), "low", None) == low
    assert find_range(ranges, "HGB", "F", None, FROM) is None


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=6, unique=True), st.integers(0, 3000))
def test_the_newest_range_of_the_day_holds_and_none_before_the_first(starts: list[int], day: int) -> None:
    ranges = [reference(valid_from=FROM + timedelta(start), low=str(start)) for start in starts]
    found = find_range(ranges, "HGB", "F", ADULT, FROM + timedelta(day))
    past = [start for start in starts if start <= day]
    assert (None if found is None else found.low) == (str(max(past)) if past else None)


def test_limits_are_converted_and_the_limit_itself_is_normal() -> None:
    haemoglobin = Desk().protocol.forms["haematology"].items["haemoglobin"]
    low, high = limits_in(haemoglobin, reference(low="12.0", high="15.5", unit="g/dL"))
    assert (low, high) == (120.0, 155.0)
    said = [indicate(value, low, high) for value in (119.0, 120.0, 155.0, 156.0)]
    assert said == ["LOW", "NORMAL", "NORMAL", "HIGH"]
    assert indicate(1.0, None, None) is None
    assert (indicate(200.0, low, None), indicate(1.0, None, high)) == ("NORMAL", "NORMAL")


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        ([reference(test="HGBX")], r"range 1 \(HGBX\): the protocol has no laboratory test .* HGB"),
        ([reference(test="HCG")], "only tests that give a number have a range"),
        ([reference(low="low")], r"a limit must be a number with a decimal point. Got low"),
        ([reference(low="NaN")], "a limit must be a number with a decimal point. Got NaN"),
        ([reference(high="1e3000000")], "a limit must be a number with a decimal point. Got 1e3000000"),
        ([reference(low="")], "give the lower limit, the upper limit, or both"),
        ([reference(low="150", high="120")], "the lower limit lies above the upper one. Got 150 to 120"),
        ([reference(unit="mmol/L")], "the unit cannot be converted to g/L"),
        ([reference(unit="")], "the unit is missing"),
        ([reference(age_from=18, age_below=18)], "ages go from 0 or more up to a greater one"),
        ([reference(), reference(sex="F")], r"range 2 \(HGB\): holds for the same people as range 1"),
        (
            [reference(age_from=0, age_below=2), reference(age_from=365, age_in="days")],
            "holds for the same people as range 1",
        ),
        ([], "there is no range to be set"),
    ],
)
def test_what_no_laboratory_may_set(ranges: list[ReferenceRange], says: str) -> None:
    with pytest.raises(DecisionRefused, match=says):
        put(desk(), *ranges)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(DecisionRefused) as refused:
        put(desk(), *[reference(low="x", valid_from=FROM + timedelta(day)) for day in range(25)])
    assert len(str(refused.value).splitlines()) == 21
    assert str(refused.value).endswith("and 5 more such lines")


def test_ranges_of_another_day_join_and_of_the_same_day_take_the_place_with_a_reason() -> None:
    here = desk()
    put(here, reference())
    put(here, reference(valid_from=FROM + timedelta(30), low="125"))
    known = here.trial.laboratories["central"]
    assert [one.low for one in known.ranges] == ["120", "125"]
    with pytest.raises(DecisionRefused, match="are set already; say why they are changed"):
        put(here, reference(low="121"))
    with pytest.raises(DecisionRefused, match="are set already"):
        put(here, reference())
    put(here, reference(low="121"), reason="a slip of the laboratory")
    assert [one.low for one in known.ranges] == ["125", "121"]
    assert here.events[-1].reason == "a slip of the laboratory"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"zone": "Beijing"}, "one of the IANA list"),
        ({"sites": ("09",)}, "there is no site 09"),
        ({"name": " "}, "needs a short name"),
        ({}, "with these very words already"),
    ],
)
def test_what_no_laboratory_is(fields: dict[str, Any], says: str) -> None:
    plain: dict[str, Any] = {"laboratory": "central", "name": "Central", "zone": "Asia/Shanghai"}
    with pytest.raises(DecisionRefused, match=says):
        desk().do(EnterLaboratory(**{**plain, **fields}), role="data manager")


def test_an_age_is_exact_with_a_date_of_birth_and_counted_on_without() -> None:
    born = Person(born=date(2000, 2, 29))
    assert [born.age_on(day) for day in (date(2018, 2, 28), date(2018, 3, 1))] == [Age(17, 6574), Age(18, 6575)]
    told = Person(age_days=40 * 365.25, recorded_on=date(2024, 1, 1))
    ages = [told.age_on(day) for day in (date(2024, 1, 1), date(2024, 12, 30), date(2025, 1, 2))]
    assert [age.years for age in ages if age is not None] == [40, 40, 41]
    assert Person().age_on(date(2024, 1, 1)) is None

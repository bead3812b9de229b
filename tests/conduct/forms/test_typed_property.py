"""Values as typed: what is recorded of them, and what is said of those that cannot be."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.forms.typed import Reading, as_recorded, decimals_of, read_typed
from equipoise.protocol.model import Item

NOW = datetime(2024, 5, 31, 14, 30)
LABEL = {"label": "x"}
HAEMOGLOBIN = Item(**LABEL, unit="g/L", also_in=("g/dL",), range=(30, 220), decimals=0)
WEIGHT = Item(**LABEL, unit="kg", range=(30, 200), decimals=1)
CD4 = Item(**LABEL, type="count", unit="cells/uL", range=(0, 3000))


def said(item: Item, typed: object) -> str:
    with pytest.raises(ValueError) as caught:
        read_typed(item, typed, NOW)  # type: ignore[arg-type]
    return str(caught.value)


decimals = st.integers(0, 4)


@given(st.integers(-(10**9), 10**9), decimals, st.sampled_from([float, str]))
def test_a_number_with_the_decimals_of_the_protocol_is_recorded_as_it_was_typed(
    digits: int, places: int, kind: type
) -> None:
    exact = Decimal(digits).scaleb(-places)
    typed = kind(exact) if kind is float else format(exact, "f")
    found = read_typed(Item(**LABEL, decimals=places), typed, NOW)
    assert Decimal(str(found.value)) == exact
    assert isinstance(found.value, int) == (places == 0)
    assert found.entered is None


@given(st.integers(-(10**9), 10**9).filter(lambda digits: digits % 10), decimals)
def test_one_decimal_more_than_the_protocol_records_is_refused(digits: int, places: int) -> None:
    typed = format(Decimal(digits).scaleb(-places - 1), "f")
    assert "is recorded with" in said(Item(**LABEL, decimals=places), typed)


@given(st.integers(300, 2200))
def test_what_was_typed_in_another_unit_is_kept_beside_the_number_in_the_protocol_s(tenths: int) -> None:
    typed = f"{tenths / 100} g/dL"
    exact = (Decimal(tenths) / 10).quantize(Decimal(1), ROUND_HALF_UP)
    assert read_typed(HAEMOGLOBIN, typed, NOW) == Reading(int(exact), typed)


@given(st.integers(30, 220), st.sampled_from(["{}", "{} g/L", " {}g/L ", "{}.0", "{}.0 g/L", "+{}"]))
def test_the_protocol_s_own_unit_may_be_typed_or_left_out(value: int, shape: str) -> None:
    assert read_typed(HAEMOGLOBIN, shape.format(value), NOW) == Reading(value)


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.text(max_size=20))
def test_whatever_is_typed_as_a_weight_a_believable_weight_is_recorded_or_it_is_refused(typed: object) -> None:
    try:
        value = read_typed(WEIGHT, typed, NOW).value  # type: ignore[arg-type]
    except ValueError as error:
        assert str(error)
    else:
        assert isinstance(value, float)
        assert 30 <= value <= 200
        assert value == round(value, 1)


@given(st.decimals(-(10**6), 10**6, allow_nan=False, places=6), decimals)
def test_rounding_is_half_up_and_never_moves_by_more_than_half_a_step(number: Decimal, places: int) -> None:
    step = Decimal(1).scaleb(-places)
    moved = abs(Decimal(str(as_recorded(number, places))) - number)
    assert moved <= step / 2


@pytest.mark.parametrize(
    ("item", "typed", "sentence"),
    [
        (WEIGHT, 700, "must lie between 30 and 200 kg"),
        (WEIGHT, "29.9", "must lie between 30 and 200 kg"),
        (WEIGHT, 61.55, "is recorded with at most 1 decimal"),
        (CD4, 250.5, "is recorded with no decimals"),
        (HAEMOGLOBIN, "8.5 mmol/L", "must be a number with a decimal point, alone or in g/L or g/dL"),
        (HAEMOGLOBIN, "13,5 g/dL", "must be a number with a decimal point, alone or in g/L or g/dL"),
        (HAEMOGLOBIN, "thirteen", "must be a number with a decimal point, alone or in g/L or g/dL"),
        (HAEMOGLOBIN, "2.5 g/dL", "must lie between 30 and 220 g/L"),
        (HAEMOGLOBIN, True, "must be a number"),
        (Item(**LABEL, type="integer"), "5 points", "must be a number with a decimal point and without a unit"),
        (Item(**LABEL), float("nan"), "must be a number with a decimal point and without a unit"),
        (Item(**LABEL), "1e300", "must be a number that can be recorded: at least 1e-30 and below 1e15"),
        (Item(**LABEL, type="count"), -1, "must not be negative"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_what_is_allowed(item: Item, typed: object, sentence: str) -> None:
    assert said(item, typed) == sentence


@pytest.mark.parametrize("typed", ["13.5 g/dL", "13.5 g/dl", "13.5g/dL", "13.5  G/DL"])
def test_a_unit_is_known_by_its_spelling_whatever_its_capitals_and_blanks(typed: str) -> None:
    assert read_typed(HAEMOGLOBIN, typed, NOW).value == 135


def test_capitals_decide_where_two_units_differ_by_them_only() -> None:
    item = Item(**LABEL, unit="mW", also_in=("MW",))
    assert read_typed(item, "1 MW", NOW).value == 1e9
    assert "alone or in mW or MW" in said(item, "1 mw")


@pytest.mark.parametrize("sign", ["\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"])
def test_the_sign_for_micro_may_be_typed(sign: str) -> None:
    item = Item(**LABEL, unit="umol/L", decimals=1)
    assert read_typed(item, f"12.5 {sign}mol/L", NOW) == Reading(12.5)


def test_a_code_is_taken_as_it_stands_in_the_protocol_and_the_nearest_is_named() -> None:
    item = Item(**LABEL, type="code", codes={"1": "mild", "NORMAL": "normal"})
    assert read_typed(item, 1, NOW).value == "1"
    assert said(item, "NORMLA") == "must be one of its codes; did you mean NORMAL?"


def test_yes_or_no_is_y_or_n() -> None:
    item = Item(**LABEL, type="yes or no")
    assert read_typed(item, "N", NOW).value == "N"
    assert said(item, "yes") == said(item, True) == "must be Y or N"


@given(st.text(min_size=1, max_size=50))
def test_a_text_is_recorded_without_the_blanks_around_it_or_refused_for_signs_that_nobody_can_read(
    typed: str,
) -> None:
    item = Item(**LABEL, type="text")
    try:
        assert read_typed(item, typed, NOW).value == typed.strip()
    except ValueError as error:
        assert str(error) == "must be a text without control characters"


@given(st.dates(date(1890, 1, 1), date(2030, 1, 1)))
def test_a_date_lies_in_the_past_and_within_a_long_life(day: date) -> None:
    item = Item(**LABEL, type="date")
    if date(1900, 1, 1) <= day <= NOW.date():
        assert read_typed(item, day.isoformat(), NOW).value == day.isoformat()
    else:
        assert "must not lie" in said(item, day.isoformat())


@given(st.datetimes(datetime(2024, 5, 30), datetime(2024, 6, 2)))
def test_a_moment_of_the_future_is_refused_to_the_second(moment: datetime) -> None:
    item = Item(**LABEL, type="date and time")
    typed = moment.isoformat(" ", "seconds")
    if moment.replace(microsecond=0) <= NOW:
        found = datetime.fromisoformat(str(read_typed(item, typed, NOW).value))
        assert timedelta(0) <= moment - found < timedelta(seconds=1)
    else:
        assert "must not lie in the future" in said(item, typed)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("date", "31/05/2024"),
        ("date", "2024-02-30"),
        ("date", "20240531"),
        ("date", 20240531),
        ("date and time", "2024-05-31"),
        ("date and time", "2024-05-31T14:30+08:00"),
        ("time", "25:00"),
        ("time", "2 pm"),
    ],
)
def test_a_date_or_time_in_another_shape_is_refused_with_an_example(kind: str, typed: object) -> None:
    assert " as in " in said(Item(**LABEL, type=kind), typed)


def test_a_time_of_day_is_recorded_to_the_minute() -> None:
    assert read_typed(Item(**LABEL, type="time"), "09:05:00", NOW).value == "09:05"


def test_counts_and_integers_have_no_decimals_and_numbers_as_many_as_the_protocol_says() -> None:
    assert [decimals_of(item) for item in (CD4, WEIGHT, Item(**LABEL))] == [0, 1, None]

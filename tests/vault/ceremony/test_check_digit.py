"""The check digit finds what people do to numbers: one wrong digit, two neighbours swapped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.vault.ceremony.check_digit import check_digit, has_valid_check_digit, with_check_digit

digits = st.text("0123456789", min_size=1, max_size=12)


def test_damm_s_own_example() -> None:
    assert check_digit("572") == "4"


@given(digits, st.data())
def test_every_single_wrong_digit_is_found(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert check_digit(number[:place] + other + number[place + 1 :]) != check_digit(number)


@given(st.text("0123456789", min_size=2, max_size=12), st.data())
def test_every_swap_of_neighbours_is_found(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (check_digit(swapped) == check_digit(number)) == (swapped == number)


@given(st.text("0123456789", min_size=5, max_size=5))
def test_a_number_that_was_given_out_is_valid(number: str) -> None:
    assert has_valid_check_digit(with_check_digit("R", number))


@pytest.mark.parametrize(
    "number", ["", "R-48213", "R-48213-", "R-48213-77", "-48213-7", "R-4821x-7", "R-٤٨٢١٣-٧", "R-²-2"]
)
def test_what_is_no_number_is_not_valid(number: str) -> None:
    assert not has_valid_check_digit(number)

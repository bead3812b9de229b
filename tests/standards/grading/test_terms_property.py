"""The terms of CTCAE 5.0: all of them, each with the grades that the scale gives it."""

import pytest

from equipoise.standards.grading.terms import find_term, terms_with


def test_every_term_of_the_scale_is_there() -> None:
    every = terms_with("CTCAE 5.0", "")
    assert len(every) == 837, "as NCI publishes"
    assert all(one.grades and one.organ_class for one in every)
    assert all(set(one.grades) <= {1, 2, 3, 4, 5} for one in every)


@pytest.mark.parametrize(
    ("term", "grades"),
    [("Headache", [1, 2, 3]), ("fever", [1, 2, 3, 4, 5]), (" Alopecia ", [1, 2]), ("Cardiac arrest", [4, 5])],
)
def test_a_term_has_the_grades_that_the_scale_gives_it(term: str, grades: list[int]) -> None:
    found = find_term("CTCAE 5.0", term)
    assert found is not None
    assert list(found.grades) == grades


def test_what_the_scale_does_not_have_is_none() -> None:
    assert find_term("CTCAE 5.0", "homesickness") is None
    assert find_term("mild, moderate, severe", "Fever") is None
    assert terms_with("CTCAE 5.0", "homesick") == []


def test_a_part_of_a_word_finds_every_term_that_holds_it() -> None:
    assert "Thromboembolic event" in [one.term for one in terms_with("CTCAE 5.0", "embol")]

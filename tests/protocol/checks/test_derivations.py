"""Derived items follow from items that are entered."""

from collections.abc import Callable

Refused = Callable[..., tuple[str, ...]]
Accepted = Callable[..., object]

CD4 = "testcd: CD4}"
CD8 = "testcd: CD8}"


def test_items_that_are_derived_from_one_another_are_refused(refused: Refused) -> None:
    findings = refused((CD4, "testcd: CD4, derive: cd8 + 1}"), (CD8, "testcd: CD8, derive: cd4 + 1}"))
    assert [finding for finding in findings if "needs itself to be derived (cd4 from cd8 from cd4)" in finding]


def test_an_item_may_be_derived_from_a_derived_one(accepted: Accepted) -> None:
    third = "      doubled: {label: {en: Doubled, zh: 两倍}, derive: cd8 * 2}"
    assert accepted((CD8, f"testcd: CD8, derive: cd4 + 1}}\n{third}"))

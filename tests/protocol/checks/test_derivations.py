"""Derived items follow from items that are entered."""

from collections.abc import Callable

Refused = Callable[..., tuple[str, ...]]
Accepted = Callable[..., object]


def test_items_that_are_derived_from_one_another_are_refused(refused: Refused, edited: Callable[..., str]) -> None:
    first, second = (line for line in edited().splitlines() if line.strip().startswith(("cd4: {", "cd8: {")))
    findings = refused((first, with_rule(first, "cd8 + 1")), (second, with_rule(second, "cd4 + 1")))
    assert any("needs itself to be derived (cd4 from cd8 from cd4)" in f for f in findings)


def test_an_item_may_be_derived_from_a_derived_one(accepted: Accepted, edited: Callable[..., str]) -> None:
    second = next(line for line in edited().splitlines() if line.strip().startswith("cd8: {"))
    third = "      doubled: {label: {en: Doubled, zh: 两倍}, derive: cd8 * 2}"
    assert accepted((second, f"{with_rule(second, 'cd4 + 1')}\n{third}"))


def with_rule(line: str, rule: str) -> str:
    """Add a derivation to an item written on one line."""
    return f"{line.rstrip()[:-1]}, derive: {rule}}}"

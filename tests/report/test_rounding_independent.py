"""Rounding as SAS prints it: values of the CDISC pilot's clinical study report, made with SAS."""

import pytest

from equipoise.report.rounding import format_count_percent, format_interval, format_number, format_p


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (42.65, 1, "42.7"),  # mean duration of disease, placebo; the binary number lies below 42.65
        (30.24183, 2, "30.24"),
        (-0.466782, 1, "-0.5"),
        (-1.006014, 1, "-1.0"),
        (0.818042, 2, "0.82"),
        (2.5, 0, "3"),  # half away from zero, where Python's round gives 2
        (-2.5, 0, "-3"),
        (0.125, 2, "0.13"),
    ],
)
def test_numbers_print_as_in_the_report(value: float, decimals: int, printed: str) -> None:
    assert format_number(value, decimals) == printed


@pytest.mark.parametrize(
    ("p", "decimals", "printed"),
    [(0.568797, 3, "0.569"), (0.232626, 3, "0.233"), (0.5934, 4, "0.5934"), (7.9e-14, 4, "<0.0001")],
)
def test_p_values_print_as_in_the_report(p: float, decimals: int, printed: str) -> None:
    assert format_p(p, decimals) == printed


def test_intervals_and_shares_print_as_in_the_report() -> None:
    assert format_interval(-2.079006, 1.145442, 1) == "(-2.1, 1.1)"
    assert format_count_percent(33, 100 * 33 / 86, 0) == "33 (38%)"

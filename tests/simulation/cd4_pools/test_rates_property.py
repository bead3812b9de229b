"""Every rate says where it comes from, here and in the documents; rates that make no sense are refused."""

from pathlib import Path

import pytest

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools import PoolRates, tabulate_rates

PAGE = Path(__file__).resolve().parents[3] / "docs" / "methods" / "cd4-pools.md"


def test_every_rate_has_a_unit_a_mark_and_a_source() -> None:
    for row in tabulate_rates().iter_rows(named=True):
        assert row["mark"] in {"stated", "calculated", "assumed"}
        assert row["unit"]
        assert len(row["source"]) > 10


def test_the_page_lists_every_rate_with_its_value_and_mark() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for row in tabulate_rates().iter_rows(named=True):
        assert f"| `{row['name']}` | {row['value']:.3g} | {row['unit']} | {row['mark']} |" in page, row["name"]


def test_a_value_of_the_callers_own_is_marked_so() -> None:
    table = tabulate_rates(PoolRates(expansion=4.0))
    marks = dict(zip(table["name"], table["mark"], strict=True))
    assert [name for name, mark in marks.items() if mark == "given"] == ["expansion"]


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"expansion": -1.0}, "expansion"),
        ({"virus_decay": float("nan")}, "virus_decay"),
        ({"naive_loss": 1e-5}, "naive_loss"),
        ({"virus_share": 1.5}, "virus_share"),
        ({"shift_half_life": 0.0}, "shift_half_life"),
        ({"reversion": 0.3}, "reversion"),
        ({"activated_life": 0.0}, "activated_life"),
        ({"memory_renewal": 0.85}, "memory_renewal"),
    ],
)
def test_rates_that_make_no_sense_are_refused(wrong: dict[str, float], what: str) -> None:
    with pytest.raises(DataError, match=what):
        PoolRates(**wrong)

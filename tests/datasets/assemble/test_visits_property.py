"""Words for visits, and windows that leave no day out."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.datasets.assemble.visits import halfway_windows, match_visits
from equipoise.protocol import Protocol


@pytest.mark.parametrize(
    ("word", "visit"),
    [
        ("SCR", "SCR"),
        ("screening", "SCR"),
        ("Day -7", "SCR"),
        ("Baseline", "W0"),
        ("DAY 1", "W0"),
        ("week 4", "W4"),
        (" Week\t8 ", "W8"),
        ("Week 40", None),
        ("Unscheduled", None),
    ],
)
def test_words_for_a_visit(trial: Protocol, word: str, visit: str | None) -> None:
    assert match_visits(pl.Series([word]), trial).to_list() == [visit]


def test_the_windows_of_the_pilot_are_halfway(trial: Protocol) -> None:
    """Weeks 4 and 8 fall on days 29 and 57, halfway is day 43; the first window after day 1 begins on day 2."""
    windows = halfway_windows(trial, ("W8", "W0", "W4"))
    assert [(w.visit, w.low, w.high) for w in windows] == [("W0", None, 1), ("W4", 2, 43), ("W8", 44, None)]
    assert halfway_windows(trial, ("W4", "W8"))[0].low == 2


@given(day=st.integers(-400, 400).filter(bool))
def test_each_day_belongs_to_one_visit(trial: Protocol, day: int) -> None:
    windows = halfway_windows(trial, tuple(trial.schedule.visits))
    holding = [w for w in windows if (w.low is None or w.low <= day) and (w.high is None or day <= w.high)]
    assert len(holding) == 1
    nearest = min(abs(w.target - day) for w in windows if (w.target > 1) == (day > 1))
    assert abs(holding[0].target - day) == nearest

"""A drawn trial is written down as SDTM and goes the way of real data."""

from functools import cache

import polars as pl
import pytest

from equipoise.analysis.run import run_analyses
from equipoise.datasets.assemble import assemble
from equipoise.simulation.example import draw_trial

from ..shipped import shipped

drawn = cache(lambda name: draw_trial(shipped(name), seed=3))
CELL_TRIALS = ("hucmsc_inr", "hucmsc_pilot", "admsc_inr", "hucmsc_confirm")


@pytest.mark.parametrize("name", CELL_TRIALS)
def test_every_participant_is_in_dm_once_and_screen_failures_have_no_arm(name: str) -> None:
    plan = shipped(name)
    dm = drawn(name).read("dm").frame
    enrolled = dm.filter(pl.col("ARMNRS").is_null())
    assert enrolled.height == plan.size
    assert dm["USUBJID"].is_unique().all()
    assert set(enrolled["ARM"]) == {arm.label.say() for arm in plan.arms.values()}
    assert dm.filter(pl.col("ARMNRS") == "SCREEN FAILURE")["ARM"].is_null().all()


def test_sequence_numbers_count_each_participants_records() -> None:
    folder = drawn("hucmsc_inr")
    for name in ("ae", "cm", "ds", "ex", "lb", "vs"):
        frame = folder.read(name).frame
        number = f"{name.upper()}SEQ"
        assert frame.select("USUBJID", number).is_unique().all()
        assert frame[number].min() == 1


def test_the_same_seed_writes_the_same_datasets() -> None:
    first, again = drawn("hucmsc_pilot"), draw_trial(shipped("hucmsc_pilot"), seed=3)
    assert first.names == again.names
    for name in first.names:
        assert first.read(name).frame.equals(again.read(name).frame)


def test_every_analysis_of_the_phase_ii_trial_can_be_done_on_drawn_participants() -> None:
    plan = shipped("hucmsc_inr")
    results = run_analyses(plan, assemble(plan, draw_trial(plan, seed=1)))
    assert results.not_done == {}
    assert list(results.done) == list(plan.analyses)

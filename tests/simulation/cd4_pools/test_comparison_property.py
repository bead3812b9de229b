"""The comparison with level and slope: what both models say, its picture, the same bytes from the same seed."""

import xml.etree.ElementTree as ET

import numpy as np
import polars as pl
import pytest

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools import compare_with_slopes, plot_pools_against_slopes
from equipoise.simulation.cd4_pools.comparison import POOLS, SLOPES


def compare(seed: int = 4, size: int = 4000, **options):
    return compare_with_slopes(180, 60, 20, 45, 336, np.random.default_rng(seed), size=size, **options)


COMPARISON = compare()


def test_both_models_have_the_level_and_the_mean_of_the_slope() -> None:
    for model in (SLOPES, POOLS):
        means = COMPARISON.courses.filter(pl.col("model") == model).select("week", "mean")
        at = dict(means.iter_rows())
        assert at[0] == pytest.approx(180.0, abs=4 * 60 / np.sqrt(4000))
        assert COMPARISON.changes[model].mean() == pytest.approx(20.0, abs=4 * 45 / np.sqrt(4000))


def test_lines_have_the_correlations_of_level_and_slope() -> None:
    lines = COMPARISON.courses.filter(pl.col("model") == SLOPES)
    expected = 60 / np.hypot(60, 45 * lines["week"].to_numpy() / 48)
    # counts below 1 are cut off, which at week 96 raises it a little
    np.testing.assert_allclose(lines["correlation"], expected, atol=0.04)


def test_the_pools_add_up_to_the_count() -> None:
    total = COMPARISON.pools.select(pl.sum_horizontal("naive", "memory", "activated")).to_series()
    counts = COMPARISON.courses.filter(pl.col("model") == POOLS)["mean"]
    np.testing.assert_allclose(total, counts, rtol=1e-10)


def test_a_stricter_definition_is_met_by_fewer() -> None:
    for model in (SLOPES, POOLS):
        shares = dict(
            COMPARISON.responses.filter(pl.col("model") == model).select("definition", "share").iter_rows()
        )
        ever = shares["30 % over baseline, ever"]
        assert ever > shares["30 %, at two visits running"] > 0
        assert ever > shares["30 %, at week 48"] > 0


def test_without_noise_fewer_respond() -> None:
    quiet = compare(within_cv=1e-6)
    for before, after in zip(COMPARISON.responses["share"], quiet.responses["share"], strict=True):
        assert after < before


def test_the_picture_is_svg_with_the_numbers_in_words_and_always_the_same_bytes() -> None:
    drawn = plot_pools_against_slopes(COMPARISON)
    root = ET.fromstring(drawn)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    told = root.find("{http://www.w3.org/2000/svg}desc")
    assert told is not None and told.text is not None
    share = COMPARISON.responses["share"][0]
    assert f"30 % over baseline, ever: {100 * share:.0f}%" in told.text
    assert "level and slope" in drawn
    assert plot_pools_against_slopes(compare()) == drawn


def test_if_hardly_anyone_is_eligible_the_comparison_is_refused() -> None:
    with pytest.raises(DataError, match="eligible"):
        compare(eligible=(0.0, 1.0))

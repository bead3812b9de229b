"""What must hold for Jonckheere's test: two groups are a rank sum test, strata add, order turns the sign."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics import jonckheere, rank_sum
from equipoise.statistics.ranks.jonckheere import distribution_with_ties, distribution_without_ties

VALUES = st.lists(st.integers(0, 6), min_size=6, max_size=12).filter(lambda values: len(set(values)) > 1)


@given(VALUES)
@settings(max_examples=40, deadline=None)
def test_two_groups_are_a_rank_sum_test(values: list[int]) -> None:
    data = pl.DataFrame({"v": values, "g": [place % 2 for place in range(len(values))]})
    trend, ranks = jonckheere(data, "v", "g"), rank_sum(data, "v", "g", versus=0, correction=False)
    assert trend.j == ranks.u
    assert trend.z == pytest.approx(ranks.z, rel=1e-10, abs=1e-12)
    exact = jonckheere(data, "v", "g", method="exact").p
    assert exact == pytest.approx(rank_sum(data, "v", "g", versus=0, method="exact").p, rel=1e-9)


@given(VALUES)
@settings(max_examples=40, deadline=None)
def test_the_reverse_order_turns_the_sign_and_one_sided_tails_overlap_in_one_value(values: list[int]) -> None:
    groups = [place % 3 for place in range(len(values))]
    data = pl.DataFrame({"v": values, "g": groups})
    turned = data.with_columns(g=2 - pl.col("g"))
    assert jonckheere(turned, "v", "g").z == pytest.approx(-(jonckheere(data, "v", "g").z or 0), abs=1e-10)
    up = jonckheere(data, "v", "g", alternative="increasing", method="exact").p
    down = jonckheere(turned, "v", "g", alternative="decreasing", method="exact").p
    assert up == pytest.approx(down, rel=1e-9)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=4))
@settings(max_examples=20, deadline=None)
def test_without_ties_both_ways_to_the_distribution_agree(sizes: list[int]) -> None:
    groups = np.array(sizes, dtype=np.int64)
    walked = distribution_with_ties(groups, np.ones(groups.sum(), dtype=np.int64))
    convolved = distribution_without_ties(groups)
    assert walked == pytest.approx(np.pad(convolved, (0, walked.size - convolved.size)), abs=1e-14)
    assert convolved.sum() == pytest.approx(1)


def test_strata_add_their_statistics_and_variances() -> None:
    rng = np.random.default_rng(4)
    data = pl.DataFrame({"v": rng.integers(0, 5, 24), "g": np.tile([0, 1, 2], 8), "s": np.repeat(["A", "B"], 12)})
    whole = jonckheere(data, "v", "g", strata="s")
    parts = [jonckheere(data.filter(pl.col("s") == one), "v", "g") for one in ("A", "B")]
    assert whole.j == sum(part.j for part in parts)
    assert whole.sd**2 == pytest.approx(sum(part.sd**2 for part in parts))
    assert jonckheere(data, "v", "g", strata="s", method="exact").p == pytest.approx(whole.p, abs=0.05)


def test_wrong_input_is_refused() -> None:
    data = pl.DataFrame({"v": [1.0, 2.0, 3.0], "g": [0, 0, 0]})
    with pytest.raises(EstimationFailed, match="two levels"):
        jonckheere(data, "v", "g")
    same = pl.DataFrame({"v": [1.0, 1.0, 1.0], "g": [0, 1, 2]})
    with pytest.raises(EstimationFailed, match="vary"):
        jonckheere(same, "v", "g")
    with pytest.raises(DataError, match="alternative"):
        jonckheere(same, "v", "g", alternative="up")  # type: ignore[arg-type]
    many = pl.DataFrame({"v": [place // 2 for place in range(400)], "g": [place % 4 for place in range(400)]})
    with pytest.raises(EstimationFailed, match="takes too long"):
        jonckheere(many, "v", "g", method="exact")

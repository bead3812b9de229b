"""t tests and one-way analysis of variance: symmetry, special cases, refusals."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.linear import anova_one_way, t_test, t_test_one_sample, t_test_paired

samples = st.lists(st.integers(-1000, 1000), min_size=3, max_size=20, unique=True)


def two(x: list[int], y: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"g": ["x"] * len(x) + ["y"] * len(y), "v": [*x, *y]})


@settings(deadline=None)
@given(samples, samples, st.sampled_from(["welch", "pooled"]))
def test_swapping_the_groups_turns_the_sign(x: list[int], y: list[int], variance: str) -> None:
    one = t_test(two(x, y), "v", "g", versus="y", variance=variance)
    other = t_test(two(x, y), "v", "g", versus="x", variance=variance)
    assert other.estimate == -one.estimate
    assert (other.lower, other.upper) == pytest.approx((-one.upper, -one.lower))
    assert other.p == pytest.approx(one.p)
    assert (one.first, one.versus) == (other.versus, other.first) == ("x", "y")


@settings(deadline=None)
@given(samples)
def test_equal_sizes_give_the_same_standard_error_either_way(x: list[int]) -> None:
    data = two(x, [value * 2 + 1 for value in x])
    welch, pooled = t_test(data, "v", "g"), t_test(data, "v", "g", variance="pooled")
    assert welch.se == pytest.approx(pooled.se)
    assert welch.df <= pooled.df + 1e-9


@settings(deadline=None)
@given(samples)
def test_a_paired_test_is_a_one_sample_test_of_differences(x: list[int]) -> None:
    rng = np.random.default_rng(len(x))
    data = pl.DataFrame({"a": np.array(x) + rng.normal(size=len(x)), "b": [0.5 * value for value in x]})
    paired = t_test_paired(data, "a", "b")
    single = t_test_one_sample(data.with_columns((pl.col("a") - pl.col("b")).alias("d")), "d")
    assert (paired.estimate, paired.se, paired.p) == (single.estimate, single.se, single.p)


@settings(deadline=None)
@given(samples, samples)
def test_the_interval_excludes_the_null_exactly_when_p_is_small(x: list[int], y: list[int]) -> None:
    test = t_test(two(x, y), "v", "g")
    assert (test.lower > 0 or test.upper < 0) == (test.p < 0.05)


@settings(deadline=None)
@given(samples, samples)
def test_f_of_two_groups_is_the_square_of_pooled_t(x: list[int], y: list[int]) -> None:
    data = two(x, y)
    assert anova_one_way(data, "v", "g").f == pytest.approx(t_test(data, "v", "g", variance="pooled").t ** 2)


def test_one_value_against_many_needs_the_pooled_variance() -> None:
    data = two([1], [2, 3, 5])
    assert t_test(data, "v", "g", variance="pooled").df == 2
    with pytest.raises(EstimationFailed, match=r"two values a group. Got 3 and 1"):
        t_test(data, "v", "g")


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match=r"must be welch or pooled"):
        t_test(two([1, 2], [3, 4]), "v", "g", variance="equal")
    with pytest.raises(DataError, match=r"must have two levels"):
        t_test(pl.DataFrame({"g": ["a", "a"], "v": [1, 2]}), "v", "g")
    with pytest.raises(EstimationFailed, match=r"values that vary"):
        t_test(two([1, 1], [2, 2]), "v", "g")
    with pytest.raises(EstimationFailed, match=r"values that vary"):
        t_test_paired(pl.DataFrame({"a": [1.1, 2.2, 3.3], "b": [0.1, 1.2, 2.3]}), "a", "b")
    with pytest.raises(EstimationFailed, match=r"needs two values. Got 1"):
        t_test_one_sample(pl.DataFrame({"v": [1.0, None]}), "v")
    with pytest.raises(EstimationFailed, match=r"two levels of g"):
        anova_one_way(pl.DataFrame({"g": ["a", "a"], "v": [1, 2]}), "v", "g")
    with pytest.raises(EstimationFailed, match=r"vary within the levels"):
        anova_one_way(two([1, 1], [2, 2]), "v", "g")
    with pytest.raises(EstimationFailed, match=r"more values than its 2 levels. Got 2"):
        anova_one_way(two([1], [2]), "v", "g")

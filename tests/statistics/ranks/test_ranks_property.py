"""Rank methods: what only the order of values decides, brute force on small samples, inversion, refusals."""

from itertools import combinations, product

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.ranks import (
    hodges_lehmann,
    hodges_lehmann_one_sample,
    kruskal_wallis,
    rank_sum,
    signed_rank,
    van_elteren,
)
from equipoise.statistics.ranks.midranks import midranks

small = st.lists(st.integers(0, 8), min_size=1, max_size=6)
larger = st.lists(st.integers(-50, 50), min_size=2, max_size=15)
methods = st.sampled_from(["asymptotic", "exact"])


def two(x: list[int], y: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"g": ["x"] * len(x) + ["y"] * len(y), "v": [float(value) for value in [*x, *y]]})


@settings(deadline=None)
@given(small, small)
def test_exact_p_is_that_of_all_permutations(x: list[int], y: list[int]) -> None:
    assume(len(set(x + y)) > 1)
    ranks = midranks(np.array(x + y, dtype=float))
    middle = len(x) * ranks.mean()
    observed = abs(ranks[: len(x)].sum() - middle)
    sums = [sum(choice) for choice in combinations(ranks, len(x))]
    expected = np.mean([abs(total - middle) >= observed - 1e-9 for total in sums])
    assert rank_sum(two(x, y), "v", "g", versus="y", method="exact").p == pytest.approx(expected)


@settings(deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=8), st.sampled_from(["drop", "pratt"]))
def test_exact_signed_p_is_that_of_all_signs(values: list[int], zeros: str) -> None:
    assume(any(values))
    kept = np.array([value for value in values if value or zeros == "pratt"], dtype=float)
    ranks = midranks(np.abs(kept))[kept != 0]
    signs = np.sign(kept[kept != 0])
    observed = abs((signs * ranks).sum())
    expected = np.mean(
        [abs(np.dot(trial, ranks)) >= observed - 1e-9 for trial in product([-1, 1], repeat=ranks.size)]
    )
    frame = pl.DataFrame({"d": values})
    assert signed_rank(frame, "d", method="exact", zeros=zeros).p == pytest.approx(expected)


@settings(deadline=None)
@given(larger, larger, methods)
def test_only_the_order_matters_to_a_rank_sum(x: list[int], y: list[int], method: str) -> None:
    assume(len(set(x + y)) > 1)
    data = two(x, y)
    curved = data.with_columns(pl.col("v") ** 3 + 4 * pl.col("v"))
    assert rank_sum(curved, "v", "g", method=method) == rank_sum(data, "v", "g", method=method)
    shuffled = data.sample(fraction=1.0, shuffle=True, seed=len(x))
    assert rank_sum(shuffled, "v", "g", method=method).p == pytest.approx(
        rank_sum(data, "v", "g", method=method).p
    )


@settings(deadline=None)
@given(larger, larger, methods)
def test_swapping_the_groups_mirrors_the_rank_sum(x: list[int], y: list[int], method: str) -> None:
    assume(len(set(x + y)) > 1)
    one = rank_sum(two(x, y), "v", "g", versus="y", method=method)
    other = rank_sum(two(x, y), "v", "g", versus="x", method=method)
    assert one.u + other.u == len(x) * len(y)
    assert other.p == pytest.approx(one.p)


@settings(deadline=None)
@given(larger, larger, methods)
def test_hodges_lehmann_mirrors_shifts_and_scales(x: list[int], y: list[int], method: str) -> None:
    data = two(x, y)
    one = hodges_lehmann(data, "v", "g", versus="y", method=method)
    other = hodges_lehmann(data, "v", "g", versus="x", method=method)
    assert (other.estimate, other.lower, other.upper) == (-one.estimate, -one.upper, -one.lower)
    moved = data.with_columns(pl.col("v") * 2 + pl.when(pl.col("g") == "x").then(6).otherwise(0))
    shifted = hodges_lehmann(moved, "v", "g", versus="y", method=method)
    expected = [2 * limit + 6 for limit in (one.estimate, one.lower, one.upper)]
    assert [shifted.estimate, shifted.lower, shifted.upper] == pytest.approx(expected)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-500, 500), min_size=4, max_size=20, unique=True), st.integers(3, 10))
def test_exact_limits_are_where_the_exact_test_begins_to_reject(values: list[int], size: int) -> None:
    assume(len(values) > size)
    x, y = values[:size], values[size:]
    shift = hodges_lehmann(two(x, y), "v", "g", versus="y", method="exact")
    assume(np.isfinite(shift.lower))

    def p(moved: float) -> float:
        data = two(x, y).with_columns(pl.col("v") - pl.when(pl.col("g") == "x").then(moved).otherwise(0.0))
        return rank_sum(data, "v", "g", method="exact").p

    # just inside the limits nothing ties
    assert p(shift.lower + 0.25) > 0.05 >= p(shift.lower - 0.25)
    assert p(shift.upper - 0.25) > 0.05 >= p(shift.upper + 0.25)


@settings(deadline=None)
@given(larger, methods)
def test_one_sample_location_mirrors_and_lies_among_the_values(values: list[int], method: str) -> None:
    frame = pl.DataFrame({"d": values})
    one = hodges_lehmann_one_sample(frame, "d", method=method)
    other = hodges_lehmann_one_sample(frame.with_columns(-pl.col("d")), "d", method=method)
    assert other.estimate == -one.estimate
    assert (other.lower, other.upper) == (-one.upper, -one.lower)
    assert min(values) <= one.estimate <= max(values)
    assert one.lower <= one.estimate <= one.upper


def test_zeros_count_for_the_location_and_not_for_the_test() -> None:
    frame = pl.DataFrame({"d": [0.0, 0.0, 0.0, 1.0, 2.0]})
    assert signed_rank(frame, "d").zeros == 3
    assert hodges_lehmann_one_sample(frame, "d").estimate == 0.5


def test_pairs_are_their_differences() -> None:
    frame = pl.DataFrame({"a": [5.0, 3.0, 9.0, None], "b": [1.0, 2.0, 3.0, 4.0]})
    differences = pl.DataFrame({"d": [4.0, 1.0, 6.0]})
    assert signed_rank(frame, "a", "b").p == signed_rank(differences, "d").p
    assert signed_rank(frame, "a", "b").dropped == 1
    assert (
        hodges_lehmann_one_sample(frame, "a", "b").estimate == hodges_lehmann_one_sample(differences, "d").estimate
    )


def test_differences_of_decimals_tie_as_on_paper() -> None:
    frame = pl.DataFrame({"a": [5.3, 3.3, 0.3, 7.0, 1.2], "b": [4.2, 2.2, 0.1 + 0.2, 8.1, 0.1]})
    assert len(set((frame["a"] - frame["b"]).to_list())) == 4
    test = signed_rank(frame, "a", "b", method="exact")
    assert (test.v, test.zeros) == (7.5, 1)
    shifted = frame.select((pl.col("a") - pl.col("b") + 1.7).alias("d"))
    assert signed_rank(shifted, "d", null=1.7, method="exact").p == test.p
    assert hodges_lehmann_one_sample(frame, "a", "b").estimate == 0.55


def test_a_level_out_of_reach_has_no_finite_interval() -> None:
    shift = hodges_lehmann(two([1, 2, 3], [5, 7, 9]), "v", "g", method="exact")
    assert (shift.lower, shift.upper) == (-np.inf, np.inf)
    assert shift.achieved_level == 1.0


@settings(deadline=None)
@given(larger, larger)
def test_kruskal_wallis_of_two_groups_is_the_squared_rank_sum(x: list[int], y: list[int]) -> None:
    assume(len(set(x + y)) > 1)
    test = rank_sum(two(x, y), "v", "g", correction=False)
    assert test.z is not None
    assert kruskal_wallis(two(x, y), "v", "g").chi2 == pytest.approx(test.z**2, abs=1e-12)


@settings(deadline=None)
@given(larger, larger)
def test_one_stratum_is_the_rank_sum_whatever_the_scores(x: list[int], y: list[int]) -> None:
    assume(len(set(x + y)) > 1)
    data = two(x, y).with_columns(pl.lit("S1").alias("s"))
    expected = rank_sum(data, "v", "g", versus="y", correction=False).z
    for scores in ("modified_ridit", "rank", "pooled_rank"):
        assert van_elteren(data, "v", "g", "s", versus="y", scores=scores).z == pytest.approx(expected, abs=1e-12)


def test_a_shift_of_a_whole_stratum_does_not_matter_to_ranks_within_strata() -> None:
    rng = np.random.default_rng(5)
    data = pl.DataFrame(
        {"s": rng.choice(["A", "B", "C"], 60), "g": rng.choice(["x", "y"], 60), "v": rng.normal(size=60)}
    )
    moved = data.with_columns(pl.col("v") + pl.when(pl.col("s") == "B").then(100.0).otherwise(0.0))
    assert van_elteren(moved, "v", "g", "s").z == pytest.approx(van_elteren(data, "v", "g", "s").z)


def test_a_stratum_with_one_arm_is_left_out_and_counted() -> None:
    data = two([1, 4, 6], [2, 3, 5]).with_columns(pl.Series("s", list("AABABC")))
    test = van_elteren(data, "v", "g", ["s"])
    assert (test.strata, test.strata_left_out, test.n, test.n_versus) == (2, 1, 2, 3)


def test_what_is_refused() -> None:
    flat = two([1, 1], [1, 1])
    with pytest.raises(EstimationFailed, match=r"rank sum test needs v to vary"):
        rank_sum(flat, "v", "g")
    with pytest.raises(EstimationFailed, match=r"Kruskal-Wallis test needs v to vary"):
        kruskal_wallis(flat, "v", "g")
    with pytest.raises(EstimationFailed, match=r"a stratum with both levels of g"):
        van_elteren(flat.with_columns(pl.col("g").alias("s")), "v", "g", "s")
    with pytest.raises(EstimationFailed, match=r"two levels of g. Got x"):
        kruskal_wallis(flat.filter(pl.col("g") == "x"), "v", "g")
    with pytest.raises(EstimationFailed, match=r"a difference that is not 0. Got 4"):
        signed_rank(flat, "v", null=1.0)
    with pytest.raises(EstimationFailed, match=r"a value in column v. Got none"):
        hodges_lehmann_one_sample(pl.DataFrame({"v": [None]}, schema={"v": pl.Float64}), "v")
    with pytest.raises(DataError, match=r"must have two levels"):
        rank_sum(flat.filter(pl.col("g") == "x"), "v", "g")
    with pytest.raises(DataError, match=r"asymptotic or exact. Got auto"):
        rank_sum(flat, "v", "g", method="auto")
    with pytest.raises(DataError, match=r"drop or pratt. Got split"):
        signed_rank(flat, "v", zeros="split")
    with pytest.raises(DataError, match=r"scores of a stratified rank test must be one of"):
        van_elteren(flat, "v", "g", "g", scores="equal")
    with pytest.raises(DataError, match=r"level must lie between 0 and 1"):
        hodges_lehmann(flat, "v", "g", level=95)


def test_an_exact_test_that_would_take_minutes_is_refused() -> None:
    values = np.arange(2000.0)
    data = pl.DataFrame({"g": ["x", "y"] * 1000, "v": values})
    with pytest.raises(EstimationFailed, match=r"too long for so many values; use asymptotic"):
        rank_sum(data, "v", "g", method="exact")

"""What must hold of a permutation test whatever the data, and its size under the schemes it re-runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.permutation import (
    compare_arms,
    count_allocations,
    enumerate_allocations,
    log_rank_scores,
    mean_scores,
    permutation_test,
    permute_within,
    rank_scores,
    residual_scores,
)


def blocks_in_strata(strata: np.ndarray, block: tuple[str, ...]):
    """Permuted blocks within strata in the order of entry; the last block of a stratum may stay open."""

    def redraw(rng: np.random.Generator, size: int) -> np.ndarray:
        drawn = np.empty((size, strata.size), dtype="<U1")
        for stratum in np.unique(strata):
            who = np.flatnonzero(strata == stratum)
            count = -(-who.size // len(block))
            rows = rng.permuted(np.broadcast_to(block, (size, count, len(block))), axis=2)
            drawn[:, who] = rows.reshape(size, -1)[:, : who.size]
        return drawn

    return redraw


def biased_coin(n: int, chance: float):
    """Efron's coin: the arm that is behind gets the next participant with this chance."""

    def redraw(rng: np.random.Generator, size: int) -> np.ndarray:
        drawn = np.empty((size, n), dtype="<U1")
        ahead = np.zeros(size)
        for at in range(n):
            to_first = rng.random(size) < np.where(ahead == 0, 0.5, np.where(ahead < 0, chance, 1 - chance))
            drawn[:, at] = np.where(to_first, "A", "B")
            ahead += np.where(to_first, 1, -1)
        return drawn

    return redraw


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=25, deadline=None)
def test_scale_and_shift_of_the_outcome_leave_p_alone(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    outcome = rng.normal(size=9).round(3)
    arms = np.array(list("ABABABABA"))
    every = enumerate_allocations(arms)
    one = permutation_test(compare_arms(mean_scores(outcome), ["A", "B"]), arms, every=every)
    other = permutation_test(compare_arms(mean_scores(shift + scale * outcome), ["A", "B"]), arms, every=every)
    swapped = permutation_test(compare_arms(mean_scores(outcome), ["B", "A"]), arms, every=every)
    assert one.p == other.p == swapped.p


def test_all_allocations_are_listed_once_and_counted() -> None:
    arms = np.array(list("AABBBCAB"))
    blocks = np.array([1, 1, 1, 1, 2, 2, 2, 2])
    every = enumerate_allocations(arms, blocks)
    assert len(every) == count_allocations(arms, blocks) == 6 * 12
    assert len({tuple(row) for row in every}) == len(every)
    assert all(sorted(row[:4]) == list("AABB") and sorted(row[4:]) == list("ABBC") for row in every)


def test_probabilities_weigh_the_allocations() -> None:
    every = np.array([list("AB"), list("BA")])
    statistic = compare_arms(mean_scores([3.0, 1.0]), ["A", "B"])
    found = permutation_test(statistic, ["A", "B"], every=every, probabilities=[0.9, 0.1], alternative="greater")
    assert found.p == pytest.approx(0.9)


def test_one_seed_gives_one_result_and_the_actual_allocation_counts() -> None:
    outcome, arms = [9.0, 8.0, 7.0, 1.0, 2.0, 3.0], np.array(list("AAABBB"))
    statistic = compare_arms(mean_scores(outcome), ["A", "B"])
    one = permutation_test(statistic, arms, permute_within(arms), np.random.default_rng(1), draws=99)
    two = permutation_test(statistic, arms, permute_within(arms), np.random.default_rng(1), draws=99)
    assert one == two
    assert one.p == (one.extreme + 1) / 100


def test_allocations_follow_the_order_of_entry() -> None:
    """A trend in time fools a test that ignores permuted blocks, not one that re-runs them."""
    n = 40
    strata = np.zeros(n)
    redraw = blocks_in_strata(strata, ("A", "B"))
    rng = np.random.default_rng(5)
    drawn = redraw(rng, 1)[0]
    outcome = 0.3 * np.arange(n) + np.where(drawn == "A", 1.0, 0.0)
    statistic = compare_arms(mean_scores(outcome), ["A", "B"])
    by_scheme = permutation_test(statistic, drawn, redraw, np.random.default_rng(6), draws=4000)
    ignored = permutation_test(statistic, drawn, permute_within(drawn), np.random.default_rng(7), draws=4000)
    assert by_scheme.p < 0.01
    assert ignored.p > 0.2


@pytest.mark.parametrize("scheme", ["blocks", "coin"])
def test_the_size_is_that_of_the_scheme_even_with_a_trend_in_time(scheme: str) -> None:
    n, trials = 24, 400
    strata = np.arange(n) % 2
    redraw = blocks_in_strata(strata, tuple("AABB")) if scheme == "blocks" else biased_coin(n, 2 / 3)
    rng = np.random.default_rng(11)
    rejected = 0
    for _ in range(trials):
        outcome = np.linspace(0, 3, n) + strata + rng.normal(size=n)
        statistic = compare_arms(mean_scores(outcome, strata=strata), ["A", "B"])
        rejected += permutation_test(statistic, redraw(rng, 1)[0], redraw, rng, draws=199).p <= 0.05
    assert abs(rejected / trials - 0.05) < 4 * np.sqrt(0.05 * 0.95 / trials)


def test_covariates_that_explain_the_outcome_sharpen_the_test() -> None:
    rng = np.random.default_rng(3)
    baseline = rng.normal(size=30)
    arms = rng.permuted(np.array(["A", "B"] * 15))
    outcome = 5 * baseline + (arms == "A") + 0.3 * rng.normal(size=30)
    plain = permutation_test(
        compare_arms(mean_scores(outcome), ["A", "B"]), arms, permute_within(arms), np.random.default_rng(1)
    )
    adjusted = permutation_test(
        compare_arms(residual_scores(outcome, baseline), ["A", "B"]),
        arms,
        permute_within(arms),
        np.random.default_rng(1),
    )
    assert adjusted.p < 0.01 < plain.p


def test_log_rank_scores_add_up_to_nothing_and_ranks_share_ties() -> None:
    scores = log_rank_scores([3.0, 1.0, 2.0, 2.0], [1, 1, 0, 1])
    assert scores.sum() == pytest.approx(0.0)
    assert scores.tolist() == pytest.approx(
        [1 - (1 / 4 + 1 / 3 + 1), 3 / 4, -(1 / 4 + 1 / 3), 1 - (1 / 4 + 1 / 3)]
    )
    assert rank_scores([5.0, 7.0, 7.0]).tolist() == [-1.0, 0.5, 0.5]
    within = mean_scores([1.0, 3.0, 10.0, 20.0], strata=["a", "a", "b", "b"])
    assert within.tolist() == [-1.0, 1.0, -5.0, 5.0]


def test_input_that_cannot_be_tested_is_refused_in_a_sentence() -> None:
    arms = np.array(list("AB"))
    statistic = compare_arms([1.0, 2.0], ["A", "B"])
    rng = np.random.default_rng(1)
    with pytest.raises(DataError, match="Got neither"):
        permutation_test(statistic, arms)
    with pytest.raises(DataError, match=r"choose one. Got both"):
        permutation_test(statistic, arms, permute_within(arms), rng, every=[arms])
    with pytest.raises(DataError, match=r"at least one draw. Got 0"):
        permutation_test(statistic, arms, permute_within(arms), rng, draws=0)
    with pytest.raises(DataError, match=r"two-sided, greater, less. Got both"):
        permutation_test(statistic, arms, permute_within(arms), rng, alternative="both")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="add up to 1"):
        permutation_test(statistic, arms, every=[arms], probabilities=[0.5])
    with pytest.raises(DataError, match="Got shape"):
        permutation_test(statistic, arms, lambda rng, size: np.array([["A"]]), rng)
    with pytest.raises(DataError, match="each named once"):
        compare_arms([1.0], ["A"])
    with pytest.raises(DataError, match="finite"):
        mean_scores([1.0, np.nan])
    with pytest.raises(DataError, match=r"up to 10; draw random ones. Got 70"):
        enumerate_allocations(list("AAAABBBB"), most=10)
    with pytest.raises(DataError, match="each 0 or 1"):
        log_rank_scores([1.0, 2.0], [1, 2])

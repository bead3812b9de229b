"""Exact permutation tests of complete randomisation and of blocks against R's coin; three arms by listing."""

import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.statistics.permutation import (
    compare_arms,
    enumerate_allocations,
    log_rank_scores,
    mean_scores,
    permutation_test,
    permute_within,
    rank_scores,
    residual_scores,
)


@pytest.fixture(scope="module")
def reference(references: Path) -> dict:
    return json.loads((references / "r" / "missing.out.json").read_text(encoding="utf-8"))


def scores_of(case: dict, name: str) -> np.ndarray:
    return {
        "means": lambda: mean_scores(case["y"]),
        "ranks": lambda: rank_scores(case["y"]),
        "residuals": lambda: residual_scores(case["y"], case["x"]),
        "log_rank": lambda: log_rank_scores(case["time"], case["event"]),
    }[name]()


@pytest.fixture(scope="module")
def every(reference: dict) -> np.ndarray:
    """All 48,620 ways to give two arms to the participants of the example."""
    return enumerate_allocations(np.array(reference["permutation"]["arm"]))


@pytest.mark.parametrize("name", ["means", "ranks", "residuals", "log_rank"])
def test_an_exact_p_of_two_arms_is_that_of_coin(reference: dict, every: np.ndarray, name: str) -> None:
    case = reference["permutation"]
    arms = np.array(case["arm"])
    found = permutation_test(compare_arms(scores_of(case, name), ["A", "B"]), arms, every=every)
    assert found.exact
    assert found.allocations == 48620
    assert found.p == pytest.approx(case[name], rel=1e-9)


def test_an_exact_one_sided_p_is_that_of_coin(reference: dict, every: np.ndarray) -> None:
    case = reference["permutation"]
    arms = np.array(case["arm"])
    statistic = compare_arms(mean_scores(case["y"]), ["A", "B"])
    found = permutation_test(statistic, arms, every=every, alternative="greater")
    assert found.p == pytest.approx(case["means_greater"], rel=1e-9)


def test_an_exact_p_within_blocks_is_that_of_coin(reference: dict) -> None:
    case = reference["permutation"]
    arms, blocks = np.array(case["arm"]), np.array(case["block"])
    ranks = mean_scores(rank_scores(case["y"]), strata=blocks)
    statistic = compare_arms(ranks, ["A", "B"])
    found = permutation_test(statistic, arms, every=enumerate_allocations(arms, blocks))
    assert found.p == pytest.approx(case["ranks_in_blocks"], rel=1e-9)


def test_random_allocations_come_near_the_exact_p(reference: dict) -> None:
    case = reference["permutation"]
    arms, blocks = np.array(case["arm"]), np.array(case["block"])
    ranks = mean_scores(rank_scores(case["y"]), strata=blocks)
    statistic = compare_arms(ranks, ["A", "B"])
    rng = np.random.default_rng(20)
    found = permutation_test(statistic, arms, permute_within(arms, blocks), rng, draws=20_000)
    assert abs(found.p - case["ranks_in_blocks"]) < 4 * found.p_error


def test_three_arms_are_compared_over_all_assignments(reference: dict) -> None:
    case = reference["three_arms"]
    arms = np.array(case["arm"])
    statistic = compare_arms(mean_scores(case["z"]), ["A", "B", "C"])
    found = permutation_test(statistic, arms, every=enumerate_allocations(arms))
    assert found.statistic == pytest.approx(case["statistic"], rel=1e-12)
    assert found.allocations == case["count"]
    assert found.p == pytest.approx(case["p"], rel=1e-12)

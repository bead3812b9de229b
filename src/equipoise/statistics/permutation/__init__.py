"""Permutation tests that re-run the randomisation which was used."""

from equipoise.statistics.permutation.allocations import (
    count_allocations,
    enumerate_allocations,
    permute_within,
)
from equipoise.statistics.permutation.randomisation_test import PermutationTest, permutation_test
from equipoise.statistics.permutation.scores import (
    ScoreStatistic,
    compare_arms,
    log_rank_scores,
    mean_scores,
    rank_scores,
    residual_scores,
)

__all__ = [
    "PermutationTest",
    "ScoreStatistic",
    "compare_arms",
    "count_allocations",
    "enumerate_allocations",
    "log_rank_scores",
    "mean_scores",
    "permutation_test",
    "permute_within",
    "rank_scores",
    "residual_scores",
]

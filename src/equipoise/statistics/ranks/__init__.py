"""Rank methods: rank sum and signed rank tests, Hodges-Lehmann estimates, several groups, trend, strata."""

from equipoise.statistics.ranks.hodges_lehmann import (
    HodgesLehmann,
    hodges_lehmann,
    hodges_lehmann_one_sample,
)
from equipoise.statistics.ranks.jonckheere import Jonckheere, jonckheere
from equipoise.statistics.ranks.kruskal_wallis import KruskalWallis, kruskal_wallis
from equipoise.statistics.ranks.rank_sum import RankSum, rank_sum
from equipoise.statistics.ranks.signed_rank import SignedRank, signed_rank
from equipoise.statistics.ranks.van_elteren import VanElteren, van_elteren

__all__ = [
    "HodgesLehmann",
    "Jonckheere",
    "KruskalWallis",
    "RankSum",
    "SignedRank",
    "VanElteren",
    "hodges_lehmann",
    "hodges_lehmann_one_sample",
    "jonckheere",
    "kruskal_wallis",
    "rank_sum",
    "signed_rank",
    "van_elteren",
]

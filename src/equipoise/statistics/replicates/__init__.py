"""The methods of `statistics` on many simulated trials at once, each trial as the single method would give it."""

from equipoise.statistics.replicates.ancova import AncovaReplicates, replicate_ancova
from equipoise.statistics.replicates.means import MeanReplicates, replicate_change, replicate_t_test
from equipoise.statistics.replicates.multiplicity import (
    DunnettReplicates,
    replicate_adjusted_p,
    replicate_dunnett,
)
from equipoise.statistics.replicates.proportions import ProportionReplicates, replicate_proportions
from equipoise.statistics.replicates.ranks import RankReplicates, replicate_rank_sum, replicate_signed_rank
from equipoise.statistics.replicates.repeated_measures import MmrmReplicates, replicate_mmrm
from equipoise.statistics.replicates.sequential import (
    CombinationReplicates,
    SequentialReplicates,
    apply_bounds,
    draw_group_sequential,
    replicate_closed_combination,
    select_doses,
)
from equipoise.statistics.replicates.survival import (
    CoxReplicates,
    EventCut,
    LogRankReplicates,
    SurvivalReplicates,
    cut_at_events,
    replicate_cox,
    replicate_log_rank,
    replicate_survival,
)

__all__ = [
    "AncovaReplicates",
    "CombinationReplicates",
    "CoxReplicates",
    "DunnettReplicates",
    "EventCut",
    "LogRankReplicates",
    "MeanReplicates",
    "MmrmReplicates",
    "ProportionReplicates",
    "RankReplicates",
    "SequentialReplicates",
    "SurvivalReplicates",
    "apply_bounds",
    "cut_at_events",
    "draw_group_sequential",
    "replicate_adjusted_p",
    "replicate_ancova",
    "replicate_change",
    "replicate_closed_combination",
    "replicate_cox",
    "replicate_dunnett",
    "replicate_log_rank",
    "replicate_mmrm",
    "replicate_proportions",
    "replicate_rank_sum",
    "replicate_signed_rank",
    "replicate_survival",
    "replicate_t_test",
    "select_doses",
]

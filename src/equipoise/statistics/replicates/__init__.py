"""The methods of `statistics` on many simulated trials at once, each trial as the single method would give it."""

from equipoise.statistics.replicates.ancova import AncovaReplicates, replicate_ancova
from equipoise.statistics.replicates.proportions import ProportionReplicates, replicate_proportions
from equipoise.statistics.replicates.survival import EventCut, LogRankReplicates, cut_at_events, replicate_log_rank

__all__ = [
    "AncovaReplicates",
    "EventCut",
    "LogRankReplicates",
    "ProportionReplicates",
    "cut_at_events",
    "replicate_ancova",
    "replicate_log_rank",
    "replicate_proportions",
]

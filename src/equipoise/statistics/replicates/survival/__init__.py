"""Times to an event in many trials at once: log-rank tests, hazard ratios of arms, survival, cuts at events."""

from equipoise.statistics.replicates.survival.cox import CoxReplicates, replicate_cox
from equipoise.statistics.replicates.survival.cut import EventCut, cut_at_events
from equipoise.statistics.replicates.survival.kaplan_meier import SurvivalReplicates, replicate_survival
from equipoise.statistics.replicates.survival.log_rank import LogRankReplicates, replicate_log_rank

__all__ = [
    "CoxReplicates",
    "EventCut",
    "LogRankReplicates",
    "SurvivalReplicates",
    "cut_at_events",
    "replicate_cox",
    "replicate_log_rank",
    "replicate_survival",
]

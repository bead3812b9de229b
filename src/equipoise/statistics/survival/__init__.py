"""Times to an event: survival curves, restricted means, the log-rank family and Cox regression."""

from equipoise.statistics.survival.cox import Cox, cox
from equipoise.statistics.survival.kaplan_meier import KaplanMeier, kaplan_meier
from equipoise.statistics.survival.log_rank import LogRank, Trend, log_rank
from equipoise.statistics.survival.restricted_mean import RestrictedMean, restricted_mean

__all__ = [
    "Cox",
    "KaplanMeier",
    "LogRank",
    "RestrictedMean",
    "Trend",
    "cox",
    "kaplan_meier",
    "log_rank",
    "restricted_mean",
]

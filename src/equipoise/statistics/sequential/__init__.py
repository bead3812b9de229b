"""Group sequential designs: bounds, power, analysis at a look, adaptation."""

from equipoise.statistics.sequential.boundaries import HaybittlePeto, WangTsiatis
from equipoise.statistics.sequential.conditional_power import (
    ConditionalPower,
    conditional_error,
    conditional_power,
    predictive_power,
)
from equipoise.statistics.sequential.design import GroupSequential, group_sequential
from equipoise.statistics.sequential.futility import (
    BetaSpending,
    FutilityConditionalPower,
    FutilityZ,
    HarmSpending,
)
from equipoise.statistics.sequential.inference import (
    FinalAnalysis,
    RepeatedInterval,
    final_analysis,
    repeated_interval,
    repeated_p,
)
from equipoise.statistics.sequential.recursion import exit_probabilities
from equipoise.statistics.sequential.sizes import (
    SequentialSize,
    mean_bounds,
    proportion_bounds,
    sequential_size,
)
from equipoise.statistics.sequential.spending import (
    ExponentialSpending,
    HwangShihDeCani,
    KimDeMets,
    LanDeMetsOBrienFleming,
    LanDeMetsPocock,
    LogisticSpending,
)
from equipoise.statistics.sequential.survival import SequentialSurvival, sequential_log_rank
from equipoise.statistics.sequential.update import update_looks

__all__ = [
    "BetaSpending",
    "ConditionalPower",
    "ExponentialSpending",
    "FinalAnalysis",
    "FutilityConditionalPower",
    "FutilityZ",
    "GroupSequential",
    "HarmSpending",
    "HaybittlePeto",
    "HwangShihDeCani",
    "KimDeMets",
    "LanDeMetsOBrienFleming",
    "LanDeMetsPocock",
    "LogisticSpending",
    "RepeatedInterval",
    "SequentialSize",
    "SequentialSurvival",
    "WangTsiatis",
    "conditional_error",
    "conditional_power",
    "exit_probabilities",
    "final_analysis",
    "group_sequential",
    "mean_bounds",
    "predictive_power",
    "proportion_bounds",
    "repeated_interval",
    "repeated_p",
    "sequential_log_rank",
    "sequential_size",
    "update_looks",
]

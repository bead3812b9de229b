"""Group sequential designs: bounds, power, analysis at a look, adaptation."""

from equipoise.statistics.sequential.adaptive import (
    ClosedCombination,
    Fisher,
    InverseNormal,
    PromisingZone,
    Reestimation,
    blinded_sd,
    closed_combination,
    fisher_combination,
    fisher_p,
    inverse_normal,
    promising_zone,
    reestimate_means,
    reestimate_proportions,
)
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
from equipoise.statistics.sequential.optimum import optimal_wang_tsiatis
from equipoise.statistics.sequential.plot import plot_boundaries
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
    "ClosedCombination",
    "ConditionalPower",
    "ExponentialSpending",
    "FinalAnalysis",
    "Fisher",
    "FutilityConditionalPower",
    "FutilityZ",
    "GroupSequential",
    "HarmSpending",
    "HaybittlePeto",
    "HwangShihDeCani",
    "InverseNormal",
    "KimDeMets",
    "LanDeMetsOBrienFleming",
    "LanDeMetsPocock",
    "LogisticSpending",
    "PromisingZone",
    "Reestimation",
    "RepeatedInterval",
    "SequentialSize",
    "SequentialSurvival",
    "WangTsiatis",
    "blinded_sd",
    "closed_combination",
    "conditional_error",
    "conditional_power",
    "exit_probabilities",
    "final_analysis",
    "fisher_combination",
    "fisher_p",
    "group_sequential",
    "inverse_normal",
    "mean_bounds",
    "optimal_wang_tsiatis",
    "plot_boundaries",
    "predictive_power",
    "promising_zone",
    "proportion_bounds",
    "reestimate_means",
    "reestimate_proportions",
    "repeated_interval",
    "repeated_p",
    "sequential_log_rank",
    "sequential_size",
    "update_looks",
]

"""Group sequential designs: bounds, power, analysis at a look, adaptation."""

from equipoise.statistics.sequential.boundaries import HaybittlePeto, WangTsiatis
from equipoise.statistics.sequential.design import GroupSequential, group_sequential
from equipoise.statistics.sequential.futility import (
    BetaSpending,
    FutilityConditionalPower,
    FutilityZ,
    HarmSpending,
)
from equipoise.statistics.sequential.recursion import exit_probabilities
from equipoise.statistics.sequential.spending import (
    ExponentialSpending,
    HwangShihDeCani,
    KimDeMets,
    LanDeMetsOBrienFleming,
    LanDeMetsPocock,
    LogisticSpending,
)

__all__ = [
    "BetaSpending",
    "ExponentialSpending",
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
    "WangTsiatis",
    "exit_probabilities",
    "group_sequential",
]

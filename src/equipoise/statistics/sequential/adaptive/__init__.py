"""Designs that change on the way: combination tests, selection of doses, re-estimated sample sizes."""

from equipoise.statistics.sequential.adaptive.blinded import (
    Reestimation,
    blinded_sd,
    reestimate_means,
    reestimate_proportions,
)
from equipoise.statistics.sequential.adaptive.closed_test import (
    ClosedCombination,
    closed_combination,
    dunnett_correlation,
)
from equipoise.statistics.sequential.adaptive.combination import (
    Fisher,
    InverseNormal,
    fisher_combination,
    fisher_p,
    inverse_normal,
)
from equipoise.statistics.sequential.adaptive.promising_zone import PromisingZone, promising_zone

__all__ = [
    "ClosedCombination",
    "Fisher",
    "InverseNormal",
    "PromisingZone",
    "Reestimation",
    "blinded_sd",
    "closed_combination",
    "dunnett_correlation",
    "fisher_combination",
    "fisher_p",
    "inverse_normal",
    "promising_zone",
    "reestimate_means",
    "reestimate_proportions",
]

"""Categories: proportions and their comparisons, exact and chi-square tests, tests within strata, trends."""

from equipoise.statistics.categorical.chi_square import ChiSquare, chi_square
from equipoise.statistics.categorical.cochran_mantel_haenszel import (
    CochranMantelHaenszel,
    cochran_mantel_haenszel,
)
from equipoise.statistics.categorical.fisher import FisherExact, fisher_exact
from equipoise.statistics.categorical.mcnemar import McNemar, mcnemar
from equipoise.statistics.categorical.odds_ratio import odds_ratio
from equipoise.statistics.categorical.proportion import Proportion, proportion
from equipoise.statistics.categorical.risk_difference import risk_difference
from equipoise.statistics.categorical.risk_ratio import risk_ratio
from equipoise.statistics.categorical.tables import Comparison
from equipoise.statistics.categorical.trend import CochranArmitage, cochran_armitage

__all__ = [
    "ChiSquare",
    "CochranArmitage",
    "CochranMantelHaenszel",
    "Comparison",
    "FisherExact",
    "McNemar",
    "Proportion",
    "chi_square",
    "cochran_armitage",
    "cochran_mantel_haenszel",
    "fisher_exact",
    "mcnemar",
    "odds_ratio",
    "proportion",
    "risk_difference",
    "risk_ratio",
]

"""Sample size and power for proportions: two, one, pairs, exact tests."""

from equipoise.statistics.sample_size.proportions.exact import power_exact_proportions, power_one_proportion
from equipoise.statistics.sample_size.proportions.pairs import power_mcnemar
from equipoise.statistics.sample_size.proportions.two_proportions import power_proportions

__all__ = ["power_exact_proportions", "power_mcnemar", "power_one_proportion", "power_proportions"]

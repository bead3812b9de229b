"""Sample size and power for means: one, two, equivalence."""

from equipoise.statistics.sample_size.means.equivalence import power_equivalence
from equipoise.statistics.sample_size.means.one_mean import power_one_mean, sd_of_differences
from equipoise.statistics.sample_size.means.two_means import power_ancova, power_mean_ratio, power_t_test

__all__ = [
    "power_ancova",
    "power_equivalence",
    "power_mean_ratio",
    "power_one_mean",
    "power_t_test",
    "sd_of_differences",
]

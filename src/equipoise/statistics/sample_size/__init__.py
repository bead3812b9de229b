"""Sample size, power and detectable effect; of the three, two given make the third."""

from equipoise.statistics.sample_size.correlation import power_correlation
from equipoise.statistics.sample_size.counts import power_negative_binomial
from equipoise.statistics.sample_size.doses import (
    DunnettSize,
    power_cochran_armitage,
    power_dose_contrast,
    power_dunnett,
)
from equipoise.statistics.sample_size.means import (
    power_ancova,
    power_equivalence,
    power_mean_ratio,
    power_one_mean,
    power_t_test,
    sd_of_differences,
)
from equipoise.statistics.sample_size.mmrm import ar1_covariance, compound_symmetry, power_mmrm
from equipoise.statistics.sample_size.power_curve import plot_power_curve
from equipoise.statistics.sample_size.precision import size_for_mean_interval, size_for_proportion_interval
from equipoise.statistics.sample_size.proportions import (
    power_exact_proportions,
    power_mcnemar,
    power_one_proportion,
    power_proportions,
)
from equipoise.statistics.sample_size.ranks import (
    power_ordinal,
    power_rank_sum,
    relative_effect_of_shift,
    size_by_efficiency,
)
from equipoise.statistics.sample_size.result import SampleSize, inflate_for_dropout
from equipoise.statistics.sample_size.survival import (
    SurvivalSize,
    drift_an_event,
    event_probability,
    expected_events,
    hazard_from_median,
    hazard_from_share,
    power_log_rank,
    power_of_events,
    required_events,
)

__all__ = [
    "DunnettSize",
    "SampleSize",
    "SurvivalSize",
    "ar1_covariance",
    "compound_symmetry",
    "drift_an_event",
    "event_probability",
    "expected_events",
    "hazard_from_median",
    "hazard_from_share",
    "inflate_for_dropout",
    "plot_power_curve",
    "power_ancova",
    "power_cochran_armitage",
    "power_correlation",
    "power_dose_contrast",
    "power_dunnett",
    "power_equivalence",
    "power_exact_proportions",
    "power_log_rank",
    "power_mcnemar",
    "power_mean_ratio",
    "power_mmrm",
    "power_negative_binomial",
    "power_of_events",
    "power_one_mean",
    "power_one_proportion",
    "power_ordinal",
    "power_proportions",
    "power_rank_sum",
    "power_t_test",
    "relative_effect_of_shift",
    "required_events",
    "sd_of_differences",
    "size_by_efficiency",
    "size_for_mean_interval",
    "size_for_proportion_interval",
]

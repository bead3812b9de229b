"""Sample size, power and detectable effect; of the three, two given make the third."""

from equipoise.statistics.sample_size.means import (
    power_ancova,
    power_equivalence,
    power_mean_ratio,
    power_one_mean,
    power_t_test,
    sd_of_differences,
)
from equipoise.statistics.sample_size.proportions import (
    power_exact_proportions,
    power_one_proportion,
    power_proportions,
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
    "SampleSize",
    "SurvivalSize",
    "drift_an_event",
    "event_probability",
    "expected_events",
    "hazard_from_median",
    "hazard_from_share",
    "inflate_for_dropout",
    "power_ancova",
    "power_equivalence",
    "power_exact_proportions",
    "power_log_rank",
    "power_mean_ratio",
    "power_of_events",
    "power_one_mean",
    "power_one_proportion",
    "power_proportions",
    "power_t_test",
    "required_events",
    "sd_of_differences",
]

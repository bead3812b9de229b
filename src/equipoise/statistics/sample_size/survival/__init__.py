"""Sample size and power for times to an event: events, exposure, the log-rank test."""

from equipoise.statistics.sample_size.survival.events import drift_an_event, power_of_events, required_events
from equipoise.statistics.sample_size.survival.exposure import (
    event_probability,
    expected_events,
    hazard_from_median,
    hazard_from_share,
)
from equipoise.statistics.sample_size.survival.log_rank import SurvivalSize, power_log_rank

__all__ = [
    "SurvivalSize",
    "drift_an_event",
    "event_probability",
    "expected_events",
    "hazard_from_median",
    "hazard_from_share",
    "power_log_rank",
    "power_of_events",
    "required_events",
]

"""What a protocol can find out: size, power, detectable effect, looks on the way, calendar."""

from .moments import ByScenario, MeasurementMoments, Moments, ResponseMoments, TimeMoments
from .plan import can_be_planned, plan_design, planned_analysis, set_targets
from .result import DesignResult

__all__ = [
    "ByScenario",
    "DesignResult",
    "MeasurementMoments",
    "Moments",
    "ResponseMoments",
    "TimeMoments",
    "can_be_planned",
    "plan_design",
    "planned_analysis",
    "set_targets",
]

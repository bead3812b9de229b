"""Designs that look at the data on the way, and when each step would be in the calendar."""

from .blinded import Reestimated, plan_reestimation
from .calendar import Calendar, Milestone, plan_calendar
from .option import Looks, Option, compare_options

__all__ = [
    "Calendar",
    "Looks",
    "Milestone",
    "Option",
    "Reestimated",
    "compare_options",
    "plan_calendar",
    "plan_reestimation",
]

"""Evidence: what was required, how it was tried, what was found, as a report that shows any change to it."""

from .check import Check, CheckFailed, Found, NotExercised, carry_out
from .report import Evidence, check_report, write_report

__all__ = [
    "Check",
    "CheckFailed",
    "Evidence",
    "Found",
    "NotExercised",
    "carry_out",
    "check_report",
    "write_report",
]

"""From an estimand to the outcomes of virtual participants."""

from .outcomes import Outcomes, arms_of, measure_outcomes, members_of
from .times import Times, time_outcomes

__all__ = ["Outcomes", "Times", "arms_of", "measure_outcomes", "members_of", "time_outcomes"]

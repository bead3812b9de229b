"""The analyses whose power can be planned, each as statistics that depend on size and effects."""

from .measurements import plan_ancova, plan_mmrm, plan_rank_sum, plan_t_test
from .responses import plan_responses
from .times import plan_times

__all__ = ["plan_ancova", "plan_mmrm", "plan_rank_sum", "plan_responses", "plan_t_test", "plan_times"]

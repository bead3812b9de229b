"""Trials with looks, many at once: bounds of group sequential designs, and closed combination tests of doses."""

from equipoise.statistics.replicates.sequential.closed_combination import (
    CombinationReplicates,
    replicate_closed_combination,
    select_doses,
)
from equipoise.statistics.replicates.sequential.group_sequential import (
    SequentialReplicates,
    apply_bounds,
    draw_group_sequential,
)

__all__ = [
    "CombinationReplicates",
    "SequentialReplicates",
    "apply_bounds",
    "draw_group_sequential",
    "replicate_closed_combination",
    "select_doses",
]

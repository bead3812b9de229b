"""Several comparisons in many trials at once: Dunnett's tests, and p-values adjusted for their number."""

from equipoise.statistics.replicates.multiplicity.adjusted_p import replicate_adjusted_p
from equipoise.statistics.replicates.multiplicity.dunnett import DunnettReplicates, replicate_dunnett

__all__ = ["DunnettReplicates", "replicate_adjusted_p", "replicate_dunnett"]

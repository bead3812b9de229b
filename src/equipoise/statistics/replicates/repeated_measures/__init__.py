"""Mixed model for repeated measures of many simulated trials at once."""

from equipoise.statistics.replicates.repeated_measures.fit import DfMethod
from equipoise.statistics.replicates.repeated_measures.model import MmrmReplicates, replicate_mmrm

__all__ = ["DfMethod", "MmrmReplicates", "replicate_mmrm"]

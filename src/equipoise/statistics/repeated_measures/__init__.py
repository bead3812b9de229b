"""Mixed models for repeated measures."""

from equipoise.statistics.repeated_measures.fit import MmrmFit
from equipoise.statistics.repeated_measures.model import mmrm

__all__ = ["MmrmFit", "mmrm"]

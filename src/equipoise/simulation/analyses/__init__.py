"""The analyses of a protocol on many virtual trials at once."""

from .replicated import Place, Replicated
from .simulated import SimulatedAnalyses, simulated_analyses

__all__ = ["Place", "Replicated", "SimulatedAnalyses", "simulated_analyses"]

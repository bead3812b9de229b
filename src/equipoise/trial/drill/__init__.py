"""The drill: a fresh backup is brought back elsewhere and tried, while the trial goes on untouched."""

from .hold import Drill, evidence_of, hold_drill

__all__ = ["Drill", "evidence_of", "hold_drill"]

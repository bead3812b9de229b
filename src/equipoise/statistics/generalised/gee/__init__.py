"""Generalised estimating equations for repeated outcomes."""

from equipoise.statistics.generalised.gee.estimating_equations import GeeFit, gee

__all__ = ["GeeFit", "gee"]

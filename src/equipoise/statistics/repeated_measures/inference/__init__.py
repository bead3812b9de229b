"""From a maximum of the likelihood to standard errors and degrees of freedom, a method a module."""

from equipoise.statistics.repeated_measures.inference.degrees_of_freedom import (
    DfMethod,
    Fixed,
    Inference,
    between_within_df,
    residual_df,
)
from equipoise.statistics.repeated_measures.inference.kenward_roger import kenward_roger
from equipoise.statistics.repeated_measures.inference.sandwich import Variance, sandwich
from equipoise.statistics.repeated_measures.inference.satterthwaite import satterthwaite

__all__ = [
    "DfMethod",
    "Fixed",
    "Inference",
    "Variance",
    "between_within_df",
    "kenward_roger",
    "residual_df",
    "sandwich",
    "satterthwaite",
]

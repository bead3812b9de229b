"""Missing outcomes: imputation under stated strategies, pooling, deltas and tipping points."""

from equipoise.statistics.missing.conditional_means import (
    ConditionalMeanImputation,
    conditional_mean_imputation,
)
from equipoise.statistics.missing.deltas.delta import Delta
from equipoise.statistics.missing.deltas.tipping_plot import plot_tipping_point
from equipoise.statistics.missing.deltas.tipping_point import TippingPoint, tipping_point
from equipoise.statistics.missing.multiple_imputation import MultipleImputation, multiple_imputation
from equipoise.statistics.missing.pooling import Pooled, PooledTest, pool, pool_test

__all__ = [
    "ConditionalMeanImputation",
    "Delta",
    "MultipleImputation",
    "Pooled",
    "PooledTest",
    "TippingPoint",
    "conditional_mean_imputation",
    "multiple_imputation",
    "plot_tipping_point",
    "pool",
    "pool_test",
    "tipping_point",
]

"""Missing outcomes: imputation under stated strategies, pooling, deltas and tipping points."""

from equipoise.statistics.missing.delta import Delta
from equipoise.statistics.missing.pooling import Pooled, PooledTest, pool, pool_test
from equipoise.statistics.missing.tipping_plot import plot_tipping_point
from equipoise.statistics.missing.tipping_point import TippingPoint, tipping_point

__all__ = [
    "Delta",
    "Pooled",
    "PooledTest",
    "TippingPoint",
    "plot_tipping_point",
    "pool",
    "pool_test",
    "tipping_point",
]

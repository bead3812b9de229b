"""Describe data without a model: summaries of values, counts of levels."""

from equipoise.statistics.descriptive.counts import counts
from equipoise.statistics.descriptive.means import geometric_summary, mean_interval
from equipoise.statistics.descriptive.quantiles import quantile
from equipoise.statistics.descriptive.summary import summarise

__all__ = ["counts", "geometric_summary", "mean_interval", "quantile", "summarise"]

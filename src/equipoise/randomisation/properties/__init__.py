"""What a scheme does to a trial: imbalance, predictability, and the size of tests that know the scheme or not."""

from equipoise.randomisation.properties.analysis_size import AnalysisSize, simulate_analysis_sizes
from equipoise.randomisation.properties.comparison import SchemeComparison, compare_schemes
from equipoise.randomisation.properties.imbalance import measure_imbalance, measure_stratum_imbalance
from equipoise.randomisation.properties.plot import plot_schemes
from equipoise.randomisation.properties.predictability import Predictability, measure_predictability

__all__ = [
    "AnalysisSize",
    "Predictability",
    "SchemeComparison",
    "compare_schemes",
    "measure_imbalance",
    "measure_predictability",
    "measure_stratum_imbalance",
    "plot_schemes",
    "simulate_analysis_sizes",
]

"""How participants come to their arm: schemes, what they do, schedules, tests that re-run them."""

from equipoise.randomisation.from_protocol import scheme_of
from equipoise.randomisation.next_allocation import NextAllocation, count_sharing, draw_next
from equipoise.randomisation.properties import (
    AnalysisSize,
    Predictability,
    SchemeComparison,
    compare_schemes,
    measure_imbalance,
    measure_predictability,
    measure_stratum_imbalance,
    plot_schemes,
    simulate_analysis_sizes,
)
from equipoise.randomisation.schedule import Schedule, list_allocations, make_schedule
from equipoise.randomisation.schemes import (
    BiasedCoin,
    BigStick,
    BlockUrn,
    Complete,
    MaximalProcedure,
    Minimisation,
    PermutedBlocks,
    RandomAllocationRule,
    Scheme,
    StratumScheme,
    Urn,
)
from equipoise.randomisation.sequences import enumerate_sequences, redraw_of
from equipoise.randomisation.strata import no_factors

__all__ = [
    "AnalysisSize",
    "BiasedCoin",
    "BigStick",
    "BlockUrn",
    "Complete",
    "MaximalProcedure",
    "Minimisation",
    "NextAllocation",
    "PermutedBlocks",
    "Predictability",
    "RandomAllocationRule",
    "Schedule",
    "Scheme",
    "SchemeComparison",
    "StratumScheme",
    "Urn",
    "compare_schemes",
    "count_sharing",
    "draw_next",
    "enumerate_sequences",
    "list_allocations",
    "make_schedule",
    "measure_imbalance",
    "measure_predictability",
    "measure_stratum_imbalance",
    "no_factors",
    "plot_schemes",
    "redraw_of",
    "scheme_of",
    "simulate_analysis_sizes",
]

"""How participants come to their arm: schemes, what they do, schedules, tests that re-run them."""

from equipoise.randomisation.from_protocol import scheme_of
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
from equipoise.randomisation.strata import no_factors

__all__ = [
    "BiasedCoin",
    "BigStick",
    "BlockUrn",
    "Complete",
    "MaximalProcedure",
    "Minimisation",
    "PermutedBlocks",
    "RandomAllocationRule",
    "Scheme",
    "StratumScheme",
    "Urn",
    "no_factors",
    "scheme_of",
]

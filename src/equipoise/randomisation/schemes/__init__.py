"""Schemes of randomisation, each a frozen value that draws allocations and knows their exact probabilities."""

from equipoise.randomisation.schemes.biased_coin import BiasedCoin, BigStick
from equipoise.randomisation.schemes.maximal_procedure import MaximalProcedure
from equipoise.randomisation.schemes.minimisation import Minimisation
from equipoise.randomisation.schemes.permuted_blocks import PermutedBlocks
from equipoise.randomisation.schemes.scheme import Scheme, StratumScheme
from equipoise.randomisation.schemes.unrestricted import Complete, RandomAllocationRule
from equipoise.randomisation.schemes.urns import BlockUrn, Urn

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
]

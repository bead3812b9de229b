"""Generalised linear models: counts, binary and ordered outcomes, and repeated ones by estimating equations."""

from equipoise.statistics.generalised.gee import GeeFit, gee
from equipoise.statistics.generalised.logistic import LogisticFit, logistic
from equipoise.statistics.generalised.negative_binomial import NegativeBinomialFit, negative_binomial
from equipoise.statistics.generalised.ordinal import ProportionalOddsFit, proportional_odds
from equipoise.statistics.generalised.poisson import CountFit, poisson

__all__ = [
    "CountFit",
    "GeeFit",
    "LogisticFit",
    "NegativeBinomialFit",
    "ProportionalOddsFit",
    "gee",
    "logistic",
    "negative_binomial",
    "poisson",
    "proportional_odds",
]

"""Models of ordered outcomes."""

from equipoise.statistics.generalised.ordinal.proportional_odds import ProportionalOddsFit, proportional_odds

__all__ = ["ProportionalOddsFit", "proportional_odds"]

"""Shares of participants who respond, compared by a chi-square test, Fisher's or Cochran-Mantel-Haenszel's.

The statistic is the difference over its standard error under the hypothesis, from the pooled share; its true
spread is that of the two shares (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 2003).
Fisher's exact test is taken as the same with half of the usual continuity correction, (1 / n_1 + 1 / n_0) / 4.
That is within 0.01 of its exact power averaged over arms whose sizes differ by a few, as they do when they are
drawn; in arms of exactly equal size the test is more conservative. Strata are taken to explain nothing.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Categorical
from ...statistics.distributions import Floats
from ..comparisons import Comparisons
from ..moments import ResponseMoments
from .compared import compare_arms

_METHODS = {
    "chi-square": "chi-square test",
    "fisher": "Fisher's exact test",
    "cochran-mantel-haenszel": "Cochran-Mantel-Haenszel test",
}


@dataclass(frozen=True, eq=False)
class ResponseModel:
    """Differences of the share who respond in each arm from that in the control."""

    method: str
    arms: tuple[str, ...]
    effects: Floats
    sign: float
    control: float
    allocation: Floats
    corrected: bool
    measure: str = "difference in proportions"
    smallest: float = 8.0

    def at(self, participants: float) -> Comparisons:
        """Return the statistics in a trial of so many participants."""
        share = np.clip(self.control + self.effects, 1e-9, 1.0 - 1e-9)
        n = participants * self.allocation
        own, others = self.control * (1.0 - self.control) / n[0], share * (1.0 - share) / n[1:]
        pooled = (n[0] * self.control + n[1:] * share) / (n[0] + n[1:])
        reported = np.sqrt(pooled * (1.0 - pooled) * (1.0 / n[0] + 1.0 / n[1:]))
        true = np.sqrt(own + others)
        distance = self.sign * self.effects
        if self.corrected:
            distance = np.sign(distance) * np.maximum(np.abs(distance) - 0.25 * (1.0 / n[0] + 1.0 / n[1:]), 0.0)
        return Comparisons(
            ncp=distance / true,
            df=np.full(share.size, np.inf),
            stretch=true / reported,
            loadings=np.sqrt(own) / true,
            believed=np.sqrt(n[1:] / (n[0] + n[1:])),
        )

    def with_effects(self, effects: Floats) -> Self:
        """Return the same with other effects, one an arm."""
        return replace(self, effects=effects)


def plan_responses(protocol: Protocol, spec: Categorical, moments: ResponseMoments) -> ResponseModel:
    """Plan the comparison of shares; ProtocolError where nothing is tested or nobody, or everybody, responds."""
    if spec.test == "none":
        raise ProtocolError("the planned analysis must test something; give its `test`. Got none")
    compared = compare_arms(protocol, protocol.estimands[spec.estimand], moments.arms)
    shares = moments.shares[list(compared.places)]
    if not ((shares > 0) & (shares < 1)).all():
        raise ProtocolError(
            "the response of the planned analysis must vary in every arm, or no size can be found. "
            f"Got shares {', '.join(f'{share:g}' for share in shares)}"
        )
    return ResponseModel(
        method=_METHODS[spec.test],
        arms=compared.active,
        effects=shares[1:] - shares[0],
        sign=compared.sign,
        control=float(shares[0]),
        allocation=compared.allocation,
        corrected=spec.test == "fisher",
    )

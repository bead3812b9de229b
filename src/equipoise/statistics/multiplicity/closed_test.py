"""The closed test of several doses against one control: the intersections first, then each dose.

For two doses: test that neither differs by the larger statistic (Dunnett), and if that is rejected each dose
alone at full level. With Dunnett's test in every intersection it is the step-down procedure of Dunnett and
Tamhane (`dunnett(procedure="step-down")`), reached from the other end; with Bonferroni's it is Holm's, with
Simes' Hommel's. Marcus, Peritz and Gabriel, Biometrika 1976;63:655-60. Checked against R's multcomp and
`p.adjust`.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.multiplicity.closure import ClosedTest, Places, close_tests
from equipoise.statistics.multiplicity.standardised import Alternative, standardise
from equipoise.statistics.multivariate import t_maximum_p

ClosedIntersection = Literal["dunnett", "bonferroni", "simes"]


def closed_test(
    estimates: ArrayLike,
    covariance: ArrayLike,
    *,
    df: ArrayLike = np.inf,
    names: Sequence[str] | None = None,
    test: ClosedIntersection = "dunnett",
    alternative: Alternative = "two-sided",
    null: float = 0.0,
    alpha: float = 0.05,
) -> ClosedTest:
    """Test k `estimates`, such as doses against one control, with every intersection of their hypotheses.

    `covariance` (k x k), `df` (infinite for normal tests), `names`, `alternative` and `null` as in `dunnett`.
    `test` of the intersections: `dunnett` (largest statistic, exact for the covariance), `bonferroni`, or `simes`
    (positively dependent statistics). `alpha`: familywise error rate, of the side tested where `alternative` is
    one-sided. `DataError` where these do not fit together, and for more than 16 hypotheses.
    """
    if test not in get_args(ClosedIntersection):
        raise DataError(f"the test must be one of {', '.join(get_args(ClosedIntersection))}. Got {test}")
    given = standardise(estimates, covariance, df, names, alternative, null)

    def intersection_p(held: Places) -> float:
        places = np.array(held)
        p = np.sort(given.p[places])
        if test == "bonferroni":
            return float(p[0] * p.size)
        if test == "simes":
            return float(np.min(p * p.size / np.arange(1, p.size + 1)))
        largest = places[np.argmin(given.p[places])]
        within = given.correlation[np.ix_(places, places)]
        found = t_maximum_p(given.size[largest], within, float(given.df[largest]), two_sided=given.two_sided)
        return max(float(found), float(p[0]))

    return close_tests(given.names, given.p, intersection_p, alpha=alpha)

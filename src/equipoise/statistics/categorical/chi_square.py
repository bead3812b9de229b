"""Chi-square tests of independence in an r x c table.

Pearson (1900): sum of (O - E)^2 / E; Yates (1934) for 2 x 2 tables: |O - E| less min(1/2, |O - E|); likelihood
ratio (Wilks 1938): 2 sum of O log(O / E); each on (r - 1)(c - 1) degrees of freedom, r and c counting the arms and
levels that have anybody. Checked against R's `chisq.test` and SAS FREQ's names: CHISQ, "Continuity Adj.",
"Likelihood Ratio Chi-Square".
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from equipoise.errors import DataError
from equipoise.statistics.categorical.fisher import require_two_of_each
from equipoise.statistics.categorical.tables import Counts, one_stratum, read_table
from equipoise.statistics.distributions import Floats, chi2_upper_p

Method = Literal["pearson", "yates", "likelihood-ratio"]
METHODS = ("pearson", "yates", "likelihood-ratio")


@dataclass(frozen=True, eq=False)
class ChiSquare:
    """A chi-square test; `expected` counts (arms x levels seen) below 5 make its p rough."""

    chi2: float
    df: int
    p: float
    expected: Floats
    method: Method
    dropped: int


def chi_square(
    data: Counts,
    response: str | None = None,
    by: str | None = None,
    *,
    count: str | None = None,
    method: Method = "pearson",
) -> ChiSquare:
    """Test that the response does not depend on the arm: columns of a frame, or counts (arms x levels).

    Raises `DataError` for bad columns, counts or options, fewer than two arms or levels seen, or yates in a table
    that is not 2 x 2.
    """
    if method not in METHODS:
        raise DataError(f"method must be one of {', '.join(METHODS)}. Got {method}")
    table = read_table(data, response, by, count=count)
    seen = require_two_of_each(one_stratum(table))
    if method == "yates" and seen.shape != (2, 2):
        raise DataError(f"yates corrects 2 x 2 tables; use pearson. Got {seen.shape[0]} x {seen.shape[1]}")
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    if method == "likelihood-ratio":
        chi2 = 2.0 * float(special.rel_entr(seen, expected).sum())
    else:
        distance = np.abs(seen - expected)
        if method == "yates":
            distance = np.maximum(distance - 0.5, 0.0)
        chi2 = float((distance**2 / expected).sum())
    df = (seen.shape[0] - 1) * (seen.shape[1] - 1)
    return ChiSquare(chi2, df, chi2_upper_p(chi2, df), expected, method, table.dropped)

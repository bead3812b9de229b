"""The Wilcoxon signed rank test: one sample about a value, or pairs.

V = sum of the midranks of |x| where x > 0. Asymptotic: z = (V - sum r / 2 +- 0.5) / sqrt(sum r^2 / 4), which
holds the usual correction for ties. Exact, with or without ties: the distribution of V when every sign is a
fair coin. Zeros either leave before ranking (Wilcoxon, Biometrics Bulletin 1945;1:80-3; as R and SAS do) or
are ranked and leave after (Pratt, JASA 1959;54:655-67; coin's default). Differences are rounded at the 12th
digit of the largest value, so that decimals tie as they do on paper; R ranks their binary rests (its
`digits.rank` is infinite). SAS UNIVARIATE drops zeros, too, but above n = 20 refers to Student's t, which is
not offered. Checked against R's `wilcox.test` and coin's `wilcoxsign_test`.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, normal_two_sided_p
from equipoise.statistics.frames import keep_complete, require_numbers, to_polars
from equipoise.statistics.ranks.midranks import midranks
from equipoise.statistics.ranks.permutation import signed_distribution
from equipoise.statistics.ranks.rank_sum import RankMethod, corrected, require_rank_method

Zeros = Literal["drop", "pratt"]


@dataclass(frozen=True)
class SignedRank:
    """A signed rank test; `v` is the sum of ranks of the positive differences, `z` is None for an exact test.

    `n` values (or pairs) were used, among them `zeros` equal to the value tested; `dropped` rows had a
    missing value.
    """

    method: str
    v: float
    z: float | None
    p: float
    n: int
    zeros: int
    dropped: int


def signed_rank(
    data: IntoFrame,
    value: str,
    versus: str | None = None,
    *,
    null: float = 0.0,
    method: RankMethod = "asymptotic",
    correction: bool = True,
    zeros: Zeros = "drop",
) -> SignedRank:
    """Test that `value` (minus the column `versus`, for pairs) is symmetric about `null` (two-sided).

    `method`: `asymptotic`, with the continuity `correction` R applies by default, or `exact`, which allows
    ties. `zeros`: `drop` (default) or `pratt`. Raises `DataError` for an unknown option, `EstimationFailed`
    where no difference is left.
    """
    require_rank_method(method)
    if zeros not in get_args(Zeros):
        raise DataError(f"zeros of a signed rank test must be drop or pratt. Got {zeros}")
    differences, dropped = read_differences(data, value, versus)
    if null != 0.0:
        differences = subtract(differences, np.full(differences.shape, null))
    zero = int((differences == 0.0).sum())
    if zero == differences.size:
        raise EstimationFailed(f"a signed rank test needs a difference that is not 0. Got {zero} zeros")
    ranked = differences[differences != 0.0] if zeros == "drop" else differences
    ranks = midranks(np.abs(ranked))[ranked != 0.0]
    positive = ranked[ranked != 0.0] > 0.0
    v = float(ranks[positive].sum())
    if method == "exact":
        z, p = None, _exact_p(ranks, positive)
    else:
        deviation = corrected(v - float(ranks.sum()) / 2.0, correction)
        z = deviation / float(np.sqrt((ranks**2).sum() / 4.0))
        p = normal_two_sided_p(z)
    name = "exact" if method == "exact" else f"asymptotic, {'with' if correction else 'no'} continuity correction"
    kept = {"drop": "zeros dropped", "pratt": "zeros by Pratt"}[zeros]
    return SignedRank(f"Wilcoxon signed rank test, {name}, {kept}", v, z, p, differences.size, zero, dropped)


def read_differences(data: IntoFrame, value: str, versus: str | None) -> tuple[Floats, int]:
    """Read `value`, or `value` minus `versus`, from the complete rows; and how many rows were not.

    Raises `EstimationFailed` where no row is complete.
    """
    names = [value] if versus is None else [value, versus]
    complete = keep_complete(to_polars(data), names)
    values = require_numbers(complete.frame, value)
    if versus is not None:
        values = subtract(values, require_numbers(complete.frame, versus))
    if values.size == 0:
        raise EstimationFailed(f"a signed rank method needs a value in column {value}. Got none")
    return values, complete.dropped


def subtract(one: Floats, other: Floats) -> Floats:
    """Subtract, and drop what is below the 12th digit of the largest value: 5.3 - 4.2 must tie with 3.3 - 2.2."""
    size = max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0))
    digits = 12 - int(np.ceil(np.log10(size))) if size > 0.0 else 0
    return np.asarray(np.round(one - other, digits), dtype=float)


def _exact_p(ranks: Floats, positive: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    scores = np.rint(2.0 * ranks).astype(np.int64)
    scores = scores // int(np.gcd.reduce(scores))
    distribution = signed_distribution(scores)
    distance = np.abs(2 * np.arange(distribution.size) - int(scores.sum()))
    observed = abs(2 * int(scores[positive].sum()) - int(scores.sum()))
    return min(1.0, float(distribution[distance >= observed].sum()))

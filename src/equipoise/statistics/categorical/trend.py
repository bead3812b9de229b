"""The Cochran-Armitage test for a trend in proportions over ordered arms.

z = sum x_i (s_i - sbar) / root(p q sum n_i (s_i - sbar)^2), with x_i of n_i responding at score s_i, sbar the mean
score of participants and p the overall proportion (Cochran 1954; Armitage 1955). Checked against R's
`prop.trend.test` (chi-square = z^2); SAS FREQ prints z as TREND.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical.tables import Counts, pair_arms, read_events
from equipoise.statistics.distributions import normal_two_sided_p


@dataclass(frozen=True)
class CochranArmitage:
    """`z` (positive where the proportion rises with the scores), `p` two-sided, `chi2` = z^2 on `df` = 1."""

    z: float
    p: float
    chi2: float
    df: int
    scores: tuple[float, ...]
    dropped: int


def cochran_armitage(
    data: Counts,
    response: str | None = None,
    by: str | None = None,
    *,
    scores: Mapping[object, float] | Sequence[float] | None = None,
    count: str | None = None,
) -> CochranArmitage:
    """Test for a trend of the proportion with the response over the `scores` of the arms.

    Scores go by arm, or in the order of the arms; 0, 1, 2, ... unless given (a dose in column `by` is no score
    unless it is named here). Raises `DataError` for bad columns, counts or scores; `EstimationFailed` where
    everybody or nobody responds.
    """
    table = read_events(data, response, by, count=count)
    pair_arms(table, None)
    arms = table.arms
    if isinstance(scores, Mapping):
        if missing := [arm for arm in arms if arm not in scores]:
            raise DataError(f"scores must name every arm: {', '.join(map(str, arms))}. Got none for {missing[0]}")
        values = [float(scores[arm]) for arm in arms]
    else:
        values = [float(score) for score in (range(len(arms)) if scores is None else scores)]
    if len(values) != len(arms) or not np.all(np.isfinite(values)) or len(set(values)) < 2:
        raise DataError(f"scores must be {len(arms)} finite numbers, not all equal. Got {values}")
    x, n = table.counts[0, :, 0], table.counts[0].sum(axis=1)
    share = x.sum() / n.sum()
    if share in {0.0, 1.0}:
        raise EstimationFailed(f"a trend needs some with and some without the response. Got {int(x.sum())} with")
    score = np.array(values)
    from_mean = score - (n @ score) / n.sum()
    z = float((x @ from_mean) / np.sqrt(share * (1.0 - share) * (n @ from_mean**2)))
    return CochranArmitage(z, normal_two_sided_p(z), z * z, 1, tuple(values), table.dropped)

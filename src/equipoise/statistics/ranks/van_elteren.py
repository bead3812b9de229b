"""The stratified rank sum test of van Elteren.

With W_h the sum of scores of the first group in stratum h, E_h its mean and V_h its tie-adjusted variance over the
permutations within the stratum, z = sum (W_h - E_h) / sqrt(sum V_h). The scores:

- `modified_ridit` (default): ranks within the stratum over N_h + 1, that is, ranks with weights 1 / (N_h + 1).
  This is the test of van Elteren, Bull Int Stat Inst 1960;37:351-61; SAS: FREQ CMH2 SCORES=MODRIDIT, row mean
  scores.
- `rank`: ranks within the stratum; SAS: SCORES=RANK.
- `pooled_rank`: ranks among all values; coin's `wilcox_test(y ~ arm | stratum)`.

A stratum that lacks one group says nothing and is counted as left out. Checked against a program in R and coin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import normal_two_sided_p
from equipoise.statistics.frames import keep_complete, require_numbers, require_two_levels, to_polars
from equipoise.statistics.ranks.midranks import midranks

StratumScores = Literal["modified_ridit", "rank", "pooled_rank"]


@dataclass(frozen=True)
class VanElteren:
    """A stratified rank sum test of `first` against `versus`; z above 0: larger values in `first`.

    `n` and `n_versus` values were used in `strata` strata; `strata_left_out` lacked a group or any variation;
    `dropped` rows had a missing value.
    """

    z: float
    p: float
    n: int
    n_versus: int
    strata: int
    strata_left_out: int
    dropped: int
    first: str
    versus: str


def van_elteren(
    data: IntoFrame,
    value: str,
    by: str,
    strata: str | Sequence[str],
    *,
    versus: object = None,
    scores: StratumScores = "modified_ridit",
) -> VanElteren:
    """Test that `value` has the same distribution in the two levels of `by` within every stratum (two-sided).

    `strata` names one or more columns whose combinations are the strata; `versus` is by default the first
    level of `by`. Raises `DataError` unless `by` has two levels, `EstimationFailed` if no stratum compares
    the two.
    """
    if scores not in get_args(StratumScores):
        known = ", ".join(get_args(StratumScores))
        raise DataError(f"the scores of a stratified rank test must be one of {known}. Got {scores}")
    names = [strata] if isinstance(strata, str) else list(strata)
    complete = keep_complete(to_polars(data), [value, by, *names])
    values = require_numbers(complete.frame, value)
    scored = midranks(values) if scores == "pooled_rank" else values
    frame = complete.frame.with_columns(pl.Series("_scored", scored))
    first, chosen = require_two_levels(frame[by], versus)

    deviation = variance = 0.0
    used = left_out = n = n_versus = 0
    for _, stratum in frame.group_by(names, maintain_order=True):
        score = stratum["_scored"].to_numpy()
        if scores != "pooled_rank":
            score = midranks(score)
        mine = (stratum[by] == first).to_numpy()
        m, size = int(mine.sum()), score.size
        centred = score - score.mean()
        spread = float(centred @ centred)
        if m in (0, size) or spread == 0.0:
            left_out += 1
            continue
        weight = 1.0 / (size + 1) if scores == "modified_ridit" else 1.0
        deviation += weight * float(centred[mine].sum())
        variance += weight**2 * m * (size - m) / (size * (size - 1)) * spread
        used, n, n_versus = used + 1, n + m, n_versus + size - m
    if used == 0:
        raise EstimationFailed(
            f"a stratified rank sum test needs a stratum with both levels of {by} and values that vary. "
            f"Got none in {left_out} strata"
        )
    z = deviation / float(np.sqrt(variance))
    return VanElteren(
        z, normal_two_sided_p(z), n, n_versus, used, left_out, complete.dropped, str(first), str(chosen)
    )

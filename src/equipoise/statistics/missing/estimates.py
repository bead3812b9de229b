"""Tables of estimates by visit: means of the arms and differences between them."""

import numpy as np
import polars as pl

from equipoise.statistics.distributions import Floats, t_quantile, t_two_sided_p
from equipoise.statistics.missing.analysis import VisitAncova, label_targets
from equipoise.statistics.missing.imputation.outcomes import Outcomes


def tabulate_estimates(
    outcomes: Outcomes, ancova: VisitAncova, estimate: Floats, se: Floats, df: Floats, level: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lay out means (visit, arm, estimate, se, df, lower, upper) and contrasts (with versus, t and p as well).

    `estimate`, `se` and `df` are V x k for the k targets of `ancova`.
    """
    arms = len(ancova.arms)
    half = t_quantile(np.full(df.shape, 0.5 + level / 2.0), df) * se
    t = estimate / se
    columns = {
        "estimate": estimate,
        "se": se,
        "df": df,
        "t": t,
        "p": t_two_sided_p(t, df),
        "lower": estimate - half,
        "upper": estimate + half,
    }
    means, contrasts = label_targets(ancova, outcomes)
    return (
        means.with_columns(
            pl.Series(name, cells[:, :arms].ravel()) for name, cells in columns.items() if name not in ("t", "p")
        ),
        contrasts.with_columns(pl.Series(name, cells[:, arms:].ravel()) for name, cells in columns.items()),
    )

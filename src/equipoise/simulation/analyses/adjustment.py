"""p and limits of comparisons with one arm, adjusted for their number as the analysis says."""

from typing import TYPE_CHECKING, cast

import numpy as np

from ...protocol.model import Ancova, Mmrm
from ...statistics.distributions import Floats, t_quantile
from ...statistics.replicates import replicate_adjusted_p, replicate_dunnett

if TYPE_CHECKING:
    from ...statistics.replicates.multiplicity.adjusted_p import Adjustment
    from .models import Contrasts


def adjust(spec: Ancova | Mmrm, contrasts: "Contrasts", against: list[int]) -> dict[int, dict[str, Floats]]:
    """Return what is added to the comparisons `against`: positions of contrasts with the same arm compared with.

    `adjusted_p`, and `adjusted_lower` and `adjusted_upper` where the procedure has simultaneous limits.
    """
    method = spec.multiplicity
    if method == "none" or len(against) < 2:
        return {}
    estimate, se, df = contrasts.estimate[:, against], contrasts.se[:, against], contrasts.df[:, against]
    if method in ("dunnett", "step-down dunnett"):
        covariance = contrasts.covariance[:, against][:, :, against]
        test = replicate_dunnett(
            estimate,
            covariance,
            df,
            procedure="single-step" if method == "dunnett" else "step-down",
            level=spec.confidence,
        )
        found = {k: {"adjusted_p": test.adjusted_p[:, i]} for i, k in enumerate(against)}
        if method == "dunnett":
            for i, k in enumerate(against):
                found[k] |= {"adjusted_lower": test.lower[:, i], "adjusted_upper": test.upper[:, i]}
        return found
    order = list(range(len(against)))
    if method == "fixed sequence":
        arms = [contrasts.of[k][0] for k in against]
        order = [arms.index(arm) for arm in spec.sequence]
    p = replicate_adjusted_p(
        contrasts.p[:, [against[i] for i in order]], cast("Adjustment", method.replace(" ", "-"))
    )
    found = {against[i]: {"adjusted_p": p[:, place]} for place, i in enumerate(order)}
    if method == "bonferroni":
        upper_tail = 1 - (1 - spec.confidence) / (2 * len(against))
        half = t_quantile(np.full(df.shape, upper_tail), df) * se
        for i, k in enumerate(against):
            limits = {"adjusted_lower": estimate[:, i] - half[:, i], "adjusted_upper": estimate[:, i] + half[:, i]}
            found[k] |= limits
    return found

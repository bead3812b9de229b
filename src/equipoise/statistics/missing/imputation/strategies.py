"""Strategies for outcomes after an intercurrent event: the joint normal distribution that each assumes.

Before visit k (the event's) the participant follows the own arm, from k on what the strategy says:
MAR: the own arm throughout. J2R, jump to reference: the mean of the reference arm. CR, copy reference: the
reference arm at all visits, so that what was gained before fades. CIR, copy increments in reference: the own mean
before the event plus the reference's increments since. LMCF: the own mean before the event stays.
With covariances S of the own arm and R of the reference, split at k, J2R and CIR have S11,
R21 R11^-1 S11 and R22 - R21 R11^-1 (R11 - S11) R11^-1 R12, which keeps the regression of later on earlier
visits of the reference. LMCF keeps S. Source: Carpenter, Roger and Kenward, J Biopharm Stat 2013;23:1352-71; Cro
et al., Statistics in Medicine 2020;39:2815-42. An event before the first visit: J2R, CR and CIR are the reference,
as in rbmi. Checked against R's rbmi 1.5.2.
"""

from typing import Literal, get_args

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats

Strategy = Literal["MAR", "J2R", "CR", "CIR", "LMCF"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


def require_strategy(name: object) -> Strategy:
    """Find the strategy of that name (`JR`, as rbmi writes it, is `J2R`); `DataError` for any other."""
    text = "J2R" if name == "JR" else name
    for strategy in STRATEGIES:
        if text == strategy:
            return strategy
    raise DataError(f"a strategy must be one of {', '.join(STRATEGIES)}. Got {name}")


def apply_strategy(
    strategy: Strategy,
    own_mean: Floats,
    reference_mean: Floats,
    own_covariance: Floats,
    reference_covariance: Floats,
    start: int,
) -> tuple[Floats, Floats]:
    """Build means and covariance of outcomes with a `strategy` from visit number `start` (from 0) on.

    Means are (..., n, V), a row a participant; covariances (..., V, V); leading axes go together and are draws of
    the parameters. `start` = V: no event. Raises `DataError` for LMCF from the first visit on, which has no
    earlier mean.
    """
    visits = own_mean.shape[-1]
    if strategy == "MAR" or start >= visits:
        return own_mean, own_covariance
    if strategy == "CR":
        return reference_mean, reference_covariance
    if start == 0:
        if strategy == "LMCF":
            raise DataError(
                "the last mean can be carried forward only from a visit before the event; "
                "use J2R or CIR for events before the first visit. Got LMCF from the first visit on"
            )
        return reference_mean, reference_covariance
    before = own_mean[..., :start]
    last = before[..., -1:]
    if strategy == "LMCF":
        after = np.broadcast_to(last, own_mean[..., start:].shape)
        return np.concatenate([before, after], axis=-1), own_covariance
    after = reference_mean[..., start:]
    if strategy == "CIR":
        after = last + after - reference_mean[..., start - 1 : start]
    return np.concatenate([before, after], axis=-1), join_covariances(own_covariance, reference_covariance, start)


def join_covariances(own: Floats, reference: Floats, start: int) -> Floats:
    """Join the covariance of the own arm before `start` to the reference's regression of later visits on earlier.

    Both (..., V, V). Carpenter, Roger and Kenward 2013, appendix.
    """
    r11, r21, r22 = (
        reference[..., :start, :start],
        reference[..., start:, :start],
        reference[..., start:, start:],
    )
    s11 = own[..., :start, :start]
    slope = np.swapaxes(np.linalg.solve(r11, np.swapaxes(r21, -1, -2)), -1, -2)
    lower = slope @ s11
    corner = r22 - slope @ (r11 - s11) @ np.swapaxes(slope, -1, -2)
    top = np.concatenate([s11, np.swapaxes(lower, -1, -2)], axis=-1)
    bottom = np.concatenate([lower, corner], axis=-1)
    return np.concatenate([top, bottom], axis=-2)

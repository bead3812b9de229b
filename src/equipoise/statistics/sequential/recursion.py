"""The joint distribution of the statistics of successive looks, by recursive numerical integration.

Z_1, ..., Z_K are jointly normal with E Z_k = theta sqrt(I_k) and Cov(Z_j, Z_k) = sqrt(I_j / I_k) for j <= k
(Jennison and Turnbull 2000). A trial goes on after look k while a_k < Z_k < b_k. Let h_k(z) be the
probability of having gone on at all looks before k, given Z_k = z. As Z_k is sufficient, h_k does not depend on
theta, and

    h_1 = 1,   h_k(z) = integral over (a_{k-1}, b_{k-1}) of h_{k-1}(u) phi_{sqrt r, 1-r}(u | z) du,   r = I_{k-1}
    / I_k,

where u given z is normal with mean z sqrt(r) and variance 1 - r. Density at look k: h_k(z) phi(z - theta
sqrt(I_k)). This is the recursion of Armitage, McPherson and Rowe (1969) with theta taken out, so one pass serves
all theta. The integrands are analytic between the bounds: panels of Gauss and Legendre, as wide as the narrowest
normal density in them allows, give 12 digits. Checked against R rpact, gsDesign and mvtnorm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
from scipy import special

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats

# A panel of this many standard deviations of the narrowest density in it is integrated to 1e-12
NODES = 20
PANEL = 4.5
# Beyond this many standard errors from every mean asked for, nothing is left to integrate
REACH = 8.5
# Looks nearer to each other than this share of the later one would need too many nodes
NEAREST = 1e-4
AT_ONCE = 4_000_000
UNDERFLOW = 1e-280
ROOT_2_PI = np.sqrt(2.0 * np.pi)


def require_information(information: Sequence[float]) -> None:
    """Refuse (`DataError`) information that is not finite, above 0 and increasing by more than 1e-4 of itself."""
    before = 0.0
    for one in information:
        if not before * (1.0 + NEAREST) < one < np.inf:
            raise DataError(
                "information must increase from look to look, from above 0, by at least 0.0001 of itself. "
                f"Got {', '.join(f'{x:g}' for x in information)}"
            )
        before = one


@dataclass(frozen=True)
class Continuation:
    """Trials that went on after a look: nodes `z`, and `weight`, the weight of quadrature times h(z)."""

    information: float
    z: Floats
    weight: Floats

    def density(self, information: float, z: Floats) -> Floats:
        """Find h at the next look: the probability of having gone on until then, given its statistics `z`."""
        ratio = self.information / information
        spread = np.sqrt(1.0 - ratio)
        rows = max(1, AT_ONCE // max(1, self.z.size))
        found = []
        for start in range(0, z.size, rows):
            distance = (self.z - np.sqrt(ratio) * z[start : start + rows, None]) / spread
            found.append(np.exp(-0.5 * distance * distance) @ self.weight / (spread * ROOT_2_PI))
        return np.concatenate(found) if found else np.empty(0)

    def above(self, information: float, bound: float, theta: Floats) -> Floats:
        """Find the probability of going on until the next look and being above `bound` there, per `theta`."""
        return self._beyond(information, bound, theta, 1.0)

    def below(self, information: float, bound: float, theta: Floats) -> Floats:
        """Find the probability of going on until the next look and being below `bound` there, per `theta`."""
        return self._beyond(information, bound, theta, -1.0)

    def _beyond(self, information: float, bound: float, theta: Floats, sign: float) -> Floats:
        if np.isinf(bound) and bound * sign > 0:
            return np.zeros(theta.shape)
        ratio = self.information / information
        spread = np.sqrt(1.0 - ratio)
        drift = theta[:, None]
        distance = self.z - drift * np.sqrt(self.information)
        going_on = np.exp(-0.5 * distance * distance) / ROOT_2_PI
        later = np.sqrt(ratio) * self.z + drift * (1.0 - ratio) * np.sqrt(information) - bound
        return cast("Floats", (going_on * special.ndtr(sign * later / spread)) @ self.weight)


@dataclass(frozen=True)
class FirstLook:
    """Before the first look nobody has stopped: h is 1."""

    def density(self, _information: float, z: Floats) -> Floats:
        """Give 1 for each of `z`."""
        return np.ones(z.shape)

    def above(self, information: float, bound: float, theta: Floats) -> Floats:
        """Find the probability of being above `bound` at the first look, per `theta`."""
        return cast("Floats", special.ndtr(theta * np.sqrt(information) - bound))

    def below(self, information: float, bound: float, theta: Floats) -> Floats:
        """Find the probability of being below `bound` at the first look, per `theta`."""
        return cast("Floats", special.ndtr(bound - theta * np.sqrt(information)))


Before = Continuation | FirstLook


def go_on(
    before: Before,
    information: float,
    lower: float,
    upper: float,
    *,
    following: float,
    theta: tuple[float, float] = (0.0, 0.0),
) -> Continuation:
    """Continue after a look at `information` between `lower` and `upper` (z), with a look at `following` to come.

    `theta`: the smallest and the largest that will be asked for; nodes reach 8.5 standard errors beyond the means.
    """
    root = np.sqrt(information)
    start = max(lower, min(0.0, theta[0]) * root - REACH)
    end = min(upper, max(0.0, theta[1]) * root + REACH)
    if start >= end:
        return Continuation(information, np.empty(0), np.empty(0))
    narrowest = 1.0 - information / following
    if isinstance(before, Continuation):
        narrowest = min(narrowest, 1.0 - before.information / information)
    z, weight = panels(start, end, PANEL * np.sqrt(narrowest))
    return Continuation(information, z, weight * before.density(information, z))


def walk(
    information: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    theta: tuple[float, float] = (0.0, 0.0),
) -> list[Before]:
    """Carry out the recursion: what is known before each look, for bounds (z) of all but the last look."""
    steps: list[Before] = [FirstLook()]
    for k in range(len(information) - 1):
        steps.append(
            go_on(steps[-1], information[k], lower[k], upper[k], following=information[k + 1], theta=theta)
        )
    return steps


def exit_probabilities(
    information: Sequence[float], lower: Sequence[float], upper: Sequence[float], theta: float | Floats
) -> tuple[Floats, Floats]:
    """Find the probability of stopping at each look by the lower and by the upper bound.

    `information` per look, increasing; `lower` and `upper` on the scale of z, infinite where there is no bound;
    `theta`, a number or an array: Z_k has mean theta sqrt(I_k). Result: two arrays (looks, thetas), first the
    lower side; for a number a single column. Raises `DataError` for information that does not increase.
    """
    require_information(information)
    drift = np.atleast_1d(np.asarray(theta, dtype=float))
    if not len(lower) == len(upper) == len(information) or not np.isfinite(drift).all():
        raise DataError(
            f"bounds must be as many as the {len(information)} looks, and drifts finite. "
            f"Got {len(lower)} and {len(upper)} bounds"
        )
    if np.isnan(lower).any() or np.isnan(upper).any():
        raise DataError("a bound must be a number, or infinite for none. Got a missing one")
    steps = walk(information, lower, upper, (float(drift.min()), float(drift.max())))
    below = [step.below(i, a, drift) for step, i, a in zip(steps, information, lower, strict=True)]
    return np.array(below), crossings(steps, information, upper, drift)


def crossings(
    steps: Sequence[Before], information: Sequence[float], upper: Sequence[float], theta: Floats
) -> Floats:
    """Find the probability of stopping at each look by the upper bound (looks, thetas), after a `walk`."""
    return np.array([step.above(i, b, theta) for step, i, b in zip(steps, information, upper, strict=True)])


def find_upper(before: Before, information: float, probability: float, theta: float = 0.0) -> float:
    """Find the bound (z) above which a trial that goes on until this look lies with `probability`.

    Infinite for a probability of 0, minus infinite where even all who go on are too few. The logarithm of the
    probability is concave in the bound (Prekopa 1973), so Newton's steps from the right never overshoot; where the
    start lies so far to the right that nothing is left, the bound is first looked for by halving.
    """
    if probability <= 0:
        return np.inf
    drift = np.array([theta])
    if probability >= before.above(information, -np.inf, drift)[0] * (1.0 - 1e-14):
        return -np.inf
    mean = theta * np.sqrt(information)
    bound = mean - float(special.ndtri(probability))
    low, high, stride = -np.inf, np.inf, 0.5
    for _ in range(200):
        tail = float(before.above(information, bound, drift)[0])
        if tail > probability:
            low = bound
        else:
            high = bound
        if tail < UNDERFLOW:
            stride *= 2.0
            bound = high - stride if np.isinf(low) else 0.5 * (low + high)
            continue
        centred = bound - mean
        height = before.density(information, np.array([bound]))[0] * np.exp(-0.5 * centred * centred) / ROOT_2_PI
        step = float(np.log(tail / probability) * tail / height)
        bound = bound + step if low <= bound + step <= high else 0.5 * (low + high)
        if abs(step) < 1e-11:
            break
    return float(bound)


def find_lower(before: Before, information: float, probability: float, theta: float = 0.0) -> float:
    """Find the bound (z) below which a trial that goes on until this look lies with `probability`."""
    if isinstance(before, FirstLook):
        return -find_upper(before, information, probability, -theta)
    mirrored = Continuation(before.information, -before.z, before.weight)
    return -find_upper(mirrored, information, probability, -theta)


def panels(start: float, end: float, width: float) -> tuple[Floats, Floats]:
    """Lay nodes and weights of Gauss and Legendre from `start` to `end`, in panels no wider than `width`."""
    node, weight = _legendre()
    number = max(1, int(np.ceil((end - start) / width)))
    half = 0.5 * (end - start) / number
    centres = start + half * (2.0 * np.arange(number) + 1.0)
    return (centres[:, None] + half * node).ravel(), np.tile(half * weight, number)


@lru_cache(maxsize=1)
def _legendre() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(NODES)

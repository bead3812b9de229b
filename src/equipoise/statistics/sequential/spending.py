"""Spending functions: how much of an error may be spent until a share of the information is there.

A spending function f gives f(t, total), 0 at t = 0, `total` from t = 1 on, not decreasing between. It serves
alpha and beta alike; a two-sided design spends half of alpha on each side by f(t, alpha / 2), as R rpact and
gsDesign do. Sources: Lan and DeMets (1983); Kim and DeMets (1987); Hwang, Shih and DeCani (1990); Anderson and
Clark (2010) for the exponential and the logistic family. Checked against gsDesign 3.11 and rpact 4.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats


class SpendingFunction(Protocol):
    """Anything that tells what is spent until each of the information times."""

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time` (share of the planned information, 0-1) of `total`."""
        ...


@dataclass(frozen=True)
class LanDeMetsOBrienFleming:
    """2 - 2 Phi(z_{1 - total/2} / sqrt t): bounds near those of O'Brien and Fleming (sfLDOF; asOF, bsOF)."""

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time` of `total`."""
        share = _clip(time)
        with np.errstate(divide="ignore"):
            spent: Floats = 2.0 * special.ndtr(special.ndtri(total / 2.0) / np.sqrt(share))
        return spent


@dataclass(frozen=True)
class LanDeMetsPocock:
    """Total times log(1 + (e - 1) t): bounds near those of Pocock (sfLDPocock; asP, bsP)."""

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time` of `total`."""
        return total * np.log1p((np.e - 1.0) * _clip(time))


@dataclass(frozen=True)
class KimDeMets:
    """Total times t^rho, rho above 0 (sfPower; asKD, bsKD)."""

    rho: float

    def __post_init__(self) -> None:
        if not 0 < self.rho < np.inf:
            raise DataError(f"rho of the Kim-DeMets spending function must be above 0; try 3. Got {self.rho:g}")

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time` of `total`."""
        return total * _clip(time) ** self.rho


@dataclass(frozen=True)
class HwangShihDeCani:
    """Total times (1 - exp(-gamma t)) / (1 - exp(-gamma)); t at gamma = 0 (sfHSD; asHSD, bsHSD)."""

    gamma: float

    def __post_init__(self) -> None:
        if not abs(self.gamma) <= 40:
            raise DataError(
                "gamma of the Hwang-Shih-DeCani spending function must lie between -40 and 40; try -4. "
                f"Got {self.gamma:g}"
            )

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time` of `total`."""
        share = _clip(time)
        if self.gamma == 0:
            return total * share
        spent: Floats = total * np.expm1(-self.gamma * share) / np.expm1(-self.gamma)
        return spent


@dataclass(frozen=True)
class ExponentialSpending:
    """Total to the power t^-nu, nu above 0 (sfExponential)."""

    nu: float

    def __post_init__(self) -> None:
        if not 0 < self.nu < np.inf:
            raise DataError(f"nu of the exponential spending function must be above 0; try 0.75. Got {self.nu:g}")

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time` of `total`."""
        with np.errstate(divide="ignore"):
            return total ** (_clip(time) ** -self.nu)


@dataclass(frozen=True)
class LogisticSpending:
    """Total times expit(a + b logit t), through two points given as (t, share spent) (sfLogistic)."""

    first: tuple[float, float]
    second: tuple[float, float]

    def __post_init__(self) -> None:
        if not (0 < self.first[0] < self.second[0] < 1 and 0 < self.first[1] < self.second[1] < 1):
            raise DataError(
                "the two points of the logistic spending function must increase inside 0-1, as in "
                f"(0.25, 0.05), (0.75, 0.5). Got {self.first}, {self.second}"
            )

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time` of `total`."""
        t, share = special.logit(np.array([self.first, self.second])).T
        slope = (share[1] - share[0]) / (t[1] - t[0])
        spent: Floats = total * special.expit(share[0] + slope * (special.logit(_clip(time)) - t[0]))
        return spent


@dataclass(frozen=True)
class UserSpending:
    """The error spent until each planned look, cumulative; straight lines between looks (asUser, bsUser)."""

    cumulative: tuple[float, ...]
    times: tuple[float, ...]

    def __post_init__(self) -> None:
        steps = np.diff(np.concatenate([[0.0], self.cumulative]))
        if len(self.cumulative) != len(self.times) or np.any(steps < 0) or not 0 < self.cumulative[-1] < 1:
            raise DataError(
                f"the error spent until each of {len(self.times)} looks must be as many rising numbers, "
                f"the last between 0 and 1. Got {', '.join(f'{x:g}' for x in self.cumulative)}"
            )

    def spent(self, time: Floats, total: float) -> Floats:
        """Give the error spent until each `time`; `total` must be the last one declared."""
        if abs(total - self.cumulative[-1]) > 1e-12:
            raise DataError(
                f"the last error spent must be the total of this side, {total:g}; with two sides give the "
                f"numbers of one side. Got {self.cumulative[-1]:g}"
            )
        return np.interp(time, (0.0, *self.times), (0.0, *self.cumulative))


NAMED: dict[str, SpendingFunction] = {
    "lan-demets-obrien-fleming": LanDeMetsOBrienFleming(),
    "lan-demets-pocock": LanDeMetsPocock(),
}


def spend_by(rule: SpendingFunction | str | Sequence[float], times: Sequence[float]) -> SpendingFunction:
    """Turn a name, numbers (cumulative error per look) or a spending function into a spending function.

    `DataError` for a name that is not known.
    """
    if isinstance(rule, str):
        if rule not in NAMED:
            raise DataError(
                f"a spending function by name is one of {', '.join(NAMED)}; families with a parameter are "
                f"objects, as HwangShihDeCani(-4). Got {rule}"
            )
        return NAMED[rule]
    if isinstance(rule, Sequence | np.ndarray):
        return UserSpending(tuple(float(x) for x in rule), tuple(float(t) for t in times))
    return rule


def spent_per_look(rule: SpendingFunction, times: Sequence[float], total: float) -> Floats:
    """Give what is spent at each look alone; the last look spends all that is left of `total`."""
    cumulative = rule.spent(np.asarray(times, dtype=float), total)
    cumulative = np.append(cumulative[:-1], total)
    return np.diff(cumulative, prepend=0.0)


def _clip(time: Floats) -> Floats:
    share: Floats = np.clip(np.asarray(time, dtype=float), 0.0, 1.0)
    return share

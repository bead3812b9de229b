"""Dose-response models f(d) = e0 + slope x f0(d; nonlinear parameters), and what can be asked of their shape f0.

| name | f0(d) | linear | nonlinear |
|---|---|---|---|
| linear | d | e0, delta | |
| linlog | log(d + off) | e0, delta | |
| quadratic | d + (b2 / b1) d^2 | e0, b1, b2 | |
| emax | d / (ed50 + d) | e0, eMax | ed50 |
| sigEmax | d^h / (ed50^h + d^h) | e0, eMax | ed50, h |
| exponential | exp(d / delta) - 1 | e0, e1 | delta |
| logistic | 1 / (1 + exp((ed50 - d) / delta)) | e0, eMax | ed50, delta |
| betaMod | B (d / scal)^delta1 (1 - d / scal)^delta2 | e0, eMax | delta1, delta2 |

B = (delta1 + delta2)^(delta1 + delta2) / (delta1^delta1 delta2^delta2); `off` and `scal` are fixed. Names and
parameters are those of the R package DoseFinding. Sources: Bretz, Pinheiro and Branson, Biometrics 2005;61:738-48;
Pinheiro, Bretz and Branson, in Ting (ed.), Dose Finding in Drug Development, Springer 2006, 146-71.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import special
from scipy.optimize import brentq

from equipoise.errors import DataError, suggest
from equipoise.statistics.distributions import Floats

Bounds = tuple[tuple[float, float], ...]
_STEEPEST_EXPONENTIAL = 500.0  # largest d / delta: its exponential is still a number


@dataclass(frozen=True)
class Shape:
    """A model on a range of doses from 0 to `highest`.

    `linear` and `nonlinear` name its parameters; `guesses` those that a standardised model is given (of the
    quadratic: delta = b2 / b1). `bounds` are the defaults within which the nonlinear ones are estimated.
    """

    name: str
    linear: tuple[str, ...]
    nonlinear: tuple[str, ...]
    guesses: tuple[str, ...]
    bounds: Bounds
    highest: float
    _columns: Callable[..., list[Floats]]
    _derivatives: Callable[..., list[Floats]]
    _inverse: Callable[..., float]
    _top: Callable[..., float]
    _domain: float = float("inf")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Name all parameters in the order of DoseFinding: the linear ones, then the nonlinear ones."""
        return (*self.linear, *self.nonlinear)

    def columns(self, doses: Floats, nonlinear: Sequence[float] | Floats) -> Floats:
        """Build the columns beside the intercept: doses x (1, or 2 for the quadratic)."""
        return np.stack(np.broadcast_arrays(*self._columns(doses, *nonlinear)), axis=-1).astype(float)

    def curves(self, doses: Floats, grid: Floats) -> Floats:
        """Evaluate f0 of a model with nonlinear parameters, one row for each row of `grid`: rows x doses."""
        return np.asarray(self._columns(doses, *(part[..., None] for part in np.moveaxis(grid, -1, 0)))[0])

    def derivatives(self, doses: Floats, nonlinear: Sequence[float] | Floats) -> Floats:
        """Differentiate f0 by its nonlinear parameters: doses x parameters."""
        found = self._derivatives(doses, *nonlinear)
        return np.stack(found, axis=-1) if found else np.empty((doses.size, 0))

    def standardised(self, doses: Floats, guess: Sequence[float]) -> Floats:
        """Evaluate f0 at `doses` for the parameters that `guesses` names."""
        if self.name == "quadratic":
            return doses + guess[0] * doses**2
        return self.columns(doses, guess)[..., 0]

    def inverse(self, rise: float, guess: Sequence[float]) -> float | None:
        """Find the smallest dose at which f0 has risen by `rise` (above 0) over f0(0); None if there is none."""
        dose = self._inverse(rise, *guess)
        return dose if np.isfinite(dose) else None

    def top(self, guess: Sequence[float]) -> float:
        """Find the dose up to `highest` at which f0 is largest."""
        return float(min(self._top(*guess), self.highest))

    @property
    def domain(self) -> float:
        """The highest dose at which the model is defined."""
        return self._domain

    def require_guess(self, guess: Sequence[float], where: str) -> None:
        """Refuse (`DataError`) parameters that are not numbers of the right count and sign."""
        if len(guess) != len(self.guesses):
            wanted = " and ".join(self.guesses) or "no parameter"
            raise DataError(f"{where} needs {wanted}. Got {', '.join(f'{x:g}' for x in guess) or 'nothing'}")
        for name, value in zip(self.guesses, guess, strict=True):
            free = self.name == "quadratic" or (self.name == "logistic" and name == "ed50")
            if not np.isfinite(value) or (value <= 0 and not free):
                raise DataError(f"{where} needs a finite {name}{'' if free else ' above 0'}. Got {value:g}")
        if self.name == "exponential" and self.highest > _STEEPEST_EXPONENTIAL * guess[0]:
            least = self.highest / _STEEPEST_EXPONENTIAL
            raise DataError(f"{where} needs delta of at least {least:g}, or its curve overflows. Got {guess[0]:g}")


def find_shape(name: str, highest: float, *, scal: float | None = None, off: float | None = None) -> Shape:
    """Find a model by its name for doses up to `highest`.

    `scal` of betaMod is by default 1.2 x `highest`, `off` of linlog 0.01 x `highest`. Raises `DataError` for an
    unknown name, a highest dose or `off` not above 0, a `scal` not above the highest dose.
    """
    if name not in MODELS:
        raise DataError(f"a dose-response model must have a known name{suggest(name, MODELS)} Got {name}")
    if not (np.isfinite(highest) and highest > 0):
        raise DataError(f"the highest dose must be above 0. Got {highest:g}")
    scale = 1.2 * highest if scal is None else scal
    offset = 0.01 * highest if off is None else off
    if not scale > highest:
        raise DataError(f"scal of betaMod must be above the highest dose {highest:g}. Got {scale:g}")
    if not offset > 0:
        raise DataError(f"off of linlog must be above 0. Got {offset:g}")
    return MODELS[name](highest, scale, offset)


def _nothing(*_: object) -> list[Floats]:
    return []


def _highest(*_: float) -> float:
    return float("inf")


def _linear(highest: float, _scal: float, _off: float) -> Shape:
    return Shape(
        "linear", ("e0", "delta"), (), (), (), highest,
        lambda d: [d], _nothing, lambda rise: rise, _highest,
    )  # fmt: skip


def _linlog(highest: float, _scal: float, off: float) -> Shape:
    return Shape(
        "linlog", ("e0", "delta"), (), (), (), highest,
        lambda d: [np.log(d + off)], _nothing, lambda rise: off * float(np.expm1(min(rise, 700.0))), _highest,
    )  # fmt: skip


def _quadratic(highest: float, _scal: float, _off: float) -> Shape:
    return Shape(
        "quadratic", ("e0", "b1", "b2"), (), ("delta",), (), highest,
        lambda d: [d, d**2], _nothing, _quadratic_inverse, _quadratic_top,
    )  # fmt: skip


def _quadratic_top(delta: float) -> float:
    return -0.5 / delta if delta < 0 else float("inf")


def _quadratic_inverse(rise: float, delta: float) -> float:
    under = 1.0 + 4.0 * delta * rise
    # the form of the root that loses no digits as delta goes to 0
    return 2.0 * rise / (1.0 + float(np.sqrt(under))) if under >= 0 else float("nan")


def _emax(highest: float, _scal: float, _off: float) -> Shape:
    def value(d: Floats, ed50: Floats) -> list[Floats]:
        return [_safe_ratio(d, ed50 + d)]

    def derivative(d: Floats, ed50: Floats) -> list[Floats]:
        return [-_safe_ratio(d, (ed50 + d) ** 2)]

    return Shape(
        "emax", ("e0", "eMax"), ("ed50",), ("ed50",), ((0.001 * highest, 1.5 * highest),), highest,
        value, derivative, lambda rise, ed50: ed50 * rise / (1.0 - rise) if rise < 1 else float("nan"), _highest,
    )  # fmt: skip


def _safe_ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; 0 where both are 0 (an ed50 of 0 is the step from dose 0)."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(part.shape), where=part > 0)


def _log_dose(d: Floats) -> Floats:
    return np.log(d, out=np.full(d.shape, -np.inf), where=d > 0)


def _sig_emax(highest: float, _scal: float, _off: float) -> Shape:
    def value(d: Floats, ed50: Floats, h: Floats) -> list[Floats]:
        return [special.expit(h * (_log_dose(d) - np.log(ed50)))]

    def derivative(d: Floats, ed50: float, h: float) -> list[Floats]:
        at = np.where(d > 0, d, ed50)
        logistic = special.expit(h * np.log(at / ed50))
        spread = np.where(d > 0, logistic * (1.0 - logistic), 0.0)
        return [-spread * h / ed50, spread * np.log(at / ed50)]

    def inverse(rise: float, ed50: float, h: float) -> float:
        return float(ed50 * (rise / (1.0 - rise)) ** (1.0 / h)) if rise < 1 else float("nan")

    return Shape(
        "sigEmax", ("e0", "eMax"), ("ed50", "h"), ("ed50", "h"), ((0.001 * highest, 1.5 * highest), (0.5, 10.0)),
        highest, value, derivative, inverse, _highest,
    )  # fmt: skip


def _exponential(highest: float, _scal: float, _off: float) -> Shape:
    def inverse(rise: float, delta: float) -> float:
        return float(delta * np.log1p(rise))

    return Shape(
        "exponential", ("e0", "e1"), ("delta",), ("delta",), ((0.1 * highest, 2.0 * highest),), highest,
        lambda d, delta: [np.expm1(d / delta)], lambda d, delta: [-d / delta**2 * np.exp(d / delta)], inverse,
        _highest,
    )  # fmt: skip


def _logistic(highest: float, _scal: float, _off: float) -> Shape:
    def value(d: Floats, ed50: Floats, delta: Floats) -> list[Floats]:
        return [special.expit((d - ed50) / delta)]

    def derivative(d: Floats, ed50: float, delta: float) -> list[Floats]:
        logistic = special.expit((d - ed50) / delta)
        spread = logistic * (1.0 - logistic)
        return [-spread / delta, -spread * (d - ed50) / delta**2]

    def inverse(rise: float, ed50: float, delta: float) -> float:
        share = float(special.expit(-ed50 / delta)) + rise
        return float(ed50 + delta * special.logit(share)) if share < 1 else float("nan")

    return Shape(
        "logistic", ("e0", "eMax"), ("ed50", "delta"), ("ed50", "delta"),
        ((0.001 * highest, 1.5 * highest), (0.01 * highest, 0.5 * highest)), highest,
        value, derivative, inverse, _highest,
    )  # fmt: skip


def _beta_mod(highest: float, scal: float, _off: float) -> Shape:
    def value(d: Floats, delta1: Floats, delta2: Floats) -> list[Floats]:
        log_top = special.xlogy(delta1 + delta2, delta1 + delta2)
        log_top = log_top - special.xlogy(delta1, delta1) - special.xlogy(delta2, delta2)
        return [np.exp(log_top + delta1 * _log_dose(d / scal) + delta2 * np.log1p(-d / scal))]

    def derivative(d: Floats, delta1: float, delta2: float) -> list[Floats]:
        curve = value(d, cast("Floats", delta1), cast("Floats", delta2))[0]
        share = np.where(d > 0, d / scal, 0.5)
        whole = np.log(delta1 + delta2)
        return [
            curve * (whole - np.log(delta1) + np.log(share)),
            curve * (whole - np.log(delta2) + np.log1p(-share)),
        ]

    def top(delta1: float, delta2: float) -> float:
        return scal * delta1 / (delta1 + delta2)

    def inverse(rise: float, delta1: float, delta2: float) -> float:
        if rise > 1.0:
            return float("nan")

        def short(dose: float) -> float:
            return float(value(np.array(dose), *np.array([delta1, delta2]))[0]) - rise

        highest_curve = top(delta1, delta2)
        return highest_curve if short(highest_curve) <= 0 else float(brentq(short, 0.0, highest_curve, xtol=1e-14))

    return Shape(
        "betaMod", ("e0", "eMax"), ("delta1", "delta2"), ("delta1", "delta2"), ((0.05, 4.0), (0.05, 4.0)), highest,
        value, derivative, inverse, top, scal,
    )  # fmt: skip


MODELS: dict[str, Callable[[float, float, float], Shape]] = {
    "linear": _linear,
    "linlog": _linlog,
    "quadratic": _quadratic,
    "emax": _emax,
    "sigEmax": _sig_emax,
    "exponential": _exponential,
    "logistic": _logistic,
    "betaMod": _beta_mod,
}

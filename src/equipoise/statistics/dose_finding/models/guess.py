"""Guesses of a standardised model's parameters from the share of the maximum effect expected at a dose.

`local=False`: the share is of the asymptotic maximum effect. `local=True`: of the effect at the highest dose, so
that the standardised curve runs through the points given. Source: Pinheiro, Bretz and Branson, in Ting (ed.), Dose
Finding in Drug Development, Springer 2006, 146-71. As `guesst` of the R package DoseFinding; roots here are solved
to the last digits where it stops at about four. Checked against DoseFinding 1.0.3 and 1.4.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special
from scipy.optimize import brentq, least_squares

from equipoise.errors import DataError, EstimationFailed, suggest
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.models.shapes import find_shape

_MODELS = ("emax", "exponential", "logistic", "quadratic", "betaMod", "sigEmax")


def guess_parameters(
    model: str,
    dose: float | Sequence[float],
    share: float | Sequence[float],
    *,
    highest: float | None = None,
    local: bool = False,
    below_top: bool = True,
    dose_at_top: float | None = None,
    scal: float | None = None,
) -> dict[str, float]:
    """Guess the nonlinear parameters of `model` from `share` (0-1) of the maximum effect expected at `dose`.

    logistic and sigEmax need two or more pairs. exponential and `local` need `highest`, the highest dose of the
    trial; betaMod needs `dose_at_top` and its `scal`; quadratic: `below_top` says on which side of the top the
    dose lies. Several pairs: the mean of the guesses (emax, quadratic, betaMod), a regression of the transformed
    share on dose or log dose (logistic, sigEmax), or least squares in the share (exponential, `local`). Returns
    parameter -> value, as `candidate_models` takes it. Raises `DataError` for pairs that no such curve has.
    """
    if model not in _MODELS:
        raise DataError(f"parameters are guessed for nonlinear models{suggest(model, _MODELS)} Got {model}")
    d, p = np.atleast_1d(read_floats(dose, "doses")), np.atleast_1d(read_floats(share, "shares"))
    least = 2 if model in ("logistic", "sigEmax") else 1
    if d.shape != p.shape or d.ndim != 1 or d.size < least:
        raise DataError(f"{model} needs {least} or more doses, each with a share. Got {d.size} and {p.size}")
    whole = model == "quadratic"
    if not (np.isfinite(d) & (d > 0)).all() or not ((p > 0) & ((p < 1) | ((p == 1) & whole))).all():
        raise DataError(f"a guess of {model} needs doses above 0 and shares between 0 and 1. Got {p.tolist()}")
    if model == "quadratic":
        root = np.sqrt(1.0 - p)
        return {"delta": float(np.mean(-(1.0 - root if below_top else 1.0 + root) / (2.0 * d)))}
    if model == "betaMod":
        return _guess_beta(d, p, dose_at_top, scal)
    if model == "exponential" or local:
        if highest is None or not highest >= d.max():
            raise DataError(f"a guess of {model} needs the highest dose, not below {d.max():g}. Got {highest}")
        if model == "exponential":
            return _guess_exponential(d, p, highest)
        if model == "emax":
            if (p <= d / highest).any():
                raise DataError(f"a local guess of emax needs shares above dose / highest. Got {p.tolist()}")
            return {"ed50": float(np.mean(d * highest * (1.0 - p) / (p * highest - d)))}
    if model == "emax":
        return {"ed50": float(np.mean(d * (1.0 - p) / p))}
    start = _regress(model, d, p)
    return start if not local or highest is None else _guess_local(model, d, p, highest, start)


def _guess_exponential(d: Floats, p: Floats, highest: float) -> dict[str, float]:
    if (p >= d / highest).any():
        raise DataError(f"a guess of exponential needs shares below dose / highest. Got {p.tolist()}")

    def rise(dose: Floats, log_delta: float) -> Floats:
        # exp(x) - 1 over exp(X) - 1 without overflow
        x, top = dose / np.exp(log_delta), highest / np.exp(log_delta)
        return np.asarray(np.exp(x - top) * np.expm1(-x) / np.expm1(-top))

    alone = [
        brentq(lambda log_delta, one=one, want=want: float(rise(one, log_delta) - want),
               np.log(one / 700.0), np.log(1e8 * highest), xtol=1e-14)
        for one, want in zip(d, p, strict=True)
    ]  # fmt: skip
    if len(alone) == 1:
        return {"delta": float(np.exp(alone[0]))}
    found = least_squares(lambda x: rise(d, x[0]) - p, [np.mean(alone)], xtol=1e-15, ftol=1e-15, gtol=1e-15)
    return {"delta": float(np.exp(found.x[0]))}


def _regress(model: str, d: Floats, p: Floats) -> dict[str, float]:
    """Fit logit p = (d - ed50) / delta, or logit p = h (log d - log ed50), by least squares."""
    x, y = (np.log(d) if model == "sigEmax" else d), special.logit(p)
    spread = x - x.mean()
    if not float(spread @ spread) > 0 or not float(spread @ y) > 0:
        raise DataError(f"a guess of {model} needs shares that rise with the dose. Got {p.tolist()}")
    slope = float(spread @ y) / float(spread @ spread)
    middle = float(x.mean() - y.mean() / slope)
    if model == "sigEmax":
        return {"ed50": float(np.exp(middle)), "h": slope}
    return {"ed50": middle, "delta": 1.0 / slope}


def _guess_local(model: str, d: Floats, p: Floats, highest: float, start: dict[str, float]) -> dict[str, float]:
    shape = find_shape(model, highest)
    at = np.concatenate([[0.0], d, [highest]])
    free = model == "logistic"  # its ed50 may be negative

    def parameters(x: Floats) -> Floats:
        return np.array([x[0] if free else np.exp(x[0]), np.exp(x[1])])

    def short(x: Floats) -> Floats:
        curve = shape.standardised(at, parameters(x).tolist())
        return np.asarray((curve[1:-1] - curve[0]) / (curve[-1] - curve[0]) - p)

    first, second = start.values()
    begin = [first if free else np.log(first), np.log(second)]
    found = least_squares(short, begin, xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale="jac")
    if not found.success or (d.size == 2 and abs(found.fun).max() > 1e-8):
        raise EstimationFailed(f"no {model} curve runs through these shares; use local=False. Got {p.tolist()}")
    return dict(zip(shape.guesses, parameters(found.x).tolist(), strict=True))


def _guess_beta(d: Floats, p: Floats, top: float | None, scal: float | None) -> dict[str, float]:
    if top is None or scal is None or not 0 < top < scal or (d >= scal).any() or (d == top).any():
        raise DataError(
            "a guess of betaMod needs 0 < dose_at_top < scal, and doses below scal other than dose_at_top. "
            f"Got dose_at_top={top}, scal={scal}"
        )
    ratio = top / (scal - top)
    height = ratio * np.log(d / top) + np.log((scal - d) / (scal - top))
    delta2 = np.log(p) / height
    return {"delta1": float(np.mean(ratio * delta2)), "delta2": float(np.mean(delta2))}

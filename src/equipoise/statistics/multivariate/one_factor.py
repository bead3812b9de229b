"""Normal rectangles under a one-factor (product) correlation: rho_ij = l_i l_j, as for many arms and one control.

P(lower < X < upper) = integral of phi(y) prod_j [Phi((u_j - l_j y) / s_j) - Phi((lower_j - l_j y) / s_j)] dy with
s_j^2 = 1 - l_j^2: Dunnett, JASA 1955;50:1096-121. The trapezoid rule on such a function converges beyond any power
of its step. What is computed is the probability outside, so that small ones keep their digits.
"""

from typing import cast

import numpy as np
from scipy import special

from equipoise.statistics.distributions import Floats

REACH = 8.6
AT_ONCE = 2_000_000


def find_loadings(correlation: Floats) -> Floats | None:
    """Find l with l_i l_j the correlation of each pair and every |l_i| at most 0.98; None if there is none."""
    size = correlation.shape[0]
    off = correlation - np.diag(np.diag(correlation))
    if size == 1 or not off.any():
        return np.zeros(size)
    if size == 2:
        root = np.sqrt(abs(off[0, 1]))
        loadings = np.array([root, np.copysign(root, off[0, 1])])
    else:
        largest = int(np.argmax((off * off).sum(axis=1)))
        rest = [one for one in range(size) if one != largest]
        others = off[np.ix_(rest, rest)]
        i, j = np.unravel_index(int(np.argmax(np.abs(others))), others.shape)
        if others[i, j] == 0.0:
            return None
        square = off[largest, rest[int(i)]] * off[largest, rest[int(j)]] / others[i, j]
        if not 0.0 < square < 1.0:
            return None
        loadings = off[largest] / np.sqrt(square)
        loadings[largest] = np.sqrt(square)
    product = np.outer(loadings, loadings)
    np.fill_diagonal(product, 0.0)
    if np.abs(loadings).max() > 0.98 or np.abs(product - off).max() > 1e-12:
        return None
    return cast("Floats", loadings)


def one_factor_outside(lower: Floats, upper: Floats, loadings: Floats) -> Floats:
    """Probability outside the rectangles `lower` to `upper` (batch x variables), one for each row of the batch."""
    rest = np.sqrt(1.0 - loadings**2)
    step = 0.35 * min(float(rest.min()), 0.7)
    count = int(np.ceil(REACH / step))
    factor = np.arange(-count, count + 1) * step
    weight = np.exp(-0.5 * factor**2)
    weight /= weight.sum()
    most = max(1, AT_ONCE // (factor.size * loadings.size))
    shift = factor[:, None] * loadings / rest
    found = []
    for start in range(0, upper.shape[0], most):
        chunk = slice(start, start + most)
        out = np.zeros((upper[chunk].shape[0], factor.size, loadings.size))
        for limit, sign in ((upper, -1.0), (lower, 1.0)):
            if np.isfinite(limit).any():
                out += special.ndtr(sign * ((limit[chunk] / rest)[:, None, :] - shift))
        with np.errstate(divide="ignore"):
            found.append(-np.expm1(np.log1p(-np.minimum(out, 1.0)).sum(axis=-1)) @ weight)
    return np.concatenate(found)

"""A smooth function of a positive scale t, kept as Chebyshev series on equal panels of log t."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.polynomial import chebyshev, legendre

from equipoise.statistics.distributions import Floats

NODES = 16
PANEL = 0.6
FAR = 8.7
GAUSS, WEIGHTS = legendre.leggauss(NODES)
_TO_SERIES = np.linalg.inv(chebyshev.chebvander(GAUSS, NODES - 1))


@dataclass(frozen=True, eq=False)
class Curve:
    """A function of t from `lowest` on; beyond its last panel it keeps its last value."""

    lowest: float
    coefficients: Floats

    def at(self, scale: Floats) -> Floats:
        """Values at `scale` (any shape, above 0)."""
        panels = self.coefficients.shape[1]
        where = np.clip(np.log(np.maximum(scale, self.lowest) / self.lowest) / PANEL, 0.0, panels)
        panel = np.minimum(where.astype(np.int64), panels - 1)
        place = 2.0 * (where - panel) - 1.0
        return cast("Floats", chebyshev.chebval(place, self.coefficients[:, panel], tensor=False))


def curve_nodes(lowest: float, highest: float) -> Floats:
    """Values of t at the Gauss-Legendre nodes of each panel from `lowest` to `highest` or beyond, in order."""
    panels = max(1, int(np.ceil(np.log(highest / lowest) / PANEL)))
    return lowest * np.exp(PANEL * (np.arange(panels)[:, None] + 0.5 * (GAUSS + 1.0))).ravel()


def fit_curve(lowest: float, values: Floats) -> Curve:
    """Pass a curve through `values` at the nodes that `curve_nodes` gave from `lowest`."""
    return Curve(lowest, _TO_SERIES @ values.reshape(-1, NODES).T)

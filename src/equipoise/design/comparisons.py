"""What is known of the test statistics of several arms against one control, and how likely each outcome is.

T_i = stretch_i (Z_i + ncp_i) / S: Z normal with variance 1, correlated by the control that the arms share,
cor(Z_i, Z_j) = l_i l_j with l_i = root(V_0 / (V_0 + V_i)); S^2 a chi-square over its degrees of freedom, one for
all arms; stretch the true standard error over that which the model reports. Given S and the control the Z_i are
independent, so the probability of every pattern of cells is an integral in two dimensions (Dunnett, JASA
1955;50:1096-121). Positive is the direction in which an arm is better.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from scipy import special

from ..statistics.distributions import Floats
from ..statistics.multivariate.chi import chi_nodes


@dataclass(frozen=True, eq=False)
class Comparisons:
    """The statistics of m arms against the control at one size of the trial; each field m numbers.

    ncp: mean of the statistic over its true standard error. df: degrees of freedom, infinite for normal ones.
    stretch: true standard error over the one reported. loadings, believed: l_i from the true variances, and from
    those that the analysis takes for true.
    """

    ncp: Floats
    df: Floats
    stretch: Floats
    loadings: Floats
    believed: Floats

    @property
    def common_df(self) -> float:
        """Degrees of freedom of the estimated standard deviation that all statistics share."""
        return float(np.mean(self.df))


class Model(Protocol):
    """How the statistics of an analysis depend on the size of the trial and on the effects."""

    @property
    def method(self) -> str:
        """Name of the analysis."""
        ...

    @property
    def measure(self) -> str:
        """What an effect is: `difference in means`, `difference in proportions` or `log hazard ratio`."""
        ...

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms compared with the control."""
        ...

    @property
    def allocation(self) -> Floats:
        """Share of the trial's participants in the control and in each arm."""
        ...

    @property
    def effects(self) -> Floats:
        """Effect of each arm."""
        ...

    @property
    def sign(self) -> float:
        """1 where a positive effect is better, else -1."""
        ...

    @property
    def smallest(self) -> float:
        """Participants that the statistics need at least."""
        ...

    def at(self, participants: float) -> Comparisons:
        """Return the statistics in a trial of so many participants, of all arms."""
        ...

    def with_effects(self, effects: Floats) -> Self:
        """Return the same with other effects, one an arm."""
        ...


def cell_probabilities(given: Comparisons, borders: Floats) -> Floats:
    """Probability of each combination of cells, one an arm, in row-major order.

    borders: ascending, m x b; the cells of an arm are the b + 1 intervals between them.
    """
    arms = given.ncp.size
    s, s_weights = chi_nodes(given.common_df)
    step = 0.35 * min(float(np.sqrt(1.0 - given.loadings**2).min()), 0.7)
    count = int(np.ceil(8.6 / step))
    y = np.arange(-count, count + 1) * step
    y_weights = np.exp(-0.5 * y * y)
    weights = np.outer(s_weights, y_weights / y_weights.sum()).ravel()
    joint = weights[:, None]
    for arm in range(arms):
        loading = given.loadings[arm]
        moved = np.multiply.outer(s, borders[arm] / given.stretch[arm])[:, None, :] - given.ncp[arm]
        below = special.ndtr((moved - loading * y[None, :, None]) / np.sqrt(1.0 - loading**2))
        below = below.reshape(weights.size, -1)
        cells = np.diff(below, axis=1, prepend=0.0, append=1.0)
        if arm == arms - 1:
            return np.asarray((joint.T @ cells).ravel())
        joint = (joint[:, :, None] * cells[:, None, :]).reshape(weights.size, -1)
    raise AssertionError("there is an arm at least")

"""One dose-response curve: its values and gradients, and the doses that reach an effect.

Target dose: the smallest dose with an effect over placebo of delta in the direction of benefit; effective dose:
the smallest with a given share of the largest effect in the range of the doses. Bretz, Pinheiro and Branson,
Biometrics 2005;61:738-48; Pinheiro, Bornkamp, Glimm and Bretz, Statistics in Medicine 2014;33:1646-61. As `TD` and
`ED` of the R package DoseFinding: a target dose may lie above the doses studied. Checked against it.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.models.candidates import Direction, require_share
from equipoise.statistics.dose_finding.models.shapes import Shape


@dataclass(frozen=True, eq=False)
class Curve:
    """A model with its parameters: `slopes` (one, two for the quadratic) and the `nonlinear` ones."""

    shape: Shape
    slopes: Floats
    nonlinear: Floats

    def effects(self, doses: Floats) -> Floats:
        """Evaluate the effect over dose 0."""
        columns = self.shape.columns(np.append(doses, 0.0), self.nonlinear)
        return np.asarray((columns[:-1] - columns[-1]) @ self.slopes)

    def gradient(self, doses: Floats) -> Floats:
        """Differentiate f(d) - e0 by the slopes and the nonlinear parameters: doses x parameters."""
        columns = self.shape.columns(doses, self.nonlinear)
        bends = self.slopes[0] * self.shape.derivatives(doses, self.nonlinear)
        return np.hstack([columns, bends])

    def target_dose(self, delta: float, direction: Direction) -> float | None:
        """Find the smallest dose with an effect of `delta` (above 0) in the `direction`; None if there is none."""
        if not (delta > 0 and np.isfinite(delta)):
            raise DataError(f"the effect of a target dose must be finite and above 0. Got {delta:g}")
        sign = 1.0 if direction == "increasing" else -1.0
        slopes = sign * self.slopes
        if self.shape.name == "quadratic":
            return _root(float(slopes[0]), float(slopes[1]), delta)
        return self.shape.inverse(delta / float(slopes[0]), self.nonlinear.tolist()) if slopes[0] > 0 else None

    def effective_dose(self, share: float, direction: Direction | None = None) -> float | None:
        """Find the smallest dose with `share` (0-1) of the largest effect up to the highest dose.

        Without a `direction` it is that of the largest effect. None where no dose has an effect in the direction.
        """
        require_share(share)
        highest = self.shape.highest
        if self.shape.name == "quadratic":
            b1, b2 = self.slopes.tolist()
            turn = -b1 / (2.0 * b2) if b2 != 0.0 else highest
        else:
            turn = self.shape.top(self.nonlinear.tolist())
        ends = self.effects(np.array([turn if 0.0 < turn < highest else highest, highest]))
        if direction is None:
            direction = "increasing" if ends[np.abs(ends).argmax()] > 0 else "decreasing"
        sign = 1.0 if direction == "increasing" else -1.0
        largest = float((sign * ends).max())
        return self.target_dose(share * largest, direction) if largest > 0 else None


def _root(b1: float, b2: float, delta: float) -> float | None:
    """Find the smallest x > 0 with b1 x + b2 x^2 = delta > 0."""
    under = b1 * b1 + 4.0 * b2 * delta
    if under < 0:
        return None
    if b1 > 0:
        return 2.0 * delta / (b1 + float(np.sqrt(under)))
    return (float(np.sqrt(under)) - b1) / (2.0 * b2) if b2 > 0 else None

"""Kenward and Roger's small-sample covariance of the coefficients, and their F test.

    C_A = C + 2 C { sum_kl A_kl (Q_kl - P_k C P_l - R_kl / 4) } C

with P_k = -X'W D_k W X, Q_kl = X'W D_k W D_l W X, R_kl = X'W D_kl W X, and A the covariance of theta from the
observed information. First order leaves out R_kl: it does not depend on how Sigma is parametrised, is what SAS
prints for TYPE=UN and for DDFM=KR(FIRSTORDER), and what R's mmrm calls Kenward-Roger-Linear. Second order keeps
it, in mmrm's parameters, and is mmrm's "Kenward-Roger". The degrees of freedom are the same, for one row those of
Satterthwaite. Sums over k and l are contracted with A first: no Q_kl is ever formed.
Source: Kenward and Roger, Biometrics 1997;53:983-97; Computational Statistics and Data Analysis 2009;53:2583-95.
Checked against mmrm and SAS.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats, f_upper_p
from equipoise.statistics.linear.inference import FTest
from equipoise.statistics.repeated_measures.inference.degrees_of_freedom import wald_f
from equipoise.statistics.repeated_measures.inference.satterthwaite import Satterthwaite, satterthwaite
from equipoise.statistics.repeated_measures.maximise import Maximum


@dataclass(frozen=True, eq=False)
class KenwardRoger:
    """The adjusted covariance `vcov` (p x p), with the degrees of freedom of the model's own."""

    vcov: Floats
    model: Satterthwaite

    def degrees_of_freedom(self, rows: Floats) -> Floats:
        """Find the degrees of freedom of single rows: Satterthwaite's of the unadjusted covariance."""
        return self.model.degrees_of_freedom(rows)

    def joint_test(self, rows: Floats, beta: Floats) -> FTest:
        """Test rows by the scaled F of Kenward and Roger 1997, section 3."""
        count = len(rows)
        plain = wald_f(rows, beta, self.vcov)
        root = np.linalg.cholesky(np.linalg.inv(rows @ self.model.model @ rows.T))
        turned = root.T @ rows
        moved = turned @ self.model.slopes @ turned.T
        traces = np.trace(moved, axis1=1, axis2=2)
        flat = moved.reshape(len(moved), -1)
        first = float(traces @ self.model.theta_covariance @ traces)
        second = float(((self.model.theta_covariance @ flat) * flat).sum())

        b = (first + 6.0 * second) / (2.0 * count)
        g = ((count + 1.0) * first - (count + 4.0) * second) / ((count + 2.0) * second)
        below = 3.0 * count + 2.0 * (1.0 - g)
        c1, c2, c3 = g / below, (count - g) / below, (count + 2.0 - g) / below
        mean = 1.0 / (1.0 - second / count)
        variance = 2.0 / count * (1.0 + c1 * b) / ((1.0 - c2 * b) ** 2 * (1.0 - c3 * b))
        ratio = variance / (2.0 * mean**2)
        df = 4.0 + (count + 2.0) / (count * ratio - 1.0)
        scale = df / (mean * (df - 2.0))
        return FTest(scale * plain, count, df, f_upper_p(scale * plain, count, df))


def kenward_roger(maximum: Maximum, back: Floats, *, second_order: bool) -> KenwardRoger:
    """Adjust the covariance; `back` (p x p) turns orthogonal coefficients into those of the design."""
    point, weights = maximum.point, maximum.theta_covariance
    model = satterthwaite(maximum, back)
    slopes = point.slopes
    size = point.gamma.size
    joined = (weights @ slopes.reshape(len(slopes), -1)).reshape(slopes.shape)
    left = slopes.transpose(1, 0, 2).reshape(size, -1)
    right = (point.vcov @ joined).reshape(-1, size)
    inner = point.contracted(weights) - left @ right
    if second_order:
        inner -= 0.25 * point.curved(weights)
    turned = back @ point.vcov
    return KenwardRoger(model.model + 2.0 * (turned @ (0.5 * (inner + inner.T)) @ turned.T), model)

"""Satterthwaite's degrees of freedom: from the variance of an estimated variance.

For a row l, nu = 2 (l C l')^2 / Var(l C l'), the variance by the delta method: g'Ag with g_k = d(l C l')/dtheta_k
= l C E_k C l' and A the covariance of theta from the observed information. SAS DDFM=SATTERTHWAITE; R's mmrm
"Satterthwaite". Source: Satterthwaite, Biometrics 1946;2:110-14; Fai and Cornelius 1996 for several rows. Checked
against mmrm and SAS.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.linear.inference import FTest
from equipoise.statistics.repeated_measures.inference.degrees_of_freedom import f_by_directions
from equipoise.statistics.repeated_measures.maximise import Maximum


@dataclass(frozen=True, eq=False)
class Satterthwaite:
    """Covariance of the coefficients and its derivatives, in the coefficients' own basis.

    `vcov` (p x p) is what statements are made with, `model` (p x p) the model's C, `slopes` (k x p x p) = C E_k C.
    """

    vcov: Floats
    model: Floats
    slopes: Floats
    theta_covariance: Floats

    def degrees_of_freedom(self, rows: Floats) -> Floats:
        """Match the first two moments of each row's estimated variance."""
        variance = np.einsum("mp,pq,mq->m", rows, self.model, rows, optimize=True)
        gradient = np.einsum("mp,kpq,mq->mk", rows, self.slopes, rows, optimize=True)
        spread = np.einsum("mk,kl,ml->m", gradient, self.theta_covariance, gradient, optimize=True)
        found: Floats = 2.0 * variance**2 / spread
        return found

    def joint_test(self, rows: Floats, beta: Floats) -> FTest:
        """Test rows by F, its degrees of freedom joined from those of independent directions."""
        return f_by_directions(rows, beta, self)


def satterthwaite(maximum: Maximum, back: Floats) -> Satterthwaite:
    """Prepare the method; `back` (p x p) turns orthogonal coefficients into those of the design."""
    point = maximum.point
    model = back @ point.vcov @ back.T
    turned = back @ point.vcov
    slopes = -(turned @ point.slopes @ turned.T)
    return Satterthwaite(model, model, slopes, maximum.theta_covariance)

"""Tests of proportional odds: that the cut points of an ordered outcome share their coefficients.

The score test of separate coefficients is that of Peterson and Harrell, Applied Statistics 1990;39:205-17 (SAS
LOGISTIC); the Wald test between the logistic models of the cut points is that of Brant, Biometrics
1990;46:1171-8. Checked against both written out in R.
"""

import numpy as np
from scipy.linalg import pinvh

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.generalised.families import BINOMIAL
from equipoise.statistics.generalised.likelihood import Basis, Likelihood, climb


def score_statistic(gradient: Floats, information: Floats) -> float:
    """Find g' I^- g, with a generalised inverse where combinations without data leave I singular."""
    size = np.sqrt(np.abs(np.diagonal(information)))
    size[size == 0.0] = 1.0
    scaled = gradient / size
    return float(scaled @ pinvh(information / np.outer(size, size), rtol=1e-10) @ scaled)


def brant_statistics(basis: Basis, codes: Codes, weights: Floats) -> dict[str, tuple[float, int]]:
    """Find Brant's chi-square and df of all columns together and of each column but the intercept.

    `basis` of the model with its intercept first, `codes` 0 .. J - 1 of the categories, `weights` frequencies.
    `EstimationFailed` where one of the J - 1 logistic models has no finite maximum.
    """
    cuts = int(codes.max())
    fitted, inverse, slopes = [], [], []
    for cut in range(cuts):
        above = (codes > cut).astype(float)
        best = climb(Likelihood(basis, above, weights, np.zeros(codes.size), BINOMIAL))
        fitted.append(best.evaluation.mean)
        inverse.append(np.linalg.inv(best.evaluation.information))
        slopes.append(best.beta[1:])
    p = slopes[0].size
    covariance = np.zeros((cuts, p, cuts, p))
    for one in range(cuts):
        for two in range(one, cuts):
            # P(above the higher cut) (1 - P(above the lower cut)): the covariance of the two indicators
            joint = weights * fitted[two] * (1.0 - fitted[one])
            middle = (basis.columns * joint[:, None]).T @ basis.columns
            block = (basis.back @ inverse[one] @ middle @ inverse[two] @ basis.back.T)[1:, 1:]
            covariance[one, :, two, :] = block
            covariance[two, :, one, :] = block.T
    # differences of each cut point's coefficients from the first one's
    change = np.hstack([-np.ones((cuts - 1, 1)), np.eye(cuts - 1)])
    difference = change @ np.array(slopes)
    spread = np.einsum("jl,lamb,km->jakb", change, covariance, change)

    def chi2(places: list[int]) -> float:
        value = difference[:, places].ravel()
        block = spread[:, places][:, :, :, places].reshape(value.size, value.size)
        return float(value @ np.linalg.solve(block, value))

    tests = {"all": (chi2(list(range(p))), p * (cuts - 1))}
    return tests | {name: (chi2([place]), cuts - 1) for place, name in enumerate(basis.names[1:])}

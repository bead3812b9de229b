"""Covariance structures of repeated measurements: from parameters to a matrix and its derivatives.

Sigma = S R S with standard deviations S (one, or one a visit) and correlations R. The parameters theta are those
of R's mmrm, because its second-order Kenward-Roger method depends on them: log standard deviations, and
correlations as rho = theta / sqrt(1 + theta^2); cs and csh map theta to (-1 / (V - 1), 1) by a logistic curve;
`sp_exp` has the log variance, and rho^distance with rho = 1 / (1 + exp(-theta)). The unstructured matrix is its
own parameter here (its lower triangle, as in SAS TYPE=UN); mmrm takes its log-Cholesky factor.

| name | SAS | correlation of visits i < j |
|---|---|---|
| us | UN | free |
| toep, toeph | TOEP, TOEPH | rho_(j - i) |
| ar1, ar1h | AR(1), ARH(1) | rho^(j - i) |
| ad, adh | ANTE(1) is adh | rho_i ... rho_(j-1) |
| cs, csh | CS, CSH | rho |
| sp_exp | SP(EXP) | rho^distance |

A final h means a variance for each visit. Source: Wolfinger, Comm. Statistics - Simulation 1996;25:195-211; the
covariance vignette of mmrm. Checked against mmrm, nlme and SAS by `tests/statistics/repeated_measures`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats

StructureName = Literal["us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh", "sp_exp"]


@dataclass(frozen=True, eq=False)
class Covariance:
    """A covariance at one theta: `sigma` (..., V, V) and its first derivatives `slopes` (k, ..., V, V)."""

    sigma: Floats
    slopes: Floats


class Structure(ABC):
    """A covariance structure of `visits` visits with `size` parameters."""

    name: StructureName
    visits: int
    size: int

    @abstractmethod
    def start(self, moments: Floats) -> Floats:
        """Choose theta from a covariance matrix (V x V) of residuals by pairs of visits, not always definite."""

    @abstractmethod
    def covariance(self, theta: Floats) -> Covariance:
        """Compute the matrix and its first derivatives."""

    @abstractmethod
    def curvature(self, theta: Floats, weights: Floats) -> Floats:
        """Sum the second derivatives (k x k of V x V matrices) against symmetric `weights` (..., V, V): k x k."""

    @abstractmethod
    def mean_curvature(self, theta: Floats, covariance: Floats) -> Floats:
        """Sum the second derivatives over a `covariance` of theta (k x k) in mmrm's parameters: (..., V, V)."""


class Unstructured(Structure):
    """A variance for every visit and a covariance for every pair."""

    name: StructureName = "us"

    def __init__(self, visits: int) -> None:
        """Set up a structure of `visits` visits."""
        self.visits = visits
        self.size = visits * (visits + 1) // 2
        self._rows, self._columns = np.tril_indices(visits)
        self._slopes = np.zeros((self.size, visits, visits))
        at = np.arange(self.size)
        self._slopes[at, self._rows, self._columns] = 1.0
        self._slopes[at, self._columns, self._rows] = 1.0

    def start(self, moments: Floats) -> Floats:
        """Take the matrix itself, its correlations made definite by a floor for their eigenvalues."""
        sd = np.sqrt(np.diag(moments))
        values, vectors = np.linalg.eigh(moments / np.outer(sd, sd))
        floored = (vectors * np.maximum(values, 0.02)) @ vectors.T
        scale = sd / np.sqrt(np.diag(floored))
        sigma: Floats = floored * np.outer(scale, scale)
        return sigma[self._rows, self._columns]

    def covariance(self, theta: Floats) -> Covariance:
        """Fill the triangle; the derivatives are constant."""
        sigma = np.empty((self.visits, self.visits))
        sigma[self._rows, self._columns] = theta
        sigma[self._columns, self._rows] = theta
        return Covariance(sigma, self._slopes)

    def curvature(self, theta: Floats, weights: Floats) -> Floats:  # noqa: ARG002 - linear in its entries
        """Give 0: the matrix is linear in its entries."""
        return np.zeros((self.size, self.size))

    def mean_curvature(self, theta: Floats, covariance: Floats) -> Floats:
        """Go over to mmrm's log-Cholesky parameters: Sigma = L L', L = D U, D = diag(exp), U unit triangular."""
        factor = np.linalg.cholesky(self.covariance(theta).sigma)
        rows, columns = self._rows, self._columns
        on_diagonal = rows == columns
        # the derivative of L for each entry: row i of L for log d_i, d_i at (i, j) for u_ij
        first = np.zeros((self.size, self.visits, self.visits))
        at = np.arange(self.size)
        first[at, rows, columns] = np.diag(factor)[rows]
        first[at[on_diagonal], rows[on_diagonal]] = factor[rows[on_diagonal]]
        change = first @ factor.T
        change = (change + change.transpose(0, 2, 1))[:, rows, columns].T
        inverse = np.linalg.inv(change)
        moved = inverse @ covariance @ inverse.T

        summed = np.tensordot(moved, first, axes=1)
        total: Floats = np.einsum("kab,kcb->ac", first, summed)
        second = np.zeros((self.visits, self.visits))
        scale = np.diag(factor)
        for k in at:
            i, j = rows[k], columns[k]
            log_scale = at[on_diagonal][i]
            if i == j:
                second[i] += moved[k, k] * factor[i]
            else:
                second[i, j] += 2.0 * moved[log_scale, k] * scale[i]
        cross = second @ factor.T
        return 2.0 * _symmetric(total) + cross + cross.T


@dataclass(frozen=True, eq=False)
class _Correlations:
    """Correlations at one set of parameters: R (..., V, V), dR (q, ..., V, V), ddR (q, q, ..., V, V)."""

    value: Floats
    first: Floats
    second: Floats


class _ByCorrelation(Structure):
    """Sigma = S R S: log standard deviations first, then the parameters of the correlations."""

    correlations: int
    heterogeneous: bool

    def __init__(self, visits: int, *, heterogeneous: bool, correlations: int) -> None:
        self.visits = visits
        self.heterogeneous = heterogeneous
        self.correlations = correlations
        self.scales = visits if heterogeneous else 1
        self.size = self.scales + correlations
        # how often the standard deviation s stands in entry (a, b): d Sigma_ab / d log sd_s over Sigma_ab
        self._times = np.full((1, visits, visits), 2.0)
        if heterogeneous:
            eye = np.eye(visits)
            self._times = eye[:, :, None] + eye[:, None, :]

    @abstractmethod
    def _correlate(self, theta: Floats) -> _Correlations: ...

    @abstractmethod
    def _start_correlations(self, correlation: Floats) -> Floats: ...

    def start(self, moments: Floats) -> Floats:
        variances = np.diag(moments)
        sd = np.sqrt(variances)
        scale = np.log(sd) if self.heterogeneous else np.array([0.5 * np.log(variances.mean())])
        theta = self._start_correlations(np.clip(moments / np.outer(sd, sd), -0.9, 0.95))
        while not _is_definite(self._correlate(theta).value):
            theta = 0.7 * theta
        return np.concatenate([scale, theta])

    def covariance(self, theta: Floats) -> Covariance:
        """Scale the correlations; the derivative in a log standard deviation is Sigma where it stands."""
        correlated = self._correlate(theta[self.scales :])
        outer = self._outer(theta)
        sigma = outer * correlated.value
        slopes = np.concatenate([self._spread(sigma) * sigma, outer * correlated.first])
        return Covariance(sigma, slopes)

    def curvature(self, theta: Floats, weights: Floats) -> Floats:
        """Sum the second derivatives against `weights`, block by block."""
        correlated = self._correlate(theta[self.scales :])
        outer = self._outer(theta)
        times = _flat(self._spread(correlated.value), 1)
        weighted = (weights * outer).ravel()
        first = _flat(correlated.first, 1) * weighted
        among_scales = (times * (weighted * correlated.value.ravel())) @ times.T
        mixed = times @ first.T
        among_correlations = _flat(correlated.second, 2) @ weighted
        return np.block([[among_scales, mixed], [mixed.T, among_correlations]])

    def mean_curvature(self, theta: Floats, covariance: Floats) -> Floats:
        """Sum the second derivatives over the covariance of theta, whose parameters are mmrm's already."""
        correlated = self._correlate(theta[self.scales :])
        shape = correlated.value.shape
        cut = self.scales
        times = _flat(self._spread(correlated.value), 1)
        value, first = correlated.value.ravel(), _flat(correlated.first, 1)
        total = value * ((covariance[:cut, :cut] @ times) * times).sum(axis=0)
        total = total + 2.0 * ((covariance[:cut, cut:] @ first) * times).sum(axis=0)
        total = total + np.tensordot(covariance[cut:, cut:], _flat(correlated.second, 2), axes=2)
        curved: Floats = self._outer(theta) * total.reshape(shape)
        return curved

    def _outer(self, theta: Floats) -> Floats:
        sd = np.exp(theta[: self.scales])
        return np.outer(sd, sd) if self.heterogeneous else sd[0] ** 2 * np.ones((self.visits, self.visits))

    def _spread(self, like: Floats) -> Floats:
        between = (1,) * (like.ndim - 2)
        return np.broadcast_to(
            self._times.reshape(self.scales, *between, self.visits, self.visits), (self.scales, *like.shape)
        )


class CompoundSymmetry(_ByCorrelation):
    """One correlation for every pair of visits."""

    def __init__(self, visits: int, *, heterogeneous: bool) -> None:
        """Set up a structure of `visits` visits."""
        super().__init__(visits, heterogeneous=heterogeneous, correlations=1)
        self.name = "csh" if heterogeneous else "cs"

        self._lowest = -1.0 / (visits - 1.0)  # below it the matrix is not definite

    def _start_correlations(self, correlation: Floats) -> Floats:
        mean = float(correlation[np.triu_indices(self.visits, 1)].mean())
        share = np.clip((mean - self._lowest) / (1.0 - self._lowest), 0.05, 0.95)
        return np.array([np.log(share / (1.0 - share))])

    def _correlate(self, theta: Floats) -> _Correlations:
        share = 1.0 / (1.0 + np.exp(-theta[0]))
        width = 1.0 - self._lowest
        slope = width * share * (1.0 - share)
        off = 1.0 - np.eye(self.visits)
        return _Correlations(
            np.eye(self.visits) + (self._lowest + width * share) * off,
            slope * off[None],
            slope * (1.0 - 2.0 * share) * off[None, None],
        )


class Autoregressive(_ByCorrelation):
    """First-order autoregression over the places of the visits."""

    def __init__(self, visits: int, *, heterogeneous: bool) -> None:
        """Set up a structure of `visits` visits."""
        super().__init__(visits, heterogeneous=heterogeneous, correlations=1)
        self.name = "ar1h" if heterogeneous else "ar1"
        place = np.arange(visits, dtype=float)
        self._distance = np.abs(place[:, None] - place[None, :])

    def _start_correlations(self, correlation: Floats) -> Floats:
        return _to_theta(np.diag(correlation, 1).mean(keepdims=True))

    def _correlate(self, theta: Floats) -> _Correlations:
        rho, slope, bend = _from_theta(theta)
        return _power(self._distance, rho[0], slope[0], bend[0])


class SpatialExponential(_ByCorrelation):
    """Correlation that falls with the distance of measurements: rho^distance, rho in (0, 1)."""

    def __init__(self, distance: Floats) -> None:
        """Set up a structure for `distance` between visits: V x V, or patterns x V x V."""
        super().__init__(distance.shape[-1], heterogeneous=False, correlations=1)
        self.name = "sp_exp"
        self._distance = distance
        self._times = np.ones_like(self._times)

    def start(self, moments: Floats) -> Floats:
        """Start where measurements at the mean distance correlate by a half."""
        scale = np.log(np.diag(moments).mean(keepdims=True))
        return np.concatenate([scale, self._start_correlations(moments)])

    def _start_correlations(self, correlation: Floats) -> Floats:  # noqa: ARG002 - visits may be many
        rho = 0.5 ** (1.0 / float(self._distance[self._distance > 0].mean()))
        return np.array([np.log(rho) - np.log1p(-rho)])

    def _outer(self, theta: Floats) -> Floats:
        return np.full((self.visits, self.visits), np.exp(theta[0]))

    def _correlate(self, theta: Floats) -> _Correlations:
        rho = 1.0 / (1.0 + np.exp(-theta[0]))
        slope = rho * (1.0 - rho)
        return _power(self._distance, rho, slope, slope * (1.0 - 2.0 * rho))


class Toeplitz(_ByCorrelation):
    """A correlation for each distance in visits."""

    def __init__(self, visits: int, *, heterogeneous: bool) -> None:
        """Set up a structure of `visits` visits."""
        super().__init__(visits, heterogeneous=heterogeneous, correlations=visits - 1)
        self.name = "toeph" if heterogeneous else "toep"
        self._lags = np.array(
            [np.eye(visits, k=lag) + np.eye(visits, k=-lag) for lag in range(1, visits)]
        ).reshape(visits - 1, visits, visits)

    def _start_correlations(self, correlation: Floats) -> Floats:
        return _to_theta(np.array([np.diag(correlation, lag).mean() for lag in range(1, self.visits)]))

    def _correlate(self, theta: Floats) -> _Correlations:
        rho, slope, bend = _from_theta(theta)
        value = np.eye(self.visits) + np.tensordot(rho, self._lags, axes=1)
        first = slope[:, None, None] * self._lags
        second = np.zeros((theta.size, theta.size, self.visits, self.visits))
        at = np.arange(theta.size)
        second[at, at] = bend[:, None, None] * self._lags
        return _Correlations(value, first, second)


class AnteDependence(_ByCorrelation):
    """First-order ante-dependence: a correlation for each pair of neighbours, products of them between others."""

    def __init__(self, visits: int, *, heterogeneous: bool) -> None:
        """Set up a structure of `visits` visits."""
        super().__init__(visits, heterogeneous=heterogeneous, correlations=visits - 1)
        self.name = "adh" if heterogeneous else "ad"
        low = np.minimum.outer(np.arange(visits), np.arange(visits))
        high = np.maximum.outer(np.arange(visits), np.arange(visits))
        step = np.arange(visits - 1)[:, None, None]
        self._within = (low <= step) & (step < high)

    def _start_correlations(self, correlation: Floats) -> Floats:
        return _to_theta(np.diag(correlation, 1).copy())

    def _correlate(self, theta: Floats) -> _Correlations:
        rho, slope, bend = _from_theta(theta)
        factors = np.where(self._within, rho[:, None, None], 1.0)
        value = factors.prod(axis=0)
        steps = theta.size
        first = np.empty((steps, self.visits, self.visits))
        second = np.empty((steps, steps, self.visits, self.visits))
        for one in range(steps):
            others = np.delete(factors, one, axis=0).prod(axis=0) * self._within[one]
            first[one] = slope[one] * others
            second[one, one] = bend[one] * others
            for two in range(one):
                rest = np.delete(factors, [one, two], axis=0).prod(axis=0) * self._within[one] * self._within[two]
                second[one, two] = second[two, one] = slope[one] * slope[two] * rest
        return _Correlations(value, first, second)


def require_structure(name: str) -> StructureName:
    """Find a structure by its name; `DataError` lists those that exist."""
    names: tuple[StructureName, ...] = get_args(StructureName)
    for known in names:
        if name == known:
            return known
    raise DataError(f"a covariance structure must be one of {', '.join(names)}. Got {name}")


def simpler_than(name: StructureName) -> str:
    """Say what to try where structure `name` cannot be estimated."""
    fewer = {"us": "toeph, ar1h or csh", "toeph": "ar1h or csh", "adh": "ar1h or csh", "toep": "ar1 or cs"}
    fewer |= {"ad": "ar1 or cs", "ar1h": "ar1", "csh": "cs"}
    return f"try covariance {fewer[name]}" if name in fewer else "drop a term of the model"


def build_structure(name: StructureName, visits: int, distance: Floats | None = None) -> Structure:
    """Set up the structure `name` of `visits` visits; `sp_exp` needs the `distance` between them."""
    if name == "us" or visits == 1:
        return Unstructured(visits)
    if name == "sp_exp":
        if distance is None:
            raise DataError("covariance sp_exp needs visits that are numbers, such as weeks. Got labels")
        return SpatialExponential(distance)
    heterogeneous = name.endswith("h")
    if name in ("cs", "csh"):
        return CompoundSymmetry(visits, heterogeneous=heterogeneous)
    if name in ("ar1", "ar1h"):
        return Autoregressive(visits, heterogeneous=heterogeneous)
    if name in ("toep", "toeph"):
        return Toeplitz(visits, heterogeneous=heterogeneous)
    return AnteDependence(visits, heterogeneous=heterogeneous)


def _power(distance: Floats, rho: float, slope: float, bend: float) -> _Correlations:
    value = np.power(rho, distance) if rho > 0 else np.sign(rho) ** distance * np.abs(rho) ** distance
    once = _derivative_of_power(distance, rho, 1)
    twice = _derivative_of_power(distance, rho, 2)
    return _Correlations(value, slope * once[None], (slope**2 * twice + bend * once)[None, None])


def _derivative_of_power(distance: Floats, rho: float, order: int) -> Floats:
    """Derive rho^d; rho = 0 leaves only d = order, and a negative rho comes with whole distances only."""
    factor = distance if order == 1 else distance * (distance - 1.0)
    exponent = distance - order
    safe = np.where(factor == 0.0, 0.0, exponent)
    powered = np.sign(rho) ** safe * np.abs(rho) ** safe if rho < 0 else np.power(rho, safe)
    return factor * powered


def _from_theta(theta: Floats) -> tuple[Floats, Floats, Floats]:
    """Correlations of mmrm's parameters, with their first and second derivatives."""
    root = np.sqrt(1.0 + theta**2)
    return theta / root, root**-3, -3.0 * theta * root**-5


def _to_theta(rho: Floats) -> Floats:
    return rho / np.sqrt(1.0 - rho**2)


def _flat(matrices: Floats, leading: int) -> Floats:
    return matrices.reshape(*matrices.shape[:leading], -1)


def _is_definite(matrix: Floats) -> bool:
    return bool(np.linalg.eigvalsh(matrix).min() > 1e-3)


def _symmetric(matrix: Floats) -> Floats:
    return 0.5 * (matrix + matrix.T)

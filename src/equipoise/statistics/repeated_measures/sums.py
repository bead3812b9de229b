"""What the likelihood needs of the data: sums over the participants who were seen at the same visits.

A row of the design is x_it = sum over r of basis_r z_i,k(r) [t = v(r)]: columns z that are constant within a
participant, each at a visit. A covariate that changes with time is such a column for every visit. With the
patterns g of visits seen, the likelihood of any covariance matrix then needs n_g, Z'Z, Z'Y and Y'Y only, whatever
the number of participants. The response enters as its residual from least squares, scaled to a variance of about
1, and the columns of the design are made orthogonal, so that sums keep their digits on any scale of the data.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.linear.least_squares import require_independent_columns

Flags = NDArray[np.bool_]
_ROUNDING = 1e-14  # eigenvalues this small against the largest are rounding: columns that repeat one another
_EXACT_FIT = 1e-12  # residuals this small against the response are rounding


@dataclass(frozen=True, eq=False)
class Participants:
    """The data by participant (N) and visit slot (V): `z` (N x K), `y` (N x V, 0 where not seen), `pattern` (N).

    `rows_z` and `rows_v` (R each) pair a column of z with a visit.
    """

    z: Floats
    y: Floats
    pattern: Codes
    rows_z: Codes
    rows_v: Codes


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums over the participants of each pattern (G): their number, and products of z and y."""

    count: Floats  # G
    zz: Floats  # G x K x K
    zy: Floats  # G x K x V
    yy: Floats  # G x V x V


@dataclass(frozen=True, eq=False)
class PatternSums:
    """The data by pattern (G) of visits seen, group and schedule.

    `observed` (G x V) marks the visits seen, `group` (G) the covariance that holds. `basis` (R x p) turns
    orthogonal coefficients into those of the rows; `root` (p x p, upper triangular) turns coefficients of the
    design into orthogonal ones, on the scale of `y`: beta = offset + scale root^-1 gamma.
    """

    participants: Participants
    observed: Flags
    group: Codes
    schedule: Codes
    groups: int
    basis: Floats
    root: Floats
    offset: Floats
    scale: float
    log_weights: float
    totals: Totals

    @property
    def observations(self) -> float:
        """Number of values used."""
        return float(self.totals.count @ self.observed.sum(axis=1))

    @cached_property
    def blocks(self) -> list[tuple[int, int, Codes, Codes, Floats]]:
        """For each pair of visits v <= w: v, w, the rows at v, those at w, and their Z'Z as (G x rows x rows)."""
        at = self.participants
        rows = [np.flatnonzero(at.rows_v == visit) for visit in range(self.observed.shape[1])]
        return [
            (v, w, rows[v], rows[w], self.totals.zz[:, at.rows_z[rows[v]]][:, :, at.rows_z[rows[w]]])
            for v in range(len(rows))
            for w in range(v, len(rows))
        ]

    def reweighted(self, counts: Floats) -> "PatternSums":
        """Take participants (N) so many times: 0 leaves one out, a bootstrap sample counts each draw."""
        return replace(self, totals=_sum_by_pattern(self.participants, len(self.observed), counts))


@dataclass(frozen=True, eq=False)
class Layout:
    """A design of named `columns` (p) as products: see the module. `basis` (R x p) is for its own coefficients."""

    columns: tuple[str, ...]
    z: Floats
    rows_z: Codes
    rows_v: Codes
    basis: Floats


@dataclass(frozen=True, eq=False)
class Response:
    """The response in its place: `y` (N x V, 0 where not seen), `seen` (N x V).

    Participants of another `group` (N) have another covariance, those of another `schedule` (N) other distances
    between visits.
    """

    y: Floats
    seen: Flags
    group: Codes
    schedule: Codes
    log_weights: float = 0.0


def sum_by_pattern(layout: Layout, response: Response) -> PatternSums:
    """Sum a design and its response over participants with the same visits seen, schedule and group.

    Raises `EstimationFailed` where columns of the design depend on each other, naming them, and where they fit
    the response exactly.
    """
    first_of, pattern = _patterns(response)
    observed, group = response.seen[first_of], response.group[first_of]
    everyone = Participants(layout.z, response.y, pattern, layout.rows_z, layout.rows_v)
    first = PatternSums(
        participants=everyone,
        observed=observed,
        group=group,
        schedule=response.schedule[first_of],
        groups=int(group.max()) + 1,
        basis=layout.basis,
        root=np.eye(layout.basis.shape[1]),
        offset=np.zeros(layout.basis.shape[1]),
        scale=1.0,
        log_weights=response.log_weights,
        totals=_sum_by_pattern(everyone, len(observed)),
    )
    root, offset = _least_squares(first, layout.columns)
    fitted = everyone.z @ by_covariate(first, layout.basis @ offset)
    residual = np.where(response.seen, response.y - fitted, 0.0)
    rss = float((residual**2).sum())
    if rss <= _EXACT_FIT**2 * float((response.y**2).sum()):
        raise EstimationFailed(
            "a model needs a response that varies about its fit; its standard errors would be rounding. "
            f"Got a residual sum of squares of {rss:.3g} in {int(response.seen.sum())} measurements"
        )
    scale = float(np.sqrt(rss / response.seen.sum()))
    centred = replace(everyone, y=residual / scale)
    return replace(
        first,
        participants=centred,
        basis=solve_triangular(root, layout.basis.T, trans="T").T,
        root=root,
        offset=offset,
        scale=scale,
        totals=_sum_by_pattern(centred, len(observed)),
    )


def _least_squares(sums: PatternSums, columns: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Find the triangular root of X'X (p x p) and the coefficients of least squares (p).

    By QR of (Z'Z)^(1/2) basis: X'X would square the condition of columns that lie far from 0, such as years.
    """
    seen = sums.observed.astype(float)
    weights = (seen[:, :, None] * np.eye(seen.shape[1]))[:, :, None, :]
    values, vectors = np.linalg.eigh(cross_products(sums, weights)[0])
    lengths = np.sqrt(np.where(values > _ROUNDING * values.max(), values, 0.0))
    spread = vectors.T @ response_products(sums, weights)[0]
    target = np.divide(spread, lengths, out=np.zeros_like(spread), where=lengths > 0.0)
    factor = lengths[:, None] * (vectors.T @ sums.basis)
    missing = max(0, factor.shape[1] - factor.shape[0])
    factor, target = np.pad(factor, ((0, missing), (0, 0))), np.pad(target, (0, missing))
    size = np.sqrt((factor**2).sum(axis=0))
    require_independent_columns(factor, size, columns)
    orthogonal, upper = qr(factor / size, mode="economic")
    sign = np.where(np.diag(upper) < 0.0, -1.0, 1.0)
    root = sign[:, None] * upper * size
    offset: Floats = solve_triangular(root, sign * (orthogonal.T @ target))
    return root, offset


def cross_products(sums: PatternSums, middle: Floats) -> Floats:
    """Sum Z'Z x `middle` over patterns for each of k symmetric matrices (G x V x k x V): k x R x R."""
    size = sums.basis.shape[0]
    total = np.empty((middle.shape[2], size, size))
    for v, w, first, second, block in sums.blocks:
        found = middle[:, v, :, w].T @ block.reshape(len(block), -1)
        shaped = found.reshape(-1, first.size, second.size)
        total[:, first[:, None], second[None, :]] = shaped
        if v != w:
            total[:, second[:, None], first[None, :]] = shaped.transpose(0, 2, 1)
    return total


def response_products(sums: PatternSums, middle: Floats, zy: Floats | None = None) -> Floats:
    """Sum Z'Y x `middle` (G x V x k x V) over patterns, or another `zy` (G x K x V) than the response's: k x R."""
    at = sums.participants
    values = sums.totals.zy if zy is None else zy
    total = np.empty((middle.shape[2], sums.basis.shape[0]))
    for visit in range(sums.observed.shape[1]):
        rows = np.flatnonzero(at.rows_v == visit)
        total[:, rows] = np.einsum("gks,grs->kr", middle[:, visit], values[:, at.rows_z[rows]], optimize=True)
    return total


def by_covariate(sums: PatternSums, rows: Floats) -> Floats:
    """Turn coefficients of rows (R) into coefficients of z by visit (K x V)."""
    at = sums.participants
    table = np.zeros((at.z.shape[1], at.y.shape[1]))
    table[at.rows_z, at.rows_v] = rows
    return table


def _patterns(response: Response) -> tuple[Codes, Codes]:
    """Find the patterns: the first participant of each, and the pattern of each participant."""
    flags = np.packbits(response.seen, axis=1)
    labels = np.column_stack([response.group, response.schedule]).astype(">i4").view("u1")
    packed = np.ascontiguousarray(np.hstack([flags, labels]))
    keys = packed.view(f"V{packed.shape[1]}").ravel()
    _, first, pattern = np.unique(keys, return_index=True, return_inverse=True)
    return first, pattern.ravel()


def _sum_by_pattern(at: Participants, patterns: int, counts: Floats | None = None) -> Totals:
    order = np.argsort(at.pattern, kind="stable")
    ends = np.searchsorted(at.pattern[order], np.arange(patterns + 1))
    joined = np.hstack([at.z, at.y])[order]
    weighted = joined if counts is None else joined * counts[order, None]
    size, covariates = joined.shape[1], at.z.shape[1]
    products = np.zeros((patterns, size, size))
    for pattern in range(patterns):
        rows = slice(ends[pattern], ends[pattern + 1])
        products[pattern] = weighted[rows].T @ joined[rows]
    number = np.bincount(at.pattern, counts, patterns).astype(float)
    return Totals(
        number,
        products[:, :covariates, :covariates],
        products[:, :covariates, covariates:],
        products[:, covariates:, covariates:],
    )

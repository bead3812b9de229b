"""Normal probability of a polytope, exactly, by the derivative of its content as it is scaled.

Let G(t) = P(a_j'Z <= t u_j for all j), Z standard normal in r dimensions, |a_j| = 1. Moving facet j outwards adds

    dG/dt = sum_j u_j phi(t u_j) G_j(t),

where G_j is the content of facet j: a polytope of r - 1 dimensions whose limits are again t times constants. So
every face F, the flat on which a set of constraints holds with equality, has one function G_F(t), an integral of
those one dimension lower, and on a line it is a difference of two normal probabilities. All are found on one grid
of t from the highest to the lowest co-dimension: the work grows with the number of faces, not with a power of
the number of nodes, and nothing asks for an invertible correlation matrix. As t grows G becomes 1 or 0, so that
1 - G comes out as a sum of what lies outside, with its relative accuracy.

Derivative of a normal probability: Plackett, Biometrika 1954;41:351-60. Recursion over faces: Koyama and Takemura,
Computational Statistics 2015;30:521-46 (their holonomic system, here integrated in t only). Checked against
mvtnorm, one-factor integrals and closed forms.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import comb
from typing import cast

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy import special

from equipoise.statistics.distributions import Floats
from equipoise.statistics.multivariate.curve import (
    FAR,
    GAUSS,
    NODES,
    PANEL,
    WEIGHTS,
    Curve,
    curve_nodes,
    fit_curve,
)

PARALLEL = 1e-6
NEAREST = 1e-14
TIE = 1e-10
AT_ONCE = 2_000_000
MOST_NUMBERS = 4e6

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Level:
    """The faces of one co-dimension: which edges lead to the next, and the distances of the facets there.

    `distance` (batch x faces x constraints) is that of each constraint from the middle of the face, `free` says
    which constraints cut it, `alive` (batch x faces) whether the face meets the polytope, `parent`, `constraint`,
    `child` (one of each an edge) lead to the faces one dimension lower.
    """

    distance: Floats
    free: NDArray[np.bool_]
    alive: NDArray[np.bool_]
    direction: Floats
    parent: Places
    constraint: Places
    child: Places


def few_faces(constraints: int, pairs: int, dimensions: int) -> bool:
    """Tell whether the faces can be listed; `pairs` of the `constraints` are the two sides of one variable."""
    single = constraints - 2 * pairs
    most = max(
        sum(2.0**two * comb(pairs, two) * comb(single, depth - two) for two in range(depth + 1))
        for depth in range(dimensions)
    )
    return constraints <= 62 and most * constraints * dimensions <= MOST_NUMBERS


def polytope_outside(directions: Floats, offsets: Floats) -> Floats:
    """Probability that a standard normal vector leaves {z: directions z <= offsets}.

    `directions` (constraints x dimensions) has rows of length 1; `offsets` is batch x constraints. One probability
    for each row of the batch.
    """
    levels = _faces(directions, _apart(offsets))
    edges = sum(level.parent.size + level.alive.shape[1] for level in levels)
    most = max(1, AT_ONCE // (edges * 12 * NODES))
    found = [_integrate(levels, slice(start, start + most), 1.0)[0] for start in range(0, offsets.shape[0], most)]
    return np.concatenate(found)


def scaled_outside(directions: Floats, offsets: Floats, lowest: float) -> Curve:
    """Find the probability outside {z: directions z <= t offsets} (one offset a constraint), t from `lowest`."""
    levels = _faces(directions, _apart(offsets[None]))
    return fit_curve(lowest, _integrate(levels, slice(0, 1), lowest)[1][0])


def _apart(offsets: Floats) -> Floats:
    """Part limits that would meet in one point by less than what counts, so that no tie is left to rounding."""
    place = np.arange(offsets.shape[1])
    apart: Floats = TIE * (-1.0) ** place * (1.0 + 0.5 * np.sin(1.0 + place))
    return np.clip(offsets, -1e3, 1e3) + apart


def _faces(directions: Floats, offsets: Floats) -> list[Level]:
    """List the faces, from the polytope itself (one face) to the lines."""
    constraints, dimensions = directions.shape
    place = np.arange(constraints)
    residual, limit = directions[None], offsets[:, None, :]
    masks, last = np.zeros(1, dtype=np.int64), np.full(1, -1)
    found: list[Level] = []
    for depth in range(dimensions):
        length = np.sqrt((residual * residual).sum(axis=-1))
        free = length > PARALLEL
        distance = limit / np.where(free, length, 1.0)
        alive = ~np.any(~free & (limit < 0.0), axis=-1)
        if depth == dimensions - 1:
            longest = np.take_along_axis(residual, length.argmax(axis=1)[:, None, None], axis=1)
            direction = (residual * longest).sum(axis=-1)
            none = np.zeros(0, dtype=np.int64)
            found.append(Level(distance, free, alive, direction, none, none, none))
            break
        grow = free & (place > last[:, None]) & alive.any(axis=0)[:, None]
        face, added = np.nonzero(grow)
        below = masks[face] | (np.int64(1) << added)
        order = np.argsort(below)
        parent, constraint = np.nonzero(free & alive.any(axis=0)[:, None])
        wanted = masks[parent] | (np.int64(1) << constraint)
        child = np.minimum(np.searchsorted(below, wanted, sorter=order), below.size - 1)
        child = order[child]
        known = below[child] == wanted
        found.append(
            Level(distance, free, alive, length, parent[known], constraint[known], child[known].astype(np.int64))
        )
        axis = residual[face, added] / length[face, added][:, None]
        along = np.einsum("fjr,fr->fj", residual[face], axis)
        residual = residual[face] - along[:, :, None] * axis[:, None, :]
        limit = limit[:, face] - along * distance[:, face, added][:, :, None]
        held = np.arange(face.size), added
        residual[held] = 0.0
        limit[:, held[0], held[1]] = 0.0
        inside = (below[:, None] >> place) & 1 == 1
        residual[inside] = 0.0
        limit[:, inside] = 0.0
        masks, last = below, added
    return _only_met(found)


def _only_met(levels: list[Level]) -> list[Level]:
    """Leave out the faces that miss the polytope: their middle is outside and no face of theirs meets it."""
    last = levels[-1]
    lower, upper = _ends(last, slice(None))
    met: NDArray[np.bool_] = np.asarray((last.alive & (lower < upper)).any(axis=0))
    met[0] |= len(levels) == 1
    kept = [_select(last, met, np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64))]
    for level in reversed(levels[:-1]):
        leads = met[level.child]
        renumbered = np.cumsum(met) - 1
        inside = level.alive & np.all((level.distance > 0.0) | ~level.free, axis=-1)
        met = np.asarray(inside.any(axis=0))
        met[level.parent[leads]] = True
        met[0] |= len(kept) == len(levels) - 1
        kept.append(_select(level, met, leads & met[level.parent], renumbered))
    return kept[::-1]


def _select(level: Level, met: NDArray[np.bool_], leads: NDArray[np.bool_], renumbered: Places) -> Level:
    place = np.cumsum(met) - 1
    return Level(
        level.distance[:, met],
        level.free[met],
        level.alive[:, met],
        level.direction[met],
        place[level.parent[leads]],
        level.constraint[leads],
        renumbered[level.child[leads]],
    )


def _integrate(levels: list[Level], batch: slice, lowest: float) -> tuple[Floats, Floats]:
    """Find 1 - G at `lowest` and at the nodes of each panel of log t, for the rows `batch`."""
    nearest = min(float(np.abs(level.distance[batch][:, level.free]).min(initial=FAR)) for level in levels)
    scale = curve_nodes(lowest, FAR / max(nearest, NEAREST))
    panels = scale.size // NODES
    content = _line(levels[-1], batch, scale)
    value = 1.0 - content
    for level in reversed(levels[:-1]):
        distance = _not_nought(level.distance[batch])
        flow = np.zeros((*distance.shape[:2], scale.size))
        for edges in _blocks(level.parent, AT_ONCE // (distance.shape[0] * scale.size)):
            parent = level.parent[edges]
            gain = _gain(distance[:, parent, level.constraint[edges]], scale) * content[:, level.child[edges]]
            starts = np.flatnonzero(np.diff(parent, prepend=-1))
            flow[:, parent[starts]] = np.add.reduceat(gain, starts, axis=1)
        inside = level.alive[batch] & np.all((distance > 0.0) | ~level.free, axis=-1)
        pieces = flow.reshape(*flow.shape[:2], panels, NODES)
        whole = pieces @ (0.5 * PANEL * WEIGHTS)
        later = np.cumsum(whole[..., ::-1], axis=-1)[..., ::-1]
        tail = pieces @ _UPWARDS.T
        tail[..., :-1, :] += later[..., 1:, None]
        tail = tail.reshape(flow.shape)
        content = inside[..., None] - tail
        value = (1.0 - inside)[..., None] + tail
        start = (1.0 - inside) + later[..., 0]
    if len(levels) == 1:
        start = 1.0 - _line(levels[0], batch, np.array([lowest]))[..., 0]
    return start[:, 0], value[:, 0]


def _blocks(parent: Places, most: int) -> list[slice]:
    """Cut the edges into slices of about `most`, never between two of one face."""
    if not parent.size:
        return []
    starts = np.flatnonzero(np.diff(parent, prepend=-1))
    first = starts[
        np.unique(
            np.searchsorted(starts, np.arange(0, parent.size, max(most, 1)), side="left"),
        )
    ]
    return [slice(*ends) for ends in pairwise([*first.tolist(), parent.size])]


def _line(level: Level, batch: slice, scale: Floats) -> Floats:
    """Content of the faces that are lines."""
    lower, upper = _ends(level, batch)
    met = level.alive[batch] & (lower < upper)
    content = special.ndtr(np.where(met, upper, 0.0)[..., None] * scale)
    content -= special.ndtr(np.where(met, lower, 0.0)[..., None] * scale)
    return cast("Floats", content)


def _ends(level: Level, batch: slice) -> tuple[Floats, Floats]:
    distance = level.distance[batch]
    upper = np.where(level.free & (level.direction > 0), distance, np.inf).min(axis=-1)
    lower = np.where(level.free & (level.direction < 0), -distance, -np.inf).max(axis=-1)
    return lower, upper


def _gain(distance: Floats, scale: Floats) -> Floats:
    """Find w t phi(w t), the derivative of a normal probability in log t."""
    at = distance[..., None] * scale
    return cast("Floats", at * np.exp(-0.5 * at * at) * (1.0 / np.sqrt(2.0 * np.pi)))


def _not_nought(distance: Floats) -> Floats:
    return cast("Floats", np.where(np.abs(distance) < NEAREST, np.copysign(NEAREST, distance), distance))


def _upwards() -> Floats:
    """Weights (node x node) of the integral from each node to the upper end of its panel."""
    degree = np.arange(NODES)
    # coefficients of the interpolating Legendre series, then their integrals from x to 1
    series = (2 * degree + 1)[:, None] / 2.0 * legendre.legvander(GAUSS, NODES - 1).T * WEIGHTS
    primitive = legendre.legint(np.eye(NODES))
    integrals = legendre.legval(np.ones(1), primitive) - legendre.legval(GAUSS, primitive)
    return 0.5 * PANEL * integrals.T @ series


_UPWARDS = _upwards()

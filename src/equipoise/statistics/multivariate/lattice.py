"""Normal rectangles of many variables by a fixed lattice, where the faces would be too many.

Genz's transformation (Journal of Computational and Graphical Statistics 1992;1:141-9) turns the probability into a
mean over the unit cube: each variable in turn is drawn between its limits given those before, those with the
smallest expected share first. The cube is sampled at the Richtmyer lattice of square roots of primes, folded
(baker's transformation). The same points every time; error up to 1e-4 (against one-factor integrals).
"""

from typing import cast

import numpy as np
from scipy import special

from equipoise.statistics.distributions import Floats

POINTS = 2**15
SINGULAR = 1e-9


def lattice_outside(directions: Floats, lower: Floats, upper: Floats) -> Floats:
    """Probability that X = directions Z leaves `lower` to `upper` (batch x variables), one for each row."""
    points = _points(directions.shape[1])
    return np.array([_outside(directions, low, high, points) for low, high in zip(lower, upper, strict=True)])


def _outside(directions: Floats, lower: Floats, upper: Floats, points: Floats) -> float:
    root, order = _ordered_root(directions, lower, upper)
    drawn = np.zeros((root.shape[1], points.shape[1]))
    share, rank = np.ones(points.shape[1]), 0
    for row, variable in enumerate(order):
        pivot = root[row, rank] if rank < root.shape[1] else 0.0
        centre = root[row, :rank] @ drawn[:rank]
        if pivot <= SINGULAR:
            share = share * ((lower[variable] <= centre) & (centre <= upper[variable]))
            continue
        low = special.ndtr((lower[variable] - centre) / pivot)
        width = np.maximum(special.ndtr((upper[variable] - centre) / pivot) - low, 0.0)
        share = share * width
        drawn[rank] = special.ndtri(np.clip(low + points[rank] * width, 1e-300, 1.0 - 1e-16))
        rank += 1
    return 1.0 - float(share.mean())


def _ordered_root(directions: Floats, lower: Floats, upper: Floats) -> tuple[Floats, list[int]]:
    """Find a lower trapezoidal root of the correlations and the order of variables that belongs to its rows.

    A variable that those before determine stands as soon as it is determined: its pivot is 0.
    """
    left, rest = list(range(directions.shape[0])), directions.copy()
    order: list[int] = []
    axes: list[Floats] = []
    while left:
        length = np.sqrt((rest[left] ** 2).sum(axis=1))
        if length.min() <= SINGULAR:
            order.append(left.pop(int(length.argmin())))
            continue
        share = special.ndtr(upper[left] / length) - special.ndtr(lower[left] / length)
        chosen = left.pop(int(share.argmin()))
        axis = rest[chosen] / np.sqrt(rest[chosen] @ rest[chosen])
        rest = rest - np.outer(rest @ axis, axis)
        order.append(chosen)
        axes.append(axis)
    return directions[order] @ np.array(axes).T, order


def _points(dimensions: int) -> Floats:
    primes = [n for n in range(2, 40 + 12 * dimensions) if all(n % d for d in range(2, int(n**0.5) + 1))]
    step = np.sqrt(np.array(primes[:dimensions], dtype=float))
    lattice = np.outer(step, np.arange(1, POINTS + 1)) % 1.0
    return cast("Floats", np.abs(2.0 * lattice - 1.0))

"""Graphs of hypotheses: weights, transitions, and what is left when hypotheses are rejected.

Each hypothesis i holds the share w_i of alpha; when it is rejected it passes the share g_ij of that on to j:

    w_l += w_j g_jl,   g_lk = (g_lk + g_lj g_jk) / (1 - g_lj g_jl)  (0 where that is 0/0)

Bretz, Maurer, Brannath and Posch, Stat Med 2009;28:586-604, algorithm 1. Checked against graphicalMCP.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.multiplicity.closure import Places, join_names, list_intersections

ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class MultiplicityGraph:
    """Hypotheses with their initial `weights` (shares of alpha) and `transitions` (row: from, column: to)."""

    hypotheses: tuple[str, ...]
    weights: Floats
    transitions: Floats

    def without(self, rejected: Iterable[str]) -> "MultiplicityGraph":
        """Give the graph after those hypotheses are rejected; their order does not matter.

        The rejected ones stay in it with weight and transitions 0. `DataError` for an unknown name.
        """
        weights, transitions = self.weights, self.transitions
        for name in rejected:
            weights, transitions = pass_on(weights, transitions, self.place(name))
        return MultiplicityGraph(self.hypotheses, weights, transitions)

    def place(self, name: str) -> int:
        """Find the place of a hypothesis, from 0; `DataError` for an unknown name."""
        if name not in self.hypotheses:
            raise DataError(
                f"the graph has no hypothesis of that name; they are {', '.join(self.hypotheses)}. Got {name}"
            )
        return self.hypotheses.index(name)

    def closure_weights(self) -> pl.DataFrame:
        """Tabulate the weights of all intersections: intersection, and a column a hypothesis (null outside it)."""
        weights = intersection_weights(self)
        columns: dict[str, list[float | None]] = {
            name: [float(share[place]) if place in held else None for held, share in weights.items()]
            for place, name in enumerate(self.hypotheses)
        }
        names = [join_names(self.hypotheses[place] for place in held) for held in weights]
        return pl.DataFrame({"intersection": names, **columns})


def multiplicity_graph(
    weights: Mapping[str, float] | Sequence[float],
    transitions: Mapping[str, Mapping[str, float]] | ArrayLike,
    hypotheses: Sequence[str] | None = None,
) -> MultiplicityGraph:
    """Make a graph of 1 or more hypotheses.

    `weights`: shares of alpha, by name or in order, summing to 1 or less. `transitions`: shares passed on, as
    `{"H1": {"H2": 1.0}}` or a square matrix (row: from), each row summing to 1 or less. `hypotheses`: their names,
    by default those of `weights`, or H1, H2, ... A weak last resort, the epsilon of the papers, is a small
    transition such as 1e-6. `DataError` where it is no such graph.
    """
    given = list(weights.values()) if isinstance(weights, Mapping) else list(weights)
    names = list(weights) if isinstance(weights, Mapping) else [f"H{place + 1}" for place in range(len(given))]
    if hypotheses is not None:
        if isinstance(weights, Mapping):
            raise DataError(f"name the hypotheses once, in the weights or apart. Got {list(hypotheses)}")
        names = list(hypotheses)
    if not given or len(names) != len(given) or len(set(names)) != len(names):
        raise DataError(f"each weight needs one name of its own. Got {len(given)} weights for {names}")
    share = read_floats(given, "weights")
    _require_shares(share, "the weights")
    if isinstance(transitions, Mapping):
        matrix = np.zeros((len(names), len(names)))
        for start, ends in transitions.items():
            if not isinstance(ends, Mapping):
                raise DataError(f"transitions read like {{'H1': {{'H2': 1.0}}}}. Got {ends} from {start}")
            for end, value in ends.items():
                for name in (start, end):
                    if name not in names:
                        raise DataError(
                            f"a transition leads between two hypotheses of {', '.join(names)}. Got {name}"
                        )
                matrix[names.index(start), names.index(end)] = read_floats(value, "a transition")
    else:
        matrix = read_floats(transitions, "transitions")
    if matrix.shape != (len(names), len(names)):
        raise DataError(f"the transitions must be a matrix of {len(names)} x {len(names)}. Got {matrix.shape}")
    if np.diag(matrix).any():
        itself = names[int(np.flatnonzero(np.diag(matrix))[0])]
        raise DataError(f"a hypothesis passes nothing to itself; set the diagonal to 0. Got {itself} to itself")
    for name, row in zip(names, matrix, strict=True):
        _require_shares(row, f"the transitions from {name}")
    return MultiplicityGraph(tuple(names), share, matrix)


def holm_graph(hypotheses: Sequence[str]) -> MultiplicityGraph:
    """Make the graph of Holm's procedure: equal weights, each passing equal shares to all others."""
    count = len(hypotheses)
    apart = (1.0 - np.eye(count)) / max(count - 1, 1)
    return multiplicity_graph([1.0 / max(count, 1)] * count, apart, hypotheses)


def fixed_sequence_graph(hypotheses: Sequence[str]) -> MultiplicityGraph:
    """Make the graph of the fixed sequence: all of alpha to the first, each passing all to the next."""
    count = len(hypotheses)
    return multiplicity_graph([1.0, *[0.0] * (count - 1)], np.eye(count, k=1), hypotheses)


def fallback_graph(hypotheses: Sequence[str], weights: Sequence[float]) -> MultiplicityGraph:
    """Make the graph of the fallback procedure (Wiens 2003): `weights`, each passing all to the next."""
    return multiplicity_graph(weights, np.eye(len(hypotheses), k=1), hypotheses)


def pass_on(weights: Floats, transitions: Floats, rejected: int) -> tuple[Floats, Floats]:
    """Give weights and transitions after the hypothesis at place `rejected` has passed on its share."""
    into, out = transitions[:, rejected], transitions[rejected]
    kept = 1.0 - into * transitions[rejected]
    reached = transitions + np.outer(into, out)
    with np.errstate(invalid="ignore", divide="ignore"):
        updated = np.where(kept[:, None] > ROUNDING, reached / kept[:, None], 0.0)
    np.fill_diagonal(updated, 0.0)
    updated[rejected] = updated[:, rejected] = 0.0
    shared = weights + weights[rejected] * out
    shared[rejected] = 0.0
    return shared, updated


def intersection_weights(graph: MultiplicityGraph) -> dict[Places, Floats]:
    """Find the weights of every intersection, the largest first: by the places in it, with 0 outside it."""
    sets = list_intersections(len(graph.hypotheses))
    graphs = {sets[0]: (graph.weights, graph.transitions)}
    for held in sets[1:]:
        # any way down gives the same weights: here from the set that also holds the first place that is missing
        missing = next(place for place in sets[0] if place not in held)
        graphs[held] = pass_on(*graphs[tuple(sorted((*held, missing)))], missing)
    return {held: graphs[held][0] for held in sets}


def _require_shares(values: Floats, what: str) -> None:
    if not np.all((values >= 0.0) & (values <= 1.0 + ROUNDING)) or values.sum() > 1.0 + ROUNDING:
        raise DataError(f"{what} must lie between 0 and 1 and sum to 1 or less. Got {values.tolist()}")

"""Fisher's exact test of an r x c table: the probability of all tables no more probable than the one seen.

The network algorithm of Mehta and Patel (JASA 1983;78:427-34): columns are filled one after another; what is left
of the row totals, in any order, is a node, for the rest of the table depends on nothing else. Each node knows the
most and the least probable completion, found exactly by recursion over the network, and the sum of all of them.
A partial table is counted with all its completions, or dropped, as soon as these bounds decide; partial tables
of one probability at one node go on as one. Checked against R's `fisher.test` and full enumeration.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes

MOST_EDGES = 20_000_000
CHUNK = 2_000_000
# R's rule for tables as probable as the one seen, on the log scale
TOLERANCE = float(np.log1p(1e-7))
# partial tables whose log probabilities differ by less are one
SAME = 1e-10


@dataclass(frozen=True, eq=False)
class _Stage:
    """The ways to fill one column: `start` of each node's edges, each edge's log weight and node it leads to."""

    start: Codes
    weight: Floats
    child: Codes


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Log weights of completions of each node: the largest, the smallest, the sum."""

    largest: Floats
    smallest: Floats
    total: Floats


def exact_p(counts: Floats) -> float:
    """Find Fisher's p of a table of whole numbers (r x c, no margin of 0).

    Raises `EstimationFailed` where the table is too large for exact work.
    """
    table = counts if counts.shape[0] <= counts.shape[1] else counts.T
    table = table[:, np.argsort(table.sum(axis=0), kind="stable")].astype(np.int64)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    stages, nodes = _build(rows, columns)
    bounds = _bound(stages, nodes, columns)
    limit = -float(special.gammaln(table + 1.0).sum()) + TOLERANCE
    scale = float(
        special.gammaln(rows + 1.0).sum()
        + special.gammaln(columns + 1.0).sum()
        - special.gammaln(rows.sum() + 1.0)
    )
    node, path, copies = np.zeros(1, dtype=np.intp), np.zeros(1), np.ones(1)
    p = 0.0
    for stage, bound in zip(stages[:-1], bounds[1:], strict=False):
        parts = []
        for chunk in _chunks(stage.start[node + 1] - stage.start[node]):
            edge, source = _edges(stage, node[chunk])
            child, length = stage.child[edge], path[chunk][source] + stage.weight[edge]
            many = copies[chunk][source]
            all_in = length + bound.largest[child] <= limit
            p += float(many[all_in] @ np.exp(length[all_in] + bound.total[child[all_in]] + scale))
            undecided = ~all_in & (length + bound.smallest[child] <= limit)
            parts.append(_merge(child[undecided], length[undecided], many[undecided]))
        node, path, copies = _merge(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        if node.size == 0:
            return min(p, 1.0)
    return min(p + _finish(stages[-1], bounds[-1], node, limit - path, copies * np.exp(path + scale)), 1.0)


def _finish(stage: _Stage, end: _Bounds, node: Codes, limit: Floats, factor: Floats) -> float:
    """Fill the last two columns: for each partial table the sum of completions of log weight up to its limit."""
    completion = stage.weight + end.total[stage.child]
    # one sorted list for all nodes: a node's completions lie in an interval of their own
    width = float(completion.max() - completion.min()) + 1.0
    owner = np.repeat(np.arange(stage.start.size - 1), np.diff(stage.start))
    place = owner * width + (completion - completion.min())
    order = np.argsort(place)
    up_to = np.exp(completion[order])
    for start, stop in pairwise(stage.start):
        # each node from 0: a small sum must not drown in that of the nodes before
        up_to[start:stop] = np.cumsum(up_to[start:stop])
    reach = node * width + np.clip(limit - completion.min(), -0.5, width - 0.5)
    found = np.searchsorted(place[order], reach, side="right")
    return float(factor @ np.where(found > stage.start[node], up_to[found - 1], 0.0))


def _build(rows: Codes, columns: Codes) -> tuple[list[_Stage], list[Codes]]:
    """Fill the columns but the last in all ways: the stages, and the nodes (nodes x rows) between them."""
    nodes = [np.sort(rows)[None, :]]
    stages = []
    edges = 0
    for total in columns[:-1]:
        source, cells = _fill(nodes[-1], int(total))
        edges += source.size
        if edges > MOST_EDGES:
            raise EstimationFailed(
                "a table of this size has no exact test in reasonable time; use chi_square. "
                f"Got {int(rows.sum())} participants in {rows.size} x {columns.size} cells"
            )
        left = np.sort(nodes[-1][source] - cells, axis=1)
        key = left @ ((int(rows.max()) + 1) ** np.arange(rows.size - 1, -1, -1, dtype=np.int64))
        _, example, child = np.unique(key, return_index=True, return_inverse=True)
        after = left[example]
        start = np.append(0, np.cumsum(np.bincount(source, minlength=nodes[-1].shape[0])))
        stages.append(_Stage(start, -special.gammaln(cells + 1.0).sum(axis=1), child.reshape(-1)))
        nodes.append(after)
    return stages, nodes


def _fill(nodes: Codes, total: int) -> tuple[Codes, Codes]:
    """Share `total` among the rows of each node in all ways: the node of each way, and its cells."""
    source = np.arange(nodes.shape[0])
    left = np.full(source.size, total)
    cells = np.empty((source.size, 0), dtype=np.int64)
    room_after = np.cumsum(nodes[:, ::-1], axis=1)[:, ::-1]
    for row in range(nodes.shape[1] - 1):
        low = np.maximum(0, left - room_after[source, row + 1])
        ways = np.minimum(nodes[source, row], left) - low + 1
        place = np.repeat(np.arange(source.size), ways)
        cell = np.arange(place.size) - np.repeat(np.cumsum(ways) - ways, ways) + low[place]
        source, left, cells = source[place], left[place] - cell, np.column_stack([cells[place], cell])
        if source.size > MOST_EDGES:
            break
    return source, np.column_stack([cells, left])


def _bound(stages: list[_Stage], nodes: list[Codes], columns: Codes) -> list[_Bounds]:
    end = -special.gammaln(nodes[-1] + 1.0).sum(axis=1)
    bounds = [_Bounds(end, end, end)]
    for place in range(len(stages) - 1, -1, -1):
        stage, after = stages[place], bounds[0]
        left = nodes[place]
        total = (
            special.gammaln(left.sum(axis=1) + 1.0)
            - special.gammaln(left + 1.0).sum(axis=1)
            - special.gammaln(columns[place:] + 1.0).sum()
        )
        largest = np.maximum.reduceat(stage.weight + after.largest[stage.child], stage.start[:-1])
        smallest = np.minimum.reduceat(stage.weight + after.smallest[stage.child], stage.start[:-1])
        bounds.insert(0, _Bounds(largest, smallest, total))
    return bounds


def _edges(stage: _Stage, node: Codes) -> tuple[Codes, Codes]:
    """List the edges that leave each of `node`, and the place in `node` that each belongs to."""
    ways = stage.start[node + 1] - stage.start[node]
    source = np.repeat(np.arange(node.size), ways)
    within = np.arange(source.size) - np.repeat(np.cumsum(ways) - ways, ways)
    return stage.start[node][source] + within, source


def _chunks(ways: Codes) -> list[slice]:
    """Cut the partial tables so that no chunk has many more than `CHUNK` ways on."""
    group = np.cumsum(ways) // CHUNK
    edges = np.append(np.flatnonzero(np.append(True, np.diff(group) != 0)), ways.size)
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]


def _merge(node: Codes, path: Floats, copies: Floats) -> tuple[Codes, Floats, Floats]:
    """Join partial tables of one node and one probability."""
    if node.size == 0:
        return node, path, copies
    # one whole number for node and probability sorts faster than two keys
    steps = np.rint((path - path.min()) / SAME).astype(np.int64)
    key = node * (steps.max() + 1) + steps
    order = np.argsort(key)
    lead = np.flatnonzero(np.append(True, np.diff(key[order]) != 0))
    first = order[lead]
    return node[first], path[first], np.add.reduceat(copies[order], lead)

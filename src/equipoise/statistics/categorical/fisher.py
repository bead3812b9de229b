"""Fisher's exact test: of independence in an r x c table, and of an odds ratio of 1 in a 2 x 2 table.

p sums the probabilities, given the margins, of all tables no more probable than the one seen, up to the factor
1 + 1e-7 (Freeman and Halton 1951). A 2 x 2 table also has its conditional odds ratio with exact limits, as in R's
`fisher.test`; SAS FREQ prints the same p and, by EXACT OR, the same limits.

Larger tables go through the network algorithm of Mehta and Patel (JASA 1983;78:427-34): columns are filled one
after another; what is left of the row totals, in any order, is a node, for the rest of the table depends on
nothing else. Each node knows the most and the least probable completion, found exactly by recursion over the
network, and the sum of all of them. A partial table is counted with all its completions, or dropped, as soon as
these bounds decide; partial tables of one probability at one node go on as one.
Checked against R, scipy and full enumeration.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical.odds_ratio import condition_on_margins
from equipoise.statistics.categorical.tables import Counts, one_stratum, pair_arms, read_table
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes


@dataclass(frozen=True)
class FisherExact:
    """`p`, two-sided; for a 2 x 2 table the conditional `odds_ratio` with exact `lower`, `upper` (else none)."""

    p: float
    odds_ratio: float | None
    lower: float | None
    upper: float | None
    level: float
    dropped: int


def fisher_exact(
    data: Counts,
    response: str | None = None,
    by: str | None = None,
    *,
    versus: object = None,
    count: str | None = None,
    level: float = 0.95,
) -> FisherExact:
    """Test that the response does not depend on the arm: columns of a frame, or counts (arms x levels).

    In a 2 x 2 table the odds are those of the first column of counts, or of the later level of a column
    (1 before 0), in the other arm against `versus` (the first arm unless given).
    Raises `DataError` for bad columns or counts, or fewer than two arms or levels seen; `EstimationFailed` for a
    table too large for exact work.
    """
    require_confidence(level)
    table = read_table(data, response, by, count=count)
    counts = one_stratum(table)
    seen = require_two_of_each(counts)
    if counts.shape != (2, 2):
        return FisherExact(exact_p(seen), None, None, None, level, table.dropped)
    ((arm, control),) = pair_arms(table, versus)
    # levels of a column are sorted, so that the one that counts as the response comes last
    with_it = 0 if response is None else 1
    totals = counts.sum(axis=1)
    conditional = condition_on_margins(
        counts[[arm], with_it], totals[[arm]], counts[[control], with_it], totals[[control]]
    )
    return FisherExact(
        conditional.two_sided_p(), conditional.estimate(), *conditional.limits(level), level, table.dropped
    )


def require_two_of_each(counts: Floats) -> Floats:
    """Leave out arms and levels with nobody; `DataError` where fewer than two of either are left."""
    seen = counts[np.ix_(counts.sum(axis=1) > 0, counts.sum(axis=0) > 0)]
    if seen.shape[0] < 2 or seen.shape[1] < 2:
        raise DataError(
            "a test of independence needs two or more arms and two or more levels with participants. "
            f"Got {seen.shape[0]} and {seen.shape[1]}"
        )
    return seen


# more ways to fill a column, or to go on from all partial tables, would take minutes
MOST_EDGES = 20_000_000
MOST_WAYS = 400_000_000
CHUNK = 2_000_000
# R's rule for tables as probable as the one seen, on the log scale
TOLERANCE = float(np.log1p(1e-7))
# partial tables whose log probabilities differ by less are one
SAME = 1e-10


@dataclass(frozen=True, eq=False)
class _Stage:
    """The ways to fill a column: `start` of each node's edges, each edge's log weight and the node it leads to."""

    start: Codes
    weight: Floats
    child: Codes


@dataclass(frozen=True, eq=False)
class _End:
    """The ways to fill the last two columns: `start` of each node's ways and the log weight of each."""

    start: Codes
    weight: Floats


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
    log_factorial = special.gammaln(np.arange(rows.sum() + 1) + 1.0)
    stages, end, bounds = _build(rows, columns, log_factorial)
    limit = -float(log_factorial[table].sum()) + TOLERANCE
    scale = -float(bounds[0].total[0])
    node, path, copies = np.zeros(1, dtype=np.intp), np.zeros(1), np.ones(1)
    p = 0.0
    for stage, bound in zip(stages, bounds[1:], strict=True):
        parts = []
        ways = stage.start[node + 1] - stage.start[node]
        if ways.sum() > MOST_WAYS:
            raise _too_large(rows.sum())
        for chunk in _chunks(ways):
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
    total = bounds[-1].total
    return min(p + _finish(end, total, node, limit - path, copies * np.exp(path + scale + total[node])), 1.0)


def _finish(end: _End, total: Floats, node: Codes, limit: Floats, factor: Floats) -> float:
    """Fill the last two columns: for each partial table the share of completions of log weight up to its limit."""
    owner = np.repeat(np.arange(end.start.size - 1), np.diff(end.start))
    # one sorted list for all nodes: a node's completions lie in an interval of their own
    width = float(end.weight.max() - end.weight.min()) + 1.0
    place = owner * width + (end.weight - end.weight.min())
    order = np.argsort(place)
    # as shares of all completions of the node, which neither overflow nor vanish
    up_to = np.exp((end.weight - total[owner])[order])
    for start, stop in pairwise(end.start):
        # each node from 0: a small sum must not drown in that of the nodes before
        up_to[start:stop] = np.cumsum(up_to[start:stop])
    reach = node * width + np.clip(limit - end.weight.min(), -0.5, width - 0.5)
    found = np.searchsorted(place[order], reach, side="right")
    return float(factor @ np.where(found > end.start[node], up_to[found - 1], 0.0))


def _build(rows: Codes, columns: Codes, log_factorial: Floats) -> tuple[list[_Stage], _End, list[_Bounds]]:
    """Fill the columns in all ways: the stages, the end, and the bounds of the nodes before each."""
    nodes = [np.sort(rows)[None, :]]
    stages: list[_Stage] = []
    left_over = MOST_EDGES
    for total in columns[:-2]:
        source, cells = _fill(nodes[-1], int(total), left_over)
        left_over -= source.size
        left = np.sort(nodes[-1][source] - cells, axis=1)
        key = left @ ((int(rows.max()) + 1) ** np.arange(rows.size - 1, -1, -1, dtype=np.int64))
        _, example, child = np.unique(key, return_index=True, return_inverse=True)
        weight = -log_factorial[cells].sum(axis=1)
        stages.append(_Stage(_starts(source, nodes[-1].shape[0]), weight, child.reshape(-1)))
        nodes.append(left[example])
    source, cells = _fill(nodes[-1], int(columns[-2]), left_over)
    weight = -log_factorial[cells].sum(axis=1) - log_factorial[nodes[-1][source] - cells].sum(axis=1)
    end = _End(_starts(source, nodes[-1].shape[0]), weight)
    largest = np.maximum.reduceat(weight, end.start[:-1])
    smallest = np.minimum.reduceat(weight, end.start[:-1])
    bounds = [_Bounds(largest, smallest, _total(nodes[-1], columns[-2:], log_factorial))]
    for place in range(len(stages) - 1, -1, -1):
        stage, after = stages[place], bounds[0]
        largest = np.maximum.reduceat(stage.weight + after.largest[stage.child], stage.start[:-1])
        smallest = np.minimum.reduceat(stage.weight + after.smallest[stage.child], stage.start[:-1])
        bounds.insert(0, _Bounds(largest, smallest, _total(nodes[place], columns[place:], log_factorial)))
    return stages, end, bounds


def _total(nodes: Codes, columns: Codes, log_factorial: Floats) -> Floats:
    """Log of the sum of weights of all tables with a node's row totals and these column totals."""
    of_rows = log_factorial[nodes].sum(axis=1)
    return np.asarray(log_factorial[nodes.sum(axis=1)] - of_rows - log_factorial[columns].sum())


def _starts(source: Codes, nodes: int) -> Codes:
    return np.append(0, np.cumsum(np.bincount(source, minlength=nodes)))


def _fill(nodes: Codes, total: int, most: int) -> tuple[Codes, Codes]:
    """Share `total` among the rows of each node in all ways: the node of each way, and its cells."""
    source = np.arange(nodes.shape[0])
    left = np.full(source.size, total)
    cells = np.empty((source.size, 0), dtype=np.int64)
    room_after = np.cumsum(nodes[:, ::-1], axis=1)[:, ::-1]
    for row in range(nodes.shape[1] - 1):
        low = np.maximum(0, left - room_after[source, row + 1])
        ways = np.minimum(nodes[source, row], left) - low + 1
        if ways.sum() > most:
            raise _too_large(nodes[0].sum())
        place = np.repeat(np.arange(source.size), ways)
        cell = np.arange(place.size) - np.repeat(np.cumsum(ways) - ways, ways) + low[place]
        source, left, cells = source[place], left[place] - cell, np.column_stack([cells[place], cell])
    return source, np.column_stack([cells, left])


def _too_large(participants: float) -> EstimationFailed:
    return EstimationFailed(
        "a table of this size has no exact test in reasonable time; merge levels or use chi_square. "
        f"Got {int(participants)} participants left to place"
    )


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

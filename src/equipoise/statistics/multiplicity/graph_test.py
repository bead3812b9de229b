"""The test on a graph of hypotheses: adjusted p-values, rejections one by one, the graph after each.

Every intersection is tested by weighted Bonferroni, which allows a shortcut: reject a hypothesis with
p_i <= w_i alpha, pass its weight on, and go on. Bretz, Maurer, Brannath and Posch, Stat Med 2009;28:586-604,
algorithms 1 and 2. Checked against graphicalMCP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.multiplicity.adjusted_p import require_p
from equipoise.statistics.multiplicity.closure import is_rejected, require_alpha
from equipoise.statistics.multiplicity.graph import MultiplicityGraph, pass_on


@dataclass(frozen=True, eq=False)
class GraphTest:
    """The test on a graph at familywise error rate `alpha`.

    `table`: hypothesis, weight, p, adjusted_p, rejected. `sequence`: step, rejected (the hypothesis), p, weight
    (that it held then), level (weight x alpha). `graphs`: the graph at the start and after each rejection.
    """

    alpha: float
    table: pl.DataFrame
    sequence: pl.DataFrame
    graphs: tuple[MultiplicityGraph, ...]


def graph_test(
    graph: MultiplicityGraph, p: Mapping[str, float] | Sequence[float] | Floats, *, alpha: float = 0.025
) -> GraphTest:
    """Test the hypotheses of `graph` with `p` (by name, or in its order) at familywise error rate `alpha`.

    `DataError` for p-values that do not fit the graph or an `alpha` outside 0-1.
    """
    value = match_p(graph, p)
    require_alpha(alpha)
    adjusted = np.ones(value.size)
    weights, transitions = graph.weights, graph.transitions
    left = list(range(value.size))
    reached, graphs = 0.0, [graph]
    steps: list[tuple[int, str, float, float, float]] = []
    while left:
        share = [value[place] / weights[place] if weights[place] > 0 else np.inf for place in left]
        at = int(np.argmin(share))
        chosen = left.pop(at)
        reached = max(reached, min(1.0, share[at]))
        adjusted[chosen] = reached
        weight = float(weights[chosen])
        weights, transitions = pass_on(weights, transitions, chosen)
        if is_rejected(reached, alpha):
            steps.append((len(steps) + 1, graph.hypotheses[chosen], float(value[chosen]), weight, weight * alpha))
            graphs.append(MultiplicityGraph(graph.hypotheses, weights, transitions))
    table = {
        "hypothesis": graph.hypotheses,
        "weight": graph.weights,
        "p": value,
        "adjusted_p": adjusted,
        "rejected": [is_rejected(one, alpha) for one in adjusted],
    }
    schema = {"step": pl.Int64, "rejected": pl.String, "p": pl.Float64, "weight": pl.Float64, "level": pl.Float64}
    sequence = pl.DataFrame(steps, schema=schema, orient="row")
    return GraphTest(alpha, pl.DataFrame(table), sequence, tuple(graphs))


def match_p(graph: MultiplicityGraph, p: Mapping[str, float] | Sequence[float] | Floats) -> Floats:
    """Put p-values in the order of the graph; `DataError` unless each hypothesis has just one, from 0 to 1."""
    names = graph.hypotheses
    if isinstance(p, Mapping):
        for name in p:
            graph.place(name)
        missing = [name for name in names if name not in p]
        if missing:
            raise DataError(f"each hypothesis needs a p-value. Got none for {', '.join(missing)}")
        return require_p([p[name] for name in names])
    value = require_p(p)
    if value.size != len(names):
        raise DataError(f"the graph needs {len(names)} p-values, one a hypothesis. Got {value.size}")
    return value

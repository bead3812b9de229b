"""Closed tests with the weights of a graph in every intersection: Bonferroni, Simes, Hochberg, parametric.

For an intersection J with weights w, W their sum, p_J is

    bonferroni   min p_i / w_i
    simes        min over i of p_i / (sum of w_k with p_k <= p_i)        Lu, Stat Med 2016;35:4041-55
    hochberg     min over i of (|J| - i + 1) p_(i) / W, equal weights    Xi and Bretz, Stat Med 2019;38:5268-82
    parametric   P(some P_i <= q w_i) / W, q = min p_i / w_i             Xi et al., Biom J 2017;59:918-31

the last from the joint normal or t distribution of the statistics (Bretz, Posch, Glimm, Klinglmueller, Maurer and
Rohmeyer, Biom J 2011;53:894-913). Groups of hypotheses may be tested in different ways: p_J is the smallest over
the groups. Checked against graphicalMCP.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.multiplicity.closure import ClosedTest, Places, close_tests, list_intersections
from equipoise.statistics.multiplicity.graph import MultiplicityGraph, intersection_weights
from equipoise.statistics.multiplicity.graph_test import match_p
from equipoise.statistics.multivariate import t_rectangle

IntersectionTest = Literal["bonferroni", "simes", "hochberg", "parametric"]
Groups = Sequence[tuple[IntersectionTest, Sequence[str]]]
EQUAL = 1e-9


def graph_closed_test(
    graph: MultiplicityGraph,
    p: Mapping[str, float] | Sequence[float] | Floats,
    *,
    test: IntersectionTest | Groups = "simes",
    correlation: ArrayLike | None = None,
    df: float = np.inf,
    alpha: float = 0.025,
) -> ClosedTest:
    """Test the hypotheses of `graph` by the closed test, with its weights in every intersection.

    `p`: p-values by name or in the order of the graph; one-sided where the test is parametric. `test`: one of
    `bonferroni` (gives what the shortcut gives), `simes` and `hochberg` (positively dependent tests; hochberg with
    equal weights), `parametric`; or groups such as `[("parametric", ["H1", "H2"]), ("simes", ["H3", "H4"])]` that
    hold each hypothesis once. `correlation`: matrix of the test statistics in the order of the graph, read within
    parametric groups only (other cells may be NaN); `df`: their degrees of freedom, infinite for normal ones.
    `DataError` where these do not fit together, and for more than 16 hypotheses.
    """
    value = match_p(graph, p)
    groups = _read_groups(graph, test)
    matrix = _read_correlation(graph, correlation, [held for kind, held in groups if kind == "parametric"])
    weights = intersection_weights(graph)
    known: dict[tuple[object, ...], float] = {}

    def intersection_p(held: Places) -> float:
        found = [1.0]
        for kind, members in groups:
            inside = [place for place in members if place in held and weights[held][place] > 0]
            if inside:
                share = weights[held][inside]
                key = (kind, *inside, *share.tolist())
                if key not in known:
                    known[key] = _test(kind, value[inside], share, matrix[np.ix_(inside, inside)], df)
                found.append(known[key])
        return min(found)

    columns = {
        f"weight {name}": [
            float(weights[held][place]) if place in held else None for held in list_intersections(value.size)
        ]
        for place, name in enumerate(graph.hypotheses)
    }
    return close_tests(graph.hypotheses, value, intersection_p, alpha=alpha, weights=pl.DataFrame(columns))


def _test(kind: IntersectionTest, p: Floats, weights: Floats, correlation: Floats, df: float) -> float:
    total = float(weights.sum())
    if kind == "parametric":
        spent = np.minimum(weights * np.min(p / weights), 1.0)
        return (1.0 - t_rectangle(-np.inf, -t_quantile(spent, df), correlation, df)) / total
    if kind == "simes":
        below = (p[None, :] <= p[:, None]) @ weights
        return float(np.min(p / below))
    if kind == "hochberg":
        if np.ptp(weights) > EQUAL:
            raise DataError(
                "Hochberg's test needs equal weights within a group of every intersection; use simes. "
                f"Got {weights.tolist()}"
            )
        return float(np.min(np.sort(p) * np.arange(p.size, 0, -1))) / total
    return float(np.min(p / weights))


def _read_groups(
    graph: MultiplicityGraph, test: IntersectionTest | Groups
) -> list[tuple[IntersectionTest, list[int]]]:
    given = [(test, graph.hypotheses)] if isinstance(test, str) else list(test)
    groups = [(kind, [graph.place(name) for name in names]) for kind, names in given]
    for kind, _ in groups:
        if kind not in get_args(IntersectionTest):
            raise DataError(f"the test must be one of {', '.join(get_args(IntersectionTest))}. Got {kind}")
    held = sorted(place for _, members in groups for place in members)
    if held != list(range(len(graph.hypotheses))):
        names = [graph.hypotheses[place] for place in held]
        raise DataError(f"the groups must hold every hypothesis once. Got {', '.join(names) or 'none'}")
    return groups


def _read_correlation(
    graph: MultiplicityGraph, correlation: ArrayLike | None, parametric: list[list[int]]
) -> Floats:
    count = len(graph.hypotheses)
    if correlation is None:
        if any(len(members) > 1 for members in parametric):
            raise DataError("a parametric test needs the correlation of its statistics. Got none")
        return np.eye(count)
    matrix = read_floats(correlation, "correlations")
    if matrix.shape != (count, count):
        raise DataError(f"the correlation must be a matrix of {count} x {count}. Got {matrix.shape}")
    for members in parametric:
        if not np.isfinite(matrix[np.ix_(members, members)]).all():
            names = ", ".join(graph.hypotheses[place] for place in members)
            raise DataError(f"the correlations within a parametric group must be known. Got NaN among {names}")
    return matrix

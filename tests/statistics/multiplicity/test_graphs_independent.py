"""Graphical procedures and adjusted p-values agree with graphicalMCP and R's p.adjust (mcpmod_mult.json).

Weights, shortcut, Bonferroni, Simes and Hochberg: 1e-9 (the file holds ten digits of some). Parametric: the file
states an error of 1e-4; seen is 5e-11. The example of two drugs and two endpoints is printed in Bretz et al. 2011.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.multiplicity import adjust_p, graph_closed_test, graph_test, multiplicity_graph
from equipoise.statistics.multiplicity.adjusted_p import AdjustMethod

NAMES = ["H1", "H2", "H3", "H4"]
CASES = [(graph, test) for graph in ("successive", "holm") for test in "abcd"]
METHODS: dict[str, AdjustMethod] = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "hochberg",
    "hommel": "hommel",
    "BH": "benjamini-hochberg",
    "BY": "benjamini-yekutieli",
}


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "mcpmod_mult.json").read_text()))


@pytest.fixture(scope="module")
def more(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "multiplicity.out.json").read_text()))


def close(values: list[float], tolerance: float = 1e-9) -> Any:
    return pytest.approx(values, abs=tolerance)


def adjusted(table: pl.DataFrame) -> list[float]:
    return table["adjusted_p"].to_list()


@pytest.mark.parametrize("name", METHODS)
def test_adjusted_p_values_of_r(expected: dict[str, Any], more: dict[str, Any], name: str) -> None:
    given = expected["p_adjust"]
    assert adjust_p(given["p"], METHODS[name]) == close(given[name])
    for case in more["adjusted"]:
        assert adjust_p(case["p"], METHODS[name]) == close(case[name], 1e-12)


@pytest.mark.parametrize("name", ["successive", "holm"])
def test_weights_of_every_intersection(expected: dict[str, Any], name: str) -> None:
    given = expected["graphs"][name]
    found = multiplicity_graph(given["weights"], given["transitions"]).closure_weights()
    rows = {row["intersection"]: row for row in found.to_dicts()}
    for row in given["closure_weights"]:
        held = [one for one, inside in zip(NAMES, row[:4], strict=True) if inside]
        weights = rows[" & ".join(held)]
        assert [weights[one] for one in held] == close([row[4 + NAMES.index(one)] for one in held])
    assert len(rows) == len(given["closure_weights"]) == 15


@pytest.mark.parametrize("alpha", [0.025, 0.05])
@pytest.mark.parametrize(("name", "p"), CASES)
def test_shortcut_and_closed_tests(expected: dict[str, Any], name: str, p: str, alpha: float) -> None:
    given = expected["graphs"][name]
    graph = multiplicity_graph(given["weights"], given["transitions"])
    test = given["tests"][f"{p}_{alpha:g}"]
    shortcut = graph_test(graph, test["p"], alpha=alpha)
    assert adjusted(shortcut.table) == close(test["shortcut"]["adj_p"])
    assert shortcut.table["rejected"].to_list() == test["shortcut"]["reject"]
    closed = graph_closed_test(graph, test["p"], test="bonferroni", alpha=alpha)
    assert adjusted(closed.table) == close(test["bonferroni_closure_adj_p"])
    simes = graph_closed_test(graph, test["p"], test="simes", alpha=alpha).table
    assert adjusted(simes) == close(test["simes_closure"]["adj_p"])
    assert simes["rejected"].to_list() == test["simes_closure"]["reject"]
    if test["hochberg_closure_adj_p"]:
        hochberg = graph_closed_test(graph, test["p"], test="hochberg", alpha=alpha).table
        assert adjusted(hochberg) == close(test["hochberg_closure_adj_p"])


@pytest.mark.parametrize(("name", "p"), CASES)
def test_parametric_tests_of_two_hypotheses_and_simes_of_the_others(
    expected: dict[str, Any], name: str, p: str
) -> None:
    given = expected["graphs"][name]
    graph = multiplicity_graph(given["weights"], given["transitions"])
    test = given["tests"][f"{p}_0.025"]
    correlation = np.full((4, 4), np.nan)
    np.fill_diagonal(correlation, 1.0)
    correlation[0, 1] = correlation[1, 0] = 0.5
    found = graph_closed_test(
        graph,
        test["p"],
        test=[("parametric", ["H1", "H2"]), ("simes", ["H3", "H4"])],
        correlation=correlation,
    ).table
    assert adjusted(found) == close(test["parametric_12_rho0.5_simes_34"]["adj_p"], 1e-9)
    assert found["rejected"].to_list() == test["parametric_12_rho0.5_simes_34"]["reject"]


def test_the_graph_after_a_rejection_as_bretz_2009_prints_it() -> None:
    # two primary hypotheses that pass half on to each other and half to their secondary one: after H1 is rejected,
    # H2 holds 3/4 and H3 1/4; H2 passes 1/3 to H3 and 2/3 to H4, H3 all to H2, H4 half each to H2 and H3
    graph = multiplicity_graph(
        [0.5, 0.5, 0.0, 0.0], [[0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5], [0, 1, 0, 0], [1, 0, 0, 0]]
    ).without(["H1"])
    assert graph.weights.tolist() == [0.0, 0.75, 0.25, 0.0]
    assert graph.transitions[1] == close([0.0, 0.0, 1 / 3, 2 / 3])
    assert graph.transitions[2:] == pytest.approx(np.array([[0, 1, 0, 0], [0, 0.5, 0.5, 0]]))

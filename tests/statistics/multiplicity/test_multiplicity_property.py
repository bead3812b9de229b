"""What must hold of every procedure for many comparisons: coherence, equivalences, order, size, and refusals."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, normal_upper_p
from equipoise.statistics.multiplicity import (
    MultiplicityGraph,
    adjust_p,
    closed_test,
    dunnett,
    dunnett_contrasts,
    dunnett_test,
    fallback_graph,
    fixed_sequence_graph,
    graph_closed_test,
    graph_test,
    holm_graph,
    multiplicity_graph,
    plot_graph,
)
from equipoise.statistics.multiplicity.adjusted_p import AdjustMethod
from equipoise.statistics.multiplicity.closure import close_tests

seeds = st.integers(0, 2**32 - 1)
p_values = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6)
METHODS: list[AdjustMethod] = ["bonferroni", "sidak", "holm", "hochberg", "hommel"]


def draw_graph(rng: np.random.Generator, size: int) -> MultiplicityGraph:
    transitions = rng.dirichlet(np.ones(size), size=size) * (rng.random((size, size)) < 0.7)
    np.fill_diagonal(transitions, 0.0)
    return multiplicity_graph(rng.dirichlet(np.ones(size)).tolist(), transitions)


def names(count: int) -> list[str]:
    return [f"H{place + 1}" for place in range(count)]


def draw_estimates(rng: np.random.Generator, size: int) -> tuple[Floats, Floats]:
    root = rng.normal(size=(size, size + 1))
    return rng.normal(size=size) * 2.0, root @ root.T / size


@given(p_values, seeds)
@settings(max_examples=40, deadline=None)
def test_adjusted_p_is_monotone_and_blind_to_order(p: list[float], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(p))
    for method in METHODS:
        found = adjust_p(p, method)
        assert np.all(found >= np.array(p) - 1e-12)
        assert np.all(found <= 1.0)
        assert np.all(np.diff(found[np.argsort(p, kind="stable")]) >= -1e-12)
        assert adjust_p(np.array(p)[order], method) == pytest.approx(found[order], abs=1e-12)


@given(p_values)
@settings(max_examples=40, deadline=None)
def test_procedures_are_the_closed_tests_that_their_papers_prove_them_to_be(p: list[float]) -> None:
    size = len(p)
    value = np.array(p)
    tests: dict[AdjustMethod, Callable[[Floats], float]] = {
        "holm": lambda ordered: ordered[0] * ordered.size,
        "hommel": lambda ordered: np.min(ordered * ordered.size / np.arange(1, ordered.size + 1)),
        "hochberg": lambda ordered: np.min(ordered * np.arange(ordered.size, 0, -1)),
    }
    for method, test in tests.items():
        closed = close_tests(
            names(size), value, lambda held, run=test: float(run(np.sort(value[list(held)]))), alpha=0.05
        )
        assert closed.table["adjusted_p"].to_list() == pytest.approx(adjust_p(p, method), abs=1e-12)


@given(p_values)
@settings(max_examples=30, deadline=None)
def test_graphs_of_holm_and_of_a_fixed_sequence_are_those_procedures(p: list[float]) -> None:
    holm = graph_test(holm_graph(names(len(p))), p).table
    assert holm["adjusted_p"].to_list() == pytest.approx(adjust_p(p, "holm"), abs=1e-9)
    ordered = graph_test(fixed_sequence_graph(names(len(p))), p).table
    assert ordered["adjusted_p"].to_list() == pytest.approx(adjust_p(p, "fixed-sequence"), abs=1e-9)


@given(seeds, st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_the_shortcut_is_the_closed_bonferroni_test_of_any_graph(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    graph, p = draw_graph(rng, size), rng.random(size) ** 2
    shortcut = graph_test(graph, p, alpha=0.1)
    closed = graph_closed_test(graph, p, test="bonferroni", alpha=0.1)
    assert shortcut.table["adjusted_p"].to_list() == pytest.approx(closed.table["adjusted_p"].to_list(), abs=1e-9)
    assert len(shortcut.graphs) == shortcut.sequence.height + 1
    for step in shortcut.sequence.iter_rows(named=True):
        assert step["p"] <= step["level"] * (1 + 1e-9)


@given(seeds, st.integers(2, 5))
@settings(max_examples=25, deadline=None)
def test_neither_order_of_hypotheses_nor_of_rejections_matters(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    graph, p, order = draw_graph(rng, size), rng.random(size) ** 2, rng.permutation(size)
    moved = multiplicity_graph(graph.weights[order].tolist(), graph.transitions[np.ix_(order, order)])
    straight = graph_test(graph, p).table["adjusted_p"].to_numpy()
    assert graph_test(moved, p[order]).table["adjusted_p"].to_numpy() == pytest.approx(straight[order], abs=1e-9)
    gone = names(size)[:-1]
    one, other = graph.without(gone), graph.without(gone[::-1])
    assert one.weights == pytest.approx(other.weights, abs=1e-9)
    assert one.transitions == pytest.approx(other.transitions, abs=1e-9)


@given(seeds, st.integers(2, 4))
@settings(max_examples=15, deadline=None)
def test_simes_and_parametric_tests_reject_whatever_bonferroni_does(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    graph, p = draw_graph(rng, size), rng.random(size) ** 2
    _, covariance = draw_estimates(rng, size)
    se = np.sqrt(np.diag(covariance))
    plain = graph_closed_test(graph, p, test="bonferroni").table["adjusted_p"].to_numpy()
    simes = graph_closed_test(graph, p, test="simes").table["adjusted_p"].to_numpy()
    correlation = covariance / np.outer(se, se)
    joint = graph_closed_test(graph, p, test="parametric", correlation=correlation, df=20.0)
    assert np.all(simes <= plain + 1e-12)
    # a sum of weights below 1 spends less than alpha, in both tests alike
    assert np.all(joint.table["adjusted_p"].to_numpy() <= plain + 1e-9)


@given(seeds, st.integers(2, 4), st.sampled_from(["two-sided", "greater", "less"]))
@settings(max_examples=15, deadline=None)
def test_the_closed_dunnett_test_is_step_down_dunnett(seed: int, size: int, side: str) -> None:
    estimates, covariance = draw_estimates(np.random.default_rng(seed), size)
    closed = closed_test(estimates, covariance, df=15.0, alternative=side)
    down = dunnett(estimates, covariance, df=15.0, alternative=side, procedure="step-down")
    single = dunnett(estimates, covariance, df=15.0, alternative=side)
    found = down.table["adjusted_p"].to_numpy()
    assert closed.table["adjusted_p"].to_numpy() == pytest.approx(found, abs=1e-8)
    assert np.all(found <= single.table["adjusted_p"].to_numpy() + 1e-8)
    assert np.all(found >= down.table["p"].to_numpy())
    holm = closed_test(estimates, covariance, df=15.0, alternative=side, test="bonferroni")
    p = closed.table["p"].to_numpy()
    assert holm.table["adjusted_p"].to_list() == pytest.approx(adjust_p(p, "holm"), abs=1e-12)
    hommel = closed_test(estimates, covariance, df=15.0, alternative=side, test="simes")
    assert hommel.table["adjusted_p"].to_list() == pytest.approx(adjust_p(p, "hommel"), abs=1e-12)


def test_a_parametric_graph_of_two_doses_is_one_sided_step_down_dunnett() -> None:
    estimates, covariance = [2.1, 1.7], np.array([[1.0, 0.55], [0.55, 0.9]])
    down = dunnett(estimates, covariance, df=40, alternative="greater", procedure="step-down").table
    graph = holm_graph(["low", "high"])
    correlation = covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    p = dict(zip(graph.hypotheses, down["p"], strict=True))
    joint = graph_closed_test(graph, p, test="parametric", correlation=correlation, df=40).table
    assert joint["adjusted_p"].to_list() == pytest.approx(down["adjusted_p"].to_list(), abs=1e-9)


def test_intervals_hold_the_null_exactly_when_the_test_does_not_reject() -> None:
    estimates, covariance = draw_estimates(np.random.default_rng(4), 4)
    for side in ("two-sided", "greater", "less"):
        for null in (-1.0, 0.0, 0.7):
            table = dunnett(estimates, covariance, df=9, alternative=side, null=null, level=0.9).table
            inside = (table["lower"] <= null) & (null <= table["upper"])
            assert (inside == (table["adjusted_p"] > 0.1)).all()


def test_each_estimate_may_have_degrees_of_freedom_of_its_own() -> None:
    estimates, covariance = draw_estimates(np.random.default_rng(8), 3)
    mixed = dunnett(estimates, covariance, df=[5.0, 50.0, 50.0]).table
    for df, rows in ((5.0, [0]), (50.0, [1, 2])):
        alone = dunnett(estimates, covariance, df=df).table
        for column in ("adjusted_p", "critical", "lower"):
            assert mixed[column].gather(rows).to_list() == pytest.approx(alone[column].gather(rows).to_list())


def test_familywise_error_of_dunnetts_test_in_an_unbalanced_trial() -> None:
    rng = np.random.default_rng(20261123)
    trials, sizes = 20_000, np.array([30, 12, 18])
    means = rng.normal(size=(trials, 3)) / np.sqrt(sizes)
    df = int(sizes.sum()) - 3
    sd = np.sqrt(rng.chisquare(df, size=trials) / df)
    covariance = np.diag(1.0 / sizes[1:]) + 1.0 / sizes[0]
    t = (means[:, 1:] - means[:, :1]) / (sd[:, None] * np.sqrt(np.diag(covariance)))
    critical = dunnett([0.0, 0.0], covariance, df=df, alternative="greater", level=0.975).table["critical"][0]
    assert abs(np.mean(t.max(axis=1) >= critical) - 0.025) < 3 * np.sqrt(0.025 * 0.975 / trials)


def test_familywise_error_of_a_graph_with_one_false_hypothesis_passing_its_share_on() -> None:
    rng = np.random.default_rng(20261124)
    graph = multiplicity_graph([0.6, 0.4, 0.0], [[0, 0.5, 0.5], [0, 0, 1], [0.5, 0.5, 0]])
    correlation = np.array([[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]])
    trials, errors, found = 1500, 0, 0
    for z in rng.multivariate_normal([3.5, 0.0, 0.0], correlation, size=trials):
        rejected = graph_test(graph, normal_upper_p(z), alpha=0.1).table["rejected"]
        errors += bool(rejected[1:].any())
        found += bool(rejected[0])
    assert found > 0.95 * trials
    assert errors <= (0.1 + 3 * np.sqrt(0.09 / trials)) * trials


def test_dunnett_from_data_is_the_one_from_means_and_from_all_pairs() -> None:
    rng = np.random.default_rng(3)
    arms = ["control"] * 9 + ["low"] * 5 + ["high"] * 7
    data = pl.DataFrame({"arm": arms, "y": rng.normal(size=21)})
    found = dunnett_test(data, "y", "arm", versus="control")
    assert found.table["df"].to_list() == [18.0, 18.0]
    shuffled = dunnett_test(data.sample(fraction=1.0, shuffle=True, seed=1), "y", "arm", versus="control")
    assert shuffled.table["adjusted_p"].to_list() == pytest.approx(found.table["adjusted_p"].to_list())
    scaled = dunnett_test(data.with_columns(pl.col("y") * -1000.0), "y", "arm").table
    assert scaled["adjusted_p"].to_list() == pytest.approx(found.table["adjusted_p"].to_list())
    means = {arm: data.filter(pl.col("arm") == arm)["y"] for arm in ("control", "low", "high")}
    variance = sum(((y - y.mean()) ** 2).sum() for y in means.values()) / 18
    pairs = [("low", "control"), ("control", "high"), ("high", "low")]
    table = pl.DataFrame(
        {
            "arm": [one for one, _ in pairs],
            "versus": [other for _, other in pairs],
            "estimate": [means[one].mean() - means[other].mean() for one, other in pairs],
            "se": [np.sqrt(variance * (1 / means[one].len() + 1 / means[other].len())) for one, other in pairs],
            "df": [18.0] * 3,
        }
    )
    again = dunnett_contrasts(table, "arm", "control").table.sort("name")
    for column in ("estimate", "adjusted_p", "lower"):
        assert again[column].to_list() == pytest.approx(found.table.sort("name")[column].to_list())


def test_the_drawn_graph_names_hypotheses_weights_and_what_was_rejected() -> None:
    graph = multiplicity_graph(
        {"high": 0.5, "low": 0.5, "high later": 0.0},
        {"high": {"low": 1 / 3, "high later": 2 / 3}, "low": {"high": 1}},
    )
    drawn = plot_graph(graph)
    for text in (">high<", ">low<", ">1/2<", ">1/3<", ">2/3<", ">0<"):
        assert text in drawn
    assert drawn == plot_graph(graph)
    test = graph_test(graph, [0.001, 0.5, 0.2])
    assert ">rejected<" in plot_graph(test)
    assert ">rejected<" not in plot_graph(test, step=0)
    assert "\u03b5" in plot_graph(multiplicity_graph([1.0, 0.0], [[0, 1e-6], [0, 0]]))
    for size in (1, 2, 6):
        assert plot_graph(holm_graph(names(size))).count(">H") == size


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: adjust_p([0.1, 1.2]), "between 0 and 1"),
        (lambda: adjust_p([0.1, float("nan")]), "between 0 and 1"),
        (lambda: adjust_p([]), "one or more"),
        (lambda: adjust_p(["x"]), r"p-values must be numbers.*Got \['x'\]"),  # type: ignore[list-item]
        (lambda: multiplicity_graph([0.5, 0.5], {"H1": 1.0}), "transitions read like"),  # type: ignore[dict-item]
        (lambda: multiplicity_graph([0.5, 0.5], [[0, 1], [1]]), "rows of one length"),
        (lambda: dunnett(["a"], [[1.0]]), "estimates must be numbers"),  # type: ignore[list-item]
        (lambda: adjust_p([0.1], "tukey"), "must be one of"),  # type: ignore[arg-type]
        (lambda: adjust_p([0.1, 0.2], "hochberg", weights=[1, 2]), "leave them out"),
        (lambda: adjust_p([0.1, 0.2], weights=[1, 0]), "2 numbers above 0"),
        (lambda: multiplicity_graph([0.6, 0.6], np.zeros((2, 2))), "sum to 1 or less"),
        (lambda: multiplicity_graph([0.5, 0.5], [[0.5, 0.5], [1, 0]]), "to itself"),
        (lambda: multiplicity_graph([1.0], [[0, 1]]), "1 x 1"),
        (lambda: multiplicity_graph({"A": 1.0}, {"A": {"B": 1.0}}), "two hypotheses of A. Got B"),
        (lambda: multiplicity_graph([0.5, 0.5], np.zeros((2, 2)), ["A", "A"]), "name of its own"),
        (lambda: holm_graph(["A", "B"]).without(["C"]), "they are A, B. Got C"),
        (lambda: graph_test(holm_graph(["A", "B"]), [0.1]), "2 p-values"),
        (lambda: graph_test(holm_graph(["A", "B"]), {"A": 0.1}), "none for B"),
        (lambda: graph_test(holm_graph(["A"]), [0.1], alpha=0.0), "familywise"),
        (lambda: graph_closed_test(holm_graph(["A", "B"]), [0.1, 0.2], test="parametric"), "correlation"),
        (lambda: graph_closed_test(holm_graph(["A", "B"]), [0.1, 0.2], test=[("simes", ["A"])]), "once. Got A"),
        (lambda: graph_closed_test(holm_graph(names(17)), [0.1] * 17), "at most 16"),
        (lambda: graph_closed_test(fallback_graph(["A", "B"], [0.7, 0.3]), [0.1, 0.2], test="hochberg"), "equal"),
        (lambda: plot_graph(holm_graph(names(13))), "at most 12"),
        (lambda: plot_graph(holm_graph(["A", "B"]), positions={"A": (0, 0)}), "none for B"),
        (lambda: plot_graph(holm_graph(["A", "B"]), positions={"A": (0, 0), "B": (0, 0.1)}), "apart"),
        (lambda: plot_graph(holm_graph(["A", "B"]), positions={"A": (0, 0), "B": (0, np.nan)}), "finite"),
        (lambda: plot_graph(graph_test(holm_graph(["A"]), [0.5]), step=1), "steps 0 to 0"),
        (lambda: dunnett([1.0], [[1.0, 0.0], [0.0, 1.0]]), "k x k"),
        (lambda: dunnett([1.0, 2.0], [[1.0, 0.0], [0.0, 0.0]]), "variances above 0"),
        (lambda: dunnett([1.0], [[1.0]], df=0), "degrees of freedom"),
        (lambda: dunnett([1.0], [[1.0]], alternative="up"), "alternative"),  # type: ignore[arg-type]
        (lambda: dunnett([1.0], [[1.0]], procedure="up"), "procedure"),  # type: ignore[arg-type]
        (lambda: dunnett([1.0, 2.0], np.eye(2), names=["A", "A"]), "name of its own"),
        (lambda: closed_test([1.0], [[1.0]], test="tukey"), "must be one of"),  # type: ignore[arg-type]
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()


def test_data_that_cannot_give_dunnetts_test_say_so() -> None:
    with pytest.raises(EstimationFailed, match="two levels"):
        dunnett_test(pl.DataFrame({"a": ["x", "x"], "y": [1.0, 2.0]}), "y", "a")
    with pytest.raises(EstimationFailed, match="vary"):
        dunnett_test(pl.DataFrame({"a": ["x", "x", "z", "z"], "y": [1.0, 1.0, 2.0, 2.0]}), "y", "a")
    with pytest.raises(DataError, match="no level"):
        dunnett_test(pl.DataFrame({"a": ["x", "x", "z", "z"], "y": [1.0, 1.1, 2.0, 2.0]}), "y", "a", versus="y")
    pairs = pl.DataFrame({"a": ["x"], "versus": ["y"], "estimate": [1.0], "se": [1.0], "df": [9.0]})
    with pytest.raises(DataError, match="each pair once"):
        dunnett_contrasts(pl.concat([pairs, pairs]), "a", "y")
    more = pl.concat([pairs, pairs.with_columns(a=pl.lit("z"))])
    with pytest.raises(DataError, match="all pairs"):
        dunnett_contrasts(more, "a", "y")

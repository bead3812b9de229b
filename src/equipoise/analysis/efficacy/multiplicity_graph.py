"""A graph of hypotheses over several analyses and arms: adjusted p-values and what is rejected.

Each hypothesis takes the unadjusted two-sided p of one comparison of its analysis, at the visit of that estimand.
Source and checks: `statistics.multiplicity.graph_test`.
"""

from typing import Any

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Ancova, Cox, GraphOfHypotheses, Hypothesis, Mmrm, RankSum, TTest
from ...statistics.multiplicity import graph_test, multiplicity_graph
from ...statistics.multiplicity.graph import MultiplicityGraph
from ..context import Context
from ..result import AnalysisResult
from ..rows import Place, ResultRows
from ..run import analysis_function

_NOBODY = pl.DataFrame(schema={"participant": pl.String, "arm": pl.String, "source": pl.String})


def estimate_graph(context: Context, name: str, spec: GraphOfHypotheses) -> AnalysisResult:
    """Do the analyses of the hypotheses and test them on the graph.

    Raises EstimationFailed where one of the analyses cannot be done or has no p for the arm.
    """
    found = {key: _comparison(context, hypothesis) for key, hypothesis in spec.hypotheses.items()}
    tested = graph_test(graph_of(spec), {key: row["value"] for key, row in found.items()}, alpha=spec.alpha)
    rows = ResultRows(name, "")
    for result in tested.table.iter_rows(named=True):
        row = found[result["hypothesis"]]
        statistics = {key: result[key] for key in ("weight", "p", "adjusted_p", "rejected")}
        place = Place(parameter=row["parameter"], visit=row["visit"])
        group = {"hypothesis": result["hypothesis"]}
        rows.add(statistics, arm=row["arm"], versus=row["versus"], group=group, **place)
    for step in tested.sequence.iter_rows(named=True):
        rows.add({"level": step["level"]}, group={"step": step["step"], "hypothesis": step["rejected"]})
    order = ", then ".join(tested.sequence["rejected"]) or "none"
    said = (
        f"Graph of {len(spec.hypotheses)} hypotheses at a familywise error rate of {spec.alpha:g}, every "
        "intersection tested by weighted Bonferroni.",
        *(
            f"{key}: p of {hypothesis.of}, {found[key]['arm']} against {found[key]['versus']}."
            for key, hypothesis in spec.hypotheses.items()
        ),
        f"Rejected: {order}.",
    )
    return AnalysisResult(name, spec, "", rows.frame(), _NOBODY, said)


def graph_of(spec: GraphOfHypotheses) -> MultiplicityGraph:
    """Return the graph that a protocol describes."""
    weights = {key: hypothesis.weight for key, hypothesis in spec.hypotheses.items()}
    return multiplicity_graph(weights, {key: dict(h.passes) for key, h in spec.hypotheses.items()})


def _comparison(context: Context, hypothesis: Hypothesis) -> dict[str, Any]:
    """Return the row of results that holds the p of a hypothesis."""
    of = context.protocol.analyses[hypothesis.of]
    assert isinstance(of, Ancova | Mmrm | Cox | RankSum | TTest)
    result = analysis_function(of.method)(context, hypothesis.of, of)
    estimand = context.protocol.estimands[of.estimand]
    versus = context.arm_labels[estimand.versus or context.protocol.control or ""]
    rows = result.results.filter(
        pl.col("statistic") == "p",
        pl.col("group") == "",
        pl.col("arm") == context.arm_labels[hypothesis.arm],
        pl.col("versus") == versus,
    )
    if estimand.variable.item is not None and estimand.variable.kind == "measurement":
        measured = context.measurements(estimand.variable.item)
        rows = rows.filter(pl.col("visit") == context.visit_label(estimand.variable.at[0], measured))
    if rows.height != 1 or rows["value"][0] is None:
        raise EstimationFailed(f"analysis {hypothesis.of} has no p of {hypothesis.arm} against {versus}")
    return rows.row(0, named=True)

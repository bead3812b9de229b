"""Change from baseline inside each arm: a paired t test, or the signed-rank test with its Hodges-Lehmann estimate.

It says whether an arm changed, not whether arms differ: regression to the mean and the natural course are in it.
"""

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import WithinArm
from ...statistics.linear import t_test_one_sample
from ...statistics.ranks import hodges_lehmann_one_sample, signed_rank
from ..context import Context, by_arm
from ..estimand import build_estimand_frame
from ..result import AnalysisResult
from ..rows import Number, Place, ResultRows
from ..summaries import SHORT, summary_of


def estimate_within_arm(context: Context, name: str, spec: WithinArm) -> AnalysisResult:
    """Test the change from baseline of each arm against none, at each visit.

    Raises EstimationFailed where no arm can be tested; an arm that cannot be is named in the account.
    """
    frame = build_estimand_frame(context, spec.estimand)
    column = "percent_change" if frame.estimand.variable.summary.startswith("percent") else "change"
    rows = ResultRows(name, frame.estimand.set)
    said = [*frame.account, _METHOD[spec.test], "Within an arm; not a comparison of arms."]
    tested = 0
    for _, label, records in frame.visits():
        place = Place(parameter=frame.parameter, visit=label)
        for arm, part in by_arm(records.drop_nulls(column), frame.arms).items():
            rows.add({"n": part.height}, arm=arm, **place)
            rows.add(summary_of(part, column, SHORT), arm=arm, group={"summary": column}, **place)
            try:
                rows.add(_estimate(part, column, spec), arm=arm, **place)
                tested += 1
            except EstimationFailed as failure:
                said.append(f"{arm}, {label}: not tested, because {failure}.")
    if not tested:
        raise EstimationFailed(" ".join(said[len(frame.account) + 2 :]))
    records = frame.trace(frame.records.filter(pl.col(column).is_not_null()))
    return AnalysisResult(name, spec, frame.estimand.set, rows.frame(), records, tuple(said))


_METHOD = {
    "t": "Mean change with the interval and test of Student's t.",
    "signed-rank": "Pseudomedian of the change (Hodges-Lehmann); Wilcoxon's signed-rank test, by the normal.",
}


def _estimate(part: pl.DataFrame, column: str, spec: WithinArm) -> dict[str, Number]:
    if spec.test == "t":
        t = t_test_one_sample(part, column, level=spec.confidence)
        found = {"estimate": t.estimate, "se": t.se, "lower": t.lower, "upper": t.upper, "df": t.df}
        return {**found, "t": t.t, "p": t.p}
    shift = hodges_lehmann_one_sample(part, column, level=spec.confidence)
    test = signed_rank(part, column)
    return {
        "estimate": shift.estimate,
        "lower": shift.lower,
        "upper": shift.upper,
        "z": test.z,
        "p": test.p,
    }

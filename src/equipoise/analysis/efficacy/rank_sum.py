"""Wilcoxon's rank-sum test of an outcome, van Elteren's where stratified, with the Hodges-Lehmann shift."""

from ...protocol.model import RankSum
from ...statistics.ranks import hodges_lehmann, rank_sum, van_elteren
from ..context import Context
from ..estimand import build_estimand_frame
from ..result import AnalysisResult
from ..rows import Number, Place, ResultRows
from .model_terms import build_model_frame
from .t_test import add_outcomes, pair_of, require_comparator


def estimate_rank_sum(context: Context, name: str, spec: RankSum) -> AnalysisResult:
    """Compare the ranks of each arm with those of the comparator, at each visit.

    The shift is the median of all differences between the arms, also where the test is stratified. Raises
    EstimationFailed where no arms are compared or values do not vary.
    """
    frame = build_estimand_frame(context, spec.estimand)
    versus = require_comparator(frame)
    rows = ResultRows(name, frame.estimand.set)
    said = list(frame.account)
    for _, label, visit_records in frame.visits():
        model = build_model_frame(context, frame, visit_records, ["arm"], also=spec.strata)
        said += model.said
        place = Place(parameter=frame.parameter, visit=label)
        add_outcomes(rows, frame, model.rows, place)
        for arm in frame.compared:
            pair = pair_of(model.rows, arm, versus)
            shift = hodges_lehmann(pair, "outcome", "arm", versus=versus, level=spec.confidence)
            statistics: dict[str, Number] = {
                "estimate": shift.estimate,
                "lower": shift.lower,
                "upper": shift.upper,
            }
            if spec.strata:
                stratified = van_elteren(pair, "outcome", "arm", list(spec.strata), versus=versus)
                statistics |= {"z": stratified.z, "p": stratified.p}
            else:
                test = rank_sum(pair, "outcome", "arm", versus=versus)
                statistics |= {"z": test.z, "p": test.p}
            rows.add(statistics, arm=arm, versus=versus, **place)
    kind = (
        f"van Elteren's test, stratified by {', '.join(spec.strata)}, weights 1 / (stratum size + 1)."
        if spec.strata
        else "Wilcoxon's rank-sum test, normal approximation with continuity correction."
    )
    said += [kind, "Shift: Hodges-Lehmann estimate with its distribution-free interval."]
    return AnalysisResult(
        name, spec, frame.estimand.set, rows.frame(), frame.trace(frame.records, spec.strata), tuple(said)
    )

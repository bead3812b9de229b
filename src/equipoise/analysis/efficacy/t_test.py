"""Two-sample t test of an estimand's outcome: each arm against the one compared with."""

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import TTest
from ...statistics.linear import t_test
from ..context import Context, by_arm
from ..estimand import EstimandFrame, build_estimand_frame
from ..result import AnalysisResult
from ..rows import Place, ResultRows
from ..summaries import SHORT, summary_of


def estimate_t_test(context: Context, name: str, spec: TTest) -> AnalysisResult:
    """Compare the means of each arm with those of the comparator, at each visit.

    Raises EstimationFailed where no arms are compared or an arm has too few values.
    """
    frame = build_estimand_frame(context, spec.estimand)
    versus = require_comparator(frame)
    rows = ResultRows(name, frame.estimand.set)
    for _, label, records in frame.visits():
        place = Place(parameter=frame.parameter, visit=label)
        add_outcomes(rows, frame, records, place)
        for arm in frame.compared:
            pair = pair_of(records, arm, versus)
            t = t_test(
                pair,
                "outcome",
                "arm",
                versus=versus,
                variance="pooled" if spec.variances == "equal" else "welch",
                level=spec.confidence,
            )
            statistics = {"estimate": t.estimate, "se": t.se, "lower": t.lower, "upper": t.upper}
            rows.add({**statistics, "df": t.df, "t": t.t, "p": t.p}, arm=arm, versus=versus, **place)
    kind = "Student's t test, pooled variance." if spec.variances == "equal" else "Welch's t test."
    said = (*frame.account, kind)
    return AnalysisResult(name, spec, frame.estimand.set, rows.frame(), frame.trace(frame.records), said)


def require_comparator(frame: EstimandFrame) -> str:
    """Return the arm compared with; EstimationFailed where the estimand compares none."""
    if frame.versus is None:
        raise EstimationFailed(f"estimand {frame.name} compares no arms; name one under `versus`")
    return frame.versus


def pair_of(records: pl.DataFrame, arm: str, versus: str) -> pl.DataFrame:
    """Return the records of two arms; EstimationFailed where one of them has none."""
    pair = records.with_columns(pl.col("arm").cast(pl.String)).filter(pl.col("arm").is_in([arm, versus]))
    for label in (arm, versus):
        if not (pair["arm"] == label).any():
            raise EstimationFailed(f"arm {label} has no outcome to compare")
    return pair


def add_outcomes(rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, place: Place) -> None:
    """Add n and the summary of the outcome by arm."""
    for arm, part in by_arm(records, frame.arms).items():
        rows.add(summary_of(part, "outcome", SHORT), arm=arm, **place)

"""Disposition: screened, randomised, treated, how each participant ended, and who is in the primary analysis.

The counts of a CONSORT 2025 flow diagram (items 22a and 22b). Percentages are of the participants randomised to
the arm. Who is left out of the primary analysis is counted once, under the first reason that applies: not
treated (where the analysis set asks for it), outside the analysis set, no outcome.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from ...datasets.assemble.columns import as_text
from ...errors import EstimationFailed
from ...protocol.expression import names_in
from ...protocol.model import Analysis, Disposition, Estimand, Mmrm
from ..context import Context, count_by_arm, count_of
from ..estimand import EstimandFrame, build_estimand_frame
from ..repeated_measures.visits import build_repeated_measures
from ..result import AnalysisResult
from ..rows import ResultRows
from ..summaries import add_shares


def tabulate_disposition(context: Context, name: str, spec: Disposition) -> AnalysisResult:
    """Count participants at each step of the trial, by arm.

    Raises EstimationFailed where nobody has an arm; a milestone or reason that the data lack is named in the
    account.
    """
    people = context.participants
    if people.is_empty():
        raise EstimationFailed("the data hold no participant with an arm")
    arms = list(context.arm_labels.values())
    rows = ResultRows(name, "")
    said = _add_screening(context, rows)
    randomised = people.filter(_flag(people, "randomised"))
    below = _heights(randomised, arms)
    steps = [("randomised", randomised)]
    if "treated" in people.columns:
        steps.append(("treated", randomised.filter(_flag(randomised, "treated"))))
    else:
        said.append("The data do not tell who was treated.")
    for milestone in spec.milestones:
        try:
            flag = context.variable(milestone, randomised)
        except EstimationFailed as absent:
            said.append(f"{milestone} is not counted: {absent}.")
            continue
        steps.append((milestone, randomised.filter(_is_yes(flag))))
    for milestone, reached in steps:
        add_shares(rows, _heights(reached, arms), below, group={"milestone": milestone})
    records = randomised.select(
        "participant", "arm", *(c for c in ("treated", *spec.milestones) if c in people.columns)
    )
    if spec.reason is not None:
        records, sentence = _add_reasons(context, rows, randomised, records, spec.reason, arms, below)
        said.append(sentence)
    for analysis_set in context.protocol.analysis_sets:
        try:
            inside = context.members(analysis_set)
        except EstimationFailed as failure:
            said.append(f"Analysis set {analysis_set} is not counted: {failure}.")
            continue
        add_shares(rows, _heights(inside, arms), below, group={"set": analysis_set})
    records, sentences = _add_primary(context, rows, randomised, records, arms, below)
    entered = "randomised" if context.protocol.randomisation else "enrolled"
    said.append(f"{count_of(randomised.height, 'participant')} {entered}; percentages are of those in the arm.")
    return AnalysisResult(name, spec, "", rows.frame(), records, (*said, *sentences))


def _add_screening(context: Context, rows: ResultRows) -> list[str]:
    if context.data.screened is None:
        return [f"{context.absence('screened', 'count of persons screened')}."]
    rows.add({"count": context.data.screened}, group={"milestone": "screened"})
    failures = context.data.screen_failures
    failed = context.data.screened - context.participants.height
    rows.add({"count": failed}, group={"milestone": "screen failure"})
    for reason, count in failures.items():
        rows.add({"count": count}, group={"milestone": "screen failure", "reason": reason})
    return []


def _flag(frame: pl.DataFrame, column: str) -> pl.Series:
    if column not in frame.columns:
        return pl.Series([True] * frame.height, dtype=pl.Boolean)
    return frame[column].cast(pl.Boolean).fill_null(False)


def _is_yes(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Float64:
        return (column > 0).fill_null(False)
    return column.cast(pl.String).str.to_uppercase().is_in(["Y", "YES", "TRUE", "1"]).fill_null(False)


def _heights(frame: pl.DataFrame, arms: Sequence[str]) -> dict[str, int]:
    return count_by_arm(frame, arms, total=True)


def _add_reasons(
    context: Context,
    rows: ResultRows,
    randomised: pl.DataFrame,
    records: pl.DataFrame,
    reason: str,
    arms: Sequence[str],
    below: Mapping[str, int],
) -> tuple[pl.DataFrame, str]:
    """Count who left early, and each reason, the most frequent first."""
    if reason not in randomised.columns:
        return records, f"Reasons are not counted: {context.absence(reason, f'values of {reason}')}."
    words = as_text(randomised[reason])
    words = words.set(words.str.strip_chars() == "", None)
    records = records.with_columns(words.alias("reason"))
    left = records.drop_nulls("reason")
    add_shares(rows, _heights(left, arms), below, group={"milestone": "discontinued"})
    order = left.group_by("reason").len().sort(["len", "reason"], descending=[True, False])["reason"]
    for word in order:
        counted = _heights(left.filter(pl.col("reason") == word), arms)
        add_shares(rows, counted, below, group={"milestone": "discontinued", "reason": word})
    return records, f"{count_of(left.height, 'participant')} with a reason ({reason})."


def _add_primary(
    context: Context,
    rows: ResultRows,
    randomised: pl.DataFrame,
    records: pl.DataFrame,
    arms: Sequence[str],
    below: Mapping[str, int],
) -> tuple[pl.DataFrame, list[str]]:
    """Count who is in the primary analysis, and who is not and why."""
    report = context.protocol.report
    if report is None or report.primary is None:
        return records, []
    primary = context.protocol.analyses[report.primary]
    name = getattr(primary, "estimand", None)
    if name is None:
        return records, []
    estimand = context.protocol.estimands[name]
    try:
        frame, rows_used = _primary_rows(context, name, primary)
        members = context.members(estimand.set)
    except EstimationFailed as failure:
        return records, [f"The primary analysis is not counted: {failure}."]
    analysed = rows_used["participant"].unique()
    reasons = _reasons(context, estimand, randomised, members, analysed, frame.excluded)
    records = records.join(reasons, on="participant", how="left", maintain_order="left")
    inside = records.filter(pl.col("left_out").is_null())
    add_shares(rows, _heights(inside, arms), below, group={"milestone": "analysed"})
    for reason in reasons["left_out"].unique(maintain_order=True).sort():
        counted = _heights(records.filter(pl.col("left_out") == reason), arms)
        add_shares(rows, counted, below, group={"milestone": "not analysed", "reason": reason})
    return records, [f"Primary analysis: {report.primary}, in the analysis set {context.set_label(estimand.set)}."]


def _primary_rows(context: Context, estimand: str, primary: Analysis) -> tuple[EstimandFrame, pl.DataFrame]:
    """Return the frame of the primary analysis and the rows it uses, for repeated measures of every visit."""
    if isinstance(primary, Mmrm):
        measures = build_repeated_measures(context, primary)
        return measures.frame, measures.rows
    frame = build_estimand_frame(context, estimand)
    return frame, frame.records


def _reasons(
    context: Context,
    estimand: Estimand,
    randomised: pl.DataFrame,
    members: pl.DataFrame,
    analysed: pl.Series,
    excluded: pl.DataFrame,
) -> pl.DataFrame:
    """Return `participant` and `left_out`, the first reason that applies, for each who is not analysed."""
    outside = randomised.filter(~pl.col("participant").is_in(analysed.implode()))
    in_set = pl.col("participant").is_in(members["participant"].implode())
    rule = context.protocol.analysis_sets[estimand.set].rule
    untreated = pl.lit(False)
    if "treated" in randomised.columns:
        untreated = ~in_set & ~pl.col("treated").cast(pl.Boolean).fill_null(False)
    asks = "treated" in names_in(rule)
    why = excluded.group_by("participant", maintain_order=True).agg(pl.col("reason").first())
    return outside.join(why, on="participant", how="left", maintain_order="left").select(
        "participant",
        pl.when(untreated & pl.lit(asks))
        .then(pl.lit("not treated"))
        .when(~in_set)
        .then(pl.lit(f"not in {context.set_label(estimand.set)}"))
        .otherwise(pl.coalesce("reason", pl.lit("arm not part of the estimand")))
        .alias("left_out"),
    )

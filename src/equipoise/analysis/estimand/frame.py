"""The frame that the analyses of an estimand use: population, variable, intercurrent events, missing values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Estimand
from ..context import Context, count_of, spoken_counts
from .intercurrent import find_occurrences, keep_principal_stratum
from .measurements import MISSING_AS_NON_RESPONSE, measure_outcomes
from .times import time_outcomes

_TRACED = (
    *("visit", "visit_label", "day", "baseline", "value", "change", "percent_change", "time", "event"),
    *("description", "outcome", "handled", "source"),
)


@dataclass(frozen=True)
class EstimandFrame:
    """What an analysis of an estimand works on.

    arms: labels of the arms compared, in the order of the protocol; `versus` is the one compared with, None
        where the estimand compares none.
    records: a row a participant (and visit) with an outcome: `participant`, `arm` (an ordered level), `outcome`,
        `handled` (how the value came), `source`, and the participant's variables; for a measurement or response
        also `visit`, `visit_label`, `day`, `baseline`, `value`, `change`, `percent_change`; for a time to event
        `time`, `event` (true or false), `description`.
    unobserved: the rows of those members without an outcome, with the columns of `records`.
    excluded: members of the analysis set without an outcome: `participant`, `arm`, `visit`, `reason`.
    account: sentences on the set, each intercurrent event and missing values.
    """

    name: str
    estimand: Estimand
    arms: tuple[str, ...]
    versus: str | None
    parameter: str
    records: pl.DataFrame
    unobserved: pl.DataFrame
    excluded: pl.DataFrame
    account: tuple[str, ...]

    @property
    def compared(self) -> tuple[str, ...]:
        """The arms that are compared with `versus`."""
        return tuple(arm for arm in self.arms if arm != self.versus)

    def trace(self, records: pl.DataFrame, used: Iterable[str] = ()) -> pl.DataFrame:
        """Keep of each record what a reader follows: who, what, how it came about, and the columns `used`."""
        kept = dict.fromkeys(["participant", "arm", *_TRACED, *used])
        return records.select([name for name in kept if name in records.columns])

    def visits(self) -> list[tuple[str, str, pl.DataFrame]]:
        """Return id, label and records of each visit, in the order of the estimand; one of each for times."""
        if "visit" not in self.records.columns:
            return [("", "", self.records)]
        parts = []
        for visit in self.estimand.variable.at:
            rows = self.records.filter(pl.col("visit") == visit)
            label = str(rows["visit_label"][0]) if rows.height else visit
            parts.append((visit, label, rows))
        return parts


def build_estimand_frame(context: Context, name: str, *, visits: Sequence[str] = ()) -> EstimandFrame:
    """Build the analysis frame of the estimand of that name.

    `visits`: ids of the visits of a model that takes in more than those of the estimand; each strategy for
    intercurrent events is carried out at every one of them. Raises EstimationFailed with the reason where the
    data cannot give it: nothing measured, nobody in the set.
    """
    estimand = context.protocol.estimands[name]
    if visits:
        at_visits = estimand.variable.model_copy(update={"at": tuple(visits)})
        estimand = estimand.model_copy(update={"variable": at_visits})
    arm_ids, versus_id = _arms(context, estimand)
    labels = context.arm_labels
    arms = tuple(labels[arm] for arm in arm_ids)
    whole = context.members(estimand.set)
    members = whole.filter(pl.col("arm_id").is_in(list(arm_ids))).with_columns(pl.col("arm").cast(pl.Enum(arms)))
    if members.is_empty():
        raise EstimationFailed(f"no participant of analysis set {estimand.set} is in an arm of estimand {name}")
    said = [f"Analysis set {context.set_label(estimand.set)}: {_who(members, arms)}."]
    if whole.height > members.height:
        said.append(
            f"{count_of(whole.height - members.height, 'participant')} of other arms not part of the estimand."
        )
    occurrences = find_occurrences(context, estimand, members)
    members, outside = keep_principal_stratum(members, occurrences)
    variable = estimand.variable
    if variable.kind == "time to event":
        outcomes = time_outcomes(context, name, estimand, members, occurrences)
        parameter = variable.parameter or name
    else:
        outcomes = measure_outcomes(context, estimand, members, occurrences)
        parameter = context.parameter(variable.item or name)
    said += outcomes.said
    known = members.drop([c for c in members.columns if c in outcomes.records.columns and c != "participant"])
    records = outcomes.records.join(known, on="participant", how="left", maintain_order="left")
    excluded = _excluded(records, outside, variable.kind)
    unobserved = records.filter(pl.col("outcome").is_null())
    records = records.filter(pl.col("outcome").is_not_null())
    if records.is_empty():
        raise EstimationFailed(f"no participant of analysis set {estimand.set} has an outcome for estimand {name}")
    said += _missing(records, excluded, arms, estimand, together=bool(visits))
    return EstimandFrame(
        name,
        estimand,
        arms,
        None if versus_id is None else labels[versus_id],
        parameter,
        records,
        unobserved,
        excluded,
        tuple(said),
    )


def _arms(context: Context, estimand: Estimand) -> tuple[list[str], str | None]:
    """Return the ids of the arms in the order of the protocol, and the one compared with."""
    protocol = context.protocol
    versus = estimand.versus or protocol.control
    if estimand.summary == "mean":
        versus = estimand.versus
    wanted = {*estimand.arms, *([versus] if versus else [])} if estimand.arms else set(protocol.arms)
    return [arm for arm in protocol.arms if arm in wanted], versus


def _who(members: pl.DataFrame, arms: Sequence[str]) -> str:
    return f"{count_of(members.height, 'participant')} ({spoken_counts(members, arms)})"


def _excluded(records: pl.DataFrame, outside: pl.DataFrame, kind: str) -> pl.DataFrame:
    visit = pl.col("visit_label") if "visit_label" in records.columns else pl.lit("")
    if kind == "time to event":
        reason = pl.lit("no time to event in the data")
    else:
        without = pl.col("value").is_null()
        reason = pl.when(without).then(pl.lit("no value")).otherwise(pl.lit("no baseline or undecided rule"))
    missing = records.filter(pl.col("outcome").is_null()).select(
        "participant", "arm", visit.alias("visit"), reason.alias("reason")
    )
    left_out = outside.select("participant", "arm", pl.lit("").alias("visit"), "reason")
    return pl.concat([left_out, missing])


def _missing(
    records: pl.DataFrame, excluded: pl.DataFrame, arms: Sequence[str], estimand: Estimand, *, together: bool
) -> list[str]:
    """Say who has no outcome; where the visits are analysed `together`, nobody is left out for one of them."""
    said = []
    for (visit, reason), rows in excluded.group_by("visit", "reason", maintain_order=True):
        what = "Missing" if together and visit else "Left out"
        place = f" at {visit}" if visit else ""
        who = f"{count_of(rows.height, 'participant')} ({spoken_counts(rows, arms)})"
        said.append(f"{what}{place}: {who}: {reason}.")
    if estimand.variable.kind == "time to event":
        return said
    if estimand.missing == "non-response":
        counted = records.filter(pl.col("handled") == MISSING_AS_NON_RESPONSE).height
        said.append(f"{count_of(counted, 'missing response')} counted as non-response.")
    elif estimand.missing == "observed only" and not together:
        said.append("Missing values are not filled in." if said else "No outcome is missing.")
    return said

"""What every analysis asks of protocol and data: arms in order, members of a set, levels of a variable, words.

A rule of the protocol is evaluated as it stands on the participants; where it cannot be decided because a value
is missing, it counts as not met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from ..datasets.analysis_data import AnalysisData
from ..datasets.assemble.columns import as_text
from ..errors import EstimationFailed
from ..protocol import Protocol, parse_expression
from ..protocol.checks.vocabulary import participant_names
from ..protocol.expression import names_in
from ..protocol.model import ParticipantVariable

TOTAL = "Total"


@dataclass(frozen=True)
class Context:
    """A protocol and the data of its trial."""

    protocol: Protocol
    data: AnalysisData

    @cached_property
    def arm_labels(self) -> Mapping[str, str]:
        """Label of each arm as in the data, in the order of the protocol; the protocol's where nobody is in it."""
        seen = self.data.participants.filter(pl.col("arm").is_not_null()).unique("arm", keep="first")
        in_data = dict(seen.select("arm", "arm_label").iter_rows())
        return {name: in_data.get(name) or arm.label.say() for name, arm in self.protocol.arms.items()}

    @cached_property
    def participants(self) -> pl.DataFrame:
        """Everyone who has an arm, `arm` holding its label as an ordered level, with what rules can name."""
        labels = self.arm_labels
        arms = pl.Enum(list(labels.values()))
        named = ("participant", "arm", "arm_label", *participant_names(self.protocol), "source")
        present = [name for name in dict.fromkeys(named) if name in self.data.participants.columns]
        return (
            self.data.participants.select(present)
            .filter(pl.col("arm").is_in(list(labels)))
            .with_columns(
                pl.col("arm").alias("arm_id"),
                pl.col("arm").replace_strict(labels, return_dtype=pl.String).cast(arms),
            )
        )

    def members(self, analysis_set: str, where: str | None = None) -> pl.DataFrame:
        """Return the participants of an analysis set, narrowed by `where`; EstimationFailed if there are none."""
        frame = self.participants
        for rule in (self.protocol.analysis_sets[analysis_set].rule, where):
            if rule is not None:
                frame = frame.filter(self.holds(frame, rule))
        if frame.is_empty():
            narrowed = f" where {where}" if where else ""
            raise EstimationFailed(f"analysis set {analysis_set}{narrowed} holds no participant with an arm")
        return frame

    def holds(self, frame: pl.DataFrame, rule: str) -> pl.Series:
        """Evaluate a rule on each row; false where it cannot be decided. EstimationFailed for absent data."""
        return self.evaluate(frame, rule).cast(pl.Boolean).fill_null(False)

    def evaluate(self, frame: pl.DataFrame, expression: str) -> pl.Series:
        """Evaluate an expression of the protocol on each row; EstimationFailed for a name that the data lack."""
        for name in names_in(expression):
            if name not in frame.columns:
                raise EstimationFailed(self.absence(name, f"{name}, which `{expression}` needs"))
        return frame.with_columns(parse_expression(expression).alias("_result"))["_result"]

    def absence(self, name: str, what: str) -> str:
        """Say why something is not in the data: the reader's sentence if it left one."""
        return self.data.absent.get(name) or f"the data hold no {what}"

    def say_set(self, name: str, members: pl.DataFrame) -> str:
        """Say how many participants of which arms an analysis set holds."""
        arms = list(self.arm_labels.values())
        return (
            f"{self.set_label(name)}: {count_of(members.height, 'participant')} ({spoken_counts(members, arms)})."
        )

    def set_label(self, name: str) -> str:
        """Return the words for an analysis set."""
        label = self.protocol.analysis_sets[name].label
        return name if label is None else label.say()

    def parameter(self, item: str) -> str:
        """Return what results call an item: its test code, else its id."""
        declared = self.protocol.items.get(item)
        return item if declared is None or declared.testcd is None else declared.testcd

    def measurements(self, item: str) -> pl.DataFrame:
        """Return the measurements of an item; EstimationFailed with the reason where there are none."""
        found = self.data.measurements.get(item)
        if found is None or found.is_empty():
            raise EstimationFailed(self.absence(item, f"measurements of {item}"))
        return found

    def visit_order(self) -> Mapping[str, int]:
        """Place of each visit in the schedule."""
        return {name: place for place, name in enumerate(self.protocol.schedule.visits)}

    def visit_label(self, visit: str, measured: pl.DataFrame) -> str:
        """Return a visit's label as in the data, else as in the protocol."""
        labels = measured.filter(pl.col("visit") == visit)["visit_label"].drop_nulls()
        return str(labels[0]) if labels.len() else self.protocol.visit_label(visit)

    def variable(self, name: str, frame: pl.DataFrame) -> pl.Series:
        """Return a participant variable: numbers as floats, anything else as levels in the protocol's order.

        EstimationFailed where the data lack it.
        """
        if name not in frame.columns or frame[name].null_count() == frame.height:
            raise EstimationFailed(self.absence(name, f"values of {name}"))
        declared = self.protocol.variables.get(name)
        column = frame[name]
        if is_number(declared):
            return column.cast(pl.Float64)
        return as_text(column).cast(level_type(column, declared))


def is_number(variable: ParticipantVariable | None) -> bool:
    """Whether a participant variable is a number (or a day); `site`, which nobody declares, is not."""
    return variable is not None and variable.type in ("number", "day")


def level_type(column: pl.Series, variable: ParticipantVariable | None) -> pl.Enum:
    """Return the levels of a column: those coded in the protocol in its order, then others, sorted."""
    coded = list(variable.codes) if variable is not None else []
    seen = as_text(column).drop_nulls().unique().to_list()
    return pl.Enum([*coded, *(level for level in sorted(seen, key=_natural) if level not in coded)])


def levels_of(column: pl.Series) -> list[str]:
    """List the levels that occur in a column of ordered levels, in their order."""
    seen = set(column.drop_nulls().cast(pl.String))
    declared = column.dtype.categories.to_list() if isinstance(column.dtype, pl.Enum) else sorted(seen)
    return [level for level in declared if level in seen]


def _natural(text: str) -> tuple[int, float, str]:
    """Sort numbers as numbers, before words."""
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)


def by_arm(frame: pl.DataFrame, arms: Sequence[str], *, total: bool = False) -> dict[str, pl.DataFrame]:
    """Split a frame by its column `arm`, an entry for each of `arms` (also the empty ones), and the total last."""
    parts = {arm: frame.filter(pl.col("arm").cast(pl.String) == arm) for arm in arms}
    if total and len(parts) > 1:
        parts[TOTAL] = frame
    return parts


def count_by_arm(
    frame: pl.DataFrame, arms: Sequence[str], *, total: bool = False, distinct: str | None = None
) -> dict[str, int]:
    """Count the rows of each of `arms`, or the `distinct` values of a column, and the total last."""
    amount = pl.len() if distinct is None else pl.col(distinct).n_unique()
    found = dict(frame.group_by(pl.col("arm").cast(pl.String)).agg(amount.alias("number")).iter_rows())
    counted = {arm: int(found.get(arm, 0)) for arm in arms}
    if total and len(counted) > 1:
        counted[TOTAL] = frame.height if distinct is None else frame[distinct].n_unique()
    return counted


def spoken_counts(frame: pl.DataFrame, arms: Sequence[str]) -> str:
    """Say how many rows each arm has: `Placebo 79, Low 81`."""
    return ", ".join(f"{arm} {number}" for arm, number in count_by_arm(frame, arms).items())


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Say `1 record`, `3 records`."""
    return f"{number} {one if number == 1 else many or one + 's'}"

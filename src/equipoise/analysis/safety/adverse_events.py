"""Adverse events by system organ class and preferred term: participants with an event, and events.

Percentages are of the participants of the analysis set in the arm. Each active arm is compared with the control
by Fisher's exact test on request. Classes and terms come by falling number of participants, then by name.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import AdverseEvents
from ...statistics.categorical import fisher_exact
from ..context import Context, count_by_arm, count_of, level_type, levels_of
from ..result import AnalysisResult
from ..rows import ResultRows
from ..summaries import add_shares

TREATMENT_EMERGENT = "treatment_emergent = 'Y'"
_SOC, _TERM = "system_organ_class", "term"
_SEVERITY = ("MILD", "MODERATE", "SEVERE", "LIFE THREATENING", "FATAL")
_KINDS = {
    "any": None,
    "serious": "serious = 'Y'",
    "fatal": "fatal = 'Y'",
    "special interest": "special_interest IS NOT NULL AND special_interest <> ''",
}


def tabulate_adverse_events(context: Context, name: str, spec: AdverseEvents) -> AnalysisResult:
    """Count participants and events: any, serious, fatal, by severity, by class and by term.

    Raises EstimationFailed where the data hold no adverse events dataset.
    """
    if context.data.adverse_events is None:
        raise EstimationFailed(context.absence("adverse_events", "adverse events"))
    members = context.members(spec.set, spec.where)
    events = chosen_events(context, members, spec.events or TREATMENT_EMERGENT)
    arms = list(context.arm_labels.values())
    table = _Table(name, spec, members, arms, context)
    for kind, rule in _KINDS.items():
        wanted = events if rule is None else _of_kind(context, events, rule)
        if wanted is not None and (kind == "any" or wanted.height):
            table.add(wanted, {"event": kind})
    _add_severity(table, events)
    hidden = _add_terms(table, events, spec.at_least)
    said = [
        context.say_set(spec.set, members),
        f"Events counted: those with {spec.events or TREATMENT_EMERGENT}; {events.height} of "
        f"{context.data.adverse_events.height} recorded.",
        "A participant counts once in each row, and by severity at the worst one; events count at their own.",
    ]
    if hidden:
        share = f"{100 * spec.at_least:g}%"
        said.append(f"{count_of(hidden, 'term')} seen in fewer than {share} of every arm not shown.")
    if spec.test == "fisher":
        said += table.tested()
    return AnalysisResult(name, spec, spec.set, table.rows.frame(), events, tuple(said))


def chosen_events(context: Context, members: pl.DataFrame, rule: str) -> pl.DataFrame:
    """Return the adverse events of the members for which a rule holds, with the members' arm."""
    assert context.data.adverse_events is not None
    known = members.drop(
        [c for c in members.columns if c in context.data.adverse_events.columns and c != "participant"]
    )
    events = context.data.adverse_events.join(known, on="participant", how="inner", maintain_order="left")
    events = events.filter(context.holds(events, rule))
    first = ["participant", "arm", *(c for c in context.data.adverse_events.columns if c != "participant")]
    return events.select(first)


def _of_kind(context: Context, events: pl.DataFrame, rule: str) -> pl.DataFrame | None:
    """Return the events of a kind; None where the data do not record what tells them."""
    column = rule.split(maxsplit=1)[0]
    if column not in events.columns or events[column].null_count() == events.height:
        return None
    return events.filter(context.holds(events, rule))


class _Table:
    """Adds rows of participants and events by arm, with the test against the control."""

    def __init__(
        self, name: str, spec: AdverseEvents, members: pl.DataFrame, arms: Sequence[str], context: Context
    ) -> None:
        self.rows = ResultRows(name, spec.set)
        self._arms = arms
        self._below = count_by_arm(members, arms, total=True)
        self._test = spec.test
        control = context.protocol.control
        self._versus = None if control is None else context.arm_labels[control]
        for arm, below in self._below.items():
            self.rows.add({"n": below}, arm=arm)

    def counts(self, events: pl.DataFrame) -> dict[str, int]:
        """Count the participants by arm."""
        return count_by_arm(events, self._arms, total=True, distinct="participant")

    def seen_in(self, events: pl.DataFrame) -> float:
        """Return the largest share of participants in any arm."""
        counted = self.counts(events)
        return max(counted[arm] / self._below[arm] for arm in self._arms if self._below[arm])

    def add(
        self, events: pl.DataFrame, group: Mapping[str, object], *, numbered: pl.DataFrame | None = None
    ) -> None:
        """Add count, percent and events by arm, and p of each arm against the control.

        `events` tell the participants to count, `numbered` the events to count where these are others.
        """
        counted = self.counts(events)
        numbered = events if numbered is None else numbered
        number = count_by_arm(numbered, self._arms, total=True)
        add_shares(self.rows, counted, self._below, group=group, events=number)
        if self._test == "none" or self._versus is None:
            return
        for arm in self._arms:
            if arm != self._versus and self._below[arm] and self._below[self._versus]:
                p = _fisher_p(counted, self._below, arm, self._versus)
                self.rows.add({"p": p}, arm=arm, versus=self._versus, group=group)

    def tested(self) -> list[str]:
        """Say how p came about."""
        if self._versus is None:
            return ["No test: the protocol marks no control arm."]
        return [f"p: Fisher's exact test of participants, each arm against {self._versus}; not adjusted."]


def _fisher_p(counted: Mapping[str, int], below: Mapping[str, int], arm: str, versus: str) -> float:
    """Compare two arms; where nobody or everybody of both has an event, no table is rarer and p is 1."""
    table = [[counted[a], below[a] - counted[a]] for a in (arm, versus)]
    if sum(row[0] for row in table) == 0 or sum(row[1] for row in table) == 0:
        return 1.0
    return fisher_exact(table).p


def _add_severity(table: _Table, events: pl.DataFrame) -> None:
    """Count participants by their worst severity, and events by their own."""
    if "severity" not in events.columns or not events["severity"].drop_nulls().len():
        return
    recorded = level_type(events["severity"].str.to_uppercase(), None).categories.to_list()
    order = [*(s for s in _SEVERITY if s in recorded), *(s for s in recorded if s not in _SEVERITY)]
    graded = events.with_columns(pl.col("severity").str.to_uppercase().cast(pl.Enum(order)))
    worst = graded.group_by("participant", maintain_order=True).agg(
        pl.col("severity").to_physical().max().alias("worst")
    )
    place = {level: i for i, level in enumerate(order)}
    graded = graded.join(worst, on="participant", maintain_order="left")
    for level in levels_of(graded["severity"]):
        at_worst = graded.filter(pl.col("worst") == place[level])
        own = graded.filter(pl.col("severity").cast(pl.String) == level)
        table.add(at_worst, {"severity": level}, numbered=own)


def _add_terms(table: _Table, events: pl.DataFrame, at_least: float) -> int:
    """Add classes and their terms; returns how many terms stay hidden below the threshold."""
    if _TERM not in events.columns:
        return 0
    filled = events.with_columns(pl.col(_TERM).fill_null("not coded"))
    has_classes = _SOC in events.columns and events[_SOC].drop_nulls().len() > 0
    filled = filled.with_columns(
        (pl.col(_SOC) if has_classes else pl.lit(None, dtype=pl.String)).fill_null("not coded").alias(_SOC)
    )
    hidden = 0
    for organ_class, inside in _by_frequency(filled, _SOC):
        shown = []
        for term, of_term in _by_frequency(inside, _TERM):
            if at_least and table.seen_in(of_term) < at_least:
                hidden += 1
            else:
                shown.append((term, of_term))
        if has_classes and (shown or table.seen_in(inside) >= at_least):
            table.add(inside, {_SOC: organ_class})
        for term, of_term in shown:
            table.add(of_term, {_SOC: organ_class, _TERM: term} if has_classes else {_TERM: term})
    return hidden


def _by_frequency(events: pl.DataFrame, column: str) -> list[tuple[str, pl.DataFrame]]:
    """Split events by a column, by falling number of participants, then by name."""
    order = (
        events.group_by(column)
        .agg(pl.col("participant").n_unique().alias("participants"))
        .sort(["participants", column], descending=[True, False])
    )
    parts = events.partition_by(column, as_dict=True)
    return [(value, parts[(value,)]) for value in order[column]]

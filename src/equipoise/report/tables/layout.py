"""What the tables share: columns by arm, the line that says who is counted, and rows over those columns."""

from collections.abc import Callable, Mapping, Sequence

from ...analysis.context import TOTAL
from ...analysis.result import AnalysisResult
from ...protocol.model import Endpoint
from ..language import Labels
from .lookup import Lookup, Numbers
from .table import Cell, Column, Reference, Row

SUMMARY_LABELS: Mapping[str, str] = {
    "value": "Value",
    "change": "Change from baseline",
    "percent_change": "Percent change from baseline",
    "baseline": "Baseline",
}
"""What `summary=` in a group stands for."""


def arm_columns(labels: Labels, arms: Sequence[str], counts: Mapping[str, int]) -> tuple[Column, ...]:
    """Make a column for each arm, its number of participants below its label."""
    return tuple(Column(labels.arm(arm), f"(N={counts[arm]})" if arm in counts else "", width=1.2) for arm in arms)


def arms_in(lookup: Lookup, labels: Labels) -> list[str]:
    """Return the arms that the results name, in the order of the protocol, the total last."""
    named = set(lookup.arms()) | {versus for _, versus in lookup.comparisons()}
    return [arm for arm in (*labels.arms, TOTAL) if arm in named]


def set_counts(lookup: Lookup, labels: Labels) -> Mapping[str, int]:
    """Return the participants of the analysis set by arm, as the header of a table prints them."""
    return labels.counts(lookup.result.analysis_set, getattr(lookup.result.spec, "where", None))


def population_line(result: AnalysisResult, labels: Labels) -> str:
    """Say who is counted."""
    name = result.analysis_set
    if name not in labels.context.protocol.analysis_sets:
        return labels.say("All participants")
    return labels.analysis_set(name)


def title_of(result: AnalysisResult, labels: Labels, otherwise: str) -> str:
    """Return the title that the protocol gives, else one that fits the method."""
    return otherwise if result.spec.title is None else result.spec.title.say(labels.language)


def note_of(result: AnalysisResult, labels: Labels) -> tuple[str, ...]:
    """Return the caution that the protocol prints below the table."""
    return () if result.spec.note is None else (result.spec.note.say(labels.language),)


def endpoint_of(result: AnalysisResult, labels: Labels) -> Endpoint | None:
    """Return the variable of the estimand, None where the analysis has no estimand."""
    name = getattr(result.spec, "estimand", None)
    return None if name is None else labels.context.protocol.estimands[name].variable


def endpoint_label(result: AnalysisResult, labels: Labels) -> str:
    """Say what the estimand's variable is: `ADAS-Cog (11) total: change from baseline`."""
    endpoint = endpoint_of(result, labels)
    if endpoint is None:
        return ""
    if endpoint.item is None:
        return labels.say("Time to event")
    item = labels.parameter(labels.context.parameter(endpoint.item))
    if endpoint.response is not None:
        return labels.say("{item}: response", item=item)
    if endpoint.summary == "value":
        return item
    return labels.say("{item}: {summary}", item=item, summary=labels.say(endpoint.summary))


def endpoint_heading(result: AnalysisResult, labels: Labels) -> str:
    """Say the estimand's variable and its visits: `CD4 count: change from baseline, Week 48`."""
    endpoint = endpoint_of(result, labels)
    label = endpoint_label(result, labels)
    if endpoint is None or not endpoint.at:
        return label
    visits = [labels.context.protocol.visit_label(visit, labels.language) for visit in endpoint.at]
    return labels.say("{what}, {visit}", what=label, visit=labels.say.listing(visits))


def asked_visits(lookup: Lookup, labels: Labels, parameter: str | None = None) -> list[str]:
    """Return the visits of the estimand, where the results hold more; else those of the results."""
    visits = lookup.visits(parameter)
    endpoint = endpoint_of(lookup.result, labels)
    asked = [visit for visit in visits if endpoint is not None and labels.visit_id(visit) in endpoint.at]
    return asked or visits


def adjusted_at(lookup: Lookup, parameter: str, visit: str, arm: str, versus: str) -> Numbers:
    """Return p and limits of a comparison adjusted for multiplicity; empty where they are not adjusted."""
    place = {"parameter": parameter, "visit": visit, "arm": arm, "versus": versus}
    return next(iter(lookup.select(**place, keys={"multiplicity", "comparisons"})), Numbers(Reference("", "")))


ADJUSTMENTS: Mapping[str, str] = {
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "hommel": "Hommel",
    "fixed sequence": "fixed sequence",
    "dunnett": "Dunnett",
    "step-down dunnett": "step-down Dunnett",
}
"""What an adjustment for multiplicity is called in a table."""


def outcome_decimals(result: AnalysisResult, labels: Labels, parameter: str) -> int:
    """Return the decimals of the outcome as recorded; a percent change counts as recorded to whole percents."""
    endpoint = endpoint_of(result, labels)
    if endpoint is not None and endpoint.summary == "percent change from baseline":
        return 0
    return labels.decimals(parameter)


def row_over(
    label: str, places: Mapping[str, Numbers], show: Callable[[Numbers], Cell], indent: int = 1
) -> Row | None:
    """Make a row with a cell for each place, in their order; None where every cell is empty."""
    cells = tuple(show(numbers) for numbers in places.values())
    return Row(label, cells, indent) if any(cell.text for cell in cells) else None


def summary_rows(labels: Labels, places: Mapping[str, Numbers], decimals: int, indent: int = 1) -> list[Row]:
    """Make the rows n, mean (SD), median, quartiles and range, as far as the results have them."""
    say = labels.say
    rows = (
        row_over("n", places, lambda n: n.count("n"), indent),
        row_over(say("Mean (SD)"), places, lambda n: n.mean_sd(decimals), indent),
        row_over(say("Median"), places, lambda n: n.median(decimals), indent),
        row_over(say("Q1, Q3"), places, lambda n: n.span("q1", "q3", decimals + 1), indent),
        row_over(say("Min, max"), places, lambda n: n.span("min", "max", decimals), indent),
    )
    return [row for row in rows if row is not None]


def in_last(label: str, columns: Sequence[str], cell: Cell, indent: int = 1) -> Row:
    """Make a row for a statistic of all arms: its cell stands in the last column."""
    return Row(label, (*(Cell() for _ in columns[1:]), cell), indent)


def present(*rows: Row | None) -> list[Row]:
    """Keep the rows that there are."""
    return [row for row in rows if row is not None]


def heading(label: str, indent: int = 0) -> Row:
    """Make a row that only has a label."""
    return Row(label, indent=indent, heading=True)


def confidence_label(result: AnalysisResult, labels: Labels) -> str:
    """Say `95% CI`."""
    return labels.say("{level}% CI", level=f"{100 * getattr(result.spec, 'confidence', 0.95):g}")

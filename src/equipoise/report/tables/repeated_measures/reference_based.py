"""The table of reference-based imputation: means and differences under each strategy."""

from ...language import Labels
from ..layout import (
    arm_columns,
    arms_in,
    asked_visits,
    confidence_label,
    endpoint_heading,
    heading,
    note_of,
    outcome_decimals,
    population_line,
    present,
    row_over,
    set_counts,
    title_of,
)
from ..lookup import Lookup
from ..table import Row, Table
from .imputed import count_rows, imputation_note


def tabulate_reference_based(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make a block for each strategy: least-squares means, differences, interval and p."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    rows: list[Row] = []
    for parameter in lookup.parameters():
        visits = asked_visits(lookup, labels, parameter)
        for visit in visits:
            if len(visits) > 1:
                rows.append(heading(labels.visit(visit)))
            rows += count_rows(lookup, labels, arms, parameter, visit)
            for strategy in dict.fromkeys(n.group["strategy"] for n in lookup.select(keys={"strategy"})):
                rows += _strategy(lookup, labels, parameter, visit, strategy)
    title = say("Reference-based imputation: {endpoint}", endpoint=endpoint_heading(result, labels))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, title),
            population=population_line(result, labels),
            stub="",
            columns=arm_columns(labels, arms, set_counts(lookup, labels)),
            rows=tuple(rows),
            footnotes=(
                imputation_note(lookup, labels),
                say("A strategy holds from the first visit after the last one at which the participant was seen."),
                *note_of(result, labels),
            ),
            stub_width=2.4,
        )
    ]


def _strategy(lookup: Lookup, labels: Labels, parameter: str, visit: str, strategy: str) -> list[Row]:
    """Make the rows of one strategy."""
    say, result, group = labels.say, lookup.result, f"strategy={strategy}"
    arms = arms_in(lookup, labels)
    decimals = outcome_decimals(result, labels, parameter) + 1
    versus = lookup.comparisons()[0][1]
    places = {arm: lookup.at(parameter, visit, arm, group=group) for arm in arms}
    against = {arm: lookup.at(parameter, visit, arm, versus, group) for arm in arms}
    words = say(strategy)
    return present(
        heading(words[:1].upper() + words[1:]),
        row_over(say("Least-squares mean (SE)"), places, lambda n: n.with_error("estimate", decimals)),
        row_over(
            say("Difference from {versus} (SE)", versus=labels.arm(versus)),
            against,
            lambda n: n.with_error("estimate", decimals),
        ),
        row_over(confidence_label(result, labels), against, lambda n: n.interval(decimals), indent=2),
        row_over(say("p-value"), against, lambda n: n.p(), indent=2),
    )

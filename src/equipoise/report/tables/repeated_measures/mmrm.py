"""Tables of a mixed model for repeated measures: the estimand's visit, every visit, the terms, the covariance.

The covariance that was used stands in the footnotes, with those before it on the ladder that the data could not
give; the reasons are in the account of the analysis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ....analysis.repeated_measures.mmrm import DEGREES_OF_FREEDOM, STRUCTURES
from ....protocol.model import Mmrm
from ...language import Labels
from ..comparison import tabulate_comparison
from ..layout import (
    arm_columns,
    arms_in,
    asked_visits,
    confidence_label,
    heading,
    outcome_decimals,
    population_line,
    present,
    row_over,
    set_counts,
)
from ..lookup import Lookup, Numbers
from ..table import Cell, Column, Row, Table


def tabulate_mmrm(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table of the estimand's visit, then all visits, the terms' tests and the covariance."""
    main, *others = tabulate_comparison(lookup, labels)
    notes = _footnotes(lookup, labels)
    own, further = main.footnotes[:1], main.footnotes[1:]
    main = replace(main, footnotes=(*own, *notes, *further))
    return [main, _by_visit(lookup, labels, main.title), *others, *_covariance(lookup, labels, main.title)]


def _footnotes(lookup: Lookup, labels: Labels) -> tuple[str, ...]:
    """Say what the model rests on: measurements, covariance, degrees of freedom, missing values."""
    say, spec = labels.say, lookup.result.spec
    assert isinstance(spec, Mmrm)
    tried = lookup.select(keys={"structure"})
    used, failed = tried[-1], tried[:-1]
    visits = say.listing([labels.visit(visit) for visit in lookup.visits() if visit])
    notes = [
        say(
            "One model for {observations} measurements of {n} participants at {visits}; missing values are left "
            "to it, as missing at random.",
            observations=used.count("observations").text,
            n=used.count("n").text,
            visits=visits,
        ),
        say("Covariance between visits: {structure}.", structure=say(STRUCTURES[used.group["structure"]])),
    ]
    if failed:
        names = say.listing([say(STRUCTURES[numbers.group["structure"]]) for numbers in failed])
        notes.append(say("Covariance that the data could not give: {structures}.", structures=names))
    notes.append(say("Degrees of freedom: {method}.", method=say(DEGREES_OF_FREEDOM[spec.df])))
    if spec.variance != "model":
        notes.append(say("Standard errors: empirical (sandwich, {kind}).", kind=spec.variance))
    return tuple(notes)


def _by_visit(lookup: Lookup, labels: Labels, title: str) -> Table:
    """Make the table of means and differences at every visit, and of their average if there is one."""
    say, result = labels.say, lookup.result
    arms = arms_in(lookup, labels)
    rows: list[Row] = []
    for parameter in lookup.parameters():
        for visit in filter(None, lookup.visits(parameter)):
            places = {arm: lookup.at(parameter, visit, arm) for arm in arms}
            against = _against(lookup, parameter, visit, arms)
            rows += _block(lookup, labels, labels.visit(visit), parameter, places, against)
        if lookup.select(parameter=parameter, group="visits=average"):
            places = {arm: lookup.at(parameter, "", arm, group="visits=average") for arm in arms}
            against = _against(lookup, parameter, "", arms, group="visits=average")
            rows += _block(lookup, labels, say("Average of the visits"), parameter, places, against)
    asked = asked_visits(lookup, labels)
    return Table(
        name=f"{result.name}_visits",
        analysis=result.name,
        title=say("{title}: every visit", title=title),
        population=population_line(result, labels),
        stub="",
        columns=arm_columns(labels, arms, set_counts(lookup, labels)),
        rows=tuple(rows),
        footnotes=(
            say("n: participants with a value at the visit."),
            say(
                "The question is asked at {visits}; p-values at other visits are not adjusted for their number.",
                visits=say.listing([labels.visit(visit) for visit in asked]),
            ),
        ),
        stub_width=2.4,
    )


def _against(
    lookup: Lookup, parameter: str, visit: str, arms: Sequence[str], group: str = ""
) -> Mapping[str, Mapping[str, Numbers]]:
    """Return the differences by the arm compared with and the arm."""
    found = lookup.select(parameter=parameter, visit=visit, group=group)
    versuses = dict.fromkeys(n.reference.versus for n in found if n.reference.versus)
    return {versus: {arm: lookup.at(parameter, visit, arm, versus, group) for arm in arms} for versus in versuses}


def _block(
    lookup: Lookup,
    labels: Labels,
    label: str,
    parameter: str,
    places: Mapping[str, Numbers],
    against: Mapping[str, Mapping[str, Numbers]],
) -> list[Row]:
    """Make the rows of one visit."""
    say, result = labels.say, lookup.result
    decimals = outcome_decimals(result, labels, parameter) + 1
    rows = present(
        heading(label),
        row_over("n", places, lambda n: n.count()),
        row_over(say("Least-squares mean (SE)"), places, lambda n: n.with_error("estimate", decimals)),
    )
    for versus, compared in against.items():
        rows += present(
            row_over(
                say("Difference from {versus} (SE)", versus=labels.arm(versus)),
                compared,
                lambda n: n.with_error("estimate", decimals),
            ),
            row_over(confidence_label(result, labels), compared, lambda n: n.interval(decimals), indent=2),
            row_over(say("p-value"), compared, lambda n: n.p(), indent=2),
        )
    return rows


def _covariance(lookup: Lookup, labels: Labels, title: str) -> list[Table]:
    """Make the table of residual SDs and of correlations between visits, by group of covariance if any."""
    say, result = labels.say, lookup.result
    parameter = lookup.parameters()[0]
    visits = [visit for visit in lookup.visits(parameter) if visit]
    groups = dict.fromkeys(n.group.get("by", "") for n in lookup if n.group.get("covariance") == "residual")
    by = getattr(result.spec, "covariance_by", None) or ""
    rows: list[Row] = []
    for group in groups:
        of = f";by={group}" if group else ""
        if group:
            rows.append(heading(labels.arm(group) if by == "arm" else labels.level(by, group)))
        for visit in visits:
            spread = lookup.at(parameter, visit, group=f"covariance=residual{of}")
            cells = [spread.number("sd", labels.decimals(parameter) + 2)]
            for other in visits:
                pair = lookup.at(parameter, other, group=f"with={visit}{of}")
                cells.append(pair.number("correlation", 2) if pair else Cell("1" if other == visit else ""))
            rows.append(Row(labels.visit(visit), tuple(cells), indent=1 if group else 0))
    return [
        Table(
            name=f"{result.name}_covariance",
            analysis=result.name,
            title=say("{title}: covariance between visits", title=title),
            population=population_line(result, labels),
            stub=say("Visit"),
            columns=(
                Column(say("Residual SD"), width=0.8),
                *(Column(labels.visit(visit), width=0.7) for visit in visits),
            ),
            rows=tuple(rows),
            footnotes=(say("Right of the SD: correlations between the visits of a participant."),),
        )
    ]

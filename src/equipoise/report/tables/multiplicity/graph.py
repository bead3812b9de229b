"""The table of a graph of hypotheses: weight, p, adjusted p, and which are rejected in what order."""

from ....protocol.model import GraphOfHypotheses
from ...language import Labels
from ..layout import note_of, population_line, title_of
from ..lookup import Lookup
from ..table import Cell, Column, Row, Table


def tabulate_graph(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make a row a hypothesis."""
    result, say = lookup.result, labels.say
    spec = result.spec
    assert isinstance(spec, GraphOfHypotheses)
    steps = {n.group["hypothesis"]: n.group["step"] for n in lookup.select(keys={"step", "hypothesis"})}
    rows = []
    for numbers in lookup.select(keys={"hypothesis"}):
        name, place = numbers.group["hypothesis"], numbers.reference
        against = say("{arm} against {versus}", arm=labels.arm(place.arm), versus=labels.arm(place.versus))
        step = steps.get(name)
        answer = say("not rejected") if step is None else say("rejected, step {step}", step=step)
        cells = (
            Cell(against),
            numbers.number("weight", 3),
            numbers.p(),
            numbers.probability("adjusted_p"),
            Cell(answer),
        )
        rows.append(Row(hypothesis_label(spec, name, labels), cells))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, say("Graph of hypotheses")),
            population=population_line(result, labels),
            stub=say("Hypothesis"),
            columns=(
                Column(say("Comparison"), align="left", width=1.8),
                Column(say("Weight"), width=0.7),
                Column(say("p-value"), width=0.7),
                Column(say("Adjusted p-value"), width=0.9),
                Column(say("Conclusion"), width=1.3),
            ),
            rows=tuple(rows),
            footnotes=(
                say(
                    "Familywise error rate {alpha}. A rejected hypothesis passes its weight on as the graph says; "
                    "every intersection is tested by weighted Bonferroni.",
                    alpha=f"{spec.alpha:g}",
                ),
                *note_of(result, labels),
            ),
        )
    ]


def hypothesis_label(spec: GraphOfHypotheses, name: str, labels: Labels) -> str:
    """Return what a hypothesis is called: its label, else its id."""
    label = spec.hypotheses[name].label
    return name if label is None else label.say(labels.language)

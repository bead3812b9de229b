"""The graph of hypotheses at the start of its test: weights and what is passed on; those rejected named below."""

from ...analysis.efficacy.multiplicity_graph import graph_of
from ...protocol.model import GraphOfHypotheses
from ...protocol.model.analyses import Figure as FigureSpec
from ...statistics.multiplicity.graph import MultiplicityGraph
from ..language import Labels
from ..tables.layout import population_line
from ..tables.lookup import Lookup
from ..tables.multiplicity.graph import hypothesis_label
from .figure import Figure
from .style import SETTINGS, name_svg, register_fonts


def plot_hypotheses(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw the graph at the start of the test."""
    from ...statistics.multiplicity.graph_plot import plot_graph

    result, say = lookup.result, labels.say
    assert isinstance(result.spec, GraphOfHypotheses)
    graph = graph_of(result.spec)
    names = {key: hypothesis_label(result.spec, key, labels) for key in graph.hypotheses}
    register_fonts()
    named = MultiplicityGraph(tuple(names.values()), graph.weights, graph.transitions)
    drawn = plot_graph(named, fonts=SETTINGS["font.family"])
    title = say("Graph of hypotheses") if spec.title is None else spec.title.say(labels.language)
    rejected = [names[n.group["hypothesis"]] for n in lookup.select(keys={"step", "hypothesis"})]
    order = (
        say("Rejected, in this order: {names}.", names=say.listing(rejected))
        if rejected
        else say("None is rejected.")
    )
    note = say("Circles: hypotheses with their weight. Arrows: the share of it passed on when one is rejected.")
    alt = say("Graph of hypotheses. {title}. {order}", title=title, order=order)
    return Figure(
        name,
        result.name,
        title,
        population_line(result, labels),
        name_svg(drawn, name, title, alt),
        alt,
        (note, order),
    )

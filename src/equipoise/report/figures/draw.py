"""Draws a figure of the protocol: which module draws which kind."""

from collections.abc import Callable, Mapping

from ...protocol.model.analyses import Figure as FigureSpec
from ..language import Labels
from ..tables.lookup import Lookup
from .adverse_events import plot_adverse_events
from .figure import Figure
from .forest import plot_forest
from .kaplan_meier import plot_kaplan_meier
from .multiplicity_graph import plot_hypotheses
from .tipping_point import plot_tipping_points
from .trajectory import plot_trajectory
from .waterfall import plot_waterfall

KINDS: Mapping[str, Callable[[str, FigureSpec, Lookup, Labels], Figure]] = {
    "kaplan-meier": plot_kaplan_meier,
    "trajectory": plot_trajectory,
    "forest": plot_forest,
    "adverse event dot plot": plot_adverse_events,
    "waterfall": plot_waterfall,
    "tipping point": plot_tipping_points,
    "multiplicity graph": plot_hypotheses,
}


def plot_figure(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw a figure from the results of its analysis; EstimationFailed where they cannot give it."""
    return KINDS[spec.kind](name, spec, lookup, labels)

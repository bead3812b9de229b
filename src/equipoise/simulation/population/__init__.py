"""Virtual participants: who they are, when they come, what is measured of them, when they leave."""

from .draw import draw_trials
from .population import Population, require_assumptions, require_scenario
from .streams import Streams, chunk_streams
from .trials import VirtualTrials, ordered_visits, visits_of

__all__ = [
    "Population",
    "Streams",
    "VirtualTrials",
    "chunk_streams",
    "draw_trials",
    "ordered_visits",
    "require_assumptions",
    "require_scenario",
    "visits_of",
]

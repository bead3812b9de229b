"""Safety in a rehearsal: serious events judged and reported in time, rules watched, the safety board informed."""

from .board import Board
from .cases import Cases
from .watch import Watch

__all__ = ["Board", "Cases", "Watch"]

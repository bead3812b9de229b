"""The flow of participants through the trial: its numbers and its CONSORT 2025 diagram."""

from .counts import ArmFlow, Flow, Reason, count_flow
from .drawing import draw_flow

__all__ = ["ArmFlow", "Flow", "Reason", "count_flow", "draw_flow"]

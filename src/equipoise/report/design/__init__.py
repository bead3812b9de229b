"""The plan of a trial on paper: paragraph, tables, figures, page, terminal."""

from .page import PlanPage, build_plan, render_plan
from .paragraph import describe_plan
from .schemes import compare_usual_schemes
from .terminal import print_plan
from .write import write_plan

__all__ = [
    "PlanPage",
    "build_plan",
    "compare_usual_schemes",
    "describe_plan",
    "print_plan",
    "render_plan",
    "write_plan",
]

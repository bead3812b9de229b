"""The plan of a trial on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ...design import DesignResult
from ...protocol import Protocol
from .paragraph import describe_plan
from .tables import PlanTable, late_looks, tabulate_calendar, tabulate_looks, tabulate_scenarios, tabulate_size
from .words import PlanWords


def print_plan(
    protocol: Protocol, result: DesignResult, language: str = "en", console: Console | None = None
) -> None:
    """Print tables of size, power, looks and calendar, and the paragraph, to a console (default: the screen)."""
    words = PlanWords(protocol, result, language)
    shown = console or Console()
    tables = (tabulate_size(words), tabulate_scenarios(words), tabulate_looks(words), tabulate_calendar(words))
    for table in tables:
        if table is not None:
            shown.print(_lay_out(table))
    for sentence in late_looks(words):
        shown.print(escape(sentence))
    shown.print()
    shown.print(escape(describe_plan(protocol, result, language)))


def _lay_out(table: PlanTable) -> Table:
    laid = Table(title=escape(table.title), title_justify="left", title_style="bold", show_edge=False)
    for place, label in enumerate(table.head):
        laid.add_column(escape(label), justify="left" if place == 0 else "right")
    for row in table.rows:
        laid.add_row(*(escape(cell) for cell in row))
    return laid

"""The simulation as one HTML page that opens from disk: style and figures are inside, nothing is fetched."""

from importlib.metadata import version

from markupsafe import Markup

from ...report.html import read_resource, template_environment
from ...report.tables.table import Cell
from .contents import Page

PACKAGE = "equipoise.simulation.pages"
CSV = "operating_characteristics.csv"


def render_page(page: Page) -> str:
    """Lay out the page."""
    environment = template_environment(PACKAGE)
    say = page.words.say
    parts = environment.get_template("parts.html", globals={"number": _number}).module
    return environment.get_template("simulation.html").render(
        page=page,
        words=page.words,
        say=say,
        csv=CSV,
        style=read_resource("report.css") + read_resource("simulation.css", PACKAGE),
        software=version("equipoise"),
        show_frame=parts.show_frame,  # type: ignore[attr-defined]
        show_figure=lambda figure: parts.show_figure(figure, None, say),  # type: ignore[attr-defined]
    )


def _number(cell: Cell) -> Markup | str:
    """Make a number a link to how it was made; its title holds it at full precision, and its line in the CSV."""
    if cell.reference is None or not cell.text:
        return cell.text
    values = ", ".join(f"{name} {value!r}" for name, value in cell.values.items())
    lines = ", ".join(str(line) for line in cell.reference.lines)
    return Markup('<a href="#made" tabindex="-1" title="{}; {} {}">{}</a>').format(values, CSV, lines, cell.text)

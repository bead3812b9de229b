"""The report as one HTML page that opens from disk: style, script and figures are inside, nothing is fetched.

Every number is a link to the account of its analysis; its title holds the values at full precision and the lines
of `results.csv` where they stand. Without JavaScript all of that works; with it the account repeats what was
followed.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .contents import Contents
from .language import Phrases
from .tables.table import Cell


@dataclass(frozen=True)
class Stamp:
    """What a report was made from: version of the protocol, fingerprint of the data, version of the software."""

    protocol: str
    data: str
    software: str


@cache
def template_environment(*packages: str) -> Environment:
    """Return the environment of our templates, with those of further packages."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in ("equipoise.report", *packages)]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def read_resource(name: str, package: str = "equipoise.report") -> Markup:
    """Read a style sheet or script of ours as it is."""
    return Markup((files(package) / "templates" / name).read_text(encoding="utf-8"))


def render_html(contents: Contents, stamp: Stamp) -> str:
    """Lay out a report as HTML."""
    environment = template_environment()
    say = Phrases(contents.language)
    parts = environment.get_template("parts.html", globals={"number": _number}).module
    return environment.get_template("report.html").render(
        contents=contents,
        stamp=stamp,
        say=say,
        style=read_resource("report.css"),
        script=read_resource("report.js"),
        missing=[section for section in contents.sections if section.not_done],
        analyses_shown={section.how.analysis for section in contents.sections if section.how is not None},
        show_table=lambda table, _: parts.show_table(table, say),  # type: ignore[attr-defined]
        show_figure=lambda figure, section: parts.show_figure(figure, section, say),  # type: ignore[attr-defined]
    )


def _number(cell: Cell) -> Markup | str:
    """Make a number a link to its account; other text stays text."""
    if cell.reference is None or not cell.text:
        return cell.text
    lines = cell.reference.lines
    where = f"results.csv {', '.join(str(line) for line in lines)}" if lines else "results.csv"
    values = ", ".join(f"{name} {value!r}" for name, value in cell.values.items())
    title = f"{values}; {where}" if values else where
    return Markup('<a href="#how-{}" tabindex="-1" title="{}">{}</a>').format(
        cell.reference.analysis, title, cell.text
    )

"""Writes what a simulation found into its folder: page, figures, and the table at full precision."""

from pathlib import Path

from ..run.simulate import Simulation
from ..run.store import Store
from .contents import build_page
from .html import CSV, render_page


def write_pages(simulation: Simulation, out: Path, language: str = "en") -> None:
    """Write `index.html`, `figures/*.svg` and `operating_characteristics.csv` into the folder of a run.

    Each file is written aside and renamed, so that it is whole or as it was. Same simulation, same bytes.
    `language`: en or zh.
    """
    page, store = build_page(simulation, language), Store(out)
    store.write(CSV, simulation.table.write_csv())
    for figure in page.figures:
        store.write(f"figures/{figure.name}.svg", figure.svg)
    store.write("index.html", render_page(page))

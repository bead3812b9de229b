"""The folder: page, figures and table at full precision, beside what a run keeps, the same bytes each time."""

import hashlib
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.simulation.operating.characteristics import SCHEMA
from equipoise.simulation.pages import write_pages
from equipoise.simulation.run.simulate import Simulation

from .small import small_simulation

KEPT = {"simulation.json": "{}", "chunks/none.00000.250.csv": "x", "index.html": "of an earlier run"}


def files(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


@pytest.fixture(scope="module")
def out(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run into which the pages were written."""
    folder = tmp_path_factory.mktemp("out")
    (folder / "chunks").mkdir()
    for name, text in KEPT.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_pages(simulation, folder)
    return folder


def test_the_folder_holds_page_figures_and_table(out: Path) -> None:
    figures = {path.stem for path in (out / "figures").iterdir()}
    assert {"index.html", "operating_characteristics.csv"} <= set(files(out))
    assert {"power", "power-of-all", "estimates", "coverage", "responders", "definition-tests"} <= figures
    page = (out / "index.html").read_text(encoding="utf-8")
    assert all((out / "figures" / f"{name}.svg").read_text(encoding="utf-8") in page for name in figures)


def test_the_table_loses_nothing(out: Path, simulation: Simulation) -> None:
    read = pl.read_csv(out / "operating_characteristics.csv", schema_overrides=dict(SCHEMA))
    assert_frame_equal(read.with_columns(pl.col(pl.String).fill_null("")), simulation.table, check_exact=True)


def test_what_a_run_keeps_stays_and_nothing_half_written_is_left(out: Path) -> None:
    assert all((out / name).read_text(encoding="utf-8") == KEPT[name] for name in list(KEPT)[:2])
    assert not list(out.rglob(".*"))


def test_the_same_simulation_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    write_pages(small_simulation(), tmp_path)
    made = files(tmp_path)
    assert made == {name: value for name, value in files(out).items() if name in made}
    assert len(made) == 9

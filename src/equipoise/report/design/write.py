"""Writes the output folder of a plan, whole or not at all: the page, the numbers, the figures."""

from pathlib import Path

from ...design import DesignResult
from ...protocol import Protocol
from ...randomisation import SchemeComparison
from ..folder import fill_folder, write_text
from .page import build_plan, render_plan


def write_plan(
    protocol: Protocol,
    result: DesignResult,
    out: Path,
    *,
    language: str = "en",
    schemes: SchemeComparison | None = None,
) -> None:
    """Write `index.html`, `design.csv` and `figures/*.svg` to the folder `out`.

    Raises DataError where `out` holds what Equipoise did not make; then, and on any other error, `out` stays as it
    was.
    """
    page = build_plan(protocol, result, language, schemes=schemes)
    about = {"trial": protocol.trial.id, "protocol_version": page.version, "language": page.words.language}
    with fill_folder(out, about) as folder:
        write_text(folder / "index.html", render_plan(page))
        result.rows().write_csv(folder / "design.csv")
        (folder / "figures").mkdir()
        for figure in page.figures:
            write_text(folder / "figures" / f"{figure.name}.svg", figure.svg)

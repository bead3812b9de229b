"""The figures: what they write stays inside the drawing, and bars stand where the table has the values."""

import pytest

from equipoise.report.figures.figure import Figure
from equipoise.report.figures.style import STYLES
from equipoise.simulation.pages.contents import Page
from equipoise.simulation.pages.figures.dots import Dot, DotPlot, Line, Panel, draw_dots

from ...report.drawings import read_drawing


def figures(page: Page) -> dict[str, Figure]:
    return {figure.name: figure for figure in page.figures}


@pytest.mark.parametrize("language", ["english", "chinese", "partial"])
def test_no_word_leaves_its_drawing(language: str, request: pytest.FixtureRequest) -> None:
    for figure in request.getfixturevalue(language).figures:
        drawing = read_drawing(figure.svg)
        for word in drawing.words:
            assert word.left >= -1, (figure.name, word.text)
            assert word.right <= drawing.width + 1, (figure.name, word.text)
            assert word.top >= -1, (figure.name, word.text)
            assert word.bottom <= drawing.height + 1, (figure.name, word.text)


def test_drawings_name_scenarios_arms_and_what_was_published(english: Page) -> None:
    shown = read_drawing(figures(english)["responders"].svg).text
    for words in ("No effect", "Ten and twenty cells", "Above 120 at week 8", "Published, Low dose: 90.0%"):
        assert words in shown
    power = read_drawing(figures(english)["power"].svg).text
    assert "Power asked for: 90%" in power
    assert "Significance level: 5%" in power


def test_no_effect_comes_first_where_definitions_are_compared(english: Page) -> None:
    words = [word.text for word in read_drawing(figures(english)["responders"].svg).words]
    assert words.index("No effect") < words.index("Ten and twenty cells")


def test_every_figure_says_what_to_read_off(english: Page, chinese: Page) -> None:
    assert all(any("Read off" in note for note in figure.footnotes) for figure in english.figures)
    assert all(any("读图" in note for note in figure.footnotes) for figure in chinese.figures)


def test_rows_grow_with_their_labels_and_their_dots() -> None:
    def height(label: str, series: int) -> float:
        names = [f"s{k}" for k in range(series)]
        panel = Panel("", "x", tuple(Dot(0, name, 0.5) for name in names))
        styles = dict.fromkeys(names, (names[0], STYLES[0]))
        return read_drawing(draw_dots("d", "t", DotPlot((Line(label),), (panel,), styles), "alt")).height

    assert height("long label " * 12, 1) > height("short", 1)
    assert height("short", 6) > height("short", 1)

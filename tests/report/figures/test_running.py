"""Figures of a running trial: the same bytes for the same data, numbers in words, few or many participants."""

from datetime import date, timedelta
from xml.etree import ElementTree

from equipoise.report.figures.running import MOST_LINES, plot_accrual, plot_courses, plot_sites
from equipoise.report.figures.style import as_attributes
from equipoise.report.language import Phrases

SAY = Phrases("en")
DAY = date(2026, 3, 2)


def test_accrual_is_drawn_for_nobody_one_and_many() -> None:
    for number in (0, 1, 400):
        days = [DAY + timedelta(days=3 * place) for place in range(number)]
        figure = plot_accrual(days, days[: number // 2], 72, SAY)
        assert figure.alt == f"Accrual: {number} screened, {number // 2} randomised, 72 planned."
        assert figure.svg == plot_accrual(days[::-1], days[: number // 2][::-1], 72, SAY).svg, (
            "the order tells nothing"
        )


def test_courses_show_medians_and_lines_only_of_so_many() -> None:
    few = {f"01-{place:03d}": [(0.0, 200.0 + place), (4.0, 220.0 + place)] for place in range(5)}
    figure = plot_courses(few, "CD4", "cells/uL", SAY)
    assert "week 0: 202; week 4: 222" in figure.alt
    many = {f"01-{place:04d}": [(0.0, 200.0 + place % 7), (4.0, 220.0)] for place in range(MOST_LINES + 1)}
    assert len(plot_courses(many, "CD4", "cells/uL", SAY).svg) < len(figure.svg) * 2
    assert plot_courses({}, "CD4", "", SAY).alt.startswith("CD4 of 0 participants")


def test_each_site_has_its_box() -> None:
    figure = plot_sites({"01": [1.0, 2.0, 9.0], "02": [], "03": [4.0]}, "CD4", "", SAY)
    assert "01: 3 values, median 2; 03: 1 values, median 4" in figure.alt


def test_a_drawing_by_attributes_says_of_each_part_what_its_style_said() -> None:
    figure = plot_sites({"01": [1.0, 2.0, 9.0], "02": [4.0]}, "CD4", "", SAY)
    styled = ElementTree.fromstring(figure.svg)
    plain = ElementTree.fromstring(as_attributes(figure.svg))
    assert plain.get("stroke-linejoin") == "round"
    assert not [one for one in plain.iter() if "style" in (one.tag.rpartition("}")[2], *one.keys())]
    said = [one for one in styled.iter() if not one.tag.endswith("style")]
    for before, after in zip(said, [*plain.iter()], strict=True):
        pairs = [pair.split(": ", 1) for pair in before.get("style", "").split("; ") if pair]
        assert all(after.get(name) == value for name, value in pairs)
    assert sum(one.get("fill") is not None for one in plain.iter()) == figure.svg.count("fill: ")

"""Figures parse, name what they show, agree with the results, and keep every word inside and apart."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol
from equipoise.report.contents import Contents, build_contents
from equipoise.report.figures.figure import Figure

from ..drawings import Drawing, Word, read_drawing
from ..small import LABELS, small_trial

Trial = tuple[Protocol, AnalysisData, TrialResults]
Change = Callable[[dict[str, Any]], None]
LONG = "Umbilical cord mesenchymal stem cells at the highest dose that was thought safe"


def four_long_arms(content: dict[str, Any]) -> None:
    content["arms"]["top"] = {"label": LONG, "tablets": "30 mg"}
    content["arms"]["low"]["label"] = {"en": LONG, "zh": "脐带间充质干细胞低剂量组（每公斤体重五十万个细胞）"}
    content["analyses"]["count_ancova"]["trend"]["top"] = 30


@pytest.fixture(scope="module")
def many(contents: Contents, chinese: Contents) -> list[tuple[str, Drawing]]:
    """The figures of the small trial in English and Chinese, and with four arms of long names."""
    names = {**LABELS, "low": f"Half of {LONG}", "top": LONG}
    wide = small_trial(four_long_arms, labels=names)
    reports = [contents, chinese, *(build_contents(*wide, language=language) for language in ("en", "zh"))]
    return [(figure.name, read_drawing(figure.svg)) for report in reports for figure in report.figures]


def figure(contents: Contents, name: str) -> tuple[Figure, Drawing]:
    found = next(figure for figure in contents.figures if figure.name == name)
    return found, read_drawing(found.svg)


def test_every_kind_is_drawn(contents: Contents) -> None:
    names = ["flow", "forest", "waterfall", "fitted", "tipping", "graph", "course", "curves", "dots"]
    assert [f.name for f in contents.figures] == names


def test_no_word_leaves_the_picture(many: list[tuple[str, Drawing]]) -> None:
    for name, drawing in many:
        for word in drawing.words:
            inside = word.left >= -1 and word.top >= -1
            inside &= word.right <= drawing.width + 1 and word.bottom <= drawing.height + 1
            assert inside, (name, word, drawing.width, drawing.height)


def overlap(a: Word, b: Word) -> bool:
    return a.left < b.right - 1 and b.left < a.right - 1 and a.top < b.bottom - 2 and b.top < a.bottom - 2


def test_no_word_covers_another(many: list[tuple[str, Drawing]]) -> None:
    for name, drawing in many:
        words = [word for word in drawing.words if word.text.strip()]
        assert not [(name, a, b) for a, b in combinations(words, 2) if overlap(a, b)]


def test_arms_visits_and_units_are_named(contents: Contents) -> None:
    for name, words in {
        "curves": ("Placebo", "Low dose", "High dose", "Time (weeks)", "At risk", "Log-rank test: p"),
        "course": ("Placebo", "Baseline", "Week 4", "Week 8", "Cell count (cells/µL): change from baseline"),
        "forest": ("All participants", "Sex (interaction: p", "Male", "Female", "← favours Placebo"),
        "waterfall": ("Placebo (n=", "High dose (n=", "Participants, sorted by change"),
        "dots": ("RASH", "Participants (%)", "Difference from Placebo (percentage points)"),
    }.items():
        text = figure(contents, name)[1].text
        assert all(word in text for word in words), name


def test_numbers_at_risk_are_those_of_the_results(trial: Trial, contents: Contents) -> None:
    results = trial[2].done["relapse_km"].results
    at_risk = results.filter(statistic="at_risk")["value"].cast(int).cast(str).to_list()
    words = [word.text for word in figure(contents, "curves")[1].words]
    for arm in range(3):
        row = at_risk[5 * arm : 5 * arm + 5]
        assert any(words[i : i + 5] == row for i in range(len(words)))


def test_a_drawing_says_in_words_what_it_shows(contents: Contents) -> None:
    for found in contents.figures:
        assert len(found.alt) > 40
        assert found.alt.endswith((".", "0.0001")) or " p = " in found.alt
        assert 'role="img"' in found.svg
        assert f'aria-labelledby="{found.name}-title {found.name}-alt"' in found.svg


def test_a_drawing_needs_nothing_from_outside_and_no_clock(contents: Contents) -> None:
    for found in contents.figures:
        body = found.svg.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
        assert "http" not in body
        assert "@import" not in body
        assert "<metadata" not in body


def test_what_cannot_be_drawn_is_said_in_its_place(without_events: Contents) -> None:
    dots = next(section for section in without_events.sections if section.name == "dots")
    assert dots.not_done == "analysis safety has no adverse events to draw"
    assert not dots.figures

"""The page of a plan: valid, self-contained, its numbers those of the plan, in both languages."""

import io
import json
import math
import re
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from equipoise.design import DesignResult, plan_design
from equipoise.errors import DataError
from equipoise.protocol import Protocol
from equipoise.report.design import (
    PlanPage,
    build_plan,
    compare_usual_schemes,
    describe_plan,
    print_plan,
    render_plan,
    write_plan,
)
from equipoise.report.design import words as words_module
from equipoise.report.design.chinese import CHINESE
from equipoise.report.design.words import PlanWords
from equipoise.report.language.chinese import CHINESE as SHARED

from ...design.trials import exponential, one_visit, responding, small_trial
from ..drawings import read_drawing
from ..test_html_property import Page


@pytest.fixture(scope="module")
def html(page: PlanPage) -> str:
    return render_plan(page)


def test_the_page_is_whole_and_fetches_nothing(html: str) -> None:
    parsed = Page(html)
    assert not parsed.open
    assert len(parsed.ids) == len(set(parsed.ids))
    assert not parsed.fetched
    inside = {link[1:] for link in parsed.links if link.startswith("#")}
    assert inside <= set(parsed.ids)
    assert not re.search(r"https?://", html.replace("http://www.w3.org", ""))
    assert parsed.tables == parsed.captions


def test_the_sections_stand_in_their_order(page: PlanPage) -> None:
    names = [section.name for section in page.sections]
    assert names == ["size", "scenarios", "looks", "calendar", "sensitivity", "others"]
    assert all(section.tables for section in page.sections)


def test_every_number_of_the_size_table_is_that_of_the_plan(page: PlanPage, result: DesignResult) -> None:
    (table,) = page.sections[0].tables
    for row, one in zip(table.rows, result.required, strict=True):
        assert one.per_arm is not None
        assert row[3] == str(sum(one.per_arm))
        assert row[4] == f"{one.per_arm[0]} an arm"
    power = page.sections[1].tables[0].rows
    planned = next(row for row in power if row[0] == "As hoped")
    assert planned[4] == f"{100 * result.planned.power.each[0]:.1f}%"


def test_the_paragraph_says_what_is_assumed_asked_and_found(trial: Protocol, result: DesignResult) -> None:
    said = describe_plan(trial, result)
    assert result.claimed.per_arm is not None
    assert f"{sum(result.claimed.per_arm)} participants are to be randomised" in said
    assert "Dose 1 and Dose 2" in said and "Dunnett's test" in said and "two-sided" in said
    assert f"{100 * result.planned.power.each[1]:.1f}% for Dose 2" in said
    assert said.count(". ") >= 8 and said.endswith(".")


def test_chinese_says_every_phrase_in_chinese(
    trial: Protocol, result: DesignResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: set[str] = set()
    plain = words_module.PlanPhrases.__call__

    def listen(self: words_module.PlanPhrases, phrase: str, **values: object) -> str:
        used.add(phrase)
        return plain(self, phrase, **values)

    monkeypatch.setattr(words_module.PlanPhrases, "__call__", listen)
    render_plan(build_plan(trial, result, "zh"))
    for analysis, moments in (
        ("welch", one_visit([0.5])),
        ("fisher", responding([0.3, 0.6])),
        ("relapses", exponential([0.1, 0.04])),
    ):
        other = small_trial(analysis)
        render_plan(build_plan(other, plan_design(other, {"planned": moments}), "zh"))  # type: ignore[dict-item]
    # units and words that are the same in both languages need no translation
    assert {phrase for phrase in used if phrase not in CHINESE and phrase not in SHARED} <= {"", "%"}


def test_words_lie_inside_their_drawing(page: PlanPage, chinese: PlanPage) -> None:
    for figure in (*page.figures, *chinese.figures):
        drawing = read_drawing(figure.svg)
        assert drawing.words and figure.alt
        for word in drawing.words:
            assert word.left >= -1 and word.right <= drawing.width + 1, word
            assert word.top >= -1 and word.bottom <= drawing.height + 1, word


def test_a_look_after_enrolment_is_said_to_save_little(page: PlanPage) -> None:
    table = next(section for section in page.sections if section.name == "calendar").tables[0]
    assert any("Look 2 comes when everyone has entered" in note for note in table.notes)
    assert not any(note.startswith("Look 1 comes") for note in table.notes)


def test_sources_are_those_of_the_protocol(page: PlanPage) -> None:
    found = {one.field: one for one in page.sources}
    assert found["assumptions"].source == "A pilot trial"
    assert found["assumptions"].note == "as seen there"
    assert found["design"].source == "assumed"
    assert "population" not in found
    assert any("Dunnett" in one for one in page.citations)
    assert any("Lu K" in one for one in page.citations)


def test_the_same_plan_gives_the_same_bytes(trial: Protocol, result: DesignResult, html: str) -> None:
    assert render_plan(build_plan(trial, result)) == html


def test_the_folder_holds_page_numbers_and_figures(trial: Protocol, result: DesignResult, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    write_plan(trial, result, out)
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["files"]) == {"index.html", "design.csv", "figures/power.svg", "figures/sensitivity.svg"}
    read = pl.read_csv(out / "design.csv", infer_schema_length=None)
    size = read.filter((pl.col("statistic") == "size") & (pl.col("part") == "size") & pl.col("arm").is_null())
    assert math.isclose(float(size["value"][0]), result.claimed.randomised or 0.0, rel_tol=1e-15)
    write_plan(trial, result, out, language="zh")
    assert "检验效能" in (out / "index.html").read_text(encoding="utf-8")


def test_a_folder_of_someone_else_stays_as_it_is(trial: Protocol, result: DesignResult, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match=r"such as mine\.txt"):
        write_plan(trial, result, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_half_written_stays_behind(
    trial: Protocol, result: DesignResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equipoise.report.design import write

    def fail(*_: object) -> str:
        raise DataError("no page")

    monkeypatch.setattr(write, "render_plan", fail)
    with pytest.raises(DataError, match="no page"):
        write_plan(trial, result, tmp_path / "plan")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_terminal_shows_tables_and_paragraph(language: str, trial: Protocol, result: DesignResult) -> None:
    stream = io.StringIO()
    print_plan(trial, result, language, Console(file=stream, width=200))
    text = stream.getvalue()
    assert describe_plan(trial, result, language)[:40] in text.replace("\n", " ")
    assert text.count("━") > 100


def test_small_and_large_probabilities_are_not_rounded_away(trial: Protocol, result: DesignResult) -> None:
    words = PlanWords(trial, result)
    assert words.power(0.99996) == ">99.9%"
    assert words.power(1e-5) == "<0.1%"
    assert words.power(1.0) == "100.0%"
    assert words.power(0.9) == "90.0%"
    assert words.percent(0.025) == "2.5%"


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("difference in means", 31.04, "31.0"),
        ("difference in means", 0.0421, "0.042"),
        ("difference in proportions", 0.124, "12.4"),
        ("log hazard ratio", math.log(0.5), "0.50"),
    ],
)
def test_effects_are_written_as_their_measure_is(
    trial: Protocol, result: DesignResult, measure: str, value: float, text: str
) -> None:
    assert PlanWords(trial, result).effect(value, measure) == text


def test_schemes_of_randomisation_are_a_section_where_they_were_compared(result: DesignResult) -> None:
    trial = small_trial("mmrm", doses=2, size=30, strata="site, sex")
    schemes = compare_usual_schemes(trial)
    assert schemes is not None
    page = build_plan(trial, result, "zh", schemes=schemes)
    section = page.sections[-1]
    assert section.name == "randomisation"
    assert [row[0] for row in section.tables[0].rows][:2] == ["方案采用", "完全随机"]
    assert all(cell in CHINESE.values() or "·" in cell for cell in section.tables[0].head[1:])
    parsed = Page(render_plan(page))
    assert len(parsed.ids) == len(set(parsed.ids))
    complete = schemes.value("Complete", "correct guesses")
    assert f"{100 * complete:.1f}%" in section.tables[0].rows[1]

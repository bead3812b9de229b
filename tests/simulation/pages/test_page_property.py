"""The page: its numbers are those of the table, it is whole in Chinese, nothing is fetched, links resolve."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from equipoise.report.language import Phrases
from equipoise.simulation.pages.contents import Page, build_page
from equipoise.simulation.pages.html import render_page

from .small import small_simulation, without_definitions

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "path", "rect", "use", "line", "circle"}


class Parsed(HTMLParser):
    """Collects ids, links, headings and the nesting of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.headings: list[int] = []
        self.tables = self.captions = self.drawings = self.named = 0
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" and "href" in found else []
        self.fetched += [found[name] for name in ("src", "srcset", "data", "action") if name in found]
        self.fetched += [found["href"]] if tag == "link" else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.drawings += tag == "svg"
        self.named += tag == "svg" and found.get("role") == "img" and "aria-labelledby" in found
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"{tag} closes something else"


@pytest.fixture(scope="module")
def html(english: Page) -> str:
    """The page in English."""
    return render_page(english)


@pytest.fixture(scope="module")
def parsed(html: str) -> Parsed:
    """It parsed."""
    return Parsed(html)


def said(page: Page) -> str:
    return "\n".join(sentence for answer in page.answers for sentence in answer.said)


def cells(page: Page, table: str) -> dict[str, list[str]]:
    """The texts of a table by the labels of its rows; of rows with the same label, the first."""
    found: dict[str, list[str]] = {}
    for section in page.sections:
        for one in section.tables:
            if one.name == table:
                for row in one.rows:
                    if row.cells:
                        found.setdefault(row.label, [cell.text for cell in row.cells])
    return found


def test_tags_nest_and_ids_are_unique(parsed: Parsed) -> None:
    assert not parsed.open
    assert len(parsed.ids) == len(set(parsed.ids))


def test_links_lead_inside_or_to_files_that_are_written(parsed: Parsed, english: Page) -> None:
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)
    files = {f"figures/{figure.name}.svg" for figure in english.figures} | {"operating_characteristics.csv"}
    assert {link for link in parsed.links if not link.startswith("#")} == files


def test_nothing_is_fetched(html: str, parsed: Parsed) -> None:
    assert parsed.fetched == []
    assert "url(" not in html.replace("url(#", "")
    for namespace in ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"):
        html = html.replace(namespace, "")
    assert "http" not in html


def test_tables_have_captions_and_headings_their_order(parsed: Parsed) -> None:
    assert parsed.tables == parsed.captions
    assert parsed.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(parsed.headings))


def test_every_drawing_is_named_and_its_text_says_numbers(parsed: Parsed, english: Page) -> None:
    assert parsed.drawings == parsed.named == len(english.figures) == 7
    assert all(re.search(r"\d", figure.alt) and len(figure.alt) > 60 for figure in english.figures)


def test_every_number_of_a_table_leads_to_its_line(html: str, english: Page) -> None:
    numbers = re.findall(r'<a href="#made" tabindex="-1" title="([^"]+)">', html)
    tables = [table for section in english.sections for table in section.tables]
    shown = [cell for t in tables for row in t.rows for cell in row.cells if cell.reference]
    assert len(numbers) == len(shown)
    lines = english.words.simulation.table
    for cell in shown:
        assert cell.reference is not None
        row = lines.row(cell.reference.lines[0] - 2, named=True)
        assert (row["value"], row["analysis"]) == (cell.values["value"], cell.reference.analysis)
        assert (row["arm"], row["versus"]) == (cell.reference.arm, cell.reference.versus)


def test_power_stands_in_words_with_its_monte_carlo_error(english: Page) -> None:
    assert (
        "Low dose 43.2% (1.1); High dose 87.7% (0.7); at least one arm 90.4% (0.7); every arm 40.6% (1.1)"
        in said(english)
    )
    assert "asks for 90% for each arm by itself: the trial does not reach it" in said(english)


def test_the_error_without_an_effect_is_held_against_alpha(english: Page) -> None:
    assert "in 4.9% of trials (95% Monte Carlo interval 4.0% to 5.9%). That is compatible with" in said(english)


def test_bias_coverage_choice_and_course_stand_in_words(english: Page) -> None:
    for sentence in (
        "the true difference of High dose against Placebo, after all that happens to participants, is 19.0 "
        "cells/µL; the mean estimate is 19.3, a bias of 0.30 (95% Monte Carlo interval -0.19 to 0.79)",
        "No bias of its comparisons with the control exceeds three Monte Carlo errors.",
        "cover the truth in 95.2% of trials",
        "an arm is declared better in 90.4% of trials, and the one chosen is right in 81.3% of all trials",
        "For 60 participants 91 are screened on average (standard deviation between trials 11)",
        "All outcomes at Week 8 are there after 12.1 months.",
        "On average 9.9% leave before the end, and 90.2% have a value at Week 8.",
    ):
        assert sentence in said(english)


def test_definitions_tell_noise_from_what_was_published(english: Page) -> None:
    for sentence in (
        "Under “No effect” 52.3% of the participants of Placebo respond",
        "Published, not simulated: 90.0% in Low dose, 50.0% in Placebo and Low dose against the control p = 0.01",
        "Under “No effect” shares and p as extreme as published come about in none of 2,000 trials",
        "come about in 1.35% of trials at most (95% Monte Carlo interval 0.93% to 1.96%)",
    ):
        assert sentence in said(english)


def test_changes_within_arms_are_told_under_no_effect(english: Page) -> None:
    assert "has p < 0.05 in 11.2% of trials and p < 0.001 in 2.2%" in said(english)
    assert (
        "every active arm has it while the control has p ≥ 0.05 in 0.0% (95% Monte Carlo interval 0.0% to 0.2%)"
        in (said(english))
    )


def test_tables_show_the_values_rounded(english: Page) -> None:
    decisions = cells(english, "decisions")
    assert decisions["High dose against Placebo"] == ["2.7% (0.4)", "87.7% (0.7)"]
    assert decisions["Any comparison significant whose true difference is 0"] == ["4.9% (0.5)", "–"]
    assert decisions["Low dose against Placebo: p < 0.001"] == ["0.0% (0.0)", "0.0% (0.0)"]
    accuracy = cells(english, "accuracy")["Low dose against Placebo"]
    assert accuracy == [
        "0.0",
        "0.3",
        "0.30 (0.25)",
        "7.13",
        "7.25",
        "95.2% (0.5)",
        "28.50",
        "97.5% (0.3)",
        "32.50",
    ]
    assert cells(english, "course")["Screened"] == ["91.3 (11.2)", "91.3 (11.2)"]
    assert cells(english, "responders")["Above 120 at any visit"] == [
        "52.3%", "52.3%", "52.3%", "63.4%", "74.5%", "52.3%",
    ]  # fmt: skip
    assert cells(english, "as-reported")["All of this at once"] == ["0.0% (0.0)", "1.4% (0.3)"]
    assert cells(english, "interim")["Stops at look 1"] == ["31.5% (1.0)", "31.5% (1.0)"]


def test_what_was_left_out_and_what_was_assumed_stand_below(html: str) -> None:
    assert "the method “continuous by visit” is not simulated" in html
    assert re.search(r"<details>\s*<summary>Assumptions and where they come from", html)
    assert "<code>assumptions.participant.level</code></th><td>mean 100; sd 20</td><td>A paper of 2020" in html
    assert '<th scope="row">Seed</th><td>7</td>' in html
    assert "2 trials did not fit into the common calculation" in html


def test_a_run_that_was_stopped_says_so_at_the_top_and_in_every_figure(partial: Page, english: Page) -> None:
    notice = "PARTIAL: 2,000 of 10,000 trials"
    text = render_page(partial)
    assert f'<p class="notice">{notice}</p>' in text.split("<main")[0]
    assert all(figure.population == notice and f">{notice}<" in figure.svg for figure in partial.figures)
    assert "PARTIAL" not in render_page(english)


def test_without_definitions_there_is_no_section_of_them() -> None:
    page = build_page(small_simulation(source=without_definitions()))
    assert "definitions" not in [section.name for section in page.sections]
    assert "responders" not in [figure.name for figure in page.figures]
    assert "Published" not in render_page(page)


def test_every_phrase_has_its_chinese(monkeypatch: pytest.MonkeyPatch, chinese: Page) -> None:
    untranslated = set()
    original = Phrases.__call__

    def watch(self: Phrases, phrase: str, **values: object) -> str:
        text = original(self, phrase)
        if phrase and text == phrase and re.search("[a-z]", re.sub(r"\{\w+\}", "", phrase)):
            untranslated.add(phrase)
        return original(self, phrase, **values)

    monkeypatch.setattr(Phrases, "__call__", watch)
    render_page(build_page(small_simulation(10_000), "zh"))
    assert untranslated <= {"{who}: p ≤ {p}", "{who}: p < {level}"} | {"cells/µL"}


def test_no_english_sentence_is_left_in_chinese(chinese: Page) -> None:
    text = render_page(chinese)
    assert '<html lang="zh-Hans">' in text
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    body = re.sub(r'<(tbody|td) lang="en">.*?</\1>', "", body, flags=re.DOTALL)
    body = re.sub(r"<[^>]*>", " ", body)
    left = re.findall(r"[A-Za-z][a-z]+(?:[ ,]+[a-z]+){2,}", body)
    assert left == [], left
    assert "“无疗效”情景" in body

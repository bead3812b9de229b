"""The report as a whole: order, numbering, languages, and trials that lack this or that."""

from typing import Any

import pytest

from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol
from equipoise.report.contents import Contents, build_contents
from equipoise.report.html import Stamp, render_html
from equipoise.report.language.phrases import Phrases
from equipoise.report.pdf import render_pdf

from .small import small_protocol, small_trial
from .test_flow_property import one_arm

Trial = tuple[Protocol, AnalysisData, TrialResults]
STAMP = Stamp("p", "d", "0")


def test_sections_follow_the_protocol_and_a_figure_joins_its_analysis(contents: Contents) -> None:
    assert [section.name for section in contents.sections][:5] == [
        "flow",
        "disposition",
        "baseline",
        "count_ancova",
        "count_mmrm",
    ]
    joined = next(section for section in contents.sections if section.name == "count_ancova")
    assert [figure.name for figure in joined.figures] == ["forest", "waterfall"]


def test_an_account_says_what_its_method_makes_of_missing_values(contents: Contents) -> None:
    said = {
        section.analysis: attribute.lines
        for section in contents.sections
        if section.how is not None
        for attribute in section.how.estimand
        if attribute.name == "Missing values"
    }
    assert said["count_mmrm"] == ("left to the model, as missing at random",)
    assert said["count_tipping"] == ("imputed as missing at random, then changed by a delta",)
    assert said["count_references"] == ("imputed under each assumption",)


def test_tables_and_figures_are_numbered_through(contents: Contents) -> None:
    assert [t.title.split(".")[0] for t in contents.tables] == [
        f"Table {n}" for n in range(1, len(contents.tables) + 1)
    ]
    assert contents.figures[-1].title.startswith(f"Figure {len(contents.figures)}. ")


def test_names_of_tables_and_figures_are_unique(contents: Contents) -> None:
    names = [t.name for t in contents.tables]
    assert len(names) == len(set(names))


def without_report(content: dict[str, Any]) -> None:
    del content["report"]


def without_figures(content: dict[str, Any]) -> None:
    content["report"] = {"sections": ["baseline"]}


def without_control(content: dict[str, Any]) -> None:
    del content["arms"]["placebo"]["control"]
    for estimand in content["estimands"].values():
        estimand["versus"] = "placebo"


def open_trial(content: dict[str, Any]) -> None:
    without_figures(content)
    content["blinding"] = {"blinded": []}


def require_documents(trial: Trial) -> None:
    for language in ("en", "zh"):
        contents = build_contents(*trial, language=language)
        assert contents.sections
        assert render_html(contents, STAMP)
        assert render_pdf(contents, STAMP).startswith(b"%PDF")


@pytest.mark.parametrize("change", [one_arm, without_control])
def test_trials_that_compare_less_have_a_report(change: Any) -> None:
    require_documents(small_trial(change))


@pytest.mark.parametrize("change", [without_report, without_figures, open_trial])
def test_trials_that_say_less_of_themselves_have_a_report(change: Any, trial: Trial) -> None:
    _, data, results = trial
    require_documents((small_protocol(change), data, results))


def test_no_adverse_events_make_a_report(without_events: Contents) -> None:
    assert "No events" in render_html(without_events, STAMP)
    assert render_pdf(without_events, STAMP)


def test_every_phrase_has_its_chinese(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    untranslated = set()
    original = Phrases.__call__

    def watch(self: Phrases, phrase: str, **values: object) -> str:
        said = original(self, phrase, **values)
        if phrase and not values and said == phrase and phrase.isascii():
            untranslated.add(phrase)
        return said

    monkeypatch.setattr(Phrases, "__call__", watch)
    for one in (trial, small_trial(one_arm)):
        render_html(build_contents(*one, language="zh"), STAMP)
    words_of_the_data = {"HEADACHE <mild> & long", "Declined", "Did not meet the criteria"}
    signs = {"25%", "75%", "cells/µL", "N", "Kaplan-Meier", "kaplan-meier", "CONSENT", "Consent", "rash"}
    assert {phrase for phrase in untranslated - signs if not phrase.isupper()} <= words_of_the_data

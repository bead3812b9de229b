"""The answer in words: careful, in the right direction, and with the numbers of the results."""

from collections.abc import Callable
from typing import Any

import pytest

from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol
from equipoise.report.contents import Contents, build_contents
from equipoise.report.language import Labels
from equipoise.report.language.answer import Answer, answer_primary

from .small import context_of, small_trial

Trial = tuple[Protocol, AnalysisData, TrialResults]
Change = Callable[[dict[str, Any]], None]

FORBIDDEN = ("proved", "proof", "significant", "no effect", "effective", "safe ")


def answer_to(change: Change, *analyses: str) -> Answer:
    """What is said of the primary analysis when these analyses are done."""
    protocol, data, results = small_trial(change, only=analyses)
    return answer_primary(results, Labels(context_of(protocol, data), "en"))


def test_every_comparison_is_said_with_interval_and_p(contents: Contents) -> None:
    found = contents.answer.found
    assert found[0] == "Outcome: Cell count (cells/µL): change from baseline, Week 8."
    assert found[1].startswith("Low dose against Placebo: adjusted difference 5.7 (95% confidence interval ")
    assert "; p < 0.001)." in found[1]
    assert found[1].endswith("The estimate favours Low dose, and the interval excludes no difference.")
    assert found[-1] == "Test of dose response over all arms: p < 0.001."


def test_the_words_claim_no_more_than_the_data(contents: Contents) -> None:
    said = " ".join((*contents.answer.found, *contents.answer.cautions)).lower()
    assert not [word for word in FORBIDDEN if word in said]


def lower_is_better(content: dict[str, Any]) -> None:
    content["estimands"]["primary"]["variable"]["better"] = "lower"


def test_the_direction_follows_what_is_better() -> None:
    answer = answer_to(lower_is_better, "count_ancova")
    assert "The estimate favours Placebo" in answer.found[1]
    assert answer.cautions[0] == "Lower values are better."


def unsaid(content: dict[str, Any]) -> None:
    del content["estimands"]["primary"]["variable"]["better"]


def test_nobody_is_favoured_where_nothing_is_called_better() -> None:
    assert "favours" not in " ".join(answer_to(unsaid, "count_ancova").found)


def curves_first(content: dict[str, Any]) -> None:
    content["report"]["primary"] = "relapse_cox"


def test_an_interval_with_no_difference_leaves_the_question_open() -> None:
    answer = answer_to(curves_first, "relapse_cox")
    assert "hazard ratio" in answer.found[0]
    assert "the interval includes no difference: one in either direction, or none, agrees" in answer.found[0]
    assert "A later event is better." in answer.cautions


@pytest.mark.parametrize(
    ("primary", "expected"),
    [
        ("relapse_km", "Placebo: median"),
        ("response_table", "difference of proportions"),
        ("count_within", "High dose, Week 8: "),
        ("count_ranks", "shift (Hodges-Lehmann)"),
        ("safety", "The primary analysis describes; it compares nothing."),
    ],
)
def test_every_kind_of_primary_analysis_has_words(primary: str, expected: str) -> None:
    def change(content: dict[str, Any]) -> None:
        content["report"]["primary"] = primary

    assert expected in " ".join(answer_to(change, primary).found)


def test_what_the_analysis_rests_on_is_said(contents: Contents) -> None:
    cautions = contents.answer.cautions
    assert "26 of 30 participants are in this analysis; it does not tell about the others." in cautions
    assert any("Several comparisons" in caution for caution in cautions)
    assert any("missing value are left out" in caution for caution in cautions)


def test_a_protocol_without_primary_analysis_says_so() -> None:
    def change(content: dict[str, Any]) -> None:
        del content["report"]["primary"]

    assert answer_to(change, "count_ancova").found == ("The protocol declares no primary analysis.",)


def test_a_primary_analysis_that_failed_says_why(trial: Trial) -> None:
    protocol, data, results = trial
    failed = TrialResults(
        {name: result for name, result in results.done.items() if name != "count_ancova"},
        {"count_ancova": "the data hold no measurements of count"},
    )
    found = build_contents(protocol, data, failed).answer.found
    assert found == ("The primary analysis could not be done: the data hold no measurements of count.",)


def test_the_answer_is_there_in_chinese(chinese: Contents) -> None:
    assert "低剂量组对安慰剂组：校正差值" in chinese.answer.found[1]
    assert "区间不包含" in chinese.answer.found[1]
    assert chinese.answer.question == "对第8周细胞计数的影响"


def repeated_measures(multiplicity: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        content["analyses"]["count_mmrm"]["multiplicity"] = multiplicity
        content["report"]["primary"] = "count_mmrm"

    return change


def test_a_model_of_all_visits_answers_at_that_of_the_question() -> None:
    answer = answer_to(repeated_measures("none"), "count_mmrm")
    assert answer.found[0].endswith(", Week 8.")
    compared = [said for said in answer.found if "adjusted difference" in said]
    assert len(compared) == 2
    assert any(said.startswith("Missing values are taken to be like those") for said in answer.cautions)


def test_limits_and_p_adjusted_for_multiplicity_are_those_that_are_said() -> None:
    answer = answer_to(repeated_measures("dunnett"), "count_mmrm")
    assert "(95% simultaneous confidence interval" in answer.found[1]
    assert "; adjusted p < 0.001)" in answer.found[1]
    assert any("(Dunnett); the rest is not." in said for said in answer.cautions)
    assert not any("are not adjusted for that" in said for said in answer.cautions)


def test_where_only_p_is_adjusted_the_words_rest_on_p() -> None:
    answer = answer_to(repeated_measures("holm"), "count_mmrm")
    assert "(95% confidence interval" in answer.found[1]
    assert "The estimate favours Low dose. The adjusted p is below 0.05" in answer.found[1]


def test_the_summary_says_where_the_conclusion_tips() -> None:
    answer = answer_to(repeated_measures("dunnett"), "count_mmrm", "count_tipping")
    assert [said for said in answer.found if "would no longer be if -" in said]

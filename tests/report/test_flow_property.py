"""The flow diagram: its numbers are those of the results and add up, whatever the trial."""

from typing import Any

import pytest

from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol
from equipoise.report.flow import ArmFlow, Flow, Reason, count_flow, draw_flow
from equipoise.report.language import Labels

from .drawings import read_drawing
from .small import context_of, small_trial

Trial = tuple[Protocol, AnalysisData, TrialResults]


def flow_of(trial: Trial, language: str = "en") -> tuple[Flow, Labels]:
    protocol, data, results = trial
    labels = Labels(context_of(protocol, data), language)
    return count_flow(results, labels), labels


def test_numbers_agree_with_the_disposition_table(trial: Trial) -> None:
    flow, _ = flow_of(trial)
    results = trial[2].done["disposition"].results.filter(statistic="count")
    by_place = {(arm, group): value for arm, group, value in results.select("arm", "group", "value").iter_rows()}
    for arm in flow.arms:
        assert arm.allocated == by_place[arm.label, "milestone=randomised"]
        assert arm.received == by_place[arm.label, "milestone=treated"]
        assert arm.discontinued == by_place[arm.label, "milestone=discontinued"]
        assert arm.analysed == by_place[arm.label, "milestone=analysed"]


def test_numbers_add_up(trial: Trial) -> None:
    flow, _ = flow_of(trial)
    assert flow.screened == flow.entered + (flow.excluded or 0) == 40
    assert sum(reason.count for reason in flow.excluded_why) == flow.excluded
    assert sum(arm.allocated for arm in flow.arms) == flow.entered
    for arm in flow.arms:
        assert arm.allocated == (arm.analysed or 0) + sum(reason.count for reason in arm.left_out)
        assert arm.discontinued == sum(reason.count for reason in arm.discontinued_why)


def test_the_diagram_says_every_number(trial: Trial) -> None:
    flow, labels = flow_of(trial)
    text = read_drawing(draw_flow(flow, labels).svg).text
    for words in (
        "Assessed for eligibility (n=40)",
        "Excluded (n=10)",
        "Declined (n=2)",
        "Randomised (n=30)",
        "Allocated (n=10)",
        "Did not receive it (n=1)",
        "Adverse event (n=1)",
        "In the primary analysis (n=8)",
    ):
        assert words in text


def not_randomised(content: dict[str, Any]) -> None:
    del content["randomisation"]
    content["enrolment"] = {"size": 30}


def one_arm(content: dict[str, Any]) -> None:
    not_randomised(content)
    content["arms"] = {"high": content["arms"]["high"]}
    content["estimands"]["primary"]["summary"] = "mean"
    content["estimands"] = {"primary": content["estimands"]["primary"]}
    kept = ("disposition", "baseline", "count_within", "count_by_visit", "safety", "deaths")
    content["analyses"] = {name: content["analyses"][name] for name in kept}
    content["report"] = {"sections": ["flow", *kept], "primary": "count_within"}


@pytest.mark.parametrize("change", [not_randomised, one_arm])
def test_a_trial_without_randomisation_enrols(change: Any) -> None:
    flow, labels = flow_of(small_trial(change, only=("disposition",)))
    figure = draw_flow(flow, labels)
    assert "Enrolled (n=30)" in read_drawing(figure.svg).text
    assert "andomised" not in figure.svg


def test_without_a_disposition_analysis_the_arms_are_still_counted() -> None:
    def without(content: dict[str, Any]) -> None:
        del content["analyses"]["disposition"]
        content["report"]["sections"].remove("disposition")

    flow, labels = flow_of(small_trial(without, only=("count_ancova",)))
    text = read_drawing(draw_flow(flow, labels).svg).text
    assert [arm.allocated for arm in flow.arms] == [10, 10, 10]
    assert "number and reasons not in the data" in text


@pytest.mark.parametrize("arms", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_long_words_stay_inside_their_boxes(trial: Trial, arms: int, language: str) -> None:
    _, labels = flow_of(trial, language)
    label = "Umbilicalcordmesenchymalstemcellsandsupportivetreatment 脐带间充质干细胞与支持治疗联合方案"
    why = (Reason("Lost to follow-up after having moved to another region of the country", 1),)
    one = ArmFlow(label, 99999, 99998, 1, why, 99998, why)
    drawing = read_drawing(draw_flow(Flow(99999 * arms, True, (one,) * arms, 999999, 9, why), labels).svg)
    for word in drawing.words:
        assert word.left >= 0
        assert word.right <= drawing.width
        assert word.bottom <= drawing.height
    boxes = draw_flow(Flow(9, True, (one,) * arms), labels).svg
    assert boxes.count("<rect") == 3 + 3 * arms + 4

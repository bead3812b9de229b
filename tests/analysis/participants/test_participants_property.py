"""Flow, characteristics, visits and deviations, counted on a few participants."""

from typing import Any

import polars as pl
import pytest

from equipoise.analysis.context import Context
from equipoise.errors import EstimationFailed

from ..conftest import Trial, measured, plan, series
from ..reading import analyse, cell

PEOPLE: list[dict[str, Any]] = [
    {"participant": "A", "arm": "placebo", "age": 30, "sex": "M"},
    {"participant": "B", "arm": "placebo", "age": 40, "sex": "F"},
    {"participant": "C", "arm": "low", "age": 50, "sex": "F", "completed": "N", "stopped_because": "Pain"},
    {"participant": "D", "arm": "low", "age": None, "sex": None, "treated": False, "completed": "N"},
    {"participant": "S", "arm": None, "randomised": False},
]
CHANGE = {
    "question": "Effect on the count",
    "variable": {"item": "count", "summary": "change from baseline", "at": "W12"},
    "set": "treated",
    "summary": "difference in means",
}


def few(trial: Trial, analysis: dict[str, Any], **given: Any) -> Context:
    analyses = {"a": analysis, "change": {"method": "t test", "estimand": "change"}}
    report = {"sections": ["change"], "primary": "change"}
    protocol = plan({"change": CHANGE}, analyses, arms=["placebo", "low"], report=report)
    return trial(protocol, PEOPLE, **given)


def test_numbers_are_summarised_and_the_missing_counted(trial: Trial) -> None:
    read = cell(analyse(few(trial, {"method": "demographics", "set": "full", "variables": ["age"]}), "a"))
    assert read("mean", parameter="age", arm="Placebo") == 35
    assert (read("n", parameter="age", arm="Low dose"), read("sd", parameter="age", arm="Low dose")) == (1, None)
    assert read("count", parameter="age", arm="Low dose", group="missing=true") == 1
    assert read("mean", parameter="age", arm="Total") == 40


def test_levels_are_counted_in_the_order_of_the_protocol_also_where_nobody_has_them(trial: Trial) -> None:
    result = analyse(few(trial, {"method": "demographics", "set": "full", "variables": ["sex"]}), "a")
    read = cell(result)
    levels = [g for g in result.results["group"].unique(maintain_order=True) if g.startswith("sex=")]
    assert levels == ["sex=M", "sex=F"]
    assert read("count", parameter="sex", arm="Low dose", group="sex=M") == 0
    assert read("percent", parameter="sex", arm="Low dose", group="sex=F") == 100


def test_a_variable_that_the_data_lack_is_named(trial: Trial) -> None:
    analysis = {"method": "demographics", "set": "full", "variables": ["age", "region"]}
    result = analyse(few(trial, analysis, absent={"region": "adsl has no REGION"}), "a")
    assert "region is not described: adsl has no REGION." in result.account
    alone = few(trial, {"method": "demographics", "set": "full", "variables": ["region"]})
    with pytest.raises(EstimationFailed, match="none of the variables region"):
        analyse(alone, "a")


def test_a_test_that_cannot_be_done_is_named(trial: Trial) -> None:
    analysis = {"method": "demographics", "set": "full", "where": "sex = 'F'", "variables": ["sex"], "tests": True}
    result = analyse(few(trial, analysis), "a")
    assert any(sentence.startswith("sex: no test, because") for sentence in result.account)


def test_the_flow_counts_everyone_once_at_each_step(trial: Trial) -> None:
    counts = measured([*series("A", BL=100, W12=110), *series("B", BL=100), *series("C", BL=90, W12=80)])
    analysis = {"method": "disposition", "milestones": ["completed"], "reason": "stopped_because"}
    result = analyse(few(trial, analysis, measurements={"count": counts}, screened=7), "a")
    read = cell(result)
    assert read("count", group="milestone=screened") == 7
    assert read("count", group="milestone=screen failure") == 3
    assert read("count", group="milestone=treated", arm="Low dose") == 1
    assert read("percent", group="milestone=completed", arm="Placebo") == 100
    assert read("count", group="milestone=discontinued;reason=Pain", arm="Low dose") == 1


def test_everyone_randomised_is_analysed_or_left_out_for_one_reason(trial: Trial) -> None:
    counts = measured([*series("A", BL=100, W12=110), *series("B", BL=100), *series("C", BL=90, W12=80)])
    result = analyse(few(trial, {"method": "disposition"}, measurements={"count": counts}), "a")
    assert result.records.select("participant", "left_out").rows() == [
        ("A", None),
        ("B", "no value"),
        ("C", None),
        ("D", "not treated"),
    ]
    assert cell(result)("count", group="milestone=analysed", arm="Total") == 2


def test_visits_show_values_and_changes_as_observed(trial: Trial) -> None:
    filled = {"participant": "B", "visit": "W12", "value": 100, "imputed": "LOCF", "baseline": 100}
    counts = measured([*series("A", BL=100, W12=110), *series("B", BL=100), filled])
    analysis = {"method": "continuous by visit", "set": "full", "items": ["count", "sodium"]}
    result = analyse(few(trial, analysis, measurements={"count": counts}), "a")
    read = cell(result)
    week_12 = {"parameter": "CNT", "visit": "Week 12", "arm": "Placebo"}
    assert (read("n", group="summary=value", **week_12), read("mean", group="summary=change", **week_12)) == (
        1,
        10,
    )
    assert result.results["visit"].unique(maintain_order=True).to_list() == ["Baseline", "Week 12"]
    assert any(sentence.startswith("sodium is not shown") for sentence in result.account)
    assert result.curves["course"].filter(pl.col("summary") == "change").height == 4


def test_deviations_are_counted_by_category(trial: Trial) -> None:
    rows = pl.DataFrame(
        {
            "participant": ["A", "A", "C"],
            "category": ["Visit", "Visit", None],
            "term": ["late", "missed", "other"],
            "day": [3, 9, 4],
            "source": ["dv 1", "dv 2", "dv 3"],
        }
    )
    read = cell(analyse(few(trial, {"method": "protocol deviations", "set": "full"}, deviations=rows), "a"))
    assert read("count", arm="Placebo", group="category=Visit") == 1
    assert read("events", arm="Placebo", group="category=Visit") == 2
    assert read("count", arm="Total", group="deviation=any") == 2
    assert read("count", arm="Low dose", group="category=not categorised") == 1

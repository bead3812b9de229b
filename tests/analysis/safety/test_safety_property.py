"""Adverse events, laboratory shifts and deaths, counted on a few participants."""

from typing import Any

import polars as pl
import pytest

from equipoise.analysis.context import Context
from equipoise.errors import EstimationFailed

from ..conftest import Trial, measured, plan
from ..reading import analyse, cell

PEOPLE = [
    {"participant": "A", "arm": "placebo"},
    {"participant": "B", "arm": "placebo"},
    {"participant": "C", "arm": "low"},
    {"participant": "D", "arm": "low", "death_day": 30},
    {"participant": "E", "arm": "low", "treated": False},
]


def adverse_events(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "participant": who,
                "system_organ_class": organ,
                "term": term,
                "severity": severity,
                "serious": "Y" if severity == "SEVERE" else "N",
                "fatal": "Y" if term == "SEPSIS" else "N",
                "treatment_emergent": "N" if term == "OLD PAIN" else "Y",
                "source": f"adae {i}",
            }
            for i, (who, organ, term, severity) in enumerate(rows, start=1)
        ]
    )


EVENTS = adverse_events(
    ("A", "SKIN", "RASH", "MILD"),
    ("C", "SKIN", "RASH", "MILD"),
    ("C", "SKIN", "RASH", "SEVERE"),
    ("D", "SKIN", "ITCH", "MODERATE"),
    ("D", "INFECTIONS", "SEPSIS", "SEVERE"),
    ("B", "PAIN", "OLD PAIN", "MILD"),
    ("E", "SKIN", "RASH", "MILD"),
)


def safety(trial: Trial, analysis: dict[str, Any], events: pl.DataFrame | None = EVENTS, **given: Any) -> Context:
    protocol = plan({}, {"a": {"set": "treated", **analysis}}, arms=["placebo", "low"])
    return trial(protocol, PEOPLE, adverse_events=events, **given)


def test_a_participant_counts_once_and_every_event_counts(trial: Trial) -> None:
    read = cell(analyse(safety(trial, {"method": "adverse events"}), "a"))
    rash = "system_organ_class=SKIN;term=RASH"
    low = {"arm": "Low dose", "group": rash}
    assert (read("count", **low), read("percent", **low), read("events", **low)) == (1, 50, 2)
    assert read("count", arm="Total", group="event=any") == 3
    assert read("events", arm="Total", group="event=any") == 5


def test_severity_counts_participants_at_their_worst(trial: Trial) -> None:
    read = cell(analyse(safety(trial, {"method": "adverse events"}), "a"))
    found = {s: read("count", arm="Low dose", group=f"severity={s}") for s in ("MILD", "MODERATE", "SEVERE")}
    assert found == {"MILD": 0, "MODERATE": 0, "SEVERE": 2}
    assert read("events", arm="Low dose", group="severity=MILD") == 1


def test_classes_and_terms_come_by_falling_number_of_participants(trial: Trial) -> None:
    groups = analyse(safety(trial, {"method": "adverse events"}), "a").results["group"]
    terms = [g for g in groups.unique(maintain_order=True) if g.startswith("system_organ_class")]
    assert terms == [
        "system_organ_class=SKIN",
        "system_organ_class=SKIN;term=RASH",
        "system_organ_class=SKIN;term=ITCH",
        "system_organ_class=INFECTIONS",
        "system_organ_class=INFECTIONS;term=SEPSIS",
    ]


def test_the_rule_chooses_the_events(trial: Trial) -> None:
    analysis = {"method": "adverse events", "events": "serious = 'Y'"}
    result = analyse(safety(trial, analysis), "a")
    assert cell(result)("count", arm="Low dose", group="event=any") == 2
    assert result.records.height == 2


def test_rare_terms_may_be_hidden_and_are_counted_as_hidden(trial: Trial) -> None:
    result = analyse(safety(trial, {"method": "adverse events", "at_least": 0.6}), "a")
    assert not [g for g in result.results["group"] if "term=" in g]
    assert "3 terms seen in fewer than 60% of every arm not shown." in result.account


def test_fishers_test_compares_with_the_control(trial: Trial) -> None:
    read = cell(analyse(safety(trial, {"method": "adverse events", "test": "fisher"}), "a"))
    assert read("p", arm="Low dose", versus="Placebo", group="event=any") == 1
    assert read("p", arm="Low dose", versus="Placebo", group="event=serious") == pytest.approx(1 / 3)


def test_data_without_adverse_events_are_told_from_none_that_happened(trial: Trial) -> None:
    read = cell(analyse(safety(trial, {"method": "adverse events"}, EVENTS.clear()), "a"))
    assert read("count", arm="Total", group="event=any") == 0
    with pytest.raises(EstimationFailed, match="hold no adverse events"):
        analyse(safety(trial, {"method": "adverse events"}, None), "a")


def test_deaths_have_their_day_and_cause(trial: Trial) -> None:
    result = analyse(safety(trial, {"method": "deaths"}), "a")
    assert cell(result)("count", arm="Low dose", group="status=died") == 1
    assert result.records.select("participant", "day", "cause").rows() == [("D", 30, "SEPSIS")]


def sodium(*rows: tuple[str, str | None, int, str]) -> pl.DataFrame:
    """Type in participant, visit, day and range indicator; the baseline's is that of day 1."""
    at_start = {who: range_ for who, _, day, range_ in rows if day == 1}
    return measured(
        [
            {
                "participant": who,
                "visit": visit,
                "day": day,
                "value": 140.0,
                "range_indicator": range_,
                "baseline_range_indicator": at_start.get(who),
            }
            for who, visit, day, range_ in rows
        ]
    )


SODIUM = sodium(
    ("A", "BL", 1, "NORMAL"),
    ("A", "W4", 29, "NORMAL"),
    ("C", "BL", 1, "NORMAL"),
    ("C", "W4", 29, "LOW"),
    ("C", None, 40, "HIGH"),
    ("D", "BL", 1, "HIGH"),
    ("D", "W4", 29, "NORMAL"),
    ("B", "BL", 1, "NORMAL"),
)


def test_shifts_go_from_baseline_to_the_worst_value_planned_or_not(trial: Trial) -> None:
    context = safety(trial, {"method": "lab shifts"}, measurements={"sodium": SODIUM})
    result = analyse(context, "a")
    read = cell(result)
    low = {"parameter": "SODIUM", "arm": "Low dose"}
    assert read("count", group="baseline=NORMAL;worst=LOW AND HIGH", **low) == 1
    assert read("percent", group="baseline=NORMAL;worst=LOW AND HIGH", **low) == 100
    assert read("count", group="baseline=HIGH;worst=NORMAL", **low) == 1
    assert read("n", parameter="SODIUM", arm="Placebo") == 1
    assert "SODIUM: 1 without a value at baseline and one after it." in result.account


def test_parameters_without_ranges_are_no_shifts(trial: Trial) -> None:
    context = safety(trial, {"method": "lab shifts"}, measurements={"count": measured([
        {"participant": "A", "visit": "BL", "value": 1}])})  # fmt: skip
    with pytest.raises(EstimationFailed, match="no laboratory parameter with reference ranges"):
        analyse(context, "a")


def test_by_grade_the_worst_is_the_highest(trial: Trial) -> None:
    rows = [
        {"participant": "C", "visit": "BL", "value": 1, "grade": 0, "baseline_grade": 0},
        {"participant": "C", "visit": "W4", "value": 2, "grade": 3, "baseline_grade": 0},
        {"participant": "C", "visit": "W8", "value": 2, "grade": 1, "baseline_grade": 0},
    ]
    analysis = {"method": "lab shifts", "items": ["sodium"], "by": "grade"}
    read = cell(analyse(safety(trial, analysis, measurements={"sodium": measured(rows)}), "a"))
    assert read("count", parameter="SODIUM", arm="Low dose", group="baseline=0;worst=3") == 1

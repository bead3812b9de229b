"""What each intercurrent-event strategy does to a time to an event."""

from typing import Any

import pytest

from equipoise.analysis.estimand import EstimandFrame, build_estimand_frame
from equipoise.errors import EstimationFailed

from ..conftest import Trial, plan, timed

PEOPLE = [
    {"participant": "A", "arm": "placebo", "rescue_day": 30},
    {"participant": "B", "arm": "placebo", "rescue_day": 50},
    {"participant": "C", "arm": "low", "rescue_day": 80},
    {"participant": "D", "arm": "high"},
]
TIMES = [("A", 50, True), ("B", 50, True), ("C", 60, False), ("D", 70, True)]


def build(trial: Trial, strategy: str, **variable: Any) -> EstimandFrame:
    estimand = {
        "question": "Effect on the time to relapse",
        "variable": {"time_to": "first", "parameter": "RELAPSE", **variable},
        "set": "full",
        "summary": "hazard ratio",
        "intercurrent": {"rescue": strategy},
    }
    context = trial(plan({"relapse": estimand}), PEOPLE, times={"RELAPSE": timed(TIMES)})
    return build_estimand_frame(context, "relapse")


def times(frame: EstimandFrame) -> list[tuple[str, float, bool]]:
    return frame.records.select("participant", "time", "event").rows()


def test_treatment_policy_leaves_times_as_they_are(trial: Trial) -> None:
    assert times(build(trial, "treatment policy")) == TIMES


def test_hypothetical_censors_on_the_day_of_the_event(trial: Trial) -> None:
    frame = build(trial, "hypothetical")
    assert times(frame) == [("A", 30, False), ("B", 50, False), ("C", 60, False), ("D", 70, True)]
    assert "2 participants censored on that day (hypothetical)." in " ".join(frame.account)


def test_while_on_treatment_an_event_of_that_day_still_counts(trial: Trial) -> None:
    assert times(build(trial, "while on treatment")) == [
        ("A", 30, False),
        ("B", 50, True),
        ("C", 60, False),
        ("D", 70, True),
    ]


def test_composite_counts_the_event_at_its_day_if_it_comes_before_the_end(trial: Trial) -> None:
    assert times(build(trial, "composite, event")) == [
        ("A", 30, True),
        ("B", 50, True),
        ("C", 60, False),
        ("D", 70, True),
    ]


def test_days_of_intercurrent_events_are_converted_to_the_unit_of_the_time(trial: Trial) -> None:
    frame = build(trial, "hypothetical", unit="week")
    assert times(frame)[0] == ("A", pytest.approx(30 / 7), False)


def test_principal_stratum_leaves_participants_out(trial: Trial) -> None:
    assert [row[0] for row in times(build(trial, "principal stratum"))] == ["D"]


def test_times_that_the_data_lack_are_said(trial: Trial) -> None:
    estimand = {
        "question": "Effect on the time to relapse",
        "variable": {"time_to": "first", "parameter": "RELAPSE"},
        "set": "full",
        "summary": "hazard ratio",
    }
    context = trial(plan({"relapse": estimand}), PEOPLE, absent={"RELAPSE": "adtte has no RELAPSE"})
    with pytest.raises(EstimationFailed, match="adtte has no RELAPSE"):
        build_estimand_frame(context, "relapse")

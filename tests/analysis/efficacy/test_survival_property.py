"""Curves, log-rank tests and hazard ratios of a time to an event, as rows."""

from typing import Any

import pytest

from equipoise.analysis.context import Context
from equipoise.errors import EstimationFailed

from ..conftest import Trial, plan, timed
from ..reading import analyse, cell

RELAPSE = {
    "question": "Effect on relapse",
    "variable": {"time_to": "first", "parameter": "RELAPSE"},
    "set": "full",
    "summary": "hazard ratio",
}
TIMES = {"placebo": [10, 20, 30, 40], "low": [15, 35, 50, 60]}


def relapses(trial: Trial, analysis: dict[str, Any], censored: tuple[int, ...] = (60,), **given: Any) -> Context:
    protocol = plan({"relapse": RELAPSE}, {"a": {"estimand": "relapse", **analysis}}, arms=["placebo", "low"])
    people, times = [], []
    for arm, days in TIMES.items():
        for i, day in enumerate(days):
            people.append({"participant": f"{arm}{i}", "arm": arm, "region": "NS"[i % 2]})
            times.append((f"{arm}{i}", day, day not in censored))
    return trial(protocol, people, times={"RELAPSE": timed(times)}, **given)


def test_curves_have_counts_medians_and_numbers_at_risk(trial: Trial) -> None:
    result = analyse(relapses(trial, {"method": "kaplan-meier", "at": [0, 20, 45]}), "a")
    read = cell(result)
    low = {"parameter": "RELAPSE", "arm": "Low dose"}
    assert (read("n", **low), read("events", **low), read("count", group="status=censored", **low)) == (4, 3, 1)
    assert read("median", group="quantile=0.5", **low) == 42.5
    assert [read("at_risk", group=f"time={day}", **low) for day in (0, 20, 45)] == [4, 3, 2]
    assert read("survival", group="time=20", parameter="RELAPSE", arm="Placebo") == 0.5
    assert set(result.curves) == {"survival"}


def test_a_median_that_is_not_reached_is_a_missing_number(trial: Trial) -> None:
    read = cell(analyse(relapses(trial, {"method": "kaplan-meier"}, censored=(35, 50, 60)), "a"))
    assert read("median", parameter="RELAPSE", arm="Low dose", group="quantile=0.5") is None


def test_two_arms_have_one_test(trial: Trial) -> None:
    result = analyse(relapses(trial, {"method": "kaplan-meier"}), "a")
    assert cell(result)("df", parameter="RELAPSE") == 1
    assert not (result.results["versus"] != "").any()


def test_restricted_means_are_areas_under_the_curves(trial: Trial) -> None:
    read = cell(analyse(relapses(trial, {"method": "kaplan-meier", "restricted_to": 40}), "a"))
    group = {"parameter": "RELAPSE", "group": "restricted_to=40"}
    assert read("estimate", arm="Placebo", **group) == 25
    assert read("estimate", arm="Low dose", **group) == 15 + 0.75 * 20 + 0.5 * 5
    assert read("estimate", arm="Low dose", versus="Placebo", **group) == 7.5


def test_without_an_event_the_curves_stand_and_the_test_is_named_as_impossible(trial: Trial) -> None:
    everyone = (10, 20, 30, 40, 15, 35, 50, 60)
    result = analyse(relapses(trial, {"method": "kaplan-meier"}, censored=everyone), "a")
    assert any(sentence.startswith("No test:") for sentence in result.account)


def test_a_hazard_ratio_is_against_the_control(trial: Trial) -> None:
    read = cell(analyse(relapses(trial, {"method": "cox"}), "a"))
    compared = {"parameter": "RELAPSE", "arm": "Low dose", "versus": "Placebo"}
    assert read("lower", **compared) < read("hazard_ratio", **compared) < 1


def test_subgroups_are_fitted_within_their_levels(trial: Trial) -> None:
    analysis = {"method": "cox", "subgroups": ["region"], "strata": ["region"]}
    read = cell(analyse(relapses(trial, analysis), "a"))
    assert read("n", parameter="RELAPSE", arm="Low dose", group="region=S") == 2
    assert read("hazard_ratio", parameter="RELAPSE", arm="Low dose", versus="Placebo", group="region=N") > 0
    assert read("df", parameter="RELAPSE", group="model=interaction;by=region") == 1


def test_a_hazard_ratio_without_events_is_refused(trial: Trial) -> None:
    everyone = (10, 20, 30, 40, 15, 35, 50, 60)
    with pytest.raises(EstimationFailed):
        analyse(relapses(trial, {"method": "cox"}, censored=everyone), "a")

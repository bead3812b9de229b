"""Every intercurrent-event strategy from files to results, against a program in R that applies the written rules.

Fourteen participants (`references/strategies`), with events on the very day of a visit, visits missed before and
after an event, and unscheduled values; program and output in `references/r/strategies`. Equal to 1e-12 relative;
Cox regression to 1e-8, as near as iterations bring both.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from equipoise.analysis import TrialResults
from equipoise.analysis.run import run_analyses
from equipoise.datasets import DataFolder
from equipoise.datasets.assemble import assemble

from .conftest import plan
from .reading import cell

WEEK_12 = {"item": "count", "at": "W12", "better": "higher"}
CHANGE = {**WEEK_12, "summary": "change from baseline"}
LAST, WORST = "last observation carried forward", "worst observation carried forward"
STRATEGIES: dict[str, dict[str, Any]] = {
    "policy": {"intercurrent": {"stop": "treatment policy"}},
    "hypothetical": {"intercurrent": {"stop": "hypothetical"}},
    "hypothetical_last": {"intercurrent": {"stop": "hypothetical"}, "missing": LAST},
    "hypothetical_worst": {"intercurrent": {"stop": "hypothetical"}, "missing": WORST},
    "on_treatment": {"intercurrent": {"stop": "while on treatment"}},
    "composite": {"intercurrent": {"death": "composite, worst value"}},
    "stratum": {"intercurrent": {"rescue": "principal stratum"}},
    "mixed": {
        "intercurrent": {"stop": "hypothetical", "rescue": "hypothetical", "death": "composite, worst value"},
        "missing": LAST,
    },
}
RESPONSE = {
    "variable": {**WEEK_12, "response": "count >= baseline + 10"},
    "summary": "difference in proportions",
    "intercurrent": {"death": "composite, non-response", "rescue": "composite, non-response"},
    "missing": "non-response",
}
RELAPSE = {"variable": {"time_to": "first", "parameter": "RELAPSE", "unit": "week"}, "summary": "hazard ratio"}
TIMES: dict[str, dict[str, str]] = {
    "policy": {"stop": "treatment policy"},
    "hypothetical": {"stop": "hypothetical"},
    "on_treatment": {"stop": "while on treatment"},
    "composite": {"death": "composite, event"},
    "mixed": {"rescue": "hypothetical", "death": "composite, event"},
    "stratum": {"rescue": "principal stratum"},
}
ARMS = ("Low dose", "Placebo")


@pytest.fixture(scope="module")
def reference(request: pytest.FixtureRequest) -> dict[str, Any]:
    references: Path = request.getfixturevalue("references")
    values: dict[str, Any] = json.loads((references / "r" / "strategies.out.json").read_text(encoding="utf-8"))
    return values


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> TrialResults:
    references: Path = request.getfixturevalue("references")
    usual = {"question": "Effect on the count", "set": "full"}
    means = {"variable": CHANGE, "summary": "difference in means"}
    days = {"stop_day": "STOPDY", "rescue_day": "RESCUEDY"}
    estimands = {name: usual | means | said for name, said in STRATEGIES.items()} | {"response": usual | RESPONSE}
    analyses = {name: {"method": "t test", "estimand": name} for name in STRATEGIES}
    analyses["response"] = {"method": "categorical", "test": "fisher", "estimand": "response"}
    for name, said in TIMES.items():
        estimands[f"{name}_time"] = usual | RELAPSE | {"intercurrent": said}
        analyses[f"{name}_km"] = {"method": "kaplan-meier", "test": "log-rank", "estimand": f"{name}_time"}
        analyses[f"{name}_cox"] = {"method": "cox", "estimand": f"{name}_time"}
    protocol = plan(
        estimands,
        analyses,
        arms=("placebo", "low"),
        variables={name: {"label": name, "type": "day", "adam": column} for name, column in days.items()},
    )
    return run_analyses(protocol, assemble(protocol, DataFolder(references / "strategies")))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_change_at_week_12(strategy: str, results: TrialResults, reference: dict[str, Any]) -> None:
    expected = reference["changes"][strategy]
    result = results.done[strategy]
    outcomes = dict(result.records.select("participant", "outcome").iter_rows())
    assert outcomes == {who: value for who, value in expected["outcomes"].items() if value is not None}
    read = cell(result)
    for i, arm in enumerate(ARMS):
        place = {"parameter": "CNT", "visit": "Week 12", "arm": arm}
        assert read("n", **place) == expected["n"][i]
        assert read("mean", **place) == pytest.approx(expected["mean"][i], rel=1e-12)
    for statistic in ("estimate", "lower", "upper", "df", "t", "p"):
        value = read(statistic, parameter="CNT", visit="Week 12", arm="Low dose", versus="Placebo")
        assert value == pytest.approx(expected[statistic], rel=1e-12)


def test_response_at_week_12(results: TrialResults, reference: dict[str, Any]) -> None:
    expected, result = reference["response"], results.done["response"]
    outcomes = dict(result.records.select("participant", "outcome").iter_rows())
    assert outcomes == {who: float(value) for who, value in expected["responds"].items()}
    read = cell(result)
    for i, arm in enumerate(ARMS):
        place = {"parameter": "CNT", "visit": "Week 12", "arm": arm}
        assert (read("count", **place), read("n", **place)) == (expected["count"][i], expected["n"][i])
    assert read("p", parameter="CNT", visit="Week 12") == pytest.approx(expected["p"], rel=1e-12)


@pytest.mark.parametrize("strategy", TIMES)
def test_time_to_relapse(strategy: str, results: TrialResults, reference: dict[str, Any]) -> None:
    expected, curves = reference["times"][strategy], results.done[f"{strategy}_km"]
    rows = {row["participant"]: row for row in curves.records.iter_rows(named=True)}
    assert {who: row["event"] for who, row in rows.items()} == expected["event"]
    assert {who: row["time"] for who, row in rows.items()} == pytest.approx(expected["time"], rel=1e-12)
    read = cell(curves)
    for i, arm in enumerate(ARMS):
        assert read("n", parameter="RELAPSE", arm=arm) == expected["n"][i]
        assert read("events", parameter="RELAPSE", arm=arm) == expected["events"][i]
    assert read("chi2", parameter="RELAPSE") == pytest.approx(expected["chi2"], rel=1e-12)
    read = cell(results.done[f"{strategy}_cox"])
    for statistic in ("hazard_ratio", "lower", "upper"):
        value = read(statistic, parameter="RELAPSE", arm="Low dose", versus="Placebo")
        assert value == pytest.approx(expected[statistic], rel=1e-8)

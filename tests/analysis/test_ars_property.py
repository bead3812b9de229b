"""The results as CDISC Analysis Results Standard: valid, complete, and the same numbers."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from equipoise.analysis import run_analyses
from equipoise.analysis.ars import results_ars

from ..shipped import shipped
from .conftest import Trial, measured, plan, series
from .published import analysed


@pytest.mark.shared
def test_the_pilot_is_valid_against_the_official_schema(shared: Path) -> None:
    schema = json.loads((shared / "data/standards/schemas/ars_ldm_v1.schema.json").read_text(encoding="utf-8"))
    results = analysed("cdiscpilot01", shared / "data" / "cdiscpilot01" / "adam")
    event = results_ars(shipped("cdiscpilot01"), results)
    assert not [error.message for error in Draft7Validator(schema).iter_errors(json.loads(json.dumps(event)))]


@pytest.fixture
def event(trial: Trial) -> dict[str, Any]:
    estimand = {
        "question": "Effect on the count",
        "variable": {"item": "count", "summary": "change from baseline", "at": "W12"},
        "set": "full",
        "summary": "difference in means",
    }
    analyses = {
        "change": {"method": "ancova", "estimand": "change", "terms": ["baseline", "arm"]},
        "women": {"method": "demographics", "set": "full", "where": "sex = 'F'", "variables": ["age"]},
    }
    protocol = plan({"change": estimand}, analyses)
    arms = ["placebo", "low", "high"] * 3
    people = [{"participant": f"P{i}", "arm": arm, "age": 40 + i, "sex": "F"} for i, arm in enumerate(arms)]
    counts = [row for i in range(9) for row in series(f"P{i}", BL=100 + 3 * i, W12=110 + 7 * i - i * i)]
    context = trial(protocol, people, measurements={"count": measured(counts)})
    self_made = run_analyses(protocol, context.data)
    return {"table": self_made.table, **results_ars(protocol, self_made)}


def test_every_row_of_the_results_is_there_with_all_its_digits(event: dict[str, Any]) -> None:
    values = [float(r["rawValue"]) for a in event["analyses"] for r in a["results"]]
    assert values == event["table"]["value"].to_list()


def test_every_reference_leads_somewhere(event: dict[str, Any]) -> None:
    operations = {o["id"] for m in event["methods"] for o in m["operations"]}
    groupings = {g["id"] for g in event["analysisGroupings"]}
    sets, subsets = {s["id"] for s in event["analysisSets"]}, {s["id"] for s in event["dataSubsets"]}
    for analysis in event["analyses"]:
        assert analysis["analysisSetId"] in sets
        assert analysis.get("dataSubsetId") in subsets | {None}
        for result in analysis["results"]:
            assert result["operationId"] in operations
            assert {g["groupingId"] for g in result["resultGroups"]} <= groupings


def test_a_rule_that_narrows_an_analysis_is_a_data_subset(event: dict[str, Any]) -> None:
    (subset,) = event["dataSubsets"]
    assert subset["description"] == "(sex = 'F')"

"""A small trial for the tests of the analyses: its protocol and rows typed in by each test."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from equipoise.analysis.context import Context
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol, parse_protocol

SMALL = (Path(__file__).parent / "trial.yaml").read_text(encoding="utf-8")
LABELS = {"placebo": "Placebo", "low": "Low dose", "high": "High dose"}
VISITS = {"SCR": "Screening", "BL": "Baseline", "W4": "Week 4", "W8": "Week 8", "W12": "Week 12"}
DAYS = {"SCR": -14, "BL": 1, "W4": 29, "W8": 57, "W12": 85}


def plan(
    estimands: Mapping[str, Any] | None = None,
    analyses: Mapping[str, Any] | None = None,
    arms: Sequence[str] = ("placebo", "low", "high"),
    **sections: Any,
) -> Protocol:
    """Read the small trial's protocol with these estimands, analyses and further sections."""
    content = YAML(typ="safe").load(SMALL)
    content["estimands"] = dict(estimands or {})
    content["analyses"] = dict(analyses or {})
    content["arms"] = {name: content["arms"][name] for name in arms}
    content |= sections
    return parse_protocol(json.dumps(content))


def people(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Make the frame of participants; what a row does not say is as in someone randomised and treated."""
    usual = {
        "site": "1",
        "randomised": True,
        "treated": True,
        "age": None,
        "sex": None,
        "region": None,
        "completed": "Y",
        "stopped_because": None,
        "stop_day": None,
        "rescue_day": None,
        "death_day": None,
    }
    filled = [{**usual, "arm_label": LABELS.get(row["arm"]), **row} for row in rows]
    types = {
        "participant": pl.String,
        "arm": pl.String,
        "arm_label": pl.String,
        "age": pl.Float64,
        "sex": pl.String,
        "region": pl.String,
        "stopped_because": pl.String,
        "stop_day": pl.Int64,
        "rescue_day": pl.Int64,
        "death_day": pl.Int64,
    }
    return pl.DataFrame(filled, schema_overrides=types, infer_schema_length=None)


def measured(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Make a frame of measurements; baseline is the participant's value at BL, day that of the visit."""
    at_start = {row["participant"]: row["value"] for row in rows if row.get("visit") == "BL"}
    filled = []
    for place, row in enumerate(rows, start=1):
        value, baseline = row["value"], row.get("baseline", at_start.get(row["participant"]))
        known = value is not None and baseline is not None
        usual = {
            "visit_label": VISITS.get(row.get("visit") or "", "Unscheduled"),
            "day": DAYS.get(row.get("visit") or ""),
            "baseline": baseline,
            "change": value - baseline if known else None,
            "percent_change": 100.0 * (value - baseline) / baseline if known and baseline else None,
            "imputed": None,
            "analysed": True,
            "range_indicator": None,
            "baseline_range_indicator": None,
            "grade": None,
            "baseline_grade": None,
            "source": f"adlb {place}",
        }
        filled.append({**usual, **row})
    numbers = ("value", "baseline", "change", "percent_change", "grade", "baseline_grade")
    types: dict[str, Any] = dict.fromkeys(numbers, pl.Float64) | {"day": pl.Int64}
    texts = ("participant", "visit", "imputed", "range_indicator", "baseline_range_indicator")
    return pl.DataFrame(filled, schema_overrides=types | dict.fromkeys(texts, pl.String), infer_schema_length=None)


def series(participant: str, **values: float | None) -> list[dict[str, Any]]:
    """Type in one participant's values by visit; None leaves the visit out."""
    return [
        {"participant": participant, "visit": visit, "value": value}
        for visit, value in values.items()
        if value is not None
    ]


def timed(rows: Sequence[tuple[str, float, bool]]) -> pl.DataFrame:
    """Make a frame of times to an event."""
    return pl.DataFrame(
        [
            {
                "participant": p,
                "time": float(t),
                "event": e,
                "description": "seen" if e else "censored",
                "source": "x",
            }
            for p, t, e in rows
        ]
    )


Trial = Callable[..., Context]


@pytest.fixture
def trial() -> Trial:
    """Put a protocol and rows together."""

    def build(protocol: Protocol, participants: Sequence[Mapping[str, Any]], **given: Any) -> Context:
        data = {"measurements": {}, "parameters": {}, "times": {}} | given
        return Context(protocol, AnalysisData(participants=people(participants), **data))

    return build

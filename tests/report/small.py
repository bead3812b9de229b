"""The small trial: its protocol, varied as a test asks, and data typed by a rule that a reader can follow.

Thirty participants in turn to the arms. Participant i has baseline 100 + i, and at weeks 4 and 8 a gain that
depends on the arm and on i. Every seventh has no value at week 8, every tenth stops early.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from equipoise.analysis.context import Context
from equipoise.analysis.result import TrialResults
from equipoise.analysis.run import run_analyses
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol, parse_protocol

TEXT = (Path(__file__).parent / "trial.yaml").read_text(encoding="utf-8")
LABELS = {"placebo": "Placebo", "low": "Low dose", "high": "High dose", "top": "Top dose"}
GAIN = {"placebo": 2.0, "low": 8.0, "high": 20.0, "top": 26.0}
SIZE = 30


def small_protocol(change: Callable[[dict[str, Any]], object] | None = None) -> Protocol:
    """Read the protocol of the small trial after `change` has been applied to its content."""
    content = YAML(typ="safe").load(TEXT)
    if change is not None:
        change(content)
    return parse_protocol(json.dumps(content))


def small_data(protocol: Protocol, *, labels: Mapping[str, str] = LABELS, events: bool = True) -> AnalysisData:
    """Make the data of the small trial for the arms of a protocol; without adverse events if asked."""
    arms = list(protocol.arms)
    people = [_person(i, arms[i % len(arms)], labels) for i in range(SIZE)]
    rows = [row for i, person in enumerate(people) for row in _measurements(i, person)]
    return AnalysisData(
        participants=pl.DataFrame(people, infer_schema_length=None).with_columns(
            pl.col("death_day").cast(pl.Int64)
        ),
        measurements={"count": pl.DataFrame(rows, infer_schema_length=None)},
        parameters={"count": "Cell count (cells/uL)"},
        times={"TTRE": pl.DataFrame([_time(i, person) for i, person in enumerate(people)])},
        adverse_events=_events(people if events else []),
        deviations=pl.DataFrame(
            [{"participant": "P04", "category": "CONSENT", "term": "late", "day": 3, "source": "dv 1"}]
        ),
        screened=40,
        screen_failures={"Did not meet the criteria": 8, "Declined": 2},
        origin={"participants": "/some/where/adsl.parquet (adsl)"},
        absent={"x": "the data hold no x"},
    )


def small_trial(
    change: Callable[[dict[str, Any]], object] | None = None,
    *,
    labels: Mapping[str, str] = LABELS,
    events: bool = True,
    only: Sequence[str] | None = None,
) -> tuple[Protocol, AnalysisData, TrialResults]:
    """Make protocol, data and results, of these analyses only if asked."""
    protocol = small_protocol(change)
    data = small_data(protocol, labels=labels, events=events)
    return protocol, data, run_analyses(protocol, data, only=only)


def context_of(protocol: Protocol, data: AnalysisData) -> Context:
    """Return the context in which labels are looked up."""
    return Context(protocol, data)


def _person(i: int, arm: str, labels: Mapping[str, str]) -> dict[str, Any]:
    stopped = i % 10 == 9
    return {
        "participant": f"P{i:02d}",
        "arm": arm,
        "arm_label": labels[arm],
        "site": str(1 + i % 2),
        "randomised": True,
        "treated": i != 5,
        "age": 40.0 + i,
        "sex": "F" if (i // 3) % 2 else "M",
        "completed": "N" if stopped else "Y",
        "stopped_because": "ADVERSE EVENT" if stopped else None,
        "stop_day": 30 if stopped else None,
        "death_day": 33 if i == 19 else None,
        "source": f"adsl {i + 1}",
    }


def _measurements(i: int, person: dict[str, Any]) -> list[dict[str, Any]]:
    base = 100.0 + i
    gains = {"BL": 0.0, "W4": GAIN[person["arm"]] / 2 + i % 4, "W8": GAIN[person["arm"]] + i % 5 - 2}
    names = {"BL": "Baseline", "W4": "Week 4", "W8": "Week 8"}
    rows = []
    for place, (visit, gain) in enumerate(gains.items()):
        if visit == "W8" and i % 7 == 6:
            continue
        value = base + gain
        rows.append(
            {
                "participant": person["participant"],
                "visit": visit,
                "visit_label": names[visit],
                "day": 1 + 28 * place,
                "value": value,
                "baseline": base,
                "change": gain if place else None,
                "percent_change": 100.0 * gain / base if place else None,
                "imputed": None,
                "analysed": True,
                "range_indicator": "HIGH" if value > 130 else "NORMAL",
                "baseline_range_indicator": "NORMAL",
                "grade": None,
                "baseline_grade": None,
                "source": f"adlb {10 * i + place}",
            }
        )
    return rows


def _time(i: int, person: dict[str, Any]) -> dict[str, Any]:
    return {
        "participant": person["participant"],
        "time": float(1 + i % 9),
        "event": i % 3 != 2 or i % 2 == 0,
        "description": "relapse",
        "source": f"adtte {i + 1}",
    }


def _events(people: list[dict[str, Any]]) -> pl.DataFrame:
    schema = dict.fromkeys(
        ("participant", "term", "system_organ_class", "severity", "serious", "fatal", "treatment_emergent",
         "special_interest", "source"),
        pl.String(),
    )  # fmt: skip
    rows = [
        {
            "participant": person["participant"],
            "term": ("RASH", "HEADACHE <mild> & long", "NAUSEA")[i % 3],
            "system_organ_class": ("SKIN DISORDERS", "NERVOUS SYSTEM DISORDERS", "GASTROINTESTINAL DISORDERS")[
                i % 3
            ],
            "severity": ("MILD", "SEVERE")[i % 2],
            "serious": "N",
            "fatal": "Y" if i == 19 else "N",
            "treatment_emergent": "Y",
            "special_interest": None,
            "source": f"adae {i + 1}",
        }
        for i, person in enumerate(people)
        if i % 4 in (0, 3)
    ]
    return pl.DataFrame(rows, schema=schema)

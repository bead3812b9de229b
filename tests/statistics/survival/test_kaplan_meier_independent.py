"""Survival curves agree with R survival 3.5 (references/core_trial72.json, references/r/survival.R), to 1e-9."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.survival import kaplan_meier

ARMS = pl.Enum(["Placebo", "Low", "High"])
SCALES = {"log-log": "log-log", "log": "log", "plain": "plain", "arcsine": "arcsin"}


@pytest.fixture(scope="module")
def trial72(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    reference = json.loads((references / "core_trial72.json").read_text())
    return dict(reference["survival"]["days"])


@pytest.fixture(scope="module")
def tied(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "survival.out.json").read_text()))


def close(ours: pl.Series, theirs: list[float | None], tolerance: float = 1e-9) -> bool:
    other = pl.Series(theirs, dtype=pl.Float64)
    if ours.is_null().to_list() != other.is_null().to_list():
        return False
    return bool(np.allclose(ours.drop_nulls(), other.drop_nulls(), rtol=tolerance, atol=tolerance))


@pytest.mark.parametrize("interval", SCALES)
def test_curve_at_event_times(interval: Any, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    curve = kaplan_meier(trial72, "TTRDY", "EVENT", "ARM", interval=interval).curve.filter(pl.col("events") > 0)
    table = expected["km"][SCALES[interval]]["table"]
    assert curve["ARM"].to_list() == [row["ARM"] for row in table]
    names = {
        "time": "time",
        "at_risk": "n_risk",
        "events": "n_event",
        "survival": "surv",
        "se": "se_greenwood",
        "lower": "lower",
        "upper": "upper",
    }
    for ours, theirs in names.items():
        assert close(curve[ours].cast(pl.Float64), [row.get(theirs) for row in table]), ours


@pytest.mark.parametrize("interval", SCALES)
@pytest.mark.parametrize("p", [0.25, 0.5, 0.75])
def test_quantiles(interval: Any, p: float, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    found = kaplan_meier(trial72, "TTRDY", "EVENT", "ARM", interval=interval).quantiles(p)
    reference = expected["km"][SCALES[interval]]["quantiles"][f"q{int(100 * p)}"]
    assert found.select("ARM", "estimate", "lower", "upper").to_dicts() == reference


@pytest.mark.parametrize("interval", SCALES)
def test_survival_at_times(interval: Any, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    found = kaplan_meier(trial72, "TTRDY", "EVENT", "ARM", interval=interval).at([84, 168, 336, 504])
    reference = expected["km"][SCALES[interval]]["at_times"]
    for ours, theirs in {
        "at_risk": "n_risk",
        "survival": "surv",
        "se": "se",
        "lower": "lower",
        "upper": "upper",
    }.items():
        assert close(found[ours].cast(pl.Float64), [row[theirs] for row in reference]), ours


def test_cumulative_hazard(trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    curve = kaplan_meier(trial72, "TTRDY", "EVENT", "ARM").curve
    reference = expected["nelson_aalen"]
    assert curve["time"].to_list() == [row["time"] for row in reference]
    assert close(curve["cumulative_hazard"], [row["cumhaz"] for row in reference])
    assert close(curve["cumulative_hazard_se"], [row["se"] for row in reference])


@pytest.mark.parametrize("interval", SCALES)
def test_heavily_tied_times(interval: Any, tied: dict[str, Any]) -> None:
    data = pl.DataFrame(tied["data"]).with_columns(pl.col("arm").cast(ARMS))
    fit = kaplan_meier(data, "time", "event", "arm", interval=interval)
    reference = tied["curves"][interval]
    assert fit.curve["time"].to_list() == reference["time"]
    assert fit.curve["at_risk"].to_list() == reference["n"]
    for ours, theirs in {"survival": "surv", "se": "se", "lower": "lower", "upper": "upper"}.items():
        assert close(fit.curve[ours], reference[theirs]), ours
    quantiles = fit.quantiles(0.1, 0.25, 0.4, 0.5, 0.75)
    for ours, theirs in {"estimate": "quantile", "lower": "lower", "upper": "upper"}.items():
        assert quantiles[ours].to_list() == [value for row in reference["quantile"][theirs] for value in row]


def test_where_the_curve_is_flat_at_the_quantile(tied: dict[str, Any]) -> None:
    for case in tied["flats"]:
        data = pl.DataFrame({"time": case["time"], "event": case["event"]})
        found = kaplan_meier(data, "time", "event", interval=case["interval"]).quantiles(case["p"])
        assert found.row(0) == (case["p"], case["estimate"], case["lower"], case["upper"]), case

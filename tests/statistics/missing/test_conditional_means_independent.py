"""Conditional mean imputation with jackknife against rbmi 1.5.2.

rbmi ends its fits where mmrm's optimiser stops. With compound symmetry that is near the maximum; unstructured it
is not (2e-4 of a standard error), so there the maximum that R finds by Newton steps is the reference
(`imputation/test_impute_independent.py`), rbmi a rough one.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.statistics.missing import (
    ConditionalMeanImputation,
    Delta,
    conditional_mean_imputation,
    tipping_point,
)

CASES = [("cs", "MAR", 1e-6), ("cs", "JR", 1e-6), ("us", "MAR", 3e-4)]


@pytest.fixture(scope="module")
def imputed(trial72: pl.DataFrame) -> Any:
    @cache
    def impute(covariance: str, strategy: str, delta: int = 0) -> ConditionalMeanImputation:
        return conditional_mean_imputation(
            "CHG ~ ARM + VISIT + BASE + STRATUM",
            trial72,
            subject="USUBJID",
            visit="VISIT",
            arm="ARM",
            reference="Placebo",
            strategy=strategy,
            strategy_from="ICE",
            covariance=covariance,
            analysis="CHG ~ ARM + BASE + STRATUM",
            delta=Delta({"Low": delta, "High": delta}) if delta else None,
        )

    return impute


def rbmi(references: Path, covariance: str, strategy: str, delta: int) -> dict[str, dict[str, float]]:
    everything = json.loads((references / "rbmi_trial72.json").read_text(encoding="utf-8"))
    key = f"delta{delta}_all_missing_active" if delta else "delta0"
    return {row["parameter"]: row for row in everything[covariance][strategy][key]}


def agree(found: dict[str, Any], expected: dict[str, float], tolerance: float) -> None:
    se = expected["se"]
    assert found["estimate"] == pytest.approx(expected["est"], rel=0, abs=tolerance * se)
    assert found["se"] == pytest.approx(se, rel=tolerance)
    assert found["lower"] == pytest.approx(expected["lci"], rel=0, abs=3 * tolerance * se)
    assert found["upper"] == pytest.approx(expected["uci"], rel=0, abs=3 * tolerance * se)
    assert found["p"] == pytest.approx(expected["pval"], rel=5 * tolerance)


@pytest.mark.parametrize(("covariance", "strategy", "tolerance"), CASES)
def test_contrasts_at_every_visit_are_those_of_rbmi(
    imputed: Any, references: Path, covariance: str, strategy: str, tolerance: float
) -> None:
    expected = rbmi(references, covariance, strategy, 0)
    table = imputed(covariance, strategy).contrasts
    assert table.height == len(expected) == 16
    for row in table.iter_rows(named=True):
        agree(row, expected[f"{row['ARM']}_vs_Placebo_{row['VISIT']}"], tolerance)


def test_contrasts_after_a_delta_in_the_active_arms_are_those_of_rbmi(imputed: Any, references: Path) -> None:
    expected = rbmi(references, "cs", "JR", -40)
    for row in imputed("cs", "JR", -40).contrasts.iter_rows(named=True):
        agree(row, expected[f"{row['ARM']}_vs_Placebo_{row['VISIT']}"], 1e-6)


@pytest.mark.parametrize(("covariance", "strategy", "tolerance"), CASES)
@pytest.mark.parametrize("delta", [-20, -40])
def test_the_response_to_deltas_is_that_of_rbmi_without_another_fit(
    imputed: Any, references: Path, covariance: str, strategy: str, tolerance: float, delta: int
) -> None:
    expected = rbmi(references, covariance, strategy, delta)
    for visit in ("W48", "W96"):
        found = tipping_point(
            imputed(covariance, strategy),
            visit=visit,
            arm="High",
            also=["Low"],
            versus="Placebo",
            deltas=(-40, 0),
            points=3,
        )
        row = found.surface.filter(pl.col("delta") == delta).row(0, named=True)
        agree(row, expected[f"High_vs_Placebo_{visit}"], tolerance)

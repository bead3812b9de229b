"""Sizes of rank tests agree with R (references/r/sample_size.R) and a published run of SAS."""

import json
from pathlib import Path
from typing import Any

import pytest

from equipoise.statistics.sample_size import power_ordinal, power_rank_sum, relative_effect_of_shift


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "sample_size.out.json").read_text()))


def test_obrien_and_castelloe_by_concordance(r: dict[str, Any]) -> None:
    a, b = r["ranks"]["a"], r["ranks"]["b"]
    assert power_ordinal(a, b, n=120).power == pytest.approx(r["ranks"]["castelloe"], rel=1e-9)
    assert power_ordinal(a, b, n=90, ratio=2).power == pytest.approx(r["ranks"]["castelloe_2"], rel=1e-9)


def test_obrien_and_castelloe_as_sas_prints_them() -> None:
    # Lachin, Biostatistical Methods, 2nd ed., 2011: PROC POWER TWOSAMPLEWILCOXON gives N = 1754 (two equal arms)
    # and power 0.475 at 600; the variance under the hypothesis alone gives 1757
    arms = (0.85, 0.10, 0.05), (0.90, 0.075, 0.025)
    assert power_ordinal(*arms, power=0.9).n_whole == 1754
    assert round(power_ordinal(*arms, n=600).power, 3) == 0.475
    assert round(power_ordinal(*arms, power=0.9, method="zhao").n) == 1757


def test_noether_and_zhao(r: dict[str, Any]) -> None:
    a, b = r["ranks"]["a"], r["ranks"]["b"]
    assert power_rank_sum(0.65, power=0.9).n == pytest.approx(r["ranks"]["noether"], rel=1e-9)
    assert power_ordinal(a, b, power=0.9, method="zhao").n == pytest.approx(r["ranks"]["zhao"], rel=1e-9)
    found = power_ordinal(a, b, power=0.9, ratio=2, method="zhao")
    assert found.n == pytest.approx(r["ranks"]["zhao_2"], rel=1e-9)


def test_relative_effects_of_shifts(r: dict[str, Any]) -> None:
    for shape in ("normal", "logistic"):
        found = relative_effect_of_shift(0.7, distribution=shape)  # type: ignore[arg-type]
        assert found == pytest.approx(r["shift"][shape], rel=1e-9)

"""Rates, correlations and widths of intervals agree with R (references/r/sample_size.R) and pwr."""

import json
from pathlib import Path
from typing import Any

import pytest

from equipoise.statistics.sample_size import (
    power_correlation,
    power_negative_binomial,
    size_for_mean_interval,
    size_for_proportion_interval,
)


def close(value: float, rel: float = 1e-9) -> Any:
    return pytest.approx(value, rel=rel)


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "sample_size.out.json").read_text()))


@pytest.mark.parametrize(("place", "variance"), [(0, "control"), (1, "true"), (2, "mle")])
def test_three_approaches_of_zhu_and_lakkis(r: dict[str, Any], place: int, variance: Any) -> None:
    found = power_negative_binomial(
        0.85, control_rate=0.8, dispersion=0.4, exposure=0.75, power=0.8, null_variance=variance
    )
    assert found.per_arm[1] == close(r["zhu"]["a"][place])
    found = power_negative_binomial(
        1.5, control_rate=10, dispersion=5, power=0.8, ratio=1.5, null_variance=variance
    )
    assert found.per_arm[1] == close(r["zhu"]["b"][place])


def test_correlation(r: dict[str, Any]) -> None:
    found = power_correlation(0.3, power=0.8, method="cohen", strict=True)
    assert found.n == close(r["pwr"]["correlation_n"])
    found = power_correlation(-0.35, n=40, alpha=0.01, method="cohen", strict=True)
    assert found.power == close(r["pwr"]["correlation_power"])
    assert power_correlation(0.5, null=0.2, n=80).power == close(r["fisher_z"]["power"])


def test_widths_of_intervals(r: dict[str, Any]) -> None:
    expected = r["precision"]
    assert size_for_mean_interval(0.2) == close(expected["mean"])
    assert size_for_mean_interval(1, 3, arms=2, ratio=2, level=0.9) == close(expected["two"])
    assert size_for_proportion_interval(0.05, 0.3) == close(expected["wald"])
    assert size_for_proportion_interval(0.05, 0.3, interval="wilson") == close(expected["wilson"])

"""Power for several doses agrees with integration and mvtnorm in R (references/r/sample_size.R)."""

import json
from pathlib import Path
from typing import Any

import pytest

from equipoise.statistics.sample_size import power_cochran_armitage, power_dose_contrast, power_dunnett


def close(value: float, rel: float = 1e-8) -> Any:
    return pytest.approx(value, rel=rel)


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "sample_size.out.json").read_text()))


def test_dunnett_for_two_doses_of_equal_size(r: dict[str, Any]) -> None:
    expected = r["dunnett"]["equal"]
    found = power_dunnett(1.0, n=72)
    assert found.critical == (close(expected["critical"]),)
    assert found.any_dose == close(expected["any"])
    assert found.all_doses == close(expected["all"])
    assert power_dunnett(1.0, n=72, step="down").all_doses == close(expected["down_all"])


def test_dunnett_for_unequal_sizes_and_effects(r: dict[str, Any]) -> None:
    expected = r["dunnett"]["unequal"]
    found = power_dunnett(0.5, shape=(0.5, 1.0), n=(40, 20, 30))
    assert found.critical == (close(expected["critical"]),)
    assert found.any_dose == close(expected["any"])
    assert found.all_doses == close(expected["all"])
    assert power_dunnett(0.5, shape=(0.5, 1.0), n=(40, 20, 30), step="down").all_doses == close(
        expected["down_all"]
    )


def test_dunnett_one_sided(r: dict[str, Any]) -> None:
    expected = r["dunnett"]["one_sided"]
    found = power_dunnett(1.0, shape=(0.5, 0.9), n=60, alpha=0.025, sides=1, step="down")
    assert found.any_dose == close(expected["any"])
    assert found.all_doses == close(expected["down_all"])


def test_step_down_for_three_doses_with_known_variance(r: dict[str, Any]) -> None:
    expected = r["dunnett_3"]
    # 200 an arm and sd 1: a difference of d is d root(100) standard errors
    found = power_dunnett(
        0.1, shape=(1.5, 2.5, 3.0), n=800, alpha=0.025, sides=1, step="down", method="normal", target="all"
    )
    assert found.critical == tuple(close(limit) for limit in expected["limits"])
    assert found.any_dose == close(expected["any"])
    assert found.power == close(expected["all"])
    assert found.each_dose == tuple(close(one) for one in expected["each"])


def test_contrast_of_means(r: dict[str, Any]) -> None:
    found = power_dose_contrast(1.0, 1.3, shape=(0, 0.4, 0.9), doses=(0, 1, 3), n=(20, 25, 30))
    assert found.power == close(r["contrast"]["power"], 1e-9)


def test_trend_of_proportions(r: dict[str, Any]) -> None:
    found = power_cochran_armitage((0.4, 0.3, 0.2, 0.1), allocation=(3, 2, 1, 2), power=0.8, alpha=0.025, sides=1)
    assert found.per_arm[0] == close(r["nam"]["plain"], 1e-9)
    found = power_cochran_armitage((0.1, 0.3, 0.5, 0.7), power=0.8, alpha=0.05, sides=1, correction=True)
    assert found.per_arm[0] == close(r["nam"]["corrected"], 1e-9)


def test_trend_example_of_the_trialsize_manual() -> None:
    # TrialSize 1.4, Cochran.Armitage.Trend, from Chow, Shao and Wang (2003), example 11.5: 7.5 for one group
    found = power_cochran_armitage((0.1, 0.3, 0.5, 0.7), power=0.8, alpha=0.05, sides=1, correction=True)
    assert round(found.per_arm[0], 1) == 7.5

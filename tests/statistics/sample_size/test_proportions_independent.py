"""Power and sample size of proportions agree with R (references/r/sample_size.R): stats, pwr, rpact, enumeration.

Closed forms and enumeration: relative tolerance 1e-9; sizes that R finds by a root search 1e-8, rpact's 1e-6.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from equipoise.statistics.sample_size import (
    power_exact_proportions,
    power_mcnemar,
    power_one_proportion,
    power_proportions,
)

RPACT = 1e-6


def close(value: float, rel: float = 1e-9) -> Any:
    return pytest.approx(value, rel=rel)


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "sample_size.out.json").read_text()))


def test_pooled_test_of_power_prop_test(r: dict[str, Any]) -> None:
    expected = r["prop_test"]
    assert power_proportions(0.75, 0.5, power=0.9).n == close(2 * expected["n"], 1e-8)
    assert power_proportions(0.75, 0.5, n=100).power == close(expected["power"])
    found = power_proportions(0.15, 0.3, power=0.8, alpha=0.025, sides=1)
    assert found.per_arm[0] == close(expected["one"], 1e-8)
    assert power_proportions(0.6, 0.5, n=40, strict=True).power == close(expected["strict"])
    assert power_proportions(control=0.2, n=300, power=0.9).effect == close(expected["p2"], 1e-8)


def test_arcsine_of_pwr(r: dict[str, Any]) -> None:
    expected = r["pwr"]
    found = power_proportions(0.75, 0.5, power=0.9, method="arcsine", strict=True)
    assert found.per_arm[0] == close(expected["arcsine_n"], 1e-6)
    found = power_proportions(0.4, 0.25, n=(120, 80), method="arcsine", strict=True)
    assert found.power == close(expected["arcsine_unequal"])
    found = power_one_proportion(0.6, 0.45, n=70, sides=1, method="arcsine")
    assert found.power == close(expected["one_arcsine"])


def test_differences_ratios_and_margins_of_rpact(r: dict[str, Any]) -> None:
    expected = r["rpact_rates"]
    assert power_proportions(0.5, 0.75, power=0.9, ratio=2).n == close(expected["ratio2"], RPACT)
    assert power_proportions(0.3, 0.3, power=0.9, null=-0.1).n == close(expected["noninferiority"], RPACT)
    found = power_proportions(0.55, 0.5, power=0.8, null=-0.08, ratio=1.5)
    assert found.n == close(expected["noninferiority_ratio"], RPACT)
    found = power_proportions(0.3, 0.3, power=0.9, measure="ratio", null=0.8)
    assert found.n == close(expected["risk_ratio"], RPACT)
    found = power_proportions(0.2, 0.3, power=0.8, measure="ratio", null=1.1, ratio=2)
    assert found.n == close(expected["risk_ratio_ratio"], RPACT)
    assert power_one_proportion(0.4, 0.2, power=0.9, method="normal").n == close(expected["one_group"], RPACT)


def test_continuity_correction_and_log_ratios(r: dict[str, Any]) -> None:
    assert power_proportions(0.75, 0.5, power=0.9, method="corrected").per_arm[1] == close(r["fleiss"]["equal"])
    # the program allots twice as many to the second arm
    found = power_proportions(0.4, 0.25, power=0.9, method="corrected", ratio=2)
    assert found.per_arm[1] == close(r["fleiss"]["ratio2"])
    found = power_proportions(0.5, 0.3, power=0.9, measure="odds-ratio", method="wald")
    assert found.per_arm[0] == close(r["odds"]["wald_n"])
    found = power_proportions(0.5, 0.3, power=0.9, measure="ratio", method="wald")
    assert found.per_arm[0] == close(r["odds"]["ratio_wald_n"])


def test_corrected_size_of_fleiss_table() -> None:
    # Fleiss, Statistical Methods for Rates and Proportions, table A.3: 0.5 and 0.75 at power 0.9, 85 an arm
    assert power_proportions(0.75, 0.5, power=0.9, method="corrected").per_arm_whole == (85, 85)


def test_exact_tests_by_enumeration_in_r(r: dict[str, Any]) -> None:
    assert power_exact_proportions(0.75, 0.4, n=60).power == close(r["fisher"]["two"])
    found = power_exact_proportions(0.6, 0.3, n=(25, 40), alpha=0.025, sides=1)
    assert found.power == close(r["fisher"]["one"])
    assert power_exact_proportions(0.8, 0.5, power=0.8).per_arm_whole[0] == r["fisher"]["first"]
    found = power_exact_proportions(0.7, 0.2, n=(15, 12), alpha=0.025, sides=1, method="boschloo")
    assert found.power == close(r["boschloo"]["one"])
    assert power_exact_proportions(0.8, 0.3, n=28, method="boschloo").power == close(r["boschloo"]["two"])


def test_one_proportion_exactly(r: dict[str, Any]) -> None:
    assert power_one_proportion(0.4, 0.2, n=40, sides=1).power == close(r["one_exact"]["power"])
    assert power_one_proportion(0.3, 0.5, n=60).power == close(r["one_exact"]["two"])
    assert power_one_proportion(0.4, 0.2, power=0.9, sides=1).n_whole == r["one_exact"]["first"]


def test_pairs(r: dict[str, Any]) -> None:
    assert power_mcnemar(0.2, discordant=0.3, power=0.9).n == close(r["mcnemar"]["n"])

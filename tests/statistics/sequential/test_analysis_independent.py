"""Analysis at a look and after the end agrees with R rpact 3.3.4 (references/r/sequential.R).

rpact searches with steps of about 1e-6: intervals and estimates absolute 2e-6, p-values by search absolute 1e-6,
what it computes directly relative 1e-7. Its conditional error and its final p at a first look of two-sided
designs are left out: the first is twice that of one side and passes 1, the second that of one side.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equipoise.statistics.sequential import (
    GroupSequential,
    conditional_error,
    conditional_power,
    final_analysis,
    group_sequential,
    repeated_interval,
    repeated_p,
    update_looks,
)

R = json.loads((Path(__file__).parents[2] / "references" / "r" / "sequential.out.json").read_text())
BOUNDS = {"asOF": "lan-demets-obrien-fleming", "P": "pocock", "asP": "lan-demets-pocock"}


def design_of(case: dict[str, Any]) -> GroupSequential:
    spec = case["design"]
    return group_sequential(
        spec["kMax"],
        alpha=spec.get("alpha", 0.025),
        sides=spec.get("sided", 1),
        bounds=BOUNDS[spec["typeOfDesign"]],
    )


def looks_of(case: dict[str, Any]) -> list[tuple[int, float, float]]:
    """Look, estimate and standard error."""
    pairs = zip(case["effect"], case["overall_z"], strict=True)
    return [(look, effect, effect / z) for look, (effect, z) in enumerate(pairs, 1) if effect is not None]


@pytest.mark.parametrize("name", R["analysis"])
def test_repeated_intervals_and_p(name: str) -> None:
    case = R["analysis"][name]
    design = design_of(case)
    for look, estimate, se in looks_of(case):
        interval = repeated_interval(design, look, estimate, se)
        limits = [case["repeated_ci"][side][look - 1] for side in (0, 1)]
        assert [interval.lower, interval.upper] == pytest.approx(limits, abs=1e-6)
        expected = case["repeated_p"][look - 1]
        # rpact stops at 0.5 in two-sided designs too
        assert min(repeated_p(design, look, estimate / se), 0.5) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("name", R["analysis"])
def test_the_final_analysis(name: str) -> None:
    case = R["analysis"][name]
    design = design_of(case)
    look, estimate, se = looks_of(case)[-1]
    found = final_analysis(design, look, estimate, se)
    expected = case["final_ci"]
    assert found.estimate == pytest.approx(expected["medianUnbiased"], abs=2e-6)
    assert [found.lower, found.upper] == pytest.approx(expected["finalConfidenceInterval"], abs=2e-6)
    sides = 2 if design.sides == 2 and look == 1 else 1
    assert found.p == pytest.approx(sides * case["final_p"]["pFinal"], rel=5e-7)


@pytest.mark.parametrize("name", [name for name in R["analysis"] if not name.startswith("two_sided")])
def test_the_conditional_type_one_error(name: str) -> None:
    case = R["analysis"][name]
    design = design_of(case)
    for look, estimate, se in looks_of(case)[: design.looks - 1]:
        expected = case["crp"][look - 1]
        assert conditional_error(design, look, estimate / se) == pytest.approx(expected, rel=5e-8)


@pytest.mark.parametrize("case", R["conditional_power"], ids=lambda case: f"effect {case['effect']}")
def test_conditional_power_at_the_looks_to_come(case: dict[str, Any]) -> None:
    # 90 participants in both arms at the end, standard deviation 10
    drift = case["effect"] / 10 * np.sqrt(90 / 2)
    found = conditional_power(group_sequential(3), 1, case["z"], drift=drift)
    assert found.cumulative == pytest.approx(case["conditional_power"][1:], rel=2e-8)


@pytest.mark.parametrize(("name", "last"), [("k3_under", 0.9), ("k3_over", 1.2)])
def test_bounds_of_a_trial_that_ended_with_less_or_more_information(name: str, last: float) -> None:
    updated = update_looks(group_sequential(3), [0.4, 0.7, last], last=True)
    assert updated.upper == pytest.approx(R["designs"][name]["z"], rel=1e-7)

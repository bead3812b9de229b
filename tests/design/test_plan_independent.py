"""Plans agree with R (references/r/design_plan.R) and rpact 4.5 (references/design.json) on problems of theirs.

Noncentral t and normal: relative tolerance 1e-6, that of rpact's root search. Analysis of covariance: 1e-3, as the
plan takes the expected imbalance of the covariate where R averages over it. Dunnett: 2e-6, the error of pmvt.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equipoise.design import plan_design
from equipoise.design.plan import model_of
from equipoise.design.procedure import Procedure
from equipoise.design.size import Question, required_size

from .trials import one_visit, responding, small_trial


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "design_plan.out.json").read_text()))


@pytest.fixture(scope="module")
def rpact(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "design.json").read_text())["sample_size"])


@pytest.mark.parametrize("effect", [0.5, 0.3])
@pytest.mark.parametrize("beta", [0.1, 0.2])
@pytest.mark.parametrize("sides", [1, 2])
def test_size_of_a_t_test(rpact: dict[str, Any], effect: float, beta: float, sides: int) -> None:
    expected = rpact["means"][f"alt{effect}_sd1_beta{beta}_sided{sides}_t"]["nFixed"]
    trial = small_trial("student")
    model = model_of(trial, trial.analyses["student"], one_visit([effect]))  # type: ignore[arg-type]
    question = Question(Procedure("none", 0.025 * sides, sides), 1 - beta, "each")
    assert required_size(model, question) == pytest.approx(expected, rel=1e-6)


def test_power_of_analysis_of_covariance(r: dict[str, Any]) -> None:
    cases = {
        "small": (24, 1, one_visit([0.9], correlation=0.6)),
        "large": (340, 1, one_visit([0.3], correlation=0.5)),
    }
    for name, (size, _, moments) in cases.items():
        trial = small_trial("ancova", size=size, terms="baseline, arm")
        result = plan_design(trial, {"planned": moments})
        assert result.planned.power.each[0] == pytest.approx(r["ancova"][name], abs=1e-3), name


def test_power_of_analysis_of_covariance_with_unequal_arms(r: dict[str, Any]) -> None:
    trial = small_trial("ancova", size=60, terms="baseline, arm", control_ratio=2)
    # the control is the larger arm, which changes nothing
    result = plan_design(trial, {"planned": one_visit([0.5], 1.2, correlation=0.7)})
    assert result.planned.power.each[0] == pytest.approx(r["ancova"]["unequal"], abs=1e-3)


def test_power_of_welchs_test(r: dict[str, Any]) -> None:
    trial = small_trial("welch", size=50)
    model = model_of(trial, trial.analyses["welch"], one_visit([0.9], [1.0, 1.5]))  # type: ignore[arg-type]
    unequal = model.__class__(**{**vars(model), "seen": np.array([0.4, 0.6])})
    power = Procedure("none", 0.05, 2).power(unequal.at(50)).each[0]
    assert power == pytest.approx(r["welch"]["power"], rel=1e-9)


def test_power_of_dunnetts_test(r: dict[str, Any]) -> None:
    expected = r["dunnett"]["two"]
    trial = small_trial("ancova", doses=2, size=72, multiplicity="dunnett")
    model = model_of(trial, trial.analyses["ancova"], one_visit([0.8, 0.5]))  # type: ignore[arg-type]
    power = Procedure("dunnett", 0.05, 2).power(model.at(72))
    assert power.each == pytest.approx(expected["each"], abs=2e-6)
    assert (power.any_arm, power.all_arms) == pytest.approx((expected["any"], expected["all"]), abs=2e-6)


def test_power_of_dunnetts_test_with_a_larger_control(r: dict[str, Any]) -> None:
    expected = r["dunnett"]["three"]
    trial = small_trial("ancova", doses=3, size=100, multiplicity="dunnett", control_ratio=2)
    model = model_of(trial, trial.analyses["ancova"], one_visit([0.9, 0.6, 0.3], 1.1))  # type: ignore[arg-type]
    power = Procedure("dunnett", 0.05, 2).power(model.at(100))
    assert power.each == pytest.approx(expected["each"], abs=2e-6)
    assert (power.any_arm, power.all_arms) == pytest.approx((expected["any"], expected["all"]), abs=2e-6)


def test_two_proportions(r: dict[str, Any]) -> None:
    result = plan_design(small_trial("responders", size=120), {"planned": responding([0.5, 0.75])})
    assert result.planned.power.each[0] == pytest.approx(r["proportions"]["power"], rel=1e-9)
    sized = plan_design(small_trial("responders", size=120), {"planned": responding([0.5, 0.65])})
    assert sized.claimed.randomised == pytest.approx(2 * r["proportions"]["n"], rel=1e-6)


def test_looks_take_as_many_participants_as_rpact_says(references: Path) -> None:
    # inflation by O'Brien-Fleming spending with one look half way: rpact, alpha 0.025, power 0.9
    bounds = json.loads((references / "design.json").read_text())["boundaries_rpact"]["k2_half"]
    for looks, spending in (("asOF", "obrien-fleming"), ("asP", "pocock")):
        more = f"  interim: {{looks: [0.5], spending: {spending}}}"
        result = plan_design(small_trial("student", more=more, size=300), {"planned": one_visit([0.3])})
        own = next(option for option in result.options if option.own)
        assert own.maximum is not None
        # the size is found to a thousandth; the reference inflates the size of the t test
        expected = bounds[looks]["inflation_factor"] * result.claimed.randomised
        assert own.maximum == pytest.approx(expected, rel=2e-3), spending

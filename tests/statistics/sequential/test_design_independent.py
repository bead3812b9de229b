"""Bounds, power and expected information agree with R rpact, R gsDesign and R mvtnorm.

`design.json`: rpact 4.5, gsDesign 3.11; `r/sequential.R`: rpact 3.3.4, mvtnorm. Tolerances: rpact spends 1e-8
less than alpha and stops its search at 1e-8, so bounds and inflation relative 1e-7, what follows from them 1e-6
absolute; gsDesign 1e-6; mvtnorm (Miwa) 1e-7.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equipoise.statistics.sequential import (
    BetaSpending,
    ExponentialSpending,
    GroupSequential,
    HaybittlePeto,
    HwangShihDeCani,
    KimDeMets,
    LanDeMetsOBrienFleming,
    LanDeMetsPocock,
    LogisticSpending,
    WangTsiatis,
    exit_probabilities,
    group_sequential,
    optimal_wang_tsiatis,
)

REFERENCES = Path(__file__).parents[2] / "references"
DESIGN = json.loads((REFERENCES / "design.json").read_text())
R = json.loads((REFERENCES / "r" / "sequential.out.json").read_text())
RPACT = {
    (block, name): case for block, cases in DESIGN["boundaries_rpact"].items() for name, case in cases.items()
}
RULES: dict[str, Any] = {
    "OF": "obrien-fleming",
    "P": "pocock",
    "HP": "haybittle-peto",
    "WT_0.25": WangTsiatis(0.25),
    "asOF": "lan-demets-obrien-fleming",
    "asP": "lan-demets-pocock",
    "asKD_1": KimDeMets(1),
    "asKD_2.5": KimDeMets(2.5),
    "asHSD_m4": HwangShihDeCani(-4),
    "asHSD_1": HwangShihDeCani(1),
}


def rates(numbers: list[float]) -> list[float]:
    """Rates are printed with 12 digits; thirds are meant."""
    return [float(np.round(3 * t) / 3) if abs(3 * t - np.round(3 * t)) < 1e-11 else t for t in numbers]


@pytest.mark.parametrize(("block", "name"), RPACT)
def test_bounds_inflation_and_expected_information_of_rpact(block: str, name: str) -> None:
    expected = RPACT[block, name]
    two_sided = name.endswith("_two_sided_0.05")
    design = group_sequential(
        rates(expected["information_rates"]),
        alpha=0.05 if two_sided else 0.025,
        sides=2 if two_sided else 1,
        bounds=RULES[name.removesuffix("_two_sided_0.05")],
        power=0.9,
    )
    assert design.upper == pytest.approx(expected["z"], rel=1e-8)
    assert design.nominal_p == pytest.approx(expected["stage_levels_one_sided"], rel=1e-7)
    assert design.alpha_spent == pytest.approx(expected["alpha_spent"], rel=5e-7)
    assert design.inflation == pytest.approx(expected["inflation_factor"], rel=1e-8)
    assert design.drift**2 == pytest.approx(expected["shift"], rel=1e-8)
    assert design.tabulate()["power"].to_list() == pytest.approx(expected["stage_power"], rel=1e-7)
    ratios = [expected[f"asn_{at}_ratio"] for at in ("H0", "H01", "H1")]
    assert design.tabulate_drifts()["expected_relative"].to_list() == pytest.approx(ratios, rel=1e-7)


@pytest.mark.parametrize(
    ("name", "bounds", "futility"),
    [
        ("OF_nonbinding_0_beta0.1", "obrien-fleming", (0.0, 0.5)),
        ("asOF_bsOF_nonbinding_beta0.1", "lan-demets-obrien-fleming", BetaSpending("lan-demets-obrien-fleming")),
    ],
)
def test_futility_of_rpact(name: str, bounds: str, futility: Any) -> None:
    expected = DESIGN["with_futility_rpact"][name]
    design = group_sequential(3, bounds=bounds, power=0.9, futility=futility)
    assert design.upper == pytest.approx(expected["z"], rel=1e-8)
    assert design.lower[:2] == pytest.approx(expected["futility_z"], rel=1e-7)
    assert design.inflation == pytest.approx(expected["inflation_factor"], rel=1e-8)
    ratios = [expected[f"asn_{at}_ratio"] for at in ("H0", "H01", "H1")]
    assert design.tabulate_drifts()["expected_relative"].to_list() == pytest.approx(ratios, rel=1e-8)
    assert design.exits(design.drift)[0][:2, 0] == pytest.approx(expected["futility_probs_H1"], rel=1e-7)
    if expected["beta_spent"][0] is not None:
        assert np.cumsum(design.exits(design.drift)[0][:2, 0]) == pytest.approx(
            expected["beta_spent"][:2], rel=1e-8
        )


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("OF_3", "obrien-fleming"),
        ("Pocock_3", "pocock"),
        ("sfLDOF_3", "lan-demets-obrien-fleming"),
    ],
)
def test_bounds_and_information_of_gsdesign(name: str, bounds: str) -> None:
    expected = DESIGN["boundaries_gsDesign"][name]
    design = group_sequential(3, bounds=bounds, power=0.9)
    assert design.upper == pytest.approx(expected["upper"], rel=1e-6)
    inflated = np.asarray(design.information_rates) * design.inflation
    assert inflated == pytest.approx(np.array(expected["inflation_n_I"]), rel=1e-6)
    above = design.exits(np.array([0.0, design.drift]))[1]
    assert above == pytest.approx(np.array(expected["upper_prob"]), abs=1e-6)
    relative = [design.expected_information(x) * design.inflation for x in (0.0, design.drift)]
    assert relative == pytest.approx(expected["en"], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("LDOF", LanDeMetsOBrienFleming()),
        ("LDPocock", LanDeMetsPocock()),
        ("HSD_m4", HwangShihDeCani(-4)),
        ("HSD_m2", HwangShihDeCani(-2)),
        ("HSD_1", HwangShihDeCani(1)),
        ("power_1", KimDeMets(1)),
        ("power_3", KimDeMets(3)),
        ("exponential_0.75", ExponentialSpending(0.75)),
        ("logistic", LogisticSpending((0.1, 0.01), (0.5, 0.1))),
    ],
)
def test_spending_functions_of_gsdesign(name: str, function: Any) -> None:
    expected = DESIGN["spending_functions"]
    # gsDesign forms 2 - 2 Phi(.), which leaves few digits of what is spent very early
    found = function.spent(np.array(rates(expected["t"])), 0.025)
    assert found == pytest.approx(np.array(expected[name]), rel=1e-10, abs=1e-15)


def of_rpact(arguments: dict[str, Any]) -> GroupSequential:
    """Translate rpact's arguments."""
    a = arguments
    gamma_a, gamma_b = a.get("gammaA", 1), a.get("gammaB", 1)
    bounds: dict[str, Any] = {
        "OF": lambda: "obrien-fleming",
        "P": lambda: "pocock",
        "WT": lambda: WangTsiatis(a["deltaWT"]),
        "HP": lambda: HaybittlePeto(a["constantBoundsHP"]),
        "asOF": lambda: "lan-demets-obrien-fleming",
        "asP": lambda: "lan-demets-pocock",
        "asKD": lambda: KimDeMets(gamma_a),
        "asHSD": lambda: HwangShihDeCani(gamma_a),
        "asUser": lambda: a["userAlphaSpending"],
        "noEarlyEfficacy": lambda: [0.0, 0.0, 0.025],
    }
    beta: dict[str, Any] = {
        "bsP": lambda: "lan-demets-pocock",
        "bsKD": lambda: KimDeMets(gamma_b),
        "bsHSD": lambda: HwangShihDeCani(gamma_b),
        "bsUser": lambda: a["userBetaSpending"],
    }
    spending = a.get("typeBetaSpending")
    return group_sequential(
        a["informationRates"] if "informationRates" in a else a["kMax"],
        alpha=a.get("alpha", 0.025),
        sides=a.get("sided", 1),
        bounds=bounds[a["typeOfDesign"]](),
        power=1.0 - a.get("beta", 0.2),
        futility=BetaSpending(beta[spending]()) if spending else a.get("futilityBounds"),
        binding=a.get("bindingFutility", False),
    )


@pytest.mark.parametrize("name", [name for name in R["designs"] if name != "k3_optimum"])
def test_further_designs_of_rpact(name: str) -> None:
    expected = R["designs"][name]
    design = of_rpact(expected["arguments"])
    # rpact leaves out bounds above 7 or so
    kept = [(found, z) for found, z in zip(design.upper, expected["z"], strict=True) if z is not None]
    assert [found for found, _ in kept] == pytest.approx([z for _, z in kept], rel=2e-6, abs=1e-7)
    assert design.inflation == pytest.approx(expected["inflation"], rel=1e-7)
    if design.lower_rule is not None:
        assert design.lower[:-1] == pytest.approx(expected["futility"], rel=2e-7)
    assert design.tabulate_drifts()["expected_relative"].to_list() == pytest.approx(expected["asn"], rel=1e-7)
    # drifts of theta sqrt(100); rpact stops below -6 where there is no lower bound
    table = design.tabulate_drifts([-2.0, 0.0, 1.0, 3.0])
    power = (table["power"] + table["reject_below"]).to_list()
    assert power == pytest.approx(expected["power"], abs=1e-7)
    assert table["stop_early"].to_list() == pytest.approx(expected["early"], abs=5e-7)
    assert (100 * table["expected_information"]).to_list() == pytest.approx(expected["asn_100"], rel=1e-7)


def test_the_optimal_wang_tsiatis_design_of_rpact() -> None:
    expected = R["designs"]["k3_optimum"]
    design = optimal_wang_tsiatis(3, power=0.9)
    assert isinstance(design.rule, WangTsiatis)
    assert design.rule.delta == pytest.approx(expected["delta_wt"], abs=5e-4)
    relative = design.expected_information(design.drift) * design.inflation
    assert relative == pytest.approx(expected["asn"][2], rel=1e-6)
    assert relative <= expected["asn"][2]


@pytest.mark.parametrize("at", R["exits"]["at"], ids=lambda at: f"theta {at['theta']}")
def test_the_joint_distribution_is_that_of_mvtnorm(at: dict[str, Any]) -> None:
    case = R["exits"]
    below, above = exit_probabilities(case["information"], case["lower"], case["upper"], at["theta"])
    assert below[:, 0] == pytest.approx(np.array(at["below"]), abs=1e-7)
    assert above[:, 0] == pytest.approx(np.array(at["above"]), abs=1e-7)


SHAPES: dict[str, Any] = {"OF": "obrien-fleming", "P": "pocock"} | {
    f"WT_{delta:g}": WangTsiatis(delta) for delta in (0.1, 0.25, 0.4)
}


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1])
@pytest.mark.parametrize("shape", SHAPES)
def test_constants_and_inflation_of_two_sided_shapes(shape: str, alpha: float) -> None:
    expected = R["constants"][shape][f"{alpha:g}"]
    for place, looks in enumerate((2, 3, 4, 5, 10)):
        design = group_sequential(looks, alpha=alpha, sides=2, bounds=SHAPES[shape], power=0.9)
        assert design.upper[-1] == pytest.approx(expected["constant"][place], rel=1e-6)
        assert design.inflation == pytest.approx(expected["inflation"][place], rel=1e-6)


def test_rates_of_stopping_of_simulated_trials(references: Path) -> None:
    simulated = DESIGN["simulation"]["means_asOF"]
    trials = simulated["iterations"][0][0]
    design = group_sequential(3)
    # 240 participants, difference 0 and 50, standard deviation 110: a t test with its looks taken as normal
    drift = 50 / 110 * np.sqrt(240) / 2
    found = design.exits(np.array([0.0, drift]))[1]
    expected = np.array(simulated["rejectPerStage"])
    error = np.sqrt(found * (1 - found) / trials)
    # without drift the error is that of the simulation; with it the t distribution adds some thousandths
    assert np.all(np.abs(found - expected)[:, 0] < 4 * error[:, 0])
    assert found[:, 1] == pytest.approx(expected[:, 1], abs=0.012)

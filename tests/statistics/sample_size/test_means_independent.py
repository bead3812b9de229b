"""Power and sample size of means agree with R (references/r/sample_size.R), rpact 4.5 and published values.

Closed forms and noncentral t: relative tolerance 1e-9. R's own noncentral t is good to 1e-11, rpact's root search
to 1e-6.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from equipoise.statistics.sample_size import (
    power_ancova,
    power_equivalence,
    power_mean_ratio,
    power_one_mean,
    power_t_test,
    sd_of_differences,
)
from equipoise.statistics.sample_size.noncentral import noncentral_t_upper

ROOT_SEARCH = 1e-6


def close(value: float, rel: float = 1e-9) -> Any:
    return pytest.approx(value, rel=rel)


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "sample_size.out.json").read_text()))


@pytest.fixture(scope="module")
def rpact(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "design.json").read_text())["sample_size"]["means"])


def test_noncentral_t_tails(r: dict[str, Any]) -> None:
    for row in r["noncentral_t"]:
        # R subtracts from 1: nothing smaller than its rounding error can be compared
        assert noncentral_t_upper(row["t"], row["df"], row["ncp"]) == pytest.approx(
            row["upper"], rel=1e-9, abs=1e-11
        )


def test_t_tests_of_power_t_test(r: dict[str, Any]) -> None:
    expected = r["t_test"]
    assert power_t_test(0.5, n=128).power == close(expected["power_two"])
    assert power_t_test(0.5, n=40, strict=True).power == close(expected["power_two_strict"])
    assert power_t_test(0.4, 1.3, n=60, alpha=0.025, sides=1).power == close(expected["power_one"])
    assert power_t_test(0.5, power=0.9).per_arm == (close(expected["n"]), close(expected["n"]))
    assert power_t_test(3.0, power=0.9).n == close(2 * expected["n_small"])
    assert power_t_test(None, 2.0, n=90, power=0.8).effect == close(expected["delta"])
    assert power_one_mean(0.3, 1.1, power=0.85).n == close(expected["one_sample_n"])
    assert power_one_mean(0.9, n=12, strict=True).power == close(expected["one_sample_power"])
    assert power_one_mean(0.5, sd_of_differences(1.0, 1.2, 0.6), power=0.9).n == close(expected["paired_n"])


def test_power_with_and_without_the_wrong_side(rpact: dict[str, Any]) -> None:
    for row in rpact["power_t_test_base"]:
        for strict, key in ((True, "power_two_sided_strict"), (False, "power_default")):
            found = power_t_test(row["delta"], row["sd"], n=2 * row["n"], strict=strict)
            assert found.power == close(row[key])


@pytest.mark.parametrize("difference", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("power", [0.8, 0.9])
@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize(("letter", "method"), [("t", "student"), ("z", "normal")])
def test_sizes_of_rpact(
    rpact: dict[str, Any], difference: float, power: float, sides: int, letter: str, method: Any
) -> None:
    expected = rpact[f"alt{difference:g}_sd1_beta{1 - power:.1f}_sided{sides}_{letter}"]
    found = power_t_test(difference, power=power, alpha=0.025 * sides, sides=sides, method=method)
    assert found.n == close(expected["nFixed"], ROOT_SEARCH)


def test_allocation_margin_and_ratio_of_means_of_rpact(rpact: dict[str, Any], r: dict[str, Any]) -> None:
    two_to_one = power_t_test(50, 110, power=0.9, ratio=2)
    assert two_to_one.n == close(rpact["CD4_ratio2"]["nFixed"], ROOT_SEARCH)
    assert two_to_one.per_arm[0] == close(rpact["CD4_ratio2"]["nFixed1"], ROOT_SEARCH)
    margin = power_t_test(0, 30, null=-10, power=0.8, alpha=0.025, sides=1)
    assert margin.n == close(rpact["noninferiority_m10"]["nFixed"], ROOT_SEARCH)
    assert power_one_mean(0.4, power=0.8).n == close(rpact["one_group"]["nFixed"], ROOT_SEARCH)
    assert power_mean_ratio(1, 0.4, null=0.8, power=0.9).n == close(rpact["mean_ratio"]["nFixed"], ROOT_SEARCH)
    expected = r["rpact_means"]
    assert power_t_test(0.4, power=0.85, ratio=3).n == close(expected["ratio3"], ROOT_SEARCH)
    found = power_t_test(2, 14, null=-5, power=0.9, ratio=0.5)
    assert found.n == close(expected["noninferiority"], ROOT_SEARCH)
    assert power_one_mean(0.4, power=0.8, method="normal").n == close(expected["one_group_z"], ROOT_SEARCH)
    found = power_mean_ratio(1.25, 0.5, power=0.8, ratio=2, method="normal")
    assert found.n == close(expected["mean_ratio_z2"], ROOT_SEARCH)


def test_welch_by_integration_over_both_variances(r: dict[str, Any]) -> None:
    expected = r["welch"]
    assert power_t_test(1, 1, sd_control=2, n=(8, 20), method="welch").power == close(expected["a"])
    assert power_t_test(1, 1, sd_control=2, n=24, method="welch", strict=True).power == close(expected["b"])
    assert power_t_test(0.5, n=170, method="welch").power == close(expected["c"])
    one_sided = power_t_test(4, 6, sd_control=3, n=(30, 15), method="welch", sides=1)
    assert one_sided.power == close(expected["d"])
    found = power_t_test(1, 1, sd_control=2, n=(8, 20), method="welch-approximate")
    assert found.power == close(r["welch_approximate"])


def test_analysis_of_covariance(r: dict[str, Any]) -> None:
    assert power_ancova(0.6, correlation=0.7, n=(40, 20)).power == close(r["ancova"]["power"])
    assert power_ancova(5, 12, correlation=-0.5, covariates=2, power=0.9).n == close(r["ancova"]["n"])


def test_equivalence_by_integration(r: dict[str, Any]) -> None:
    expected = r["equivalence"]
    limits = {"lower": math.log(0.8), "upper": math.log(1.25)}
    found = power_equivalence(math.log(0.95), spread(0.25), n=28, design="crossover", **limits)
    assert found.power == close(expected["crossover_28"])
    assert power_equivalence(2, 20, lower=-10, upper=10, n=(60, 90)).power == close(expected["parallel"])
    found = power_equivalence(0, spread(0.4), n=12, design="crossover", **limits)
    assert found.power == close(expected["small"])
    found = power_equivalence(0.1, 1.2, lower=-1, upper=0.8, n=25, design="paired", alpha=0.025)
    assert found.power == close(expected["paired"])


def test_crossover_of_the_powertost_manual() -> None:
    # PowerTOST, example of exppower.TOST: power.TOST(CV = 0.3, n = 40) gives 0.8158453
    found = power_equivalence(
        math.log(0.95), spread(0.3), lower=math.log(0.8), upper=math.log(1.25), n=40, design="crossover"
    )
    assert found.power == pytest.approx(0.8158453, abs=5e-8)


def spread(cv: float) -> float:
    return math.sqrt(math.log1p(cv * cv))

"""Sample sizes and power of group sequential trials agree with R rpact.

`design.json`: rpact 4.5, relative 1e-7; `r/sequential.R`: rpact 3.3.4, relative 2e-7.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.sample_size import power_proportions, power_t_test
from equipoise.statistics.sequential import (
    BetaSpending,
    HwangShihDeCani,
    SequentialSize,
    SequentialSurvival,
    group_sequential,
    mean_bounds,
    proportion_bounds,
    sequential_log_rank,
    sequential_size,
)

REFERENCES = Path(__file__).parents[2] / "references"
DESIGN = json.loads((REFERENCES / "design.json").read_text())
R = json.loads((REFERENCES / "r" / "sequential.out.json").read_text())
HSD = group_sequential((0.4, 0.7, 1), bounds=HwangShihDeCani(-3), power=0.8)
POCOCK = group_sequential(2, alpha=0.05, sides=2, bounds="pocock", power=0.8)
ONE_SIDED: dict[str, Any] = {"alpha": 0.025, "sides": 1}
DROPOUT = -np.log(0.95) / 12


def flat(values: Any) -> list[float]:
    return [float(x) for x in np.ravel(values)]


def agrees(size: SequentialSize, bounds: Any, expected: dict[str, Any]) -> None:
    assert size.n == pytest.approx(expected["maxNumberOfSubjects"], rel=2e-7)
    looks = [sum(sizes) for sizes in size.per_look]
    assert looks == pytest.approx(flat(expected["numberOfSubjects"]), rel=2e-7)
    for at, share in (("H0", 0.0), ("H01", 0.5), ("H1", 1.0)):
        wanted = expected[f"expectedNumberOfSubjects{at}"]
        assert size.expected_n(share * size.drift) == pytest.approx(wanted, rel=2e-7)
    upper = expected["criticalValuesEffectScale"] or expected["criticalValuesEffectScaleUpper"]
    assert bounds["upper"].to_list() == pytest.approx(flat(upper), rel=1e-7)
    if expected.get("criticalValuesEffectScaleLower"):
        assert bounds["lower"].to_list() == pytest.approx(
            flat(expected["criticalValuesEffectScaleLower"]), rel=1e-7
        )
    table = size.tabulate()
    rejected = np.diff(table["power"].to_numpy(), prepend=0.0)
    assert rejected == pytest.approx(flat(expected["rejectPerStage"]), abs=1e-7)
    if size.design.sides == 1:  # rpact leaves out the wrong side here, not in the expected numbers
        assert table["stop"][:-1].sum() == pytest.approx(np.ravel(expected["earlyStop"])[0], abs=1e-7)


@pytest.mark.parametrize(
    ("name", "power", "design"),
    [
        ("gs_asOF_k3", 0.9, {"looks": 3}),
        ("gs_P_k2", 0.8, {"looks": 2, "bounds": "pocock"}),
        ("gs_asOF_bsOF", 0.9, {"looks": 3, "futility": BetaSpending("lan-demets-obrien-fleming")}),
    ],
)
def test_a_difference_of_cd4_counts(name: str, power: float, design: dict[str, Any]) -> None:
    expected = DESIGN["sample_size"]["means"][name]
    fixed = power_t_test(50, 110, power=power, **ONE_SIDED) if power == 0.9 else None
    plan = group_sequential(**design, power=power)
    if fixed is None:
        # 0.4 standard deviations with power 0.8
        fixed = power_t_test(0.4, 1, power=power, **ONE_SIDED)
    assert fixed.n == pytest.approx(expected["nFixed"], rel=2e-7)
    size = sequential_size(plan, fixed)
    agrees(size, mean_bounds(size, 110 if power == 0.9 else 1), expected)


@pytest.mark.parametrize(("name", "ratio", "method"), [("means", 2.0, "student"), ("means_z", 1.0, "normal")])
def test_means(name: str, ratio: float, method: Any) -> None:
    size = sequential_size(HSD, power_t_test(4, 10, power=0.8, ratio=ratio, method=method, **ONE_SIDED))
    agrees(size, mean_bounds(size, 10, student=method == "student"), R["sizes"][name])


def test_means_two_sided() -> None:
    size = sequential_size(POCOCK, power_t_test(4, 10, power=0.8))
    agrees(size, mean_bounds(size, 10), R["sizes"]["means_two"])


@pytest.mark.parametrize(("name", "ratio"), [("rates", 1.0), ("rates_ratio2", 2.0)])
def test_rates(name: str, ratio: float) -> None:
    size = sequential_size(HSD, power_proportions(0.45, 0.3, power=0.8, ratio=ratio, **ONE_SIDED))
    agrees(size, proportion_bounds(size, 0.3), R["sizes"][name])


def test_fewer_responses_with_treatment() -> None:
    size = sequential_size(HSD, power_proportions(0.12, 0.25, power=0.8, ratio=0.6, **ONE_SIDED))
    agrees(size, proportion_bounds(size, 0.25), R["sizes"]["rates_fewer"])


def test_means_with_a_margin() -> None:
    size = sequential_size(HSD, power_t_test(1, 12, null=-4, power=0.8, ratio=0.5, **ONE_SIDED))
    agrees(size, mean_bounds(size, 12, null=-4), R["sizes"]["means_margin"])


def test_rates_two_sided() -> None:
    size = sequential_size(POCOCK, power_proportions(0.2, 0.35, power=0.8))
    agrees(size, proportion_bounds(size, 0.35), R["sizes"]["rates_two"])


@pytest.mark.parametrize(("name", "method"), [("means", "student"), ("means_z", "normal")])
def test_power_of_means(name: str, method: Any) -> None:
    expected = R["power"][name]
    for place, effect in ((1, 2.0), (2, 4.0)):
        size = sequential_size(HSD, power_t_test(effect, 10, n=150, method=method, **ONE_SIDED))
        assert size.power == pytest.approx(expected["overallReject"][place], rel=2e-8)
        assert size.expected_n(size.drift) == pytest.approx(expected["expectedNumberOfSubjects"][place], rel=1e-7)


def test_power_of_smaller_means() -> None:
    expected = R["power"]["means_fewer"]
    for place, effect in ((1, -2.0), (2, -4.0)):
        size = sequential_size(HSD, power_t_test(effect, 10, n=150, **ONE_SIDED))
        assert size.power == pytest.approx(expected["overallReject"][place], rel=2e-8)
        bounds = mean_bounds(size, 10)["upper"].to_list()
        assert bounds == pytest.approx(flat(expected["criticalValuesEffectScale"]), rel=1e-7)


def test_power_of_both_sides_of_a_two_sided_design() -> None:
    expected = R["power"]["means_two"]
    for place, effect in ((1, 2.0), (2, 4.0)):
        size = sequential_size(POCOCK, power_t_test(effect, 10, n=150))
        both = POCOCK.tabulate_drifts([size.drift]).select(pl.col("power") + pl.col("reject_below")).item()
        assert both == pytest.approx(expected["overallReject"][place], rel=2e-8)


@pytest.mark.parametrize(("name", "ratio"), [("rates", 1.0), ("rates_ratio2", 2.0)])
def test_power_of_rates(name: str, ratio: float) -> None:
    expected = R["power"][name]
    for place, rate in ((1, 0.4), (2, 0.5)):
        size = sequential_size(HSD, power_proportions(rate, 0.3, n=200, ratio=ratio, **ONE_SIDED))
        assert size.power == pytest.approx(expected["overallReject"][place], rel=2e-8)
        bounds = proportion_bounds(size, 0.3)["upper"].to_list()
        assert bounds == pytest.approx(flat(expected["criticalValuesEffectScale"]), rel=1e-7)


def test_power_of_means_by_rpact_4() -> None:
    expected = DESIGN["power"]["means"]
    for place, effect in ((1, 25.0), (2, 50.0), (3, 75.0)):
        size = sequential_size(group_sequential(3, power=0.8), power_t_test(effect, 110, n=240, **ONE_SIDED))
        assert size.power == pytest.approx(expected["overallReject"][place], rel=2e-8)
        assert size.expected_n(size.drift) == pytest.approx(expected["expectedNumberOfSubjects"][place], rel=1e-7)


def agrees_in_time(found: SequentialSurvival, expected: dict[str, Any], events: str) -> None:
    assert found.n == pytest.approx(expected["maxNumberOfSubjects"], rel=2e-8)
    assert found.events == pytest.approx(flat(expected[events]), rel=2e-8)
    assert found.times == pytest.approx(flat(expected["analysisTime"]), rel=2e-8)
    assert found.entered == pytest.approx(flat(expected["numberOfSubjects"]), rel=2e-8)
    assert found.hazard_ratio_bounds == pytest.approx(flat(expected["criticalValuesEffectScale"]), rel=2e-8)
    under = found.expected()
    assert under["events"] == pytest.approx(expected["expectedEventsH1"], rel=2e-8)
    assert under["n"] == pytest.approx(expected["expectedNumberOfSubjectsH1"], rel=2e-8)
    assert under["duration"] == pytest.approx(expected["studyDuration"], rel=2e-8)
    assert found.expected(0.0)["events"] == pytest.approx(expected["expectedEventsH0"], rel=2e-8)


def test_events_participants_and_times_by_rpact_4() -> None:
    found = sequential_log_rank(
        group_sequential((0.5, 0.75, 1)),
        0.7,
        control_hazard=np.log(2) / 12,
        accrual=18,
        duration=30,
        dropout=DROPOUT,
    )
    agrees_in_time(found, DESIGN["sample_size"]["survival"]["gs_asOF_k3"], "cumulativeEventsPerStage")


@pytest.mark.parametrize(
    ("name", "plan"),
    [("follow_up", {"accrual": 18, "dropout": DROPOUT}), ("ratio2", {"accrual": 12, "ratio": 2.0})],
)
def test_events_participants_and_times(name: str, plan: dict[str, Any]) -> None:
    found = sequential_log_rank(HSD, 0.7, control_hazard=np.log(2) / 12, duration=30, **plan)
    agrees_in_time(found, R["survival"][name], "eventsPerStage")


def test_power_at_a_number_of_events() -> None:
    expected = R["survival_power"][0]["overallReject"]
    drifts = [-np.log(ratio) * np.sqrt(200) / 2 for ratio in (0.7, 0.8, 1.0)]
    assert HSD.power_at(np.array(drifts)) == pytest.approx(expected, abs=5e-9)

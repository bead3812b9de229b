"""Events, sizes and durations agree with rpact and gsDesign (design.json) and R (references/r/sample_size.R).

Closed forms: relative tolerance 1e-9; numbers that rpact finds by a root search 1e-6.
"""

import json
from math import inf
from pathlib import Path
from typing import Any

import pytest

from equipoise.statistics.sample_size import (
    event_probability,
    expected_events,
    hazard_from_median,
    hazard_from_share,
    power_log_rank,
    required_events,
)

RPACT = 1e-6


def close(value: float, rel: float = 1e-9) -> Any:
    return pytest.approx(value, rel=rel)


@pytest.fixture(scope="module")
def design(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "design.json").read_text())["sample_size"]["survival"])


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "sample_size.out.json").read_text()))


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize(
    ("name", "method"),
    [("Schoenfeld", "schoenfeld"), ("Freedman", "freedman"), ("HsiehFreedman", "hsieh-freedman")],
)
def test_events_and_sizes_of_rpact(design: dict[str, Any], name: str, method: Any, ratio: int) -> None:
    expected = design[f"HR0.7_{name}_ratio{ratio}"]
    found = power_log_rank(
        0.7, control_hazard=hazard_from_median(12), accrual=18, duration=30, power=0.9, ratio=ratio, method=method
    )
    assert found.n == close(expected["nFixed"], 1e-8)
    assert found.per_arm[0] == close(expected["nFixed1"], 1e-8)
    assert found.events == close(expected["eventsFixed"], 1e-8)
    assert required_events(0.7, power=0.9, ratio=ratio, formula=method) == close(expected["eventsFixed"], 1e-8)


def test_lachin_and_foulkes_of_gsdesign(design: dict[str, Any]) -> None:
    found = power_log_rank(
        0.7,
        control_hazard=hazard_from_median(12),
        accrual=18,
        duration=30,
        power=0.9,
        dropout=hazard_from_share(0.05, 12),
        method="lachin-foulkes",
    )
    assert found.n == close(design["gsDesign_nSurv_LachinFoulkes"]["n"], 1e-8)
    assert found.events == close(design["gsDesign_nSurv_LachinFoulkes"]["d"], 1e-8)
    assert found.n == close(design["gsDesign_nSurvival"]["n"], 1e-8)


def test_event_probabilities_and_expected_events(design: dict[str, Any]) -> None:
    hazard, loss = hazard_from_median(12), hazard_from_share(0.05, 12)
    expected = design["event_probability"]
    for place, time in enumerate(expected["time"]):
        treated = event_probability(time, 0.7 * hazard, accrual=18, dropout=loss)
        control = event_probability(time, hazard, accrual=18, dropout=loss)
        assert treated == close(expected["p1"][place])
        assert control == close(expected["p2"][place])
        assert (treated + control) / 2 == close(expected["overall"][place])
    found = expected_events(30, 360, hazard, accrual=18, dropout=0.01)
    assert found == close(design["gsDesign_eEvents"]["d"])


def test_a_long_trial_with_dropout(design: dict[str, Any]) -> None:
    found = power_log_rank(
        1.6, control_hazard=0.011, accrual=52, duration=148, power=0.9, dropout=hazard_from_share(0.15, 96)
    )
    assert found.n == close(design["HR1.6_response_dropout"]["nFixed"], RPACT)
    assert found.events == close(design["HR1.6_response_dropout"]["eventsFixed"], RPACT)


def test_duration_of_a_trial_of_given_size(design: dict[str, Any], r: dict[str, Any]) -> None:
    found = power_log_rank(
        0.65,
        control_hazard=[(6, 0.04), (6, 0.03), (inf, 0.02)],
        accrual=[(6, 10), (12, 25)],
        n=360,
        power=0.8,
    )
    assert found.solved == "duration"
    assert found.duration == close(design["piecewise"]["studyDuration"], RPACT)
    assert found.events == close(design["piecewise"]["eventsFixed"], RPACT)
    loss = hazard_from_share(0.05, 12)
    found = power_log_rank(0.7, control_hazard=0.05, accrual=10, n=500, power=0.8, dropout=loss)
    assert found.duration == close(r["rpact_survival"]["duration"]["duration"], RPACT)


def test_margins_dropout_by_arm_and_periods_of_rpact(r: dict[str, Any]) -> None:
    expected = r["rpact_survival"]
    found = power_log_rank(1, control_hazard=0.02, accrual=24, duration=36, power=0.8, null=1.3)
    assert found.n == close(expected["noninferiority"]["n"], RPACT)
    found = power_log_rank(
        0.6,
        control_hazard=hazard_from_median(10),
        accrual=12,
        duration=21,
        power=0.9,
        ratio=2,
        dropout=(hazard_from_share(0.1, 12), hazard_from_share(0.2, 12)),
    )
    assert found.n == close(expected["dropout"]["n"], RPACT)
    found = power_log_rank(
        0.7,
        control_hazard=[(5, 0.03), (5, 0.06), (inf, 0.02)],
        accrual=[(4, 0.1), (11, 0.3)],
        duration=25,
        power=0.8,
    )
    assert found.n == close(expected["piecewise"]["n"], RPACT)
    assert found.events == close(expected["piecewise"]["events"], RPACT)


def test_event_probabilities_of_rpact(r: dict[str, Any]) -> None:
    expected = r["event_probabilities"]
    control = [(6, 0.04), (6, 0.03), (inf, 0.02)]
    treated = [(length, 0.65 * rate) for length, rate in control]
    for place, time in enumerate(expected["time"]):
        for hazard, share, key in ((treated, 0.1, "treatment"), (control, 0.05, "control")):
            found = event_probability(
                time, hazard, accrual=[(6, 5), (12, 20)], dropout=hazard_from_share(share, 12)
            )
            # rpact is 1e-7 away from adaptive quadrature where accrual ends within a period
            assert found == close(expected[key][place], RPACT)


def test_fixed_follow_up_by_quadrature(r: dict[str, Any]) -> None:
    found = event_probability(30, 0.03, accrual=24, dropout=0.01, follow_up=12)
    assert found == close(r["fixed_follow_up"]["p"])
    found = event_probability(14, 0.03, accrual=24, dropout=0.01, follow_up=12)
    assert found == close(r["fixed_follow_up"]["early"])


def test_lachin_and_foulkes_by_quadrature(r: dict[str, Any]) -> None:
    found = power_log_rank(
        0.7,
        control_hazard=0.05,
        accrual=12,
        duration=30,
        dropout=0.01,
        power=0.9,
        ratio=2,
        method="lachin-foulkes",
    )
    assert found.n == close(r["lachin_foulkes"]["ratio2"])
    found = power_log_rank(
        0.9,
        control_hazard=0.04,
        accrual=18,
        duration=36,
        dropout=0.005,
        power=0.9,
        ratio=0.5,
        null=1.25,
        method="lachin-foulkes",
    )
    assert found.n == close(r["lachin_foulkes"]["noninferiority"])

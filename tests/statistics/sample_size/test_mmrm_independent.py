"""Repeated measures agree with longpower's tests of Lu, Luo and Chen (2008), and with R (r/sample_size.R)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equipoise.statistics.sample_size import ar1_covariance, compound_symmetry, power_mmrm
from equipoise.statistics.sample_size.mmrm import contrast_variance

# Table 2 of Lu, Luo and Chen as the tests of longpower reproduce it: the inflation phi at the last of J visits,
# one arm; rows by dropout 0.1 to 0.4 at the last visit (linear before), columns by the correlation of the first
# and the last visit 0, 0.1, 0.3, 0.5, 0.7, 0.9.
TABLE_2 = {
    2: [
        [1.11111111111111, 1.11, 1.10111111111111, 1.08333333333333, 1.05666666666667, 1.02111111111111],
        [1.25, 1.2475, 1.2275, 1.1875, 1.1275, 1.0475],
        [1.42857142857143, 1.42428571428571, 1.39, 1.32142857142857, 1.21857142857143, 1.08142857142857],
        [1.66666666666667, 1.66, 1.60666666666667, 1.5, 1.34, 1.12666666666667],
    ],
    4: [
        [
            1.11111111111111,
            1.10050206679506,
            1.08280448732802,
            1.06283003239702,
            1.03996686151349,
            1.01408550239776,
        ],
        [1.25, 1.2247445108099, 1.18392908471514, 1.13886229048648, 1.08796962333115, 1.03089517940421],
        [
            1.42857142857143,
            1.38254161826624,
            1.31065330422472,
            1.23318260782795,
            1.14702199890211,
            1.0514263712482,
        ],
        [1.66666666666667, 1.59010470647863, 1.47488822527398, 1.35405269950478, 1.221989488974, 1.07728040119987],
    ],
}


@pytest.mark.parametrize("visits", [2, 4])
def test_table_2_as_longpower_reproduces_it(visits: int) -> None:
    last = np.eye(visits)[-1]
    for dropout, row in zip((0.1, 0.2, 0.3, 0.4), TABLE_2[visits], strict=True):
        for correlation, expected in zip((0, 0.1, 0.3, 0.5, 0.7, 0.9), row, strict=True):
            covariance = ar1_covariance(1.0, correlation ** (1 / (visits - 1)), visits)
            found = contrast_variance(covariance, np.linspace(1, 1 - dropout, visits), last)
            assert found == pytest.approx(expected, rel=1e-12)


def test_table_1_as_longpower_reproduces_it() -> None:
    # phi of both arms, allocation, size; a single visit with that variance is the same problem
    for treated, control, ratio, expected in (
        (1, 1, 1, 168.11876898305),
        (1, 1, 2, 189.133615105931),
        (1, 2, 0.707106781186548, 244.966998329937),
        (1, 2, 0.5, 252.178153474575),
        (1, 2, 2, 315.222691843219),
        (2, 2, 2, 378.267230211862),
    ):
        found = power_mmrm(0.5, covariance=[[treated]], covariance_control=[[control]], power=0.9, ratio=ratio)
        assert found.n == pytest.approx(expected, rel=1e-12)


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "sample_size.out.json").read_text())["mmrm"])


def test_four_visits_with_one_correlation(expected: dict[str, Any]) -> None:
    covariance = compound_symmetry(1.0, 0.25, 4)
    found = power_mmrm(0.5, covariance=covariance, retention=(1, 0.9, 0.8, 0.7), power=0.8)
    assert found.per_arm == (pytest.approx(expected["symmetric"], rel=1e-9),) * 2


def test_two_retentions_a_contrast_and_baseline(expected: dict[str, Any]) -> None:
    sd = np.array(expected["sd"])
    covariance = np.outer(sd, sd) * ar1_covariance(1.0, expected["correlation"], sd.size)
    found = power_mmrm(
        5.0,
        covariance=covariance,
        retention=expected["retention"],
        retention_control=expected["retention_control"],
        contrast=expected["weights"],
        baseline=True,
        power=0.9,
        ratio=2,
    )
    assert found.n == pytest.approx(expected["n"], rel=1e-9)

"""Combination tests, closed tests and the promising zone agree with R (references/r/sequential.R).

rpact 3.3.4: closed forms relative 1e-11, p-values by its search absolute 2e-6. Promising zone: a search in R from
the largest statistic downwards, relative 1e-9.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.statistics.sequential import (
    closed_combination,
    fisher_combination,
    group_sequential,
    inverse_normal,
    promising_zone,
)

R = json.loads((Path(__file__).parents[3] / "references" / "r" / "sequential.out.json").read_text())
SIZES = {
    "arms": [[40, 40, 40], [40, 40, 0]],
    "both": [[30, 40, 40], [40, 30, 50]],
}


def seen(values: list[float | None]) -> list[float]:
    return [x for x in values if x is not None]


@pytest.mark.parametrize("name", R["inverse_normal"])
def test_inverse_normal_combination(name: str) -> None:
    case = R["inverse_normal"][name]
    p = seen(case["stage_p"])
    found = inverse_normal(group_sequential(3), p)
    assert found.z == pytest.approx(seen(case["combination"]), rel=1e-11)
    assert found.weights == pytest.approx(case["weights"], rel=1e-12)
    assert found.p_repeated == pytest.approx(case["repeated_p"][len(p) - 1], abs=2e-6)
    final = case["final_p"]["pFinal"]
    if final is not None:
        assert found.p_final == pytest.approx(final, rel=1e-7)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("equal", {}),
        ("half", {"alpha1": 0.01}),
        ("full", {"alpha1": "full"}),
        ("futility", {"alpha1": 0.01, "alpha0": 0.5}),
    ],
)
def test_bounds_of_fishers_product(name: str, options: dict[str, Any]) -> None:
    found = fisher_combination(0.025, **options)
    assert [found.alpha1, found.c] == pytest.approx(R["fisher"][name]["critical"], rel=1e-9)


@pytest.mark.parametrize("name", R["closed"])
def test_two_doses_in_two_stages(name: str) -> None:
    case = R["closed"][name]
    data, test = name.split()
    statistics = [[row[stage] for row in case["statistics"]] for stage in (0, 1)]
    found = closed_combination(
        group_sequential(2),
        statistics,
        participants=SIZES[data],
        doses=["low", "high"],
        test=test.lower(),  # type: ignore[arg-type]
    )
    for place, label in enumerate(("low+high", "low", "high")):
        rows = found.intersections.filter(pl.col("intersection") == label)
        assert rows["p"].to_list() == pytest.approx(seen(case["adjusted"][place]), rel=1e-10)
        assert rows["z"].to_list() == pytest.approx(seen(case["combined"][place]), rel=1e-10)
    for dose, looks in enumerate(case["rejected"]):
        assert found.doses["rejected_at"][dose] == (looks.index(True) + 1 if True in looks else None)


@pytest.mark.parametrize("method", R["closed_repeated"])
def test_repeated_p_of_three_doses_of_which_one_crosses_its_bound_early(method: str) -> None:
    case = R["closed_repeated"][method]
    found = closed_combination(
        group_sequential((0.4, 1), bounds="pocock"),
        [[row[stage] for row in case["statistics"]] for stage in (0, 1)],
        participants=[[25, 20, 40, 30], [26, 25, 20, 30]],
        test=method.lower(),  # type: ignore[arg-type]
    )
    assert found.doses["p"].to_list() == pytest.approx([row[-1] for row in case["repeated_p"]], abs=2e-6)
    assert [p <= 0.025 for p in found.doses["p"]] == [row[-1] for row in case["rejected"]]


@pytest.mark.parametrize("case", R["promising_zone"], ids=lambda case: f"{case['share']} to {case['largest']}")
def test_where_the_promising_zone_begins(case: dict[str, float]) -> None:
    found = promising_zone(1.0, 100 * case["share"], 100, 100 * case["largest"], power=case["power"])
    assert found.start == pytest.approx(case["start"], rel=1e-9)

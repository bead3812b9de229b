"""Jonckheere's test agrees with a published example and with R's listing of all arrangements (1e-10)."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.statistics import jonckheere

# Hundal (1969) in Hollander and Wolfe, Nonparametric Statistical Methods, 2nd ed. 1999, example 6.2, as the tests
# of the Perl package Statistics::ANOVA cite it: pieces produced with no, rough and accurate information
PIECES = {
    "1 none": [40, 35, 38, 43, 44, 41],
    "2 rough": [38, 40, 47, 44, 40, 42],
    "3 accurate": [48, 40, 45, 43, 46, 44],
}


@pytest.fixture(scope="module")
def pieces() -> pl.DataFrame:
    rows = [(group, float(value)) for group, values in PIECES.items() for value in values]
    return pl.DataFrame(rows, schema=["information", "pieces"], orient="row")


@pytest.fixture(scope="module")
def listed(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "dose_finding_exact.out.json").read_text())["jonckheere"])


def test_the_published_example(pieces: pl.DataFrame) -> None:
    test = jonckheere(pieces, "pieces", "information", alternative="increasing")
    assert test.j == 79
    assert test.mean == 54
    assert test.sd**2 == pytest.approx(150.29, abs=0.005)
    assert test.p == pytest.approx(0.0207, abs=5e-5)


@pytest.mark.parametrize("name", ["ties", "no_ties", "four", "heavy"])
def test_all_arrangements_of_small_samples(listed: dict[str, Any], name: str) -> None:
    expected = listed[name]
    groups = [group for group, size in enumerate(expected["sizes"]) for _ in range(size)]
    data = pl.DataFrame({"g": groups, "v": [float(value) for value in expected["values"]]})
    test = jonckheere(data, "v", "g")
    assert test.j == expected["j"]
    assert test.mean == pytest.approx(expected["mean"], rel=1e-12)
    assert test.sd**2 == pytest.approx(expected["variance"], rel=1e-12)
    for alternative, key in (("increasing",) * 2, ("decreasing",) * 2, ("two-sided", "two_sided")):
        exact = jonckheere(data, "v", "g", alternative=alternative, method="exact")  # type: ignore[arg-type]
        assert exact.p == pytest.approx(expected[key], rel=1e-10)

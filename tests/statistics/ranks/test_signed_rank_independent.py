"""Signed rank tests and one-sample Hodges-Lehmann intervals agree with R and coin (references/r/ranks.R).

Exact values: relative tolerance 1e-9; R's asymptotic limits: its root search's tolerance, 1e-4.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.ranks import hodges_lehmann_one_sample, signed_rank
from equipoise.statistics.ranks.permutation import signed_distribution

ROOT_SEARCH = 1e-4


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-9)


@pytest.fixture(scope="module")
def ranks(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "ranks.out.json").read_text()))


@pytest.fixture(scope="module")
def depression(ranks: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame({name: ranks["samples"][name] for name in ("before", "after")})


@pytest.fixture(scope="module")
def zeros(ranks: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame({"d": ranks["samples"]["pairs"]})


def test_exact_pairs(depression: pl.DataFrame, ranks: dict[str, Any]) -> None:
    expected = ranks["signed"]["exact"]
    test = signed_rank(depression, "before", "after", method="exact")
    assert test.v == expected["statistic"]
    assert test.p == close(expected["p"])
    location = hodges_lehmann_one_sample(depression, "before", "after", method="exact")
    assert location.estimate == close(expected["estimate"])
    assert [location.lower, location.upper] == close(expected["interval"])


@pytest.mark.parametrize(("key", "correction"), [("cc", True), ("no_cc", False)])
def test_asymptotic_pairs(depression: pl.DataFrame, ranks: dict[str, Any], key: str, correction: bool) -> None:
    expected = ranks["signed"][key]
    assert signed_rank(depression, "before", "after", correction=correction).p == close(expected["p"])
    location = hodges_lehmann_one_sample(depression, "before", "after", correction=correction)
    assert [location.lower, location.upper] == pytest.approx(expected["interval"], abs=ROOT_SEARCH)


@pytest.mark.parametrize(("key", "correction"), [("cc", True), ("no_cc", False)])
def test_asymptotic_change_in_trial72(references: Path, ranks: dict[str, Any], key: str, correction: bool) -> None:
    week_48 = pl.read_csv(references / "trial72_long.csv").filter(VISIT="W48", ARM="High")
    expected = ranks["signed_trial72"][key]
    test = signed_rank(week_48, "CHG", correction=correction)
    assert test.v == expected["statistic"]
    assert test.p == close(expected["p"])
    location = hodges_lehmann_one_sample(week_48, "CHG", correction=correction)
    assert [location.lower, location.upper] == pytest.approx(expected["interval"], abs=ROOT_SEARCH)


def test_zeros_dropped_as_r_does(zeros: pl.DataFrame, ranks: dict[str, Any]) -> None:
    expected = ranks["signed_zeros"]["cc"]
    test = signed_rank(zeros, "d")
    assert (test.v, test.zeros) == (expected["statistic"], 2)
    assert test.p == close(expected["p"])


@pytest.mark.parametrize("kind", ["drop", "pratt"])
def test_zeros_and_ties_as_coin_does(zeros: pl.DataFrame, ranks: dict[str, Any], kind: Any) -> None:
    expected = ranks["signed_zeros"]
    asymptotic = signed_rank(zeros, "d", zeros=kind, correction=False)
    assert asymptotic.z == close(expected[f"{kind}_asymptotic"]["z"])
    assert asymptotic.p == close(expected[f"{kind}_asymptotic"]["p"])
    exact = signed_rank(zeros, "d", zeros=kind, method="exact")
    assert exact.p == close(expected[f"{kind}_exact"]["p"])


def test_the_exact_distribution_is_rs(ranks: dict[str, Any]) -> None:
    found = np.cumsum(signed_distribution(np.arange(1, ranks["signrank_cdf"]["n"] + 1)))
    assert found == pytest.approx(np.array(ranks["signrank_cdf"]["p"]), rel=1e-12)

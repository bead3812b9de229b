"""Dunnett's and step-down tests agree with R's multcomp and scipy (core_trial72, r/multiplicity.R).

Two comparisons: 1e-7. More: multcomp integrates by a randomised lattice, compared at 1e-4; scipy likewise.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics import ancova
from equipoise.statistics.multiplicity import closed_test, dunnett, dunnett_contrasts, dunnett_test
from equipoise.statistics.multiplicity.standardised import Alternative

LATTICE = 1e-4
SIDES: list[Alternative] = ["two-sided", "greater", "less"]


@pytest.fixture(scope="module")
def core(references: Path) -> dict[str, Any]:
    models = json.loads((references / "core_trial72.json").read_text())["models"]
    return dict(models["ancova"]["W48"]["dunnett_single_step"])


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "multiplicity.out.json").read_text()))


@pytest.fixture(scope="module")
def week_48(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_long.csv").filter(pl.col("VISIT") == "W48")


@pytest.fixture(scope="module")
def doses(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "dose5.csv")


def pairs_of(week_48: pl.DataFrame) -> pl.DataFrame:
    fit = ancova("CHG ~ BASE + STRATUM + ARM", week_48, reference={"ARM": "Placebo", "STRATUM": "VL<100k"})
    return fit.contrasts("ARM", pairwise=True)


def test_two_doses_in_an_analysis_of_covariance(core: dict[str, Any], week_48: pl.DataFrame) -> None:
    found = dunnett_contrasts(pairs_of(week_48), "ARM", "Placebo")
    table = found.table.sort("name", descending=True)
    assert table["name"].to_list() == core["contrast"]
    assert table["estimate"].to_list() == pytest.approx(core["estimate"], rel=1e-9)
    assert table["se"].to_list() == pytest.approx(core["se"], rel=1e-9)
    assert found.correlation[0, 1] == pytest.approx(core["corr"], rel=1e-9)
    assert table["critical"][0] == pytest.approx(core["critical_value_two_sided_95"], abs=1e-7)
    assert table["adjusted_p"].to_list() == pytest.approx(core["p_two_sided"], abs=1e-7)
    assert table["lower"].to_list() == pytest.approx(core["lower"], abs=1e-5)
    assert table["upper"].to_list() == pytest.approx(core["upper"], abs=1e-5)
    one_sided = dunnett_contrasts(pairs_of(week_48), "ARM", "Placebo", alternative="greater").table
    assert one_sided.sort("name", descending=True)["adjusted_p"].to_list() == pytest.approx(
        core["p_one_sided_greater"], abs=1e-7
    )


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", ["one_way", "one_way_uneven", "covariate_uneven", "all_pairs", "trial72"])
def test_single_step_and_step_down_from_estimates_and_covariance(
    expected: dict[str, Any], name: str, side: Alternative
) -> None:
    given = expected[name][side]
    single = dunnett(given["estimate"], given["covariance"], df=given["df"], alternative=side)
    assert single.table["t"].to_list() == pytest.approx(given["t"], rel=1e-9)
    assert single.table["adjusted_p"].to_list() == pytest.approx(given["single_step"], abs=LATTICE)
    assert single.table["critical"].to_list() == pytest.approx(
        [abs(given["critical"])] * len(given["t"]), abs=1e-3
    )
    down = dunnett(given["estimate"], given["covariance"], df=given["df"], alternative=side, procedure="step-down")
    assert down.table["adjusted_p"].to_list() == pytest.approx(given["step_down"], abs=LATTICE)
    # ten comparisons have a thousand intersections, which are gone through once
    if len(given["t"]) < 10 or side == "two-sided":
        closed = closed_test(given["estimate"], given["covariance"], df=given["df"], alternative=side)
        assert closed.table["adjusted_p"].to_list() == pytest.approx(given["step_down"], abs=LATTICE)


@pytest.mark.parametrize("uneven", [False, True])
def test_comparisons_with_a_control_from_the_data(
    expected: dict[str, Any], doses: pl.DataFrame, uneven: bool
) -> None:
    left_out = [row - 1 for row in expected["dose5_uneven_rows_left_out"]] if uneven else []
    frame = doses.with_row_index().filter(~pl.col("index").is_in(left_out))
    given = expected["one_way_uneven" if uneven else "one_way"]["two-sided"]
    found = dunnett_test(frame, "chg", "dose").table
    assert found["name"].to_list() == given["name"]
    assert found["estimate"].to_list() == pytest.approx(given["estimate"], rel=1e-9)
    assert found["se"].to_list() == pytest.approx(given["se"], rel=1e-9)
    assert found["adjusted_p"].to_list() == pytest.approx(given["single_step"], abs=LATTICE)
    assert found["lower"].to_list() == pytest.approx(given["lower"], abs=2e-2)


@pytest.mark.parametrize("side", SIDES)
def test_scipy_gives_the_same_p(doses: pl.DataFrame, side: Alternative) -> None:
    from scipy import stats

    samples = {dose: group["chg"].to_numpy() for (dose,), group in doses.group_by("dose", maintain_order=True)}
    treated = [sample for dose, sample in samples.items() if dose != 0]
    theirs = stats.dunnett(*treated, control=samples[0], alternative=side, rng=np.random.default_rng(1))
    ours = dunnett_test(doses, "chg", "dose", versus=0, alternative=side).table
    assert ours["adjusted_p"].to_list() == pytest.approx(theirs.pvalue, abs=1e-3)

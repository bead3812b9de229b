"""Rank tests of two or more groups agree with R and coin (core_trial72.json, references/r/ranks.R).

Closed forms and exact distributions: relative tolerance 1e-9. R's asymptotic interval limits come from a root
search with tolerance 1e-4 and are compared with that.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.ranks import hodges_lehmann, kruskal_wallis, rank_sum, van_elteren
from equipoise.statistics.ranks.permutation import sum_distribution

ROOT_SEARCH = 1e-4


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-9)


@pytest.fixture(scope="module")
def core(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "core_trial72.json").read_text())["rank_tests"])


@pytest.fixture(scope="module")
def ranks(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "ranks.out.json").read_text()))


@pytest.fixture(scope="module")
def week_48(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_long.csv").filter(pl.col("VISIT") == "W48")


@pytest.fixture(scope="module")
def subjects(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_subj.csv")


def two(ranks: dict[str, Any], x: str, y: str) -> pl.DataFrame:
    samples = ranks["samples"]
    groups = [x] * len(samples[x]) + [y] * len(samples[y])
    return pl.DataFrame({"g": groups, "v": [float(value) for value in samples[x] + samples[y]]})


@pytest.mark.parametrize(("key", "correction"), [("asymptotic_cc", True), ("asymptotic_nocc", False)])
@pytest.mark.parametrize("name", ["ALT_Low_vs_Placebo", "CHG_W48_High_vs_Placebo"])
def test_asymptotic_with_ties_in_trial72(
    core: dict[str, Any], week_48: pl.DataFrame, subjects: pl.DataFrame, name: str, key: str, correction: bool
) -> None:
    expected = core[name][key]
    value, frame = ("ALT", subjects) if name.startswith("ALT") else ("CHG", week_48)
    arms = frame.filter(pl.col("ARM").is_in(["Placebo", "Low" if "Low" in name else "High"]))
    test = rank_sum(arms, value, "ARM", versus="Placebo", correction=correction)
    assert test.u == expected["statistic"]["W"]
    assert test.p == close(expected["p_value"])
    shift = hodges_lehmann(arms, value, "ARM", versus="Placebo", correction=correction)
    assert shift.estimate == close(core[name]["HL_all_pairs_median"])
    assert [shift.lower, shift.upper] == pytest.approx(expected["conf_int"], abs=ROOT_SEARCH)


def test_exact_with_ties_is_the_permutation_distribution_of_midranks(
    core: dict[str, Any], ranks: dict[str, Any], week_48: pl.DataFrame
) -> None:
    arms = week_48.filter(pl.col("ARM") != "Low")
    test = rank_sum(arms, "CHG", "ARM", versus="Placebo", method="exact")
    assert test.p == close(core["CHG_W48_High_vs_Placebo"]["coin_exact_with_ties_p"])
    tied = two(ranks, "tied_x", "tied_y")
    assert rank_sum(tied, "v", "g", method="exact").p == close(ranks["two_sample_tied"]["coin_exact"]["p"])
    asymptotic = rank_sum(tied, "v", "g", versus="tied_y", correction=False)
    assert asymptotic.z == close(ranks["two_sample_tied"]["coin_asymptotic"]["z"])
    assert asymptotic.p == close(ranks["two_sample_tied"]["coin_asymptotic"]["p"])


@pytest.mark.parametrize(("key", "level"), [("exact", 0.95), ("exact_90", 0.9)])
def test_exact_without_ties_and_the_interval_of_moses(ranks: dict[str, Any], key: str, level: float) -> None:
    data, expected = two(ranks, "x", "y"), ranks["two_sample"][key]
    test = rank_sum(data, "v", "g", versus="y", method="exact")
    assert test.u == expected["statistic"]
    assert test.p == close(expected["p"])
    shift = hodges_lehmann(data, "v", "g", versus="y", method="exact", level=level)
    assert [shift.lower, shift.upper] == close(expected["interval"])
    assert shift.estimate == close(expected["estimate"])
    assert shift.achieved_level is not None and shift.achieved_level >= level


@pytest.mark.parametrize(("key", "correction"), [("cc", True), ("no_cc", False)])
@pytest.mark.parametrize("name", ["two_sample", "two_sample_tied"])
def test_asymptotic_intervals(ranks: dict[str, Any], name: str, key: str, correction: bool) -> None:
    names = ("tied_x", "tied_y") if name.endswith("tied") else ("x", "y")
    expected = ranks[name][key]
    data = two(ranks, *names)
    test = rank_sum(data, "v", "g", versus=names[1], correction=correction)
    assert test.p == close(expected["p"])
    shift = hodges_lehmann(data, "v", "g", versus=names[1], correction=correction)
    assert [shift.lower, shift.upper] == pytest.approx(expected["interval"], abs=ROOT_SEARCH)


def test_the_exact_distribution_without_ties_is_rs(ranks: dict[str, Any]) -> None:
    m, n = ranks["wilcox_cdf"]["m"], ranks["wilcox_cdf"]["n"]
    lowest = n * (n - 1) // 2
    found = np.cumsum(sum_distribution(np.arange(m + n), n)[lowest:])
    assert found == pytest.approx(np.array(ranks["wilcox_cdf"]["p"]), rel=1e-12)


def test_the_exact_far_tail_keeps_its_digits(ranks: dict[str, Any]) -> None:
    m = ranks["far_tail"]["m"]
    found = 2 * np.cumsum(sum_distribution(np.arange(2 * m), m)[m * (m - 1) // 2 :])[:21]
    assert found == pytest.approx(np.array(ranks["far_tail"]["p"]), rel=1e-12, abs=0)


def test_kruskal_wallis(
    core: dict[str, Any], ranks: dict[str, Any], subjects: pl.DataFrame, week_48: pl.DataFrame
) -> None:
    alt = kruskal_wallis(subjects, "ALT", "ARM")
    assert alt.chi2 == close(core["kruskal_ALT"]["statistic"]["Kruskal-Wallis chi-squared"])
    assert alt.df == core["kruskal_ALT"]["parameter"]["df"]
    assert alt.p == close(core["kruskal_ALT"]["p_value"])
    change = kruskal_wallis(week_48, "CHG", "ARM")
    assert change.chi2 == close(ranks["kruskal_chg"]["statistic"])
    assert change.p == close(ranks["kruskal_chg"]["p.value"])


def test_van_elteren_by_site(core: dict[str, Any], week_48: pl.DataFrame) -> None:
    expected = core["van_elteren_W48_by_SITE_High_vs_Placebo"]
    test = van_elteren(week_48.filter(pl.col("ARM") != "Low"), "CHG", "ARM", "SITE", versus="Placebo")
    assert test.z == close(expected["z"])
    assert test.p == close(expected["p"])


def test_stratified_with_pooled_ranks_is_coins(
    core: dict[str, Any], ranks: dict[str, Any], week_48: pl.DataFrame
) -> None:
    arms = week_48.filter(pl.col("ARM") != "Low")
    expected = core["CHG_W48_High_vs_Placebo"]["coin_stratified_by_STRATUM"]
    by_stratum = van_elteren(arms, "CHG", "ARM", "STRATUM", versus="Placebo", scores="pooled_rank")
    assert (by_stratum.z, by_stratum.p) == close((expected["z"], expected["p"]))
    expected = ranks["stratified_pooled_rank_site"]
    by_site = van_elteren(arms, "CHG", "ARM", "SITE", versus="Placebo", scores="pooled_rank")
    assert (by_site.z, by_site.p) == close((expected["z"], expected["p"]))

"""Tests of tables agree with R (core_trial72.json; references/r/categorical.R), to 1e-9."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.categorical import (
    chi_square,
    cochran_armitage,
    cochran_mantel_haenszel,
    fisher_exact,
    mcnemar,
)

ARMS = pl.Enum(["Placebo", "Low", "High"])


@pytest.fixture(scope="module")
def trial72(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))


@pytest.fixture(scope="module")
def expected(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "core_trial72.json").read_text())["categorical"])


@pytest.fixture(scope="module")
def r(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "categorical.out.json").read_text()))


def test_fisher_r_by_c(trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    for response, name in (("SAE", "fisher_3x2_SAE"), ("MAXGRADE", "fisher_3x5_MAXGRADE")):
        assert fisher_exact(trial72, response, "ARM").p == pytest.approx(expected[name]["p_value"], rel=1e-9)


def test_fisher_and_chi_square_of_many_shapes(r: dict[str, Any]) -> None:
    for case in r["independence"]:
        table = case["table"]
        assert fisher_exact(table).p == pytest.approx(case["fisher"], rel=1e-9)
        pearson = chi_square(table)
        assert (pearson.chi2, pearson.df) == pytest.approx((case["pearson"], case["df"]), rel=1e-9)
        assert chi_square(table, method="likelihood-ratio").chi2 == pytest.approx(case["likelihood"], rel=1e-9)


@pytest.mark.parametrize(("response", "arm"), [("ANYAE", "Low"), ("SAE", "High")])
def test_two_by_two(response: str, arm: str, trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    two = trial72.filter(pl.col("ARM").is_in(["Placebo", arm]))
    reference = expected["two_by_two"][f"{response}_{arm}_vs_Placebo"]
    fisher = fisher_exact(two, response, "ARM")
    assert fisher.p == pytest.approx(reference["fisher"]["p_value"], rel=1e-9)
    # R's root finder stops at an odds ratio near 1e-4; its limits on 1 / x are worse
    assert fisher.odds_ratio == pytest.approx(reference["fisher"]["estimate"]["odds ratio"], rel=2e-4)
    assert (fisher.lower, fisher.upper) == pytest.approx(tuple(reference["fisher"]["conf_int"]), rel=2e-3)
    for method, name in (("pearson", "chisq"), ("yates", "chisq_yates")):
        found = chi_square(two, response, "ARM", method=method)  # type: ignore[arg-type]
        assert found.chi2 == pytest.approx(reference[name]["statistic"]["X-squared"], rel=1e-9)
        assert found.p == pytest.approx(reference[name]["p_value"], rel=1e-9)


def test_yates_where_it_matters(r: dict[str, Any]) -> None:
    assert chi_square([[3, 11], [9, 4]], method="yates").chi2 == pytest.approx(r["yates"], rel=1e-9)


def test_fisher_two_by_two_to_full_accuracy(r: dict[str, Any]) -> None:
    for case in r["odds"]:
        x1, n1, x0, n0 = case["counts"]
        found = fisher_exact([[x0, n0 - x0], [x1, n1 - x1]])
        reference = (case["p"], case["estimate"], case["lower"], case["upper"])
        assert (found.p, found.odds_ratio, found.lower, found.upper) == pytest.approx(reference, rel=1e-9)


def test_published_adverse_events() -> None:
    # CDISC pilot report: any event 65/77/76 of 86/84/84, Fisher against placebo 0.007 and 0.014
    assert round(fisher_exact([[65, 21], [77, 7]]).p, 3) == 0.007
    assert round(fisher_exact([[65, 21], [76, 8]]).p, 3) == 0.014


def test_chi_square_three_arms(trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    found = chi_square(trial72, "ANYAE", "ARM")
    reference = expected["chisq_3x2_ANYAE"]
    assert found.chi2 == pytest.approx(reference["statistic"]["X-squared"], rel=1e-9)
    assert (found.df, found.p) == pytest.approx((reference["parameter"]["df"], reference["p_value"]), rel=1e-9)


def test_mantel_haenszel_two_by_two_in_strata(trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    two = trial72.filter(pl.col("ARM").is_in(["Placebo", "High"]))
    reference = expected["cmh_2x2xK"]["ANYAE_by_STRATUM"]
    for continuity, name in ((False, "no_cc"), (True, "cc")):
        found = cochran_mantel_haenszel(two, "ANYAE", "ARM", strata="STRATUM", continuity=continuity)
        assert found.chi2 == pytest.approx(reference[name]["statistic"]["Mantel-Haenszel X-squared"], rel=1e-9)
        assert found.p == pytest.approx(reference[name]["p_value"], rel=1e-9)
        assert found.odds_ratio == pytest.approx(reference[name]["estimate"]["common odds ratio"], rel=1e-9)
        assert (found.lower, found.upper) == pytest.approx(tuple(reference[name]["conf_int"]), rel=1e-9)


def test_general_association_and_row_means(trial72: pl.DataFrame, expected: dict[str, Any]) -> None:
    general = cochran_mantel_haenszel(trial72, "ANYAE", "ARM", strata="SITE")
    reference = expected["cmh_3x2xK_general_association"]["ANYAE_by_SITE"]
    assert general.chi2 == pytest.approx(reference["statistic"]["Cochran-Mantel-Haenszel M^2"], rel=1e-9)
    means = cochran_mantel_haenszel(trial72, "MAXGRADE", "ARM", strata="STRATUM").tests.row(1, named=True)
    row = expected["cmh_row_mean_scores_MAXGRADE_by_STRATUM"]
    assert (means["chi2"], means["df"], means["p"]) == pytest.approx((row["chisq"], row["df"], row["p"]), rel=1e-9)


# vcdExtra's midranks are those over n + 1, SAS's MODRIDIT
@pytest.mark.parametrize(("scores", "name"), [("table", "table"), ("modified-ridit", "rank")])
def test_all_alternatives_as_in_vcdextra(scores: Any, name: str, r: dict[str, Any]) -> None:
    tests = cochran_mantel_haenszel(r["full"], scores=scores).tests
    reference = [r["cmh"][name][row] for row in ("general", "row_means", "correlation")]
    np.testing.assert_allclose(tests.select("chi2", "df", "p").to_numpy(), reference, rtol=1e-9)


@pytest.mark.parametrize("scores", ["rank", "ridit", "modified-ridit"])
@pytest.mark.parametrize("table", ["full", "sparse"])
def test_scores_within_strata_by_hand(scores: Any, table: str, r: dict[str, Any]) -> None:
    found = cochran_mantel_haenszel(r[table], scores=scores).tests["chi2"].to_list()
    hand = r["cmh_hand"][table][scores]
    assert found == pytest.approx([r["general"][table], hand["row_means"], hand["correlation"]], rel=1e-9)


def test_continuity_correction_of_a_table(r: dict[str, Any]) -> None:
    for continuity, name in ((False, "plain"), (True, "corrected")):
        found = cochran_mantel_haenszel(r["strata"]["table"], continuity=continuity)
        assert (found.chi2, found.p) == pytest.approx(
            (r["strata"][name]["chi2"], r["strata"][name]["p"]), rel=1e-9
        )


def test_trend(trial72: pl.DataFrame, expected: dict[str, Any], r: dict[str, Any]) -> None:
    found = cochran_armitage(trial72, "SAE", "ARM")
    reference = expected["cochran_armitage_SAE"]
    assert found.chi2 == pytest.approx(reference["statistic"]["X-squared"], rel=1e-9)
    assert found.p == pytest.approx(reference["p_value"], rel=1e-9)
    for case in r["trend"]:
        counts = [[x, n - x] for x, n in zip(case["x"], case["n"], strict=True)]
        assert cochran_armitage(counts, scores=case["scores"]).chi2 == pytest.approx(case["chi2"], rel=1e-9)


def test_mcnemar(r: dict[str, Any]) -> None:
    for case in r["pairs"]:
        found = mcnemar(case["table"])
        assert (found.chi2, found.exact_p) == pytest.approx((case["plain"], case["exact"]), rel=1e-9)
        assert mcnemar(case["table"], continuity=True).chi2 == pytest.approx(case["corrected"], rel=1e-9)

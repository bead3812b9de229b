"""Linear models agree with R: `lm`, `drop1`, emmeans and sandwich.

core_trial72.json holds the fit at week 48, references/r/linear.R interactions, weights, margins, trends. Closed
forms: relative tolerance 1e-9, against values printed with 12 to 15 digits.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.statistics.linear import LinearFit, ancova

REFERENCE = {"ARM": "Placebo"}
TERMS = {
    "(Intercept)": "Intercept",
    "ARMLow": "ARM[T.Low]",
    "ARMHigh": "ARM[T.High]",
    "STRATUMVL>=100k": "STRATUM[T.VL>=100k]",
    "SEXM": "SEX[T.M]",
}


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-11)


@pytest.fixture(scope="module")
def week_48(references: Path) -> pl.DataFrame:
    arms = pl.Enum(["Placebo", "Low", "High"])
    weight = (1 / (1 + pl.col("AGE") / 50)).alias("W")
    visits = pl.read_csv(references / "trial72_long.csv").filter(pl.col("VISIT") == "W48")
    return visits.with_columns(pl.col("ARM").cast(arms), weight)


@pytest.fixture(scope="module")
def core(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "core_trial72.json").read_text())["models"]["ancova"]["W48"])


@pytest.fixture(scope="module")
def linear(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "linear.out.json").read_text()))


@pytest.fixture(scope="module")
def fit(week_48: pl.DataFrame) -> LinearFit:
    return ancova("CHG ~ ARM + BASE + STRATUM", week_48, reference=REFERENCE)


def assert_coefficients(fit: LinearFit, rows: list[dict[str, Any]]) -> None:
    found = fit.coefficients.rows_by_key("term", named=True, unique=True)
    assert len(found) == len(rows)
    for row in rows:
        term = ":".join(TERMS.get(part, part) for part in row["term"].split(":"))
        mine = found[term]
        expected = [value for key, value in row.items() if key not in ("term", "_row")]
        assert [mine[name] for name in ("estimate", "se", "t", "p")] == close(expected)


def assert_estimates(table: pl.DataFrame, rows: list[dict[str, Any]]) -> None:
    assert table.height == len(rows)
    for mine, row in zip(table.iter_rows(named=True), rows, strict=True):
        assert mine["estimate"] == close(row["emmean" if "emmean" in row else "estimate"])
        assert mine["se"] == close(row["SE"])
        assert mine["df"] == row["df"]
        assert mine["lower"] == close(row["lower.CL"])
        assert mine["upper"] == close(row["upper.CL"])
        if "p" in mine:
            assert mine["t"] == close(row["t.ratio"])
            assert mine["p"] == close(row["p.value"])


def assert_type_three(fit: LinearFit, rows: list[dict[str, Any]]) -> None:
    found = fit.type_three().rows_by_key("term", named=True, unique=True)
    for row in rows:
        mine = found[row["term"]]
        assert mine["df"] == row["df"]
        assert [mine[name] for name in ("sum_sq", "f", "p")] == close([row[name] for name in ("sum_sq", "f", "p")])


def assert_means_and_contrasts(fit: LinearFit, expected: dict[str, Any], **options: Any) -> None:
    assert_estimates(fit.means("ARM", **options), expected["means"])
    assert_estimates(fit.contrasts("ARM", versus="Placebo", **options), expected["versus"])
    assert_estimates(fit.contrasts("ARM", pairwise=True, **options), expected["pairs"])


def test_coefficients_and_fit_of_the_core_model(fit: LinearFit, core: dict[str, Any]) -> None:
    assert fit.observations == core["n"]
    assert fit.dropped == 12
    assert fit.df_residual == core["df_resid"]
    assert fit.sigma == close(core["sigma"])
    assert fit.r_squared == close(core["r2"])
    assert_coefficients(fit, core["coef"])


def test_least_squares_means_with_both_margins(fit: LinearFit, core: dict[str, Any]) -> None:
    assert_estimates(fit.means("ARM"), core["lsmeans_equal"])
    assert_estimates(fit.means("ARM", margins="observed"), core["lsmeans_proportional"])


def test_contrasts_against_placebo(fit: LinearFit, core: dict[str, Any]) -> None:
    assert_estimates(fit.contrasts("ARM", versus="Placebo"), core["contrasts_vs_placebo"])


def test_contrasts_in_a_model_with_site(week_48: pl.DataFrame, core: dict[str, Any]) -> None:
    fit = ancova("CHG ~ ARM + BASE + STRATUM + SITE", week_48, reference=REFERENCE)
    assert_estimates(fit.contrasts("ARM", versus="Placebo"), core["with_site_lsmeans_contrasts"])


def test_type_three_of_the_core_model(fit: LinearFit, core: dict[str, Any]) -> None:
    names = {"Df": "df", "Sum of Sq": "sum_sq", "F value": "f", "Pr(>F)": "p", "term": "term"}
    rows = [{names[k]: v for k, v in row.items() if k in names} for row in core["type3"][1:]]
    assert_type_three(fit, rows)


def test_f_test_of_the_interaction(week_48: pl.DataFrame, core: dict[str, Any]) -> None:
    expected = core["interaction_F"][1]
    fit = ancova("CHG ~ ARM * BASE + STRATUM", week_48, reference=REFERENCE)
    mine = fit.type_three().row(by_predicate=pl.col("term") == "ARM:BASE", named=True)
    assert mine["df"] == expected["Df"]
    assert [mine["f"], mine["p"]] == close([expected["F"], expected["Pr(>F)"]])


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_standard_errors(week_48: pl.DataFrame, core: dict[str, Any], kind: Any) -> None:
    fit = ancova("CHG ~ ARM + BASE + STRATUM", week_48, reference=REFERENCE, covariance=kind)
    assert fit.coefficients["se"].to_list() == close(core["hc_vcov"][kind])


def test_means_by_stratum_in_a_model_with_interaction(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    fit = ancova("CHG ~ BASE + SEX + ARM * STRATUM", week_48, reference=REFERENCE)
    expected = linear["interaction"]
    assert_coefficients(fit, expected["coefficients"])
    assert_means_and_contrasts(fit, expected["by_stratum"], by="STRATUM")
    assert_means_and_contrasts(fit, expected["equal"])
    assert_means_and_contrasts(fit, expected["observed"], margins="observed")
    assert_type_three(fit, expected["type3"])


def test_means_at_a_baseline_and_for_one_sex(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    fit = ancova("CHG ~ BASE * ARM + SEX", week_48, reference=REFERENCE)
    assert_means_and_contrasts(fit, linear["slopes"]["at_200"], at={"BASE": 200})
    assert_means_and_contrasts(fit, linear["slopes"]["male"], at={"SEX": "M"})
    assert_type_three(fit, linear["slopes"]["type3"])


def test_weights(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    expected = linear["weighted"]
    formula = "CHG ~ BASE + STRATUM + ARM"
    fit = ancova(formula, week_48, reference=REFERENCE, weights="W")
    assert_coefficients(fit, expected["coefficients"])
    assert fit.sigma == close(expected["sigma"])
    assert fit.r_squared == close(expected["r_squared"])
    assert_means_and_contrasts(fit, expected["equal"])
    assert_means_and_contrasts(fit, expected["observed"], margins="observed")
    assert_type_three(fit, expected["type3"])
    for kind, errors in expected["hc_se"].items():
        robust = ancova(formula, week_48, reference=REFERENCE, weights="W", covariance=kind)
        # R's order of terms is that of its formula, as here
        assert robust.coefficients["se"].to_list() == close(errors)


def test_logarithms_on_both_sides(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    fit = ancova("log(AVAL) ~ log(BASE) + ARM", week_48)
    assert_coefficients(fit, linear["logged"]["coefficients"])
    assert_estimates(fit.means("ARM"), linear["logged"]["means"])


def test_linear_trend_over_doses_and_dose_as_a_number(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    doses = {"Placebo": 0, "Low": 54, "High": 81}
    trend = ancova("CHG ~ BASE + STRATUM + ARM", week_48, reference=REFERENCE).trend("ARM", doses)
    assert trend["quantity"].to_list() == ["contrast", "slope"]
    assert_estimates(trend, linear["trend"]["contrast"] + linear["trend"]["slope"])
    dosed = week_48.with_columns(pl.col("ARM").replace_strict(doses, return_dtype=pl.Float64).alias("D"))
    fit = ancova("CHG ~ BASE + STRATUM + D", dosed)
    assert_coefficients(fit, linear["trend"]["dose_as_number"])


def test_a_model_without_intercept(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    fit = ancova("CHG ~ 0 + ARM + BASE", week_48)
    rows = linear["cell_means"]
    assert fit.coefficients["term"].to_list() == ["ARM[Placebo]", "ARM[Low]", "ARM[High]", "BASE"]
    for name in ("estimate", "se", "t", "p"):
        assert fit.coefficients[name].to_list() == close([row[name] for row in rows])


def test_a_quadratic_by_orthogonal_polynomials(week_48: pl.DataFrame, linear: dict[str, Any]) -> None:
    fit = ancova("CHG ~ poly(BASE, 2) + ARM", week_48)
    assert fit.residuals["fitted"].to_list() == close(linear["curved"]["fitted"])

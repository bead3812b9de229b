"""What must hold for any mixed model for repeated measures: invariances, closed forms, special cases."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.statistics import ancova, mmrm
from equipoise.statistics.repeated_measures import MmrmFit

DATA = pl.DataFrame(
    json.loads((Path(__file__).parents[2] / "references" / "r" / "mmrm_dense.out.json").read_text())["data"]
)
FORMULA = "Y ~ BASE + SEX + ARM * VISIT"
STRUCTURES = ["us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh", "sp_exp"]
NUMBERS = ["estimate", "se", "df"]


def _fit(data: pl.DataFrame = DATA, formula: str = FORMULA, **options: Any) -> MmrmFit:
    visit = "WEEK" if options.get("covariance") == "sp_exp" else "VISIT"
    return mmrm(formula, data, **({"subject": "ID", "visit": visit} | options))


def _complete(participants: int = 24, visits: int = 4, seed: int = 11) -> pl.DataFrame:
    """Draw balanced data of two arms with no covariate."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(participants, 1))
    y = own + rng.normal(size=(participants, visits)) * np.linspace(1.0, 2.0, visits)
    return pl.DataFrame(
        {
            "ID": np.repeat(np.arange(participants), visits),
            "ARM": np.repeat(np.array(["A", "B"])[np.arange(participants) % 2], visits),
            "VISIT": np.tile([f"V{visit + 1}" for visit in range(visits)], participants),
            "Y": y.ravel(),
        }
    )


def _close(first: MmrmFit, second: MmrmFit, rtol: float = 1e-8) -> None:
    assert first.log_likelihood == pytest.approx(second.log_likelihood, rel=1e-11)
    for name in NUMBERS:
        np.testing.assert_allclose(first.coefficients[name], second.coefficients[name], rtol=rtol, atol=1e-9)


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_the_order_of_rows_does_not_matter(covariance: str) -> None:
    _close(
        _fit(covariance=covariance), _fit(DATA.sample(fraction=1.0, shuffle=True, seed=3), covariance=covariance)
    )


@pytest.mark.parametrize("frame", ["again", "pandas", "lazy"])
def test_results_have_the_same_bits_on_every_run_and_from_every_kind_of_frame(frame: str) -> None:
    same = {"again": DATA, "pandas": pd.DataFrame(DATA.to_dict(as_series=False)), "lazy": DATA.lazy()}[frame]
    first, second = _fit(), mmrm(FORMULA, same, subject="ID", visit="VISIT")
    assert first.coefficients.equals(second.coefficients)
    assert first.covariance.equals(second.covariance)
    assert first.log_likelihood == second.log_likelihood


@pytest.mark.parametrize("covariance", STRUCTURES)
@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e8])
def test_the_unit_of_the_response_does_not_matter(factor: float, covariance: str) -> None:
    plain = _fit(covariance=covariance)
    scaled = _fit(DATA.with_columns(pl.col("Y") * factor), covariance=covariance)
    np.testing.assert_allclose(
        scaled.coefficients["estimate"], plain.coefficients["estimate"] * factor, rtol=1e-7, atol=1e-9 * factor
    )
    np.testing.assert_allclose(scaled.coefficients["se"], plain.coefficients["se"] * factor, rtol=1e-8)
    np.testing.assert_allclose(scaled.coefficients["df"], plain.coefficients["df"], rtol=1e-7)
    free = scaled.observations - scaled.coefficients.height
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood - free * np.log(factor), abs=1e-7)
    assert scaled.steps == plain.steps


def test_a_shift_of_the_response_moves_the_intercept_alone() -> None:
    plain, moved = _fit(), _fit(DATA.with_columns(pl.col("Y") + 1e6))
    shift = np.where(plain.coefficients["term"] == "Intercept", 1e6, 0.0)
    np.testing.assert_allclose(moved.coefficients["estimate"] - shift, plain.coefficients["estimate"], atol=1e-7)
    np.testing.assert_allclose(moved.coefficients["se"], plain.coefficients["se"], rtol=1e-7)
    np.testing.assert_allclose(moved.coefficients["df"], plain.coefficients["df"], rtol=1e-6)


@pytest.mark.parametrize(
    ("shift", "factor"),
    [(0.0, 1e6), (0.0, 1e-6), (2000.0, 1.0), (1e7, 1.0)],
    ids=["large", "small", "year", "far"],
)
def test_the_origin_and_unit_of_a_covariate_do_not_matter(shift: float, factor: float) -> None:
    """Contrasts of arms stay; the slope follows the unit. A covariate may lie 100,000 deviations from 0."""
    plain = _fit(formula="Y ~ BASE * VISIT + SEX + ARM * VISIT")
    moved = _fit(DATA.with_columns(pl.col("BASE") * factor + shift), "Y ~ BASE * VISIT + SEX + ARM * VISIT")
    first, second = (fit.contrasts("ARM", by="VISIT") for fit in (plain, moved))
    for name in NUMBERS:
        np.testing.assert_allclose(second[name], first[name], rtol=1e-6)
    slopes = [fit.coefficients.filter(pl.col("term") == "BASE")["estimate"][0] for fit in (plain, moved)]
    assert slopes[1] * factor == pytest.approx(slopes[0], rel=1e-6)


def test_names_of_participants_and_arms_do_not_matter() -> None:
    renamed = DATA.with_columns(
        pl.format("{}-{}", pl.lit("X"), pl.col("ID").str.reverse()).alias("ID"),
        pl.col("ARM").replace({"Active": "1 new", "Placebo": "2 old"}),
    )
    first, second = _fit().contrasts("ARM", by="VISIT"), _fit(renamed).contrasts("ARM", by="VISIT")
    for name in NUMBERS:
        np.testing.assert_allclose(second[name], first[name], rtol=1e-8)
    other = _fit(reference={"ARM": "Placebo"}).contrasts("ARM", by="VISIT")
    np.testing.assert_allclose(other["estimate"], -first["estimate"], rtol=1e-8)
    np.testing.assert_allclose(other["se"], first["se"], rtol=1e-8)


@pytest.mark.parametrize("covariance", ["us", "cs", "csh"])
def test_the_order_of_visits_does_not_matter_where_the_structure_has_none(covariance: str) -> None:
    permuted = DATA.with_columns(pl.col("VISIT").replace({"V1": "c", "V2": "a", "V3": "d", "V4": "b"}))
    first = _fit(covariance=covariance).contrasts("ARM", by="VISIT").sort("estimate")
    second = _fit(permuted, covariance=covariance).contrasts("ARM", by="VISIT").sort("estimate")
    for name in NUMBERS:
        np.testing.assert_allclose(second[name], first[name], rtol=1e-8)


def test_visits_stand_in_the_order_of_an_enum() -> None:
    order = pl.Enum(["V4", "V3", "V2", "V1"])
    backwards = DATA.with_columns(pl.col("VISIT").cast(order))
    assert _fit(backwards, covariance="ar1h").covariance["VISIT"].to_list() == ["V4", "V3", "V2", "V1"]
    # a chain of visits is the same chain from its other end
    assert _fit(backwards, covariance="ar1h").log_likelihood == pytest.approx(
        _fit(covariance="ar1h").log_likelihood, rel=1e-11
    )


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_weights_of_one_are_no_weights_and_equal_weights_only_scale_the_covariance(covariance: str) -> None:
    plain = _fit(covariance=covariance)
    _close(_fit(DATA.with_columns(ONE=1.0), covariance=covariance, weights="ONE"), plain)
    double = _fit(DATA.with_columns(TWO=2.0), covariance=covariance, weights="TWO")
    _close(double, plain)
    names = [name for name in plain.covariance.columns if name not in ("VISIT", "WEEK")]
    np.testing.assert_allclose(
        double.covariance.select(names).to_numpy(), 2.0 * plain.covariance.select(names).to_numpy(), rtol=1e-6
    )


@pytest.mark.parametrize("covariance", ["us", "ar1h", "cs"])
def test_groups_with_the_same_data_have_the_covariance_of_one(covariance: str) -> None:
    twin = DATA.with_columns(pl.lit("second").alias("HALF"), pl.format("{}-2", pl.col("ID")).alias("ID"))
    both = pl.concat([DATA.with_columns(pl.lit("first").alias("HALF")), twin])
    grouped = _fit(both, covariance=covariance, group="HALF", reml=False, df="satterthwaite")
    joint = _fit(both, covariance=covariance, reml=False, df="satterthwaite")
    assert grouped.log_likelihood == pytest.approx(joint.log_likelihood, rel=1e-11)
    assert grouped.parameters == 2 * joint.parameters
    np.testing.assert_allclose(grouped.coefficients["se"], joint.coefficients["se"], rtol=1e-8)


def test_nested_structures_have_ordered_likelihoods() -> None:
    found = {name: _fit(covariance=name).log_likelihood for name in STRUCTURES}
    for larger, smaller in [
        *(("us", name) for name in ("toeph", "adh", "csh")),
        *((f"{name}h", name) for name in ("toep", "ad", "cs")),
        ("toep", "ar1"),
        ("toeph", "ar1h"),
        ("ad", "ar1"),
        ("adh", "ar1h"),
        ("toeph", "csh"),
    ]:
        assert found[larger] > found[smaller]


def test_sp_exp_on_equal_steps_is_ar1_and_own_times_that_are_common_are_no_others() -> None:
    steps = DATA.with_columns(STEP=pl.col("VISIT").str.slice(1).cast(pl.Float64))
    equal = mmrm(FORMULA, steps, subject="ID", visit="STEP", covariance="sp_exp")
    ar1 = _fit(covariance="ar1")
    assert equal.log_likelihood == pytest.approx(ar1.log_likelihood, rel=1e-11)
    np.testing.assert_allclose(equal.coefficients["df"], ar1.coefficients["df"], rtol=1e-7)
    # an origin of its own gives each participant other times, but the same distances
    own = steps.with_columns(pl.col("STEP") + 10.0 * pl.col("ID").str.slice(1).cast(pl.Float64))
    moved = mmrm(FORMULA, own, subject="ID", visit="STEP", covariance="sp_exp")
    _close(moved, equal)


def test_one_visit_is_analysis_of_covariance() -> None:
    one = DATA.filter(pl.col("VISIT") == "V2")
    model = ancova("Y ~ BASE + SEX + ARM", one)
    for df in ("kenward-roger", "satterthwaite", "residual"):
        fit = _fit(one, "Y ~ BASE + SEX + ARM", df=df)
        for name in NUMBERS[:2]:
            np.testing.assert_allclose(fit.coefficients[name], model.coefficients[name], rtol=1e-9)
        np.testing.assert_allclose(fit.coefficients["df"], one.height - 4, rtol=1e-8)
        np.testing.assert_allclose(fit.type_three()["p"], model.type_three()["p"].drop_nulls()[:3], rtol=1e-7)


def test_second_order_kenward_roger_depends_on_the_parameters_even_at_one_visit() -> None:
    """With log sd as the parameter the variance is smaller by (n - p - 1) / (n - p), where none is needed."""
    one = DATA.filter(pl.col("VISIT") == "V2")
    free = one.height - 4
    first, second = (
        _fit(one, "Y ~ BASE + SEX + ARM", df=df).coefficients["se"]
        for df in ("kenward-roger", "kenward-roger-second-order")
    )
    np.testing.assert_allclose(second / first, np.sqrt((free - 1) / free), rtol=1e-9)


def test_complete_unstructured_data_have_the_estimates_of_the_multivariate_normal() -> None:
    """Means by arm and visit, and sums of squares and products over n - 2 (REML) or n (ML)."""
    data = _complete()
    wide = data.pivot("VISIT", index=["ID", "ARM"], values="Y")
    y, arm = wide.drop("ID", "ARM").to_numpy(), wide["ARM"].to_numpy()
    residual = y - np.array([y[arm == one].mean(axis=0) for one in arm])
    for reml, divisor in ((True, len(y) - 2), (False, len(y))):
        fit = _fit(data, "Y ~ ARM * VISIT", reml=reml, df="satterthwaite")
        sigma = residual.T @ residual / divisor
        np.testing.assert_allclose(fit.covariance.drop("VISIT").to_numpy(), sigma, rtol=1e-9)
        means = fit.means("ARM", by="VISIT").sort("ARM", "VISIT")
        expected = [y[arm == one].mean(axis=0) for one in ("A", "B")]
        np.testing.assert_allclose(means["estimate"], np.concatenate(expected), rtol=1e-9)
        np.testing.assert_allclose(means["se"], np.tile(np.sqrt(np.diag(sigma) / 12), 2), rtol=1e-9)
        if reml:
            np.testing.assert_allclose(means["df"], len(y) - 2, rtol=1e-8)


def test_kenward_rogers_test_of_visits_on_complete_data_is_hotellings() -> None:
    """T^2 of the mean profile of differences: F = T^2 (n - q) / (q (n - 1)) on q and n - q."""
    data = _complete(participants=14)
    fit = _fit(data, "Y ~ VISIT")
    y = data.pivot("VISIT", index="ID", values="Y").drop("ID").to_numpy()
    difference = y[:, 1:] - y[:, :1]
    n, q = difference.shape
    mean = difference.mean(axis=0)
    hotelling = n * mean @ np.linalg.solve(np.cov(difference.T), mean)
    test = fit.test(*[f"VISIT[T.V{visit}]" for visit in (2, 3, 4)])
    assert test.df_residual == pytest.approx(n - q, rel=1e-8)
    assert test.f == pytest.approx(hotelling * (n - q) / (q * (n - 1)), rel=1e-8)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_complete_compound_symmetry_is_the_split_plot_analysis(df: str) -> None:
    """Arms are tested against participants within arms, visits and their interaction against the rest."""
    data = _complete()
    fit = _fit(data, "Y ~ ARM * VISIT", covariance="cs", df=df)
    y = data["Y"].to_numpy().reshape(24, 4)
    arm = np.arange(24) % 2
    cell = np.array([y[arm == one].mean(axis=0) for one in (0, 1)])
    person = y.mean(axis=1)
    between = 4 * ((person - cell.mean(axis=1)[arm]) ** 2).sum() / 22
    within = ((y - cell[arm] - (person - cell.mean(axis=1)[arm])[:, None]) ** 2).sum() / 66
    grand = cell.mean()
    of_arm = 4 * 12 * ((cell.mean(axis=1) - grand) ** 2).sum()
    of_visit = 24 * ((cell.mean(axis=0) - grand) ** 2).sum() / 3
    both = 12 * ((cell - cell.mean(axis=1, keepdims=True) - cell.mean(axis=0) + grand) ** 2).sum() / 3
    table = {row["term"]: row for row in fit.type_three().iter_rows(named=True)}
    for term, f, df_residual in (
        ("ARM", of_arm / between, 22),
        ("VISIT", of_visit / within, 66),
        ("ARM:VISIT", both / within, 66),
    ):
        assert table[term]["f"] == pytest.approx(f, rel=1e-9)
        assert table[term]["df_residual"] == pytest.approx(df_residual, rel=1e-8)


def test_formulas_that_say_the_same_give_the_same_fit() -> None:
    """Products of columns are coded by our own code, functions and models without an intercept by formulaic."""
    plain = _fit(formula="Y ~ BASE + ARM * VISIT", df="satterthwaite")
    for formula in ("Y ~ {BASE * 1.0} + ARM * VISIT", "Y ~ poly(BASE, 1) + ARM * VISIT"):
        same = _fit(formula=formula, df="satterthwaite").contrasts("ARM", by="VISIT")
        for name in NUMBERS:
            np.testing.assert_allclose(same[name], plain.contrasts("ARM", by="VISIT")[name], rtol=1e-7)
    for formula in ("Y ~ 0 + ARM:VISIT", "Y ~ 0 + VISIT + ARM:VISIT", "Y ~ VISIT / ARM", "Y ~ C(WEEK) * ARM"):
        for weights in (None, "W"):
            first = _fit(formula="Y ~ ARM * VISIT", reml=False, df="satterthwaite", weights=weights)
            second = _fit(formula=formula, reml=False, df="satterthwaite", weights=weights)
            assert second.log_likelihood == pytest.approx(first.log_likelihood, rel=1e-11)


def test_a_changing_covariate_that_never_changes_is_a_constant_one() -> None:
    """The general path of covariates by visit meets the path of constant ones."""
    rng = np.random.default_rng(5)
    nearly = DATA.with_columns(pl.col("BASE") + pl.Series(rng.normal(size=DATA.height) * 1e-9))
    first, second = _fit(), _fit(nearly)
    for name in NUMBERS:
        np.testing.assert_allclose(second.coefficients[name], first.coefficients[name], rtol=1e-5, atol=1e-6)


def test_the_ladder_takes_the_first_structure_that_can_be_estimated_and_says_why() -> None:
    few = DATA.filter(pl.col("ID").is_in([f"P{number:02d}" for number in range(1, 8)]))
    fit = _fit(few, "Y ~ ARM + VISIT", covariance=["us", "toeph", "ar1h", "ar1"])
    failed = [name for name, _ in fit.attempts]
    assert failed == ["us", "toeph", "ar1h", "ar1"][: len(failed)]
    assert fit.structure == ["us", "toeph", "ar1h", "ar1"][len(failed)]
    assert failed
    assert all(reason for _, reason in fit.attempts)
    alone = _fit(few, "Y ~ ARM + VISIT", covariance=fit.structure)
    assert alone.coefficients.equals(fit.coefficients)
    assert alone.attempts == ()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    participants=st.integers(8, 30),
    covariance=st.sampled_from(["us", "ar1h", "ad", "cs", "toep"]),
    reml=st.booleans(),
)
def test_the_maximum_is_higher_than_its_surroundings(
    seed: int, participants: int, covariance: str, reml: bool
) -> None:
    """Move the covariance a little in any direction: no likelihood is larger."""
    from equipoise.errors import EstimationFailed
    from equipoise.statistics.repeated_measures.likelihood import evaluate

    data = _complete(participants, 3, seed).sample(fraction=0.9, seed=seed)
    try:
        fit = _fit(data, "Y ~ ARM + VISIT", covariance=covariance, reml=reml, df="satterthwaite")
    except EstimationFailed:
        return
    top = fit._maximum.point
    rng = np.random.default_rng(seed)
    for _ in range(5):
        theta = top.theta + rng.normal(size=top.theta.size) * 1e-2 * (1.0 + np.abs(top.theta))
        near = evaluate(top.sums, top.structure, theta, reml=reml)
        assert near is None or near.deviance > top.deviance - 1e-9

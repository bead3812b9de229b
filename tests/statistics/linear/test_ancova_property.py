"""Linear models: invariances, special cases with closed forms, input kinds, refusals that name their cause."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.linear import ancova, anova_one_way, t_test

NUMBERS = ("estimate", "se", "lower", "upper")


def trial(seed: int = 0, n: int = 60) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    arm = rng.choice(["Placebo", "Low", "High"], n)
    base = rng.normal(50, 10, n)
    return pl.DataFrame(
        {
            "arm": arm,
            "site": rng.choice(["S1", "S2"], n),
            "base": base,
            "chg": rng.normal(0, 5, n) - 0.2 * (base - 50) + (arm == "High") * 3.0,
            "dose": np.select([arm == "Low", arm == "High"], [10.0, 30.0]),
        }
    ).with_columns(pl.col("arm").cast(pl.Enum(["Placebo", "Low", "High"])))


seeds = st.integers(0, 10_000)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    data = trial(seed)
    shuffled = data.sample(fraction=1.0, shuffle=True, seed=seed)
    one, other = (ancova("chg ~ base + site + arm", frame) for frame in (data, shuffled))
    assert_frame_equal(one.coefficients, other.coefficients, rel_tol=1e-9)
    assert_frame_equal(one.means("arm"), other.means("arm"), rel_tol=1e-9)


@settings(max_examples=15, deadline=None)
@given(seeds, st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_a_response_in_other_units_scales_the_estimates(seed: int, scale: float, shift: float) -> None:
    data = trial(seed)
    moved = data.with_columns(pl.col("chg") * scale + shift)
    one = ancova("chg ~ base + arm", data)
    other = ancova("chg ~ base + arm", moved)
    for name in NUMBERS:
        expected = one.contrasts("arm")[name] * scale
        assert other.contrasts("arm")[name].to_list() == pytest.approx(
            expected.to_list(), rel=1e-6, abs=1e-9 * scale
        )
    assert other.contrasts("arm")["p"].to_list() == pytest.approx(one.contrasts("arm")["p"].to_list(), rel=1e-6)
    expected_means = one.means("arm")["estimate"] * scale + shift
    assert other.means("arm")["estimate"].to_list() == pytest.approx(expected_means.to_list(), rel=1e-6, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_the_reference_level_and_names_of_arms_do_not_change_a_difference(seed: int) -> None:
    data = trial(seed)
    names = {"Placebo": "zz", "Low": "aa", "High": "mm"}
    renamed = data.with_columns(pl.col("arm").cast(pl.String).replace_strict(names).alias("arm"))
    one = ancova("chg ~ base + arm", data).contrasts("arm", versus="Placebo")
    other = ancova("chg ~ base + arm", renamed, reference={"arm": "mm"}).contrasts("arm", versus="zz")
    high = one.row(by_predicate=pl.col("arm") == "High", named=True)
    same = other.row(by_predicate=pl.col("arm") == "mm", named=True)
    assert [same[name] for name in NUMBERS] == pytest.approx([high[name] for name in NUMBERS])


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_swapping_the_arms_turns_the_sign(seed: int) -> None:
    fit = ancova("chg ~ base + arm", trial(seed))
    one = fit.contrasts("arm", versus="Placebo").row(by_predicate=pl.col("arm") == "Low", named=True)
    other = fit.contrasts("arm", versus="Low").row(by_predicate=pl.col("arm") == "Placebo", named=True)
    assert other["estimate"] == pytest.approx(-one["estimate"])
    assert other["lower"] == pytest.approx(-one["upper"])
    assert other["p"] == pytest.approx(one["p"])


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_two_arms_without_covariates_are_the_pooled_t_test(seed: int) -> None:
    data = trial(seed).filter(pl.col("arm") != "Low")
    row = ancova("chg ~ arm", data).contrasts("arm").row(0, named=True)
    test = t_test(data, "chg", "arm", variance="pooled")
    assert [row[name] for name in (*NUMBERS, "t", "p")] == pytest.approx(
        [test.estimate, test.se, test.lower, test.upper, test.t, test.p]
    )


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_arms_without_covariates_are_the_one_way_analysis_of_variance(seed: int) -> None:
    data = trial(seed)
    row = ancova("chg ~ arm", data).type_three().row(0, named=True)
    test = anova_one_way(data, "chg", "arm")
    assert (row["f"], row["p"], row["sum_sq"]) == pytest.approx((test.f, test.p, test.sum_sq_between))


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_means_without_covariates_are_the_means_of_the_arms(seed: int) -> None:
    data = trial(seed)
    means = data.group_by("arm").agg(pl.col("chg").mean()).sort("arm")["chg"].to_list()
    assert ancova("chg ~ arm", data).means("arm")["estimate"].to_list() == pytest.approx(means)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_observed_margins_and_covariates_average_to_the_mean_of_the_data(seed: int) -> None:
    data = trial(seed)
    fit = ancova("chg ~ base + site + arm", data)
    means = fit.means("arm", margins="observed")["estimate"].to_numpy()
    # with each factor's own shares of rows the means add up to the overall mean of the fit
    shares = data.group_by("arm").len().sort("arm")["len"].to_numpy() / data.height
    assert shares @ means == pytest.approx(float(data["chg"].mean()))


def test_equal_weights_change_nothing_and_doubled_rows_halve_the_variance_of_weights_two() -> None:
    data = trial().with_columns(pl.lit(3.0).alias("w"), pl.lit(2.0).alias("two"))
    plain = ancova("chg ~ base + arm", data)
    weighted = ancova("chg ~ base + arm", data, weights="w")
    assert_frame_equal(plain.coefficients, weighted.coefficients)
    doubled = ancova("chg ~ base + arm", pl.concat([data, data]))
    assert doubled.coefficients["estimate"].to_list() == pytest.approx(plain.coefficients["estimate"].to_list())


def test_the_slope_over_scores_is_the_slope_of_a_straight_line_through_equal_arms() -> None:
    rng = np.random.default_rng(3)
    dose = np.repeat([0.0, 10.0, 30.0], 20)
    data = pl.DataFrame({"dose": dose, "y": 2 + 0.3 * dose + rng.normal(size=60)})
    trend = ancova("y ~ C(dose)", data).trend("dose", {0.0: 0, 10.0: 10, 30.0: 30})
    line = ancova("y ~ dose", data).coefficients.row(1, named=True)
    # with as many in each arm the contrast and least squares weigh the means alike; only sigma differs
    assert trend["estimate"][1] == pytest.approx(line["estimate"])
    assert trend["t"][0] == pytest.approx(trend["t"][1])


def test_rows_with_a_missing_value_are_dropped_counted_and_traceable() -> None:
    data = (
        trial()
        .with_row_index("i")
        .with_columns(
            pl.when(pl.col("i") == 4).then(None).otherwise(pl.col("chg")).alias("chg"),
            pl.when(pl.col("i") == 7).then(None).otherwise(pl.col("base")).alias("base"),
        )
    )
    fit = ancova("chg ~ base + arm", data)
    assert (fit.observations, fit.dropped) == (58, 2)
    rows = fit.residuals["row"].to_list()
    assert 4 not in rows and 7 not in rows and rows[-1] == 59
    assert fit.residuals["residual"].sum() == pytest.approx(0.0, abs=1e-9)
    assert fit.residuals["observed"].to_list() == data["chg"].gather(rows).to_list()


def test_a_pandas_frame_gives_the_same() -> None:
    data = trial()
    columns: dict[str, Any] = {name: data[name].to_list() for name in data.columns}
    frame = pd.DataFrame(columns).astype({"arm": pd.CategoricalDtype(["Placebo", "Low", "High"], ordered=True)})
    assert_frame_equal(
        ancova("chg ~ base + arm", frame).means("arm"), ancova("chg ~ base + arm", data).means("arm")
    )


def test_labels_keep_their_type_and_order() -> None:
    data = trial()
    means = ancova("chg ~ base + C(dose)", data).means("dose")
    assert means["dose"].to_list() == [0.0, 10.0, 30.0]
    table = ancova("chg ~ base + arm * site", data).contrasts("arm", by="site", pairwise=True)
    assert table.columns == ["site", "arm", "versus", "estimate", "se", "df", "t", "p", "lower", "upper"]
    assert table["arm"].dtype == table["versus"].dtype == data["arm"].dtype
    assert table["versus"].to_list() == ["Placebo", "Placebo", "Low"] * 2


@pytest.mark.parametrize("kind", [pl.Categorical, pl.String, pl.Boolean])
def test_factors_may_be_categories_text_or_booleans(kind: type[pl.DataType]) -> None:
    high = pl.col("arm") == "High"
    column = high if kind == pl.Boolean else pl.when(high).then(pl.lit("yes")).otherwise(pl.lit("no")).cast(kind)
    table = ancova("chg ~ base + high", trial().with_columns(column.alias("high"))).contrasts("high")
    expected = ancova("chg ~ base + n", trial().with_columns(high.cast(pl.Int64).alias("n"))).coefficients
    assert table["high"].dtype == kind
    assert table["estimate"].to_list() == pytest.approx(expected["estimate"].to_list()[2:])


def test_setting_a_covariate_moves_the_means_by_its_slope() -> None:
    fit = ancova("chg ~ base + arm", trial())
    slope = fit.coefficients.row(by_predicate=pl.col("term") == "base", named=True)["estimate"]
    low, high = (fit.means("arm", at={"base": value})["estimate"].to_numpy() for value in (40, 50))
    assert high - low == pytest.approx([10 * slope] * 3)


def test_the_covariance_frame_holds_the_squared_standard_errors() -> None:
    fit = ancova("chg ~ base + arm", trial())
    matrix = fit.covariance.drop("term").to_numpy()
    assert np.sqrt(np.diag(matrix)) == pytest.approx(fit.coefficients["se"].to_numpy())
    assert fit.covariance["term"].to_list() == fit.covariance.columns[1:] == fit.coefficients["term"].to_list()


def test_a_badly_scaled_covariate_costs_no_digits() -> None:
    data = trial()
    plain = ancova("chg ~ base + arm", data).contrasts("arm")
    moved = data.with_columns(pl.col("base") * 1e-9 + 1e-3)
    assert ancova("chg ~ base + arm", moved).contrasts("arm")["se"].to_list() == pytest.approx(
        plain["se"].to_list(), rel=1e-6
    )


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("chg ~ site + copy", r"copy\[T\.S2\] \(from site\[T\.S2\]\)"),
        ("chg ~ base + twice", r"twice \(from base\)"),
        ("chg ~ zero + arm", r"zero = 0"),
        ("chg ~ arm + C(dose)", r"dose\[T\.10\.0\].*from arm\[T\.Low\]"),
    ],
)
def test_dependent_columns_are_named(formula: str, message: str) -> None:
    data = trial().with_columns(
        pl.col("site").alias("copy"), (2 * pl.col("base")).alias("twice"), pl.lit(0.0).alias("zero")
    )
    with pytest.raises(EstimationFailed, match=message):
        ancova(formula, data)


def test_an_empty_cell_of_an_interaction_is_named() -> None:
    data = trial().filter(~((pl.col("arm") == "High") & (pl.col("site") == "S2")))
    with pytest.raises(EstimationFailed, match=r"arm\[T\.High\]:site\[T\.S2\] = 0"):
        ancova("chg ~ arm * site", data)


def test_a_factor_with_one_level_is_named() -> None:
    with pytest.raises(EstimationFailed, match=r"factor site must have at least two levels.*Got S1"):
        ancova("chg ~ site + arm", trial().filter(pl.col("site") == "S1"))


def test_too_few_observations() -> None:
    with pytest.raises(EstimationFailed, match=r"more observations than its 3 parameters.*Got 3"):
        ancova("chg ~ base + dose", trial().head(3))
    with pytest.raises(EstimationFailed, match=r"rows with a value in each of chg, base. Got none"):
        ancova("chg ~ base", trial().with_columns(pl.lit(None, dtype=pl.Float64).alias("chg")))


def test_a_response_that_does_not_vary() -> None:
    with pytest.raises(EstimationFailed, match=r"varies about its fit"):
        ancova("chg ~ arm", trial().with_columns(pl.lit(4.0).alias("chg")))
    with pytest.raises(EstimationFailed, match=r"varies about its fit"):
        ancova("twice ~ base", trial().with_columns((2 * pl.col("base") + 1).alias("twice")))


def test_leverage_one_is_refused_where_a_covariance_divides_by_it() -> None:
    data = trial().with_row_index("i").with_columns((pl.col("i") == 0).cast(pl.Float64).alias("alone"))
    assert ancova("chg ~ alone", data, covariance="HC1").observations == 60
    with pytest.raises(EstimationFailed, match=r"use HC1. Got observation 1"):
        ancova("chg ~ alone", data, covariance="HC3")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("chg", r"one response and one set of terms"),
        ("chg ~ base | arm", r"one response and one set of terms"),
        ("chg + base ~ arm", r"one response and one set of terms"),
        ("chg ~ (base", r"a formula must read like"),
        ("chg ~ 0", r"at least one term"),
        ("chg ~ bsae", r"column bsae; did you mean base"),
        ("arm ~ base", r"numbers in column arm"),
        ("C(arm) ~ base", r"response of a formula must be a column of numbers"),
        ("chg ~ log(base - 1000)", r"finite in every row; look at log\(base - 1000\)"),
        ("chg ~ __import__('os').system('ls')", r"a formula must read like"),
        ("chg ~ {__import__('os').system('ls')}", r"columns, arithmetic and C, log"),
        ("chg ~ __import__('os')", r"columns, arithmetic and C, log"),
        ("chg ~ {(lambda: 1)()}", r"columns, arithmetic and C, log"),
        ("chg ~ {base.__class__}", r"columns, arithmetic and C, log"),
        ("chg ~ log(open('x'))", r"columns, arithmetic and C, log"),
        ("{__import__('os').getpid()} ~ base", r"columns, arithmetic and C, log"),
        ("chg ~ base.__class__", r"column base.__class__"),
        ("chg ~ C(arm, contr.sum)", r"choose its first level by `reference`"),
        ("chg ~ dose + C(dose)", r"as C\(column\) or bare, not both.*Got dose"),
    ],
)
def test_formulas_that_are_refused(formula: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        ancova(formula, trial())


def test_a_column_may_be_named_as_a_function_that_the_formula_does_not_call() -> None:
    data = trial(1)
    renamed = data.rename({"site": "center"})
    plain, named = (
        ancova(f"chg ~ log(base) + arm*{name}", one) for name, one in (("site", data), ("center", renamed))
    )
    assert named.coefficients["estimate"].to_list() == plain.coefficients["estimate"].to_list()
    assert named.type_three()["f"].to_list() == plain.type_three()["f"].to_list()
    with pytest.raises(DataError, match=r"rename it. Got center"):
        ancova("chg ~ center(base) + center", renamed)


def test_settings_that_are_refused() -> None:
    data = trial()
    fit = ancova("chg ~ base + site + arm", data)
    with pytest.raises(DataError, match=r"did you mean Placebo. Got placebo"):
        ancova("chg ~ arm", data, reference={"arm": "placebo"})
    with pytest.raises(DataError, match=r"a factor of the model, one of arm.*Got site"):
        ancova("chg ~ arm", data, reference={"site": "S1"})
    with pytest.raises(DataError, match=r"must be one of model, HC0"):
        ancova("chg ~ arm", data, covariance="HC4")
    with pytest.raises(DataError, match=r"weights in column w must be above 0"):
        ancova("chg ~ arm", data.with_columns(pl.lit(0.0).alias("w")), weights="w")
    with pytest.raises(DataError, match=r"level must lie between 0 and 1"):
        ancova("chg ~ arm", data, level=95)
    with pytest.raises(DataError, match=r"means need a factor.*write C\(base\).*Got base"):
        fit.means("base")
    with pytest.raises(DataError, match=r"margins must be one of equal, observed"):
        fit.means("arm", margins="om")
    with pytest.raises(DataError, match=r"`at` must name a column of the model.*Got age"):
        fit.means("arm", at={"age": 3})
    with pytest.raises(DataError, match=r"`at` must set covariate base to a finite number"):
        fit.means("arm", at={"base": "high"})
    with pytest.raises(DataError, match=r"must not hold it by `at` or `by` as well.*Got arm"):
        fit.contrasts("arm", at={"arm": "Low"})
    with pytest.raises(DataError, match=r"must not hold it by `at` or `by` as well.*Got arm"):
        fit.means("arm", by="arm")
    with pytest.raises(DataError, match=r"pairwise or versus one level"):
        fit.contrasts("arm", versus="Low", pairwise=True)
    with pytest.raises(DataError, match=r"one score for each of Placebo, Low, High"):
        fit.trend("arm", {"Placebo": 0, "Low": 1})
    with pytest.raises(DataError, match=r"scores of a trend must be finite and differ"):
        fit.trend("arm", {"Placebo": 1, "Low": 1, "High": 1})


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2024)
    covered, trials = 0, 300
    arm = np.repeat(["A", "B"], 15)
    for _ in range(trials):
        data = pl.DataFrame({"arm": arm, "x": rng.normal(size=30), "y": rng.normal(size=30) + (arm == "B")})
        row = ancova("y ~ x + arm", data, level=0.9).contrasts("arm", level=0.9).row(0, named=True)
        covered += row["lower"] <= 1.0 <= row["upper"]
    # 4 standard errors of a proportion of 0.9 in 300
    assert covered / trials == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / trials))

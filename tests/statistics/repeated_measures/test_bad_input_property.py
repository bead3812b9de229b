"""Wrong input, and data that cannot give a model, end in one sentence that names them and says what to try."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures import MmrmFit

DATA = pl.DataFrame(
    json.loads((Path(__file__).parents[2] / "references" / "r" / "mmrm_dense.out.json").read_text())["data"]
)
FIRST = DATA["ID"] == "P01"


def _fit(data: pl.DataFrame = DATA, formula: str = "Y ~ BASE + ARM * VISIT", **options: Any) -> MmrmFit:
    return mmrm(formula, data, **({"subject": "ID", "visit": "VISIT"} | options))


def _refused(error: type[Exception], *words: str, data: pl.DataFrame = DATA, **options: Any) -> None:
    with pytest.raises(error) as caught:
        _fit(data, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert "Got " in message
    for word in words:
        assert word in message, message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"subject": "IDS"}, ["IDS", "ID"]),
        ({"visit": "VIST"}, ["VIST", "VISIT"]),
        ({"group": "ARMS"}, ["ARMS", "ARM"]),
        ({"weights": "WGT"}, ["WGT"]),
        ({"formula": "Y ~ BAES + ARM * VISIT"}, ["BAES", "BASE"]),
        ({"covariance": "un"}, ["un", "us", "toep", "sp_exp"]),
        ({"covariance": ["us", "arh1"]}, ["arh1", "ar1h"]),
        ({"covariance": []}, ["at least one"]),
        ({"covariance": "sp_exp"}, ["sp_exp", "numbers"]),
        ({"df": "kr"}, ["kr", "kenward-roger", "satterthwaite"]),
        ({"variance": "HC0"}, ["HC0", "CR0", "CR3"]),
        ({"df": "kenward-roger", "reml": False}, ["satterthwaite", "reml"]),
        ({"df": "kenward-roger-second-order", "reml": False}, ["satterthwaite", "reml"]),
        ({"variance": "CR2"}, ["satterthwaite", "CR2"]),
        ({"level": 95}, ["95"]),
        ({"reference": {"ARM": "Plasebo"}}, ["Plasebo", "Placebo"]),
        ({"reference": {"BASE": 1}}, ["BASE", "ARM"]),
    ],
    ids=str,
)
def test_unknown_names_and_combinations_are_refused(options: dict[str, Any], words: list[str]) -> None:
    _refused(DataError, *words, **options)


def test_a_participant_twice_at_a_visit_is_refused_by_both_names() -> None:
    _refused(DataError, "P01", "V1", "2 rows", data=pl.concat([DATA, DATA.filter(FIRST).head(1)]))


def test_a_visit_at_which_nobody_was_measured_is_named() -> None:
    empty = DATA.with_columns(pl.when(pl.col("VISIT") != "V3").then("Y").alias("Y"))
    _refused(DataError, "V3", data=empty)


@pytest.mark.parametrize("column", ["ID", "VISIT", "ARM"])
def test_missing_labels_are_refused(column: str) -> None:
    holes = DATA.with_columns(pl.when(FIRST).then(None).otherwise(pl.col(column)).alias(column))
    _refused(DataError, column, data=holes, group="ARM")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("column", ["Y", "BASE", "W"])
def test_values_that_are_not_finite_are_refused(column: str, value: float) -> None:
    wrong = DATA.with_columns(pl.when(FIRST).then(value).otherwise(pl.col(column)).alias(column))
    _refused(DataError, column, data=wrong, weights="W")


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_weights_must_be_above_0(weight: float) -> None:
    wrong = DATA.with_columns(pl.when(FIRST).then(weight).otherwise(pl.col("W")).alias("W"))
    _refused(DataError, "W", data=wrong, weights="W")


def test_columns_that_repeat_others_are_named() -> None:
    double = DATA.with_columns(TWICE=pl.col("BASE") * 2.0 + 1.0, COPY=pl.col("ARM"))
    _refused(EstimationFailed, "TWICE", "BASE", data=double, formula="Y ~ BASE + TWICE + ARM * VISIT")
    _refused(EstimationFailed, "COPY", "ARM", data=double, formula="Y ~ ARM * VISIT + COPY")
    unseen = DATA.filter(~((pl.col("ARM") == "Active") & (pl.col("VISIT") == "V4")))
    _refused(EstimationFailed, "ARM", "V4", data=unseen)
    _refused(EstimationFailed, "FLAT", data=DATA.with_columns(FLAT=3.0), formula="Y ~ FLAT + ARM")


def test_a_group_with_one_measurement_is_named() -> None:
    alone = DATA.filter((pl.col("ARM") == "Placebo") | ((pl.col("ID") == "P01") & (pl.col("VISIT") == "V1")))
    _refused(EstimationFailed, "Active", data=alone, formula="Y ~ VISIT", group="ARM", covariance="cs")


def test_a_participant_that_changes_group_is_refused() -> None:
    moved = DATA.with_columns(G=pl.when(pl.col("VISIT") == "V1").then(pl.lit("a")).otherwise(pl.lit("b")))
    _refused(DataError, "G", data=moved, group="G")


def test_a_factor_of_one_level_is_named() -> None:
    _refused(EstimationFailed, "ARM", "Active", data=DATA.filter(pl.col("ARM") == "Active"))


def test_data_without_a_value_are_refused() -> None:
    _refused(EstimationFailed, "Y", data=DATA.with_columns(Y=pl.lit(None, pl.Float64)))
    _refused(EstimationFailed, "Y", data=DATA.clear())


def test_more_coefficients_than_measurements_are_refused() -> None:
    few = DATA.group_by("ARM", "VISIT", maintain_order=True).head(1)
    _refused(EstimationFailed, "9 coefficients", data=few)


def test_more_covariance_parameters_than_measurements_allow_are_refused() -> None:
    few = DATA.filter(pl.col("ID").is_in(["P02", "P04"]))
    _refused(EstimationFailed, "us", "10 parameters", "toeph", data=few, formula="Y ~ DOSE")


def test_one_participant_is_no_trial() -> None:
    one = DATA.filter(pl.col("ID") == "P02")
    for structure in ("us", "toeph", "csh"):
        _refused(EstimationFailed, structure, data=one, formula="Y ~ DOSE", covariance=structure)


def test_visits_never_seen_together_have_no_unstructured_covariance() -> None:
    apart = DATA.filter(~((pl.col("VISIT") == "V1") & (pl.col("ID") <= "P20")))
    apart = apart.filter(~((pl.col("VISIT") == "V4") & (pl.col("ID") > "P20")))
    _refused(EstimationFailed, "V1", "V4", "toeph", data=apart, formula="Y ~ ARM + VISIT")


def test_a_response_without_residuals_is_refused() -> None:
    for exact in (pl.lit(7.0), pl.col("BASE") * 2.0, pl.col("VISIT").str.slice(1).cast(pl.Float64), pl.lit(0.0)):
        _refused(EstimationFailed, "varies", data=DATA.with_columns(exact.alias("Y")))


def test_residuals_that_follow_from_others_are_a_singular_covariance() -> None:
    """V2 repeats V1: their correlation runs to 1."""
    wide = DATA.pivot("VISIT", index=["ID", "ARM"], values="Y").drop_nulls().with_columns(V2=pl.col("V1") * 2.0)
    long = wide.unpivot(index=["ID", "ARM"], variable_name="VISIT", value_name="Y")
    _refused(EstimationFailed, "us", "toeph, ar1h or csh", data=long, formula="Y ~ ARM * VISIT")


def test_a_visit_that_is_fitted_exactly_has_no_variance() -> None:
    flat = DATA.with_columns(pl.when(pl.col("VISIT") == "V1").then(5.0).otherwise(pl.col("Y")).alias("Y"))
    _refused(EstimationFailed, "csh", data=flat, formula="Y ~ VISIT", covariance="csh")


def test_a_ladder_without_a_step_that_holds_names_every_reason() -> None:
    one = DATA.filter(pl.col("ID") == "P02")
    _refused(EstimationFailed, "us:", "toeph:", data=one, formula="Y ~ 1", covariance=["us", "toeph"])


def test_questions_to_a_fit_name_what_they_ask_for() -> None:
    fit = _fit()
    for ask in (
        lambda: fit.test("ARM[T.Placebos]"),
        lambda: fit.estimate({"BASES": 1.0}),
        lambda: fit.means("BASE"),
        lambda: fit.contrasts("ARM", versus="Plasebo"),
        lambda: fit.means("ARM", level=1.5),
    ):
        with pytest.raises(DataError, match="Got "):
            ask()
    for ask in (
        lambda: fit.test("BASE", "BASE"),
        fit.test,
        lambda: fit.estimate({"BASE": 0.0}),
        lambda: fit.estimate({}),
    ):
        with pytest.raises((DataError, EstimationFailed), match="Got "):
            ask()


RESPONSES = ["random", "constant", "exact", "huge", "tiny", "counts", "by visit", "one arm constant"]


def _odd_trial(seed: int, participants: int, visits: int, response: str) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for one in range(participants):
        base, arm, own = float(rng.normal()), "AB"[one % 2], float(rng.normal())
        for visit in range(1, visits + 1):
            noise = own + float(rng.normal())
            y = {
                "random": noise,
                "constant": 5.0,
                "exact": 2.0 * base + 3.0 * visit,
                "huge": 1e9 * noise,
                "tiny": 1e-12 * noise,
                "counts": float(rng.integers(0, 3)),
                "by visit": float(visit**2),
                "one arm constant": 1.0 if arm == "A" else noise,
            }[response]
            if rng.random() > 0.15:
                rows.append((one, arm, base, f"V{visit}", visit, y if rng.random() > 0.05 else None))
    names = {"ID": pl.Int64, "ARM": pl.String, "BASE": pl.Float64, "VISIT": pl.String, "WEEK": pl.Int64}
    return pl.DataFrame(rows, schema=names | {"Y": pl.Float64}, orient="row")


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    participants=st.integers(1, 7),
    visits=st.integers(1, 4),
    response=st.sampled_from(RESPONSES),
    formula=st.sampled_from(["Y ~ 1", "Y ~ BASE", "Y ~ ARM + VISIT", "Y ~ BASE + ARM * VISIT"]),
    covariance=st.sampled_from(["us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh", "sp_exp"]),
    method=st.sampled_from(
        [
            ("kenward-roger", "model", True),
            ("kenward-roger-second-order", "model", True),
            ("satterthwaite", "model", False),
            ("satterthwaite", "CR0", True),
            ("between-within", "CR2", True),
            ("residual", "CR3", False),
        ]
    ),
    group=st.sampled_from([None, None, None, "ARM"]),
)
def test_data_of_any_shape_give_finite_numbers_or_a_sentence(
    seed: int,
    participants: int,
    visits: int,
    response: str,
    formula: str,
    covariance: str,
    method: tuple[str, str, bool],
    group: str | None,
) -> None:
    data = _odd_trial(seed, participants, visits, response)
    df, variance, reml = method
    try:
        fit = _fit(
            data,
            formula,
            visit="WEEK" if covariance == "sp_exp" else "VISIT",
            covariance=covariance,
            df=df,
            variance=variance,
            reml=reml,
            group=group,
        )
        tables = [fit.coefficients, fit.vcov, fit.type_three(), fit.residuals]
    except (DataError, EstimationFailed) as refusal:
        assert "Got " in str(refusal)
        return
    for table in tables:
        for column in table.iter_columns():
            assert column.dtype != pl.Float64 or column.is_finite().all()
    assert np.isfinite([fit.log_likelihood, fit.aic, fit.aicc, fit.bic]).all()
    assert (fit.coefficients["se"] > 0.0).all()

"""Products of columns are coded as formulaic codes them."""

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.linear.coding import product_coding
from equipoise.statistics.linear.design import build_design
from equipoise.statistics.linear.functions import formulaic_coding


def _data() -> pl.DataFrame:
    rng = np.random.default_rng(7)
    return pl.DataFrame(
        {
            "Y": rng.normal(size=60),
            "BASE": rng.normal(size=60),
            "AGE": rng.normal(size=60),
            "ARM": rng.permutation(["High", "Low", "Placebo"] * 20),
            "VISIT": rng.permutation(["W1", "W2", "W3", "W4"] * 15),
            "SEX": rng.permutation([True, False] * 30),
        }
    )


@pytest.mark.parametrize(
    "formula",
    [
        "Y ~ BASE",
        "Y ~ BASE + ARM * VISIT",
        "Y ~ VISIT * ARM + BASE:VISIT",
        "Y ~ BASE * VISIT + SEX + ARM * VISIT",
        "Y ~ ARM * VISIT * SEX + BASE:AGE + BASE",
        "Y ~ VISIT + ARM:VISIT",
        "Y ~ (ARM + BASE + SEX)**2",
        "Y ~ ARM + BASE:ARM",
    ],
)
def test_a_product_is_coded_as_formulaic_codes_it(formula: str) -> None:
    design = build_design(formula, _data(), reference={"ARM": "Placebo"} if "ARM" in formula else None)
    coding = product_coding(design.formula, design.factors)
    assert coding is not None
    other = formulaic_coding(design.formula, design.factors, design.values, design.frame.height)
    assert coding.columns == other.columns
    assert dict(coding.terms) == dict(other.terms)
    np.testing.assert_array_equal(coding.matrix(design.values), other.matrix(design.values))


@pytest.mark.parametrize("formula", ["Y ~ ARM * VISIT * SEX + BASE:VISIT", "Y ~ VISIT + ARM:VISIT + BASE"])
def test_coding_by_deviations_spans_what_formulaic_spans(formula: str) -> None:
    design = build_design(formula, _data())
    coding = product_coding(design.formula, design.factors)
    assert coding is not None
    other = formulaic_coding(design.formula, design.factors, design.values, design.frame.height)
    ours, places = coding.effect_matrix(design.values)
    theirs, other_places = other.effect_matrix(design.values)
    for term, columns in places.items():
        left, right = ours[:, list(columns)], theirs[:, list(other_places[term])]
        np.testing.assert_allclose(left @ np.linalg.lstsq(left, right, rcond=None)[0], right, atol=1e-12)


@pytest.mark.parametrize("formula", ["Y ~ 0 + ARM + VISIT", "Y ~ log(BASE)", "Y ~ VISIT:BASE + VISIT:ARM"])
def test_what_is_more_than_a_product_is_left_to_formulaic(formula: str) -> None:
    data = _data().with_columns(pl.col("BASE").abs())
    design = build_design(formula, data)
    assert product_coding(design.formula, design.factors) is None
    assert np.linalg.matrix_rank(design.matrix) == len(design.columns)

"""Rubin's rules against R's mice, and the D1 test against its formula written out in R."""

import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.statistics.missing import pool, pool_test


def reference(references: Path) -> dict:
    return json.loads((references / "r" / "missing.out.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", range(4))
def test_pooled_estimates_are_those_of_mice(references: Path, case: int) -> None:
    expected = reference(references)["pooled"][case]
    df = expected["df_complete"] or np.inf
    found = pool(expected["estimates"], expected["standard_errors"], df_complete=df)
    names = {
        "estimate": found.estimate,
        "within": found.within,
        "between": found.between,
        "total": found.se**2,
        "df": found.df,
        "df_rubin": found.df_rubin,
        "increase": found.relative_increase,
        "fmi": found.fraction_missing,
    }
    for name, value in names.items():
        assert value == pytest.approx(expected[name], rel=1e-11), name


def test_barnard_rubin_on_72_participants_is_that_of_mice(references: Path) -> None:
    text = (references / "mcpmod_mult.json").read_text(encoding="utf-8")
    rubin = json.loads(text)["rubin"]
    expected = rubin["barnard_rubin_72"]
    found = pool(rubin["est"], rubin["se"], df_complete=expected["n"] - expected["k"])
    assert found.estimate == pytest.approx(expected["qbar"], rel=1e-11)
    assert found.se**2 == pytest.approx(expected["t"], rel=1e-11)
    assert found.df == pytest.approx(expected["df"], rel=1e-11)
    assert found.fraction_missing == pytest.approx(expected["lambda_fmi"], rel=1e-10)
    assert (found.lower, found.upper) == pytest.approx(tuple(expected["ci95"]), rel=1e-10)
    assert found.p == pytest.approx(expected["p"], rel=1e-9)


def test_the_joint_test_is_that_of_li_raghunathan_and_rubin(references: Path) -> None:
    expected = reference(references)["d1"]
    found = pool_test(expected["estimates"], expected["covariances"])
    assert found.f == pytest.approx(expected["f"], rel=1e-12)
    assert found.relative_increase == pytest.approx(expected["increase"], rel=1e-12)
    assert found.df_denominator == pytest.approx(expected["df"], rel=1e-12)
    assert found.p == pytest.approx(expected["p"], rel=1e-11)

"""The surface of a tipping point is that of adding deltas and analysing anew; the tipping delta is its root."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.errors import DataError
from equipoise.statistics.missing import (
    Delta,
    conditional_mean_imputation,
    multiple_imputation,
    plot_tipping_point,
    tipping_point,
)

TRIAL: dict[str, Any] = {
    "subject": "ID",
    "visit": "VISIT",
    "arm": "ARM",
    "reference": "A",
    "analysis": "Y ~ ARM",
}
ASKED: dict[str, Any] = {"visit": "V3", "arm": "B", "versus": "A"}


@pytest.fixture(scope="module")
def trial() -> pl.DataFrame:
    rng = np.random.default_rng(12)
    n = 45
    arm = np.arange(n) % 3
    values = rng.normal(size=(n, 1)) + rng.normal(size=(n, 3)) + 0.9 * arm[:, None] * np.arange(3) / 2
    last = np.where(rng.random(n) < 0.4, rng.integers(1, 3, size=n), 3)
    seen = np.arange(3) < last[:, None]
    seen[0, 0] = False
    return pl.DataFrame(
        {
            "ID": np.repeat(np.arange(n), 3),
            "VISIT": np.tile(["V1", "V2", "V3"], n),
            "ARM": np.repeat(np.array(["A", "B", "C"])[arm], 3),
            "Y": pl.Series(values.ravel()).zip_with(pl.Series(seen.ravel()), pl.Series([None], dtype=pl.Float64)),
        }
    )


def run(data: pl.DataFrame, method: str, delta: Delta | None = None) -> Any:
    if method == "jackknife":
        return conditional_mean_imputation("Y ~ ARM*VISIT", data, delta=delta, **TRIAL)
    rng = np.random.default_rng(4)
    if method == "bootstrap":
        return conditional_mean_imputation(
            "Y ~ ARM*VISIT", data, delta=delta, resampling="bootstrap", samples=25, rng=rng, **TRIAL
        )
    return multiple_imputation("Y ~ ARM*VISIT", data, rng=rng, imputations=6, burn_in=10, delta=delta, **TRIAL)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap", "multiple"])
@pytest.mark.parametrize("pattern", [{}, {"cumulative": True}, {"from_event": True, "by_visit": {"V3": 2.0}}])
def test_every_point_of_the_surface_is_that_of_a_new_analysis(
    trial: pl.DataFrame, method: str, pattern: dict[str, Any]
) -> None:
    plain = run(trial, method)
    found = tipping_point(plain, deltas=(-3.0, 0.0), versus_deltas=(0.0, 2.0), points=2, **ASKED, **pattern)
    for row in found.surface.iter_rows(named=True):
        again = run(trial, method, Delta({"B": row["delta"], "A": row["delta_versus"]}, **pattern)).contrasts
        other = again.filter((pl.col("VISIT") == "V3") & (pl.col("ARM") == "B")).row(0, named=True)
        for name in ("estimate", "se", "df", "t", "p", "lower", "upper"):
            assert row[name] == pytest.approx(other[name], rel=1e-8, abs=1e-10), name


@pytest.mark.parametrize("method", ["jackknife", "multiple"])
def test_at_the_tipping_delta_p_is_alpha(trial: pl.DataFrame, method: str) -> None:
    plain = run(trial, method)
    found = tipping_point(plain, deltas=(-20.0, 20.0), versus_deltas=(-5.0, 5.0), points=5, alpha=0.1, **ASKED)
    assert found.tipping_delta is not None
    moved = run(trial, method, Delta({"B": found.tipping_delta})).contrasts
    row = moved.filter((pl.col("VISIT") == "V3") & (pl.col("ARM") == "B")).row(0, named=True)
    assert row["p"] == pytest.approx(0.1, rel=1e-9)
    assert found.tipping_line["delta"][2] == found.tipping_delta
    one = tipping_point(plain, deltas=(-20.0, 20.0), alpha=0.1, **ASKED)
    assert one.tipping_delta == found.tipping_delta


def test_a_range_without_a_tipping_point_says_so(trial: pl.DataFrame) -> None:
    found = tipping_point(run(trial, "jackknife"), deltas=(-1e-3, 1e-3), alpha=1e-9, **ASKED)
    assert found.tipping_delta is None
    assert "none in the range" in plot_tipping_point(found)


def test_a_picture_has_the_same_bytes_each_time_and_names_the_line(trial: pl.DataFrame) -> None:
    plain = run(trial, "multiple")
    line = tipping_point(plain, deltas=(-20.0, 20.0), **ASKED)
    both = tipping_point(plain, deltas=(-20.0, 20.0), versus_deltas=(-20.0, 20.0), **ASKED)
    for found in (line, both):
        picture = plot_tipping_point(found, unit="points")
        assert picture == plot_tipping_point(found, unit="points")
        assert picture.startswith("<svg")
        assert "p = 0.05" in picture
        assert "delta in B (points)" in picture


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"deltas": (1.0, 1.0)}, "the lower first. Got 1 to 1"),
        ({"points": 1}, "at least two points"),
        ({"alpha": 5.0}, "did you mean 0.05"),
        ({"visit": "V9"}, "VISIT has no level"),
        ({"versus": "C"}, "one of those analysed"),
        ({"also": ["B"]}, "must differ"),
        ({"by_visit": {"V1": 1.0}}, "that a delta changes. Got none in B"),
    ],
)
def test_questions_without_an_answer_are_refused(
    trial: pl.DataFrame, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        tipping_point(run(trial, "multiple"), **({"deltas": (-1.0, 1.0)} | ASKED | change))


def test_deltas_that_are_not_numbers_are_refused(trial: pl.DataFrame) -> None:
    with pytest.raises(DataError, match=r"finite numbers\. Got nan"):
        run(trial, "multiple", Delta({"B": float("nan")}))
    with pytest.raises(DataError, match="no level of that name"):
        run(trial, "multiple", Delta({"D": 1.0}))

"""What holds for survival curves whatever the data, and what is refused."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.survival import kaplan_meier, restricted_mean

trial = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1)), min_size=1, max_size=40)


def frame(rows: list[tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"time": pl.Float64, "event": pl.Int64}, orient="row")


@given(trial, st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (kaplan_meier(frame(some), "time", "event") for some in (rows, shuffled))
    assert_frame_equal(first.curve, second.curve)
    assert_frame_equal(first.summary, second.summary)


@given(trial)
def test_without_censoring_survival_is_the_share_still_free(rows: list[tuple[int, int]]) -> None:
    data = frame([(time, 1) for time, _ in rows])
    curve = kaplan_meier(data, "time", "event").curve
    time = data["time"].to_numpy()
    np.testing.assert_allclose(curve["survival"], [(time > t).mean() for t in curve["time"]], atol=1e-12)
    inside = curve.filter(pl.col("survival") > 0)
    s = inside["survival"].to_numpy()
    np.testing.assert_allclose(inside["se"], np.sqrt(s * (1 - s) / time.size), atol=1e-12)


@given(trial, st.sampled_from(["log-log", "log", "plain", "arcsine"]), st.floats(0.01, 1000))
def test_another_unit_of_time_scales_times_only(rows: list[tuple[int, int]], scale: str, factor: float) -> None:
    data = frame(rows)
    first = kaplan_meier(data, "time", "event", interval=scale)  # type: ignore[arg-type]
    second = kaplan_meier(data.with_columns(pl.col("time") * factor), "time", "event", interval=scale)  # type: ignore[arg-type]
    assert_frame_equal(first.curve.drop("time"), second.curve.drop("time"))
    quantiles = pl.col("estimate", "lower", "upper")
    assert_frame_equal(first.quantiles(0.3).with_columns(quantiles * factor), second.quantiles(0.3))


@given(trial, st.sampled_from(["log-log", "log", "plain", "arcsine"]))
def test_limits_hold_the_curve_and_stay_between_0_and_1(rows: list[tuple[int, int]], scale: str) -> None:
    curve = kaplan_meier(frame(rows), "time", "event", interval=scale).curve.drop_nulls()  # type: ignore[arg-type]
    assert (curve["lower"] <= curve["survival"] + 1e-12).all()
    assert (curve["upper"] >= curve["survival"] - 1e-12).all()
    assert curve["lower"].is_between(0, 1).all()
    assert curve["upper"].is_between(0, 1).all()


@given(trial)
def test_arms_are_estimated_each_by_itself(rows: list[tuple[int, int]]) -> None:
    both = pl.concat([frame(rows).with_columns(arm=pl.lit(name)) for name in ("A", "B")])
    joint = kaplan_meier(both, "time", "event", "arm").curve
    alone = kaplan_meier(frame(rows), "time", "event").curve
    for name in ("A", "B"):
        assert_frame_equal(joint.filter(pl.col("arm") == name).drop("arm"), alone)


@given(trial)
def test_the_restricted_mean_is_the_mean_time_when_all_have_the_event(rows: list[tuple[int, int]]) -> None:
    time = np.array([row[0] for row in rows], dtype=float)
    tau = float(time.max()) + 1.0
    data = frame([(row[0], 1) for row in rows])
    mean = restricted_mean(data, "time", "event", tau).means
    assert mean["estimate"][0] == pytest.approx(time.mean(), abs=1e-9)
    assert mean["se"][0] == pytest.approx(np.sqrt(time.var() / time.size), abs=1e-9)


def test_arms_keep_their_declared_order_and_type() -> None:
    order = pl.Enum(["Placebo", "Low"])
    data = pl.DataFrame({"ARM": ["Low", "Placebo"], "t": [1, 2], "e": [True, False]})
    fit = kaplan_meier(data.with_columns(pl.col("ARM").cast(order)), "t", "e", "ARM")
    assert fit.summary["ARM"].to_list() == ["Placebo", "Low"]
    assert fit.curve["ARM"].dtype == order


def test_after_the_end_of_follow_up_survival_is_unknown_unless_it_reached_0() -> None:
    data = pl.DataFrame({"arm": ["A", "A", "B", "B"], "t": [1, 2, 1, 2], "e": [1, 0, 1, 1]})
    assert kaplan_meier(data, "t", "e", "arm").at([0, 5])["survival"].to_list() == [1.0, None, 1.0, 0.0]


def test_rows_with_a_missing_value_are_dropped_and_counted() -> None:
    data = pl.DataFrame({"t": [1, None, 3], "e": [1, 1, None]})
    fit = kaplan_meier(data, "t", "e")
    assert (fit.dropped, fit.summary["n"].to_list()) == (2, [1])


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"t": [1.0, -2.0], "e": [1, 1]}, {}, "must not be negative.*Got -2"),
        ({"t": [1.0, float("inf")], "e": [1, 1]}, {}, "finite numbers in column t"),
        ({"t": [1.0, float("nan")], "e": [1, 1]}, {}, "finite numbers in column t"),
        ({"t": [1.0, 2.0], "e": [1, 2]}, {}, r"must be 1 \(seen\) or 0.*Got 2"),
        ({"t": [1.0, 2.0], "e": ["Y", "N"]}, {}, "numbers in column e"),
        ({"t": [None, None], "e": [1, 1]}, {}, "must have a row"),
        ({"t": [1.0, 2.0], "e": [1, 1]}, {"interval": "logit"}, "interval must be one of log-log, log"),
        ({"t": [1.0, 2.0], "e": [1, 1]}, {"level": 95}, "level must lie between 0 and 1"),
        ({"t": [1.0, 2.0], "event": [1, 1]}, {}, "must have a column e"),
    ],
)
def test_wrong_input_is_refused(
    columns: dict[str, list[object]], options: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        kaplan_meier(pl.DataFrame(columns), "t", "e", **options)  # type: ignore[arg-type]


def test_a_mean_beyond_the_follow_up_is_refused() -> None:
    data = pl.DataFrame({"arm": ["A", "A", "B", "B"], "t": [1, 5, 1, 9], "e": [1, 0, 1, 0]})
    with pytest.raises(EstimationFailed, match=r"arm A must be followed up to tau.*choose tau at most 5"):
        restricted_mean(data, "t", "e", 6, "arm")
    with pytest.raises(DataError, match="tau must be a time above 0"):
        restricted_mean(data, "t", "e", 0, "arm")
    with pytest.raises(DataError, match="no level of that name"):
        restricted_mean(data, "t", "e", 4, "arm", versus="C")


def test_quantiles_of_impossible_shares_and_times_are_refused() -> None:
    fit = kaplan_meier(pl.DataFrame({"t": [1, 2], "e": [1, 1]}), "t", "e")
    with pytest.raises(DataError, match="p must lie between"):
        fit.quantiles(1.0)
    with pytest.raises(DataError, match="times must be"):
        fit.at([-1])

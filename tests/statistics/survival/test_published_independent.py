"""Survival methods give what was published on real trials (CDISC pilot report; N Engl J Med), to its digits."""

from pathlib import Path

import polars as pl
import pytest

from equipoise.statistics.survival import cox, kaplan_meier, log_rank

pytestmark = pytest.mark.shared
ARMS = pl.Enum(["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"])


@pytest.fixture(scope="module")
def dermatologic(shared: Path) -> pl.DataFrame:
    frame = pl.read_parquet(shared / "data" / "cdiscpilot01" / "adam" / "adtte.parquet")
    return frame.filter(pl.col("PARAMCD") == "TTDE").with_columns(
        pl.col("TRTA").cast(ARMS), (pl.col("CNSR") == 0).alias("EVENT")
    )


@pytest.fixture(scope="module")
def actg320(shared: Path) -> pl.DataFrame:
    return pl.read_csv(shared / "data" / "actg320" / "actg320.csv")


def test_time_to_first_dermatologic_event(dermatologic: pl.DataFrame) -> None:
    fit = kaplan_meier(dermatologic, "AVAL", "EVENT", "TRTA")
    assert fit.summary["n"].to_list() == [86, 84, 84]
    assert fit.summary["events"].to_list() == [29, 62, 61]
    assert fit.summary["median"].to_list() == [None, 33, 36]
    low = fit.summary.row(1, named=True)
    assert (low["lower"], low["upper"]) == (27, 48)
    test = log_rank(dermatologic, "AVAL", "EVENT", "TRTA")
    assert (round(test.chi2, 1), test.df) == (60.3, 2)
    assert test.p < 0.0001


def test_numbers_at_risk(dermatologic: pl.DataFrame) -> None:
    table = kaplan_meier(dermatologic, "AVAL", "EVENT", "TRTA").at_risk(range(0, 201, 20))
    by_arm = table["at_risk"].to_numpy().reshape(3, -1).tolist()
    assert by_arm == [
        [86, 75, 65, 59, 50, 47, 45, 42, 40, 35, 0],
        [84, 58, 31, 20, 14, 12, 8, 6, 6, 5, 0],
        [84, 48, 31, 14, 7, 4, 4, 4, 4, 3, 0],
    ]


def ratio(fit: object, term: str = "tx") -> tuple[float, float, float]:
    row = fit.coefficients.row(by_predicate=pl.col("term") == term, named=True)  # type: ignore[attr-defined]
    return row["hazard_ratio"], row["lower"], row["upper"]


def test_actg320(actg320: pl.DataFrame) -> None:
    progression = cox("tx", actg320, time="time", event="censor", strata="strat2")
    assert ratio(progression) == pytest.approx((0.4994, 0.3277, 0.7611), abs=5e-5)
    assert progression.coefficients["p"][0] == pytest.approx(0.0012, abs=5e-5)
    death = cox("tx", actg320, time="time_d", event="censor_d", strata="strat2")
    assert ratio(death) == pytest.approx((0.4319, 0.1878, 0.9934), abs=5e-5)
    assert death.coefficients["p"][0] == pytest.approx(0.048, abs=5e-4)
    low = cox("tx", actg320.filter(pl.col("strat2") == 0), time="time", event="censor")
    assert ratio(low) == pytest.approx((0.495, 0.299, 0.819), abs=5e-4)
    high = cox("tx", actg320.filter(pl.col("strat2") == 1), time="time", event="censor")
    assert ratio(high) == pytest.approx((0.511, 0.237, 1.098), abs=5e-4)


def test_actg175(shared: Path) -> None:
    data = pl.read_csv(shared / "data" / "actg175" / "actg175.csv")
    assert kaplan_meier(data, "days", "cens", "arms").summary["events"].to_list() == [181, 103, 109, 128]
    fit = cox("C(arms)", data, time="days", event="cens", reference={"arms": 0})
    assert ratio(fit, "arms[T.1]") == pytest.approx((0.4920, 0.3862, 0.6267), abs=5e-5)
    assert ratio(fit, "arms[T.2]") == pytest.approx((0.5249, 0.4138, 0.6657), abs=5e-5)
    assert ratio(fit, "arms[T.3]") == pytest.approx((0.5858, 0.4671, 0.7347), abs=5e-5)
    assert log_rank(data, "days", "cens", "arms").chi2 == pytest.approx(49.2, abs=0.05)
    others = cox("treat", data, time="days", event="cens")
    assert ratio(others, "treat") == pytest.approx((0.5350, 0.4466, 0.6408), abs=5e-5)


def test_didanosine_against_zalcitabine(shared: Path) -> None:
    rows = pl.read_csv(shared / "data" / "aids_ddi_ddc" / "aids_long.csv")
    participants = rows.unique("patient")
    fit = cox("drug", participants, time="Time", event="death", reference={"drug": "ddC"})
    assert ratio(fit, "drug[T.ddI]") == pytest.approx((1.2339, 0.9264, 1.643), abs=5e-4)
    assert fit.coefficients["p"][0] == pytest.approx(0.151, abs=5e-4)
    # the same participants cut into pieces of time give the same fit
    pieces = cox("drug", rows, time="stop", event="event", entry="start", reference={"drug": "ddC"})
    assert pieces.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-12)
    assert ratio(pieces, "drug[T.ddI]") == pytest.approx(ratio(fit, "drug[T.ddI]"), rel=1e-9)

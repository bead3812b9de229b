"""Times to events: as delivered, and by the rule of an estimand."""

from collections.abc import Callable

import polars as pl
import pytest

from equipoise.datasets import DataFolder
from equipoise.datasets.assemble import assemble
from equipoise.errors import DataError
from equipoise.protocol import Protocol

Folder = Callable[..., DataFolder]


@pytest.fixture
def frames(
    adsl: pl.DataFrame, adlb: pl.DataFrame, adae: pl.DataFrame, ex: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    return {"adsl": adsl, "adlb": adlb, "adae": adae, "ex": ex}


@pytest.fixture
def adtte() -> pl.DataFrame:
    people = [f"P{n}" for n in range(1, 7)]
    return pl.DataFrame(
        {
            "USUBJID": people,
            "PARAMCD": ["TTRASH"] * 6,
            "AVAL": [7.0, 14.0, 21.0, 28.0, 35.0, 42.0],
            "CNSR": [0, 1, 1, 1, 1, 2],
            "EVNTDESC": ["Rash", *["End"] * 5],
        }
    )


def test_a_response_counts_when_the_next_visit_confirms_it(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    times = assemble(trial, write(frames)).times["response"]
    assert times.select("participant", "time", "event").rows() == [
        ("P1", 29.0, True),
        ("P2", 57.0, False),
        ("P3", 57.0, False),
        ("P4", 57.0, False),
        ("P5", 57.0, False),
        ("P6", 50.0, False),
    ]
    assert times["source"][0] == "adlb 2"


def test_the_first_event_of_a_group_is_timed_in_the_unit_of_the_estimand(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    times = assemble(trial, write(frames)).times["TTRASH"]
    assert times.row(0)[:3] == ("P1", pytest.approx(15 / 7), True)
    assert times.filter(~pl.col("event"))["time"].to_list() == pytest.approx([57 / 7] * 4 + [50 / 7])


def test_an_event_before_day_1_is_not_timed(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    before = frames["adae"].with_columns(ASTDY=pl.lit(-2, pl.Int64))
    assert not assemble(trial, write({**frames, "adae": before})).times["TTRASH"]["event"].any()


def test_the_day_that_a_rule_on_participants_names_is_the_time(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    times = assemble(trial, write(frames)).times["death"]
    assert times.filter("event").select("participant", "time").rows() == [("P6", 45.0)]


def test_delivered_times_come_before_derived_ones(
    trial: Protocol, frames: dict[str, pl.DataFrame], adtte: pl.DataFrame, write: Folder
) -> None:
    times = assemble(trial, write({**frames, "adtte": adtte})).times["TTRASH"]
    assert times["time"].to_list() == pytest.approx([1, 2, 3, 4, 5, 6])
    assert times["event"].to_list() == [True, *[False] * 5]
    assert times["description"][0] == "Rash"


def test_delivered_times_may_be_in_weeks(
    trial: Protocol, frames: dict[str, pl.DataFrame], adtte: pl.DataFrame, write: Folder
) -> None:
    in_weeks = adtte.with_columns(AVALU=pl.when(pl.col("USUBJID") != "P2").then(pl.lit("Weeks")))
    times = assemble(trial, write({**frames, "adtte": in_weeks})).times["TTRASH"]["time"]
    assert times[0] == pytest.approx(7.0)
    assert times[1] == pytest.approx(2.0)  # 14, without a unit: days


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda f: f.drop("CNSR"), "adtte.parquet (adtte) lacks variable CNSR"),
        (
            lambda f: pl.concat([f, f.head(1)]),
            "one time to TTRASH for each participant (USUBJID); rows 1, 7. Got P1",
        ),
        (lambda f: f.with_columns(CNSR=pl.lit("no")), "variable CNSR must hold number, not text"),
        (
            lambda f: f.with_columns(AVAL=pl.when(pl.col("USUBJID") != "P4").then("AVAL")),
            "variable AVAL must not be missing in a time to event; rows 4",
        ),
        (
            lambda f: f.with_columns(AVALU=pl.when(pl.col("USUBJID") == "P5").then(pl.lit("HOURS"))),
            "AVALU must be the unit of a time, one of DAYS, DAY, WEEKS, WEEK, MONTHS, MONTH, YEARS, YEAR; row 5. "
            "Got HOURS",
        ),
    ],
    ids=["no CNSR", "two times", "text", "missing", "hours"],
)
def test_bad_times_are_refused(
    trial: Protocol,
    frames: dict[str, pl.DataFrame],
    adtte: pl.DataFrame,
    write: Folder,
    edit: Callable[[pl.DataFrame], pl.DataFrame],
    said: str,
) -> None:
    with pytest.raises(DataError) as refused:
        assemble(trial, write({**frames, "adtte": edit(adtte)}))
    assert said in str(refused.value)

"""Time to the first event, or to the last date without one."""

from datetime import date

import polars as pl
import pytest

from equipoise.datasets.derive.time_to_event import TimeSource, derive_time_to_event
from equipoise.errors import DataError

ADSL = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4"],
        "TRTSDT": [date(2026, 1, 1)] * 4,
        "EOSDT": [date(2026, 3, 1), date(2026, 2, 1), None, date(2025, 12, 1)],
        "TRT01P": ["A", "P", "A", "P"],
    }
)
AE = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "1", "2", "9"],
        "AESEQ": [3, 2, 1, 1, 1],
        "ASTDT": [date(2026, 1, 20), date(2026, 1, 20), date(2025, 12, 31), None, date(2026, 1, 2)],
    }
)
VISITS = pl.DataFrame(
    {"USUBJID": ["2", "3", "3"], "ADT": [date(2026, 2, 10), date(2026, 1, 15), date(2026, 1, 30)]}
)
EVENTS = [TimeSource(AE, "ASTDT", "Rash", "ADAE", "AESEQ")]
CENSORINGS = [
    TimeSource(ADSL, "EOSDT", "End of study", "ADSL"),
    TimeSource(VISITS, "ADT", "Last visit", "ADVS", censoring=2),
]


def derive(adsl: pl.DataFrame = ADSL, events: list[TimeSource] = EVENTS) -> pl.DataFrame:
    return derive_time_to_event(adsl, parameter="TTR", label="Time to rash", events=events, censorings=CENSORINGS)


def test_the_first_event_after_the_start_or_the_last_date_without_one() -> None:
    found = derive().select("USUBJID", "AVAL", "CNSR", "EVNTDESC", "SRCDOM", "SRCVAR", "SRCSEQ")
    assert found.rows() == [
        ("1", 20.0, 0, "Rash", "ADAE", "ASTDT", 2),
        ("2", 41.0, 2, "Last visit", "ADVS", "ADT", None),
        ("3", 30.0, 2, "Last visit", "ADVS", "ADT", None),
        ("4", 1.0, 1, "End of study", "ADSL", "EOSDT", None),
    ]
    assert derive()["TRTP"].to_list() == ["A", "P", "A", "P"]


def test_a_second_source_of_events_counts_where_it_is_earlier() -> None:
    death = pl.DataFrame({"USUBJID": ["1", "2"], "DTHDT": [date(2026, 1, 20), date(2026, 1, 5)]})
    found = derive(events=[*EVENTS, TimeSource(death, "DTHDT", "Death", "ADSL")])
    assert found["EVNTDESC"].to_list()[:2] == ["Rash", "Death"]
    assert found["AVAL"].to_list()[:2] == [20.0, 5.0]


def test_rows_may_be_selected() -> None:
    found = derive(events=[TimeSource(AE, "ASTDT", "Rash", "ADAE", "AESEQ", where=pl.col("AESEQ") > 2)])
    assert found["SRCSEQ"][0] == 3


def test_refuses_a_participant_without_start_or_without_any_date() -> None:
    with pytest.raises(DataError, match=r"TTR needs TRTSDT of every participant; .* Got none for 1, 2, 3, 4"):
        derive(ADSL.with_columns(TRTSDT=pl.lit(None, pl.Date)))
    with pytest.raises(
        DataError, match=r"TTR needs an event or a censoring date of every participant; .* Got neither for 5"
    ):
        derive(pl.concat([ADSL, ADSL.head(1).with_columns(USUBJID=pl.lit("5"), EOSDT=None)]))
    with pytest.raises(DataError, match=r"time to event source ADAE needs variable ASTDT"):
        derive(events=[TimeSource(AE.drop("ASTDT"), "ASTDT", "Rash", "ADAE")])
    with pytest.raises(DataError, match=r"at least one source of events"):
        derive(events=[])

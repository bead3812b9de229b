"""Adverse events: when treatment-emergent, and which the first of its kind."""

from datetime import date

import polars as pl
import pytest

from equipoise.datasets.derive.adverse_events import derive_adverse_events, derive_query
from equipoise.errors import DataError

ADSL = pl.DataFrame(
    {"USUBJID": ["1"], "TRTSDT": [date(2026, 1, 10)], "TRTEDT": [date(2026, 3, 10)], "TRT01A": ["Active"]}
)


def events(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "USUBJID": ["1"] * len(rows),
            "AESEQ": range(1, len(rows) + 1),
            "AEDECOD": ["RASH"] * len(rows),
            "AEBODSYS": ["SKIN"] * len(rows),
            "AESTDTC": [row[0] for row in rows],
            "AEENDTC": [row[1] for row in rows],
        },
        schema_overrides={"AESTDTC": pl.String, "AEENDTC": pl.String},
    )


@pytest.mark.parametrize(
    ("start", "end", "days", "emergent"),
    [
        ("2026-01-10", None, None, "Y"),
        ("2026-01-09", None, None, None),
        ("2026-01", None, None, "Y"),
        ("2025-12", None, None, None),
        ("2025", None, None, None),
        ("2026", None, None, "Y"),
        (None, None, None, "Y"),
        (None, "2026-01-09", None, None),
        (None, "2026-01", None, "Y"),
        ("2026-04-09", None, 30, "Y"),
        ("2026-04-10", None, 30, None),
        ("2026-04", None, 30, "Y"),
        ("2026-05", None, 30, None),
        ("2026-12-01", None, None, "Y"),
    ],
)
def test_an_event_that_may_have_begun_under_treatment_is_treatment_emergent(
    start: str | None, end: str | None, days: int | None, emergent: str | None
) -> None:
    adae = derive_adverse_events(events((start, end)), ADSL, days_after_last_dose=days)
    assert adae["TRTEMFL"].to_list() == [emergent]


def test_dates_days_and_durations() -> None:
    adae = derive_adverse_events(
        events(("2026-01-08", "2026-01-10"), ("2026-01", "2026-01-12"), ("2026", None)), ADSL
    )
    assert adae.select("ASTDT", "ASTDTF", "ASTDY", "AENDY", "ADURN", "ADURU").rows() == [
        (date(2026, 1, 8), None, -2, 1, 3, "DAY"),
        (date(2026, 1, 10), "D", 1, 3, None, None),
        (None, None, None, None, None, None),
    ]
    assert adae["TRT01A"].to_list() == ["Active"] * 3


def test_the_first_treatment_emergent_event_of_each_kind_is_flagged() -> None:
    ae = events(
        ("2026-02-01", None), ("2026-01-20", None), ("2026-01-01", None), ("2026-01-20", None)
    ).with_columns(AEDECOD=pl.Series(["RASH", "RASH", "RASH", "PRURITUS"]))
    adae = derive_adverse_events(ae, ADSL)
    assert adae["AOCCFL"].to_list() == [None, "Y", None, None]
    assert adae["AOCCSFL"].to_list() == [None, "Y", None, None]
    assert adae["AOCCPFL"].to_list() == [None, "Y", None, "Y"]


def test_a_query_names_its_events() -> None:
    adae = derive_adverse_events(events(("2026-02-01", None)), ADSL)
    assert derive_query(adae, "SKIN EVENTS", pl.col("AEDECOD") == "RASH")["CQ01NAM"].to_list() == ["SKIN EVENTS"]


def test_names_absent_variables() -> None:
    with pytest.raises(DataError, match=r"adverse events \(AE\) needs variable AEDECOD"):
        derive_adverse_events(events().drop("AEDECOD"), ADSL)

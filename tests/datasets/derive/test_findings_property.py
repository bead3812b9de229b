"""Findings become parameters with a baseline and a change from it."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.datasets.derive.findings import (
    derive_baseline_values,
    derive_change_from_baseline,
    derive_findings,
)
from equipoise.errors import DataError

ADSL = pl.DataFrame(
    {"USUBJID": ["1", "2"], "TRTSDT": [date(2026, 1, 10), date(2026, 1, 10)], "TRT01P": ["P", "A"]}
)


def laboratory(rows: list[tuple[str, str, float | None, str]]) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows,
        schema={"USUBJID": pl.String, "VISIT": pl.String, "LBSTRESN": pl.Float64, "LBDTC": pl.String},
        orient="row",
    )
    return frame.with_columns(
        LBTESTCD=pl.lit("CD4"), LBTEST=pl.lit("CD4 count"), LBSTRESU=pl.lit("/mm3"), LBSEQ=pl.int_range(pl.len())
    )


LB = laboratory(
    [
        ("1", "Screening", 300.0, "2026-01-01"),
        ("1", "Baseline", 320.0, "2026-01-10T08:00"),
        ("1", "Baseline", 340.0, "2026-01-10T09:00"),
        ("1", "Baseline", None, "2026-01-10T10:00"),
        ("1", "Week 4", 374.0, "2026-02-07"),
        ("2", "Week 4", 200.0, "2026-02-07"),
        ("3", "Week 4", 200.0, "2026-02-07"),
    ]
)


def test_a_result_keeps_its_trace_and_gains_parameter_day_and_arm() -> None:
    bds = derive_findings(LB, ADSL)
    assert bds["USUBJID"].unique().sort().to_list() == ["1", "2"]
    row = bds.row(4, named=True)
    assert row["PARAMCD"] == "CD4"
    assert row["PARAM"] == "CD4 count (/mm3)"
    assert (row["AVAL"], row["ADT"], row["ADY"], row["AVISIT"], row["TRTP"]) == (
        374.0,
        date(2026, 2, 7),
        29,
        "Week 4",
        "P",
    )
    assert (row["LBSEQ"], row["LBDTC"]) == (4, "2026-02-07")


def test_baseline_is_the_last_value_on_or_before_the_first_dose() -> None:
    bds = derive_change_from_baseline(derive_findings(LB, ADSL))
    assert bds["ABLFL"].to_list() == [None, None, "Y", None, None, None]
    assert bds["BASE"].to_list() == [340.0] * 5 + [None]
    assert bds["CHG"].to_list() == [None, None, None, None, 34.0, None]
    assert bds["PCHG"].to_list() == [None, None, None, None, 10.0, None]


def test_baseline_may_be_the_mean_of_visits_and_is_then_a_row_of_its_own() -> None:
    bds = derive_change_from_baseline(derive_findings(LB, ADSL), baseline_visits=["Screening", "Baseline"])
    added = bds.tail(1).row(0, named=True)
    assert (added["AVISIT"], added["DTYPE"], added["AVAL"], added["ABLFL"]) == ("Baseline", "AVERAGE", 320.0, "Y")
    assert bds["ABLFL"].to_list() == [None] * 6 + ["Y"]
    assert bds["CHG"].to_list() == [None, None, None, None, 54.0, None, None]


def test_baseline_may_be_a_visit_where_there_are_no_dates() -> None:
    frame = pl.DataFrame(
        {
            "USUBJID": ["1", "1", "1"],
            "PARAMCD": ["X"] * 3,
            "AVISIT": ["Baseline", "Week 1", "Week 2"],
            "AVAL": [0.0, 1.0, None],
        }
    )
    bds = derive_change_from_baseline(frame, baseline_visits=["Baseline"])
    assert bds["CHG"].to_list() == [None, 1.0, None]
    assert bds["PCHG"].to_list() == [None, None, None]
    with pytest.raises(
        DataError, match=r"baseline visits must be values of AVISIT \(Baseline, Week 1, Week 2\). Got Day 0"
    ):
        derive_change_from_baseline(frame, baseline_visits=["Day 0"])


def test_a_series_may_be_split_by_a_variable_that_is_missing_in_some_rows() -> None:
    bds = derive_findings(LB.with_columns(LBTPT=pl.lit(None, pl.String)), ADSL)
    with_key = derive_change_from_baseline(bds, keys=["USUBJID", "PARAMCD", "ATPT"])
    assert with_key["CHG"].to_list() == [None, None, None, None, 34.0, None]


def test_the_range_indicator_at_baseline_travels_with_the_value() -> None:
    bds = derive_findings(LB.with_columns(LBNRIND=pl.lit("LOW")), ADSL)
    assert derive_change_from_baseline(bds)["BNRIND"].to_list() == ["LOW"] * 5 + [None]


def test_baseline_values_join_the_participants() -> None:
    bds = derive_change_from_baseline(derive_findings(LB, ADSL))
    assert derive_baseline_values(ADSL, bds, {"CD4": "CD4BL"})["CD4BL"].to_list() == [340.0, None]
    with pytest.raises(DataError, match=r"parameter CD4 must have one baseline a participant. Got several for 1"):
        derive_baseline_values(ADSL, pl.concat([bds, bds]), {"CD4": "CD4BL"})


def test_refuses_a_test_in_two_units_and_a_domain_without_tests() -> None:
    mixed = LB.with_columns(LBSTRESU=pl.when(pl.col("LBSEQ") > 2).then(pl.lit("%")).otherwise("LBSTRESU"))
    with pytest.raises(DataError, match=r"test CD4 must have one unit; .* Got /mm3, %"):
        derive_findings(mixed, ADSL)
    with pytest.raises(DataError, match=r"must have one variable --TESTCD"):
        derive_findings(LB.drop("LBTESTCD"), ADSL)
    with pytest.raises(DataError, match=r"the baseline needs variable TRTSDT"):
        derive_change_from_baseline(derive_findings(LB, ADSL.drop("TRTSDT")))


@given(
    st.lists(st.tuples(st.integers(1, 28), st.none() | st.integers(1, 500)), min_size=1, max_size=15), st.randoms()
)
def test_baseline_and_change_do_not_depend_on_the_order_of_the_rows(
    days: list[tuple[int, int | None]], random: object
) -> None:
    once = list(dict(days).items())
    rows = [("1", "V", None if value is None else float(value), f"2026-01-{day:02}") for day, value in once]
    bds = derive_change_from_baseline(derive_findings(laboratory(rows), ADSL))
    random.shuffle(rows)  # type: ignore[attr-defined]
    shuffled = derive_change_from_baseline(derive_findings(laboratory(rows), ADSL))
    wanted = ["ADT", "AVAL", "ABLFL", "BASE", "CHG"]
    assert bds.select(wanted).sort("ADT").equals(shuffled.select(wanted).sort("ADT"))
    changed = bds.filter(pl.col("CHG").is_not_null())
    assert ((changed["AVAL"] - changed["CHG"]) == changed["BASE"]).all()

"""Counts agree with the published tables of the CDISC pilot study (demographics, adverse events)."""

from pathlib import Path

import polars as pl
import pytest

from equipoise.statistics.descriptive import counts

ARMS = pl.Enum(["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"])
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def adsl(shared: Path) -> pl.DataFrame:
    frame = pl.read_parquet(shared / "data" / "cdiscpilot01" / "adam" / "adsl.parquet")
    return frame.with_columns(pl.col("TRT01A").cast(ARMS))


def test_sex_and_age_groups(adsl: pl.DataFrame) -> None:
    sexes = counts(adsl, "SEX", ["TRT01A"]).filter(pl.col("SEX") == "M")
    assert sexes["count"].to_list() == [33, 34, 44]
    assert sexes["denominator"].to_list() == [86, 84, 84]
    ages = counts(adsl, "AGEGR1N", ["TRT01A"])
    assert ages["count"].to_list() == [14, 42, 30, 8, 47, 29, 11, 55, 18]


def test_participants_with_an_adverse_event(adsl: pl.DataFrame, shared: Path) -> None:
    adae = pl.read_parquet(shared / "data" / "cdiscpilot01" / "adam" / "adae.parquet")
    events = adae.filter(pl.col("TRTEMFL") == "Y").with_columns(pl.col("TRTA").cast(ARMS).alias("TRT01A"))
    treated = adsl.group_by("TRT01A").len("denominator").sort("TRT01A")
    table = counts(events, "AEDECOD", ["TRT01A"], denominators=treated, distinct="USUBJID")
    published = {
        "SINUS BRADYCARDIA": [2, 7, 8],
        "APPLICATION SITE PRURITUS": [6, 22, 22],
        "DIZZINESS": [2, 8, 11],
        "PRURITUS": [8, 21, 26],
        "RASH": [5, 13, 9],
    }
    for term, expected in published.items():
        rows = table.filter(pl.col("AEDECOD") == term)
        assert rows["denominator"].to_list() == [86, 84, 84]
        assert rows["count"].to_list() == expected
    any_event = counts(
        events.with_columns(pl.lit("any").alias("x")), "x", ["TRT01A"], denominators=treated, distinct="USUBJID"
    )
    assert any_event["count"].to_list() == [65, 77, 76]

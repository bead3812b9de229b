"""From SDTM alone to the words of the protocol: participants, visits, windows, baseline, grades."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest

from equipoise.datasets import DataFolder
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.datasets.assemble import assemble
from equipoise.errors import DataError
from equipoise.protocol import Protocol

Folder = Callable[..., DataFolder]
START = date(2026, 1, 5)


def day_text(day: int) -> str:
    return (START + timedelta(days=day - 1 if day > 0 else day)).isoformat()


def results(domain: str, test: str, unit: str, visits: dict[str, tuple[int, float]]) -> pl.DataFrame:
    """Return the same results of six participants: value and day by visit."""
    return pl.DataFrame(
        [
            {
                "USUBJID": f"P{n}",
                "VISIT": visit,
                f"{domain}TESTCD": test,
                f"{domain}TEST": test.title(),
                f"{domain}STRESN": value,
                f"{domain}STRESU": unit,
                f"{domain}DTC": day_text(day),
            }
            for n in range(1, 7)
            for visit, (day, value) in visits.items()
        ]
    )


@pytest.fixture
def dm(adsl: pl.DataFrame) -> pl.DataFrame:
    randomised = adsl.select(
        "USUBJID",
        "SITEID",
        "AGE",
        "SEX",
        ARM=pl.col("TRT01P"),
        RFSTDTC=pl.lit(day_text(1)),
        RFENDTC=pl.lit(day_text(57)),
    )
    failed = pl.DataFrame({"USUBJID": ["S1"], "ARMNRS": ["SCREEN FAILURE"]})
    return pl.concat([randomised, failed], how="diagonal")


@pytest.fixture
def frames(dm: pl.DataFrame, ex: pl.DataFrame) -> dict[str, pl.DataFrame]:
    counts = {"SCREENING": (-7, 90.0), "BASELINE": (1, 100.0), "Week 4": (30, 150.0), "Week 8": (57, 160.0)}
    haemoglobin = {"Baseline": (1, 120.0), "Week 4": (29, 60.0), "Week 8": (57, 100.0)}
    lb = pl.concat([results("LB", "CD4", "cells/uL", counts), results("LB", "HGB", "g/L", haemoglobin)])
    qs = results("QS", "SCOREQ", "", {"A": (1, 5.0), "B": (40, 6.0), "C": (44, 7.0), "D": (90, 8.0)})
    ae = pl.DataFrame(
        {
            "USUBJID": ["P1", "P2"],
            "AESEQ": [1, 1],
            "AETERM": ["rash", "rash"],
            "AEDECOD": ["RASH", "RASH"],
            "AEBODSYS": ["SKIN"] * 2,
            "AESER": ["N", "N"],
            "AESTDTC": [day_text(5), day_text(-3)],
            "AEENDTC": [day_text(6), day_text(-2)],
        }
    )
    return {"dm": dm, "ex": ex, "lb": lb, "qs": qs, "ae": ae}


@pytest.fixture
def data(trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder) -> AnalysisData:
    return assemble(trial, write(frames))


def test_participants_are_those_randomised_and_the_others_are_counted(data: AnalysisData) -> None:
    assert data.participants["participant"].to_list() == [f"P{n}" for n in range(1, 7)]
    assert data.participants["arm"].to_list() == ["low", "placebo"] * 3
    assert (data.screened, data.screen_failures) == (7, {"SCREEN FAILURE": 1})


def test_an_infusion_without_cells_is_a_dose_in_the_placebo_arm(data: AnalysisData) -> None:
    assert data.participants["treated"].to_list() == [True, True, True, True, False, True]
    assert data.participants["doses"].to_list() == [2, 2, 2, 2, 0, 2]


def test_what_dm_does_not_tell_is_absent_and_named(data: AnalysisData) -> None:
    assert "has no PPROTFL or PERPROT" in data.absent["protocol_kept"]
    assert "protocol_kept" not in data.participants.columns


def test_supplemental_qualifiers_give_participant_variables(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    suppdm = pl.DataFrame(
        {
            "USUBJID": ["P1", "P2", "P2"],
            "IDVAR": [None] * 3,
            "IDVARVAL": [None] * 3,
            "QNAM": ["PERPROT", "PERPROT", "SWITCHDT"],
            "QVAL": ["Y", "N", "20"],
        },
        schema_overrides={"IDVAR": pl.String, "IDVARVAL": pl.String},
    )
    people = assemble(trial, write({**frames, "suppdm": suppdm})).participants
    assert people["protocol_kept"].to_list() == ["Y", "N", None, None, None, None]
    assert people["switch_day"].to_list() == [None, 20, None, None, None, None]


def test_records_belong_to_the_visit_that_they_name(data: AnalysisData) -> None:
    first = data.measurements["cd4"].filter(pl.col("participant") == "P1")
    assert first["visit"].to_list() == ["SCR", "W0", "W4", "W8"]
    assert first["day"].to_list() == [-7, 1, 30, 57]
    assert first["source"].to_list() == ["lb 1", "lb 2", "lb 3", "lb 4"]


def test_the_baseline_is_the_last_value_up_to_the_first_dose(data: AnalysisData) -> None:
    first = data.measurements["cd4"].filter(pl.col("participant") == "P1")
    assert first["baseline"].to_list() == [100.0] * 4
    assert first["change"].to_list() == [None, None, 50.0, 60.0]
    assert data.participants["cd4_entry"].to_list() == [100.0] * 6


def test_a_visit_unnamed_is_found_by_its_window(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    extra = results("LB", "CD4", "cells/uL", {"UNSCHEDULED": (55, 1.0), "EXTRA": (40, 2.0)})
    without = frames["lb"].filter((pl.col("VISIT") != "Week 8") | (pl.col("USUBJID") == "P1"))
    cd4 = assemble(trial, write({**frames, "lb": pl.concat([without, extra])})).measurements["cd4"]
    at_week_8 = cd4.filter((pl.col("visit") == "W8") & pl.col("analysed"))
    assert dict(at_week_8.select("participant", "value").iter_rows()) == {"P1": 160.0} | {
        f"P{n}": 1.0 for n in range(2, 7)
    }
    assert cd4.filter(pl.col("visit").is_null())["visit_label"].unique().to_list() == ["EXTRA"]


def test_halfway_windows_leave_no_day_out(data: AnalysisData) -> None:
    first = data.measurements["score"].filter(pl.col("participant") == "P1")
    assert first["visit"].to_list() == ["W0", "W4", "W8", "W8"]
    assert first["analysed"].to_list() == [True, True, True, False]
    assert data.parameters["score"] == "Scoreq"


def test_events_are_emergent_from_the_first_dose_on(data: AnalysisData) -> None:
    assert data.adverse_events is not None
    assert data.adverse_events["treatment_emergent"].to_list() == ["Y", "N"]
    assert data.adverse_events["start_day"].to_list() == [5, -3]
    assert data.times["TTRASH"].filter("event")["participant"].to_list() == ["P1"]


def test_laboratory_values_are_graded_as_the_protocol_says(data: AnalysisData) -> None:
    men = data.measurements["haemoglobin"].filter(pl.col("participant") == "P1")
    assert men["grade"].to_list() == [0.0, 4.0, 1.0]
    assert men["baseline_grade"].to_list() == [0.0] * 3
    counts = data.measurements["cd4"].filter(pl.col("participant") == "P1")
    assert counts["grade"].to_list() == [4.0, 3.0, 3.0, 3.0]


def test_an_arm_that_the_protocol_does_not_know_is_refused_with_the_rows_of_dm(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    other = frames["dm"].with_columns(
        ARM=pl.when(pl.col("USUBJID") == "P4").then(pl.lit("Middle")).otherwise("ARM")
    )
    with pytest.raises(DataError, match=r"dm\.parquet \(dm\) variable ARM .* rows 4\. Got 'Middle'"):
        assemble(trial, write({**frames, "dm": other}))


def test_a_participant_twice_is_refused_with_the_rows_of_dm(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    twice = pl.concat([frames["dm"], frames["dm"].head(1)])
    with pytest.raises(DataError, match=r"dm\.parquet \(dm\) must have one row for each USUBJID; rows 1, 8 agree"):
        assemble(trial, write({**frames, "dm": twice}))


def test_adam_goes_before_sdtm_dataset_by_dataset(
    trial: Protocol, frames: dict[str, pl.DataFrame], adsl: pl.DataFrame, adlb: pl.DataFrame, write: Folder
) -> None:
    data = assemble(trial, write({**frames, "adsl": adsl, "adlb": adlb}))
    assert data.origin["cd4"].endswith("(adlb)")
    assert data.origin["haemoglobin"].endswith("(lb)")
    assert data.origin["adverse_events"].endswith("(ae)")
    assert data.participants["protocol_kept"].to_list() == ["Y"] * 5 + ["N"]

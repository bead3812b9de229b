"""Which record of a visit is analysed, and where baseline and change come from."""

from collections.abc import Callable

import polars as pl
import pytest

from equipoise.datasets import DataFolder, Dataset
from equipoise.datasets.assemble import assemble
from equipoise.datasets.assemble.measurements import Wanted, find_baselines, has_ranges, read_measurements
from equipoise.protocol import Protocol

Folder = Callable[..., DataFolder]


def read(trial: Protocol, frame: pl.DataFrame, timepoint: str | None = None) -> pl.DataFrame:
    frames, _ = read_measurements(Dataset("adlb", frame), [Wanted("cd4", "CD4", timepoint)], trial)
    return frames["cd4"]


def test_the_columns_are_those_of_the_contract(trial: Protocol, adlb: pl.DataFrame) -> None:
    measured = read(trial, adlb)
    assert measured.schema == {
        "participant": pl.String,
        "visit": pl.String,
        "visit_label": pl.String,
        "day": pl.Int64,
        "value": pl.Float64,
        "baseline": pl.Float64,
        "change": pl.Float64,
        "percent_change": pl.Float64,
        "imputed": pl.String,
        "analysed": pl.Boolean,
        "range_indicator": pl.String,
        "baseline_range_indicator": pl.String,
        "grade": pl.Float64,
        "baseline_grade": pl.Float64,
        "source": pl.String,
    }
    assert measured["source"].to_list() == [f"adlb {n}" for n in range(1, 19)]


@pytest.mark.parametrize("label", ["Week 4", "  WEEK   4 ", "week 4", "W4"])
def test_a_visit_is_known_by_its_week_its_label_or_its_id(trial: Protocol, adlb: pl.DataFrame, label: str) -> None:
    renamed = adlb.with_columns(pl.col("AVISIT").replace({"Week 4": label}))
    measured = read(trial, renamed)
    assert measured.filter(pl.col("visit") == "W4")["visit_label"].unique().to_list() == [label]


def test_another_visit_belongs_to_none_and_keeps_its_label(trial: Protocol, adlb: pl.DataFrame) -> None:
    renamed = adlb.with_columns(pl.col("AVISIT").replace({"Week 8": "End of Treatment", "Week 4": "."}))
    measured = read(trial, renamed)
    assert measured.filter(pl.col("visit").is_null())["visit_label"].unique().sort().to_list() == [
        None,
        "End of Treatment",
    ]
    assert not measured.filter(pl.col("visit_label").is_null())["analysed"].any()


def test_of_two_records_the_one_nearest_to_the_target_is_analysed(trial: Protocol, adlb: pl.DataFrame) -> None:
    early = adlb.filter(pl.col("AVISIT") == "Week 4").with_columns(ADY=pl.lit(24, pl.Int64), AVAL=pl.lit(7.0))
    measured = read(trial, pl.concat([early, adlb]))
    analysed = measured.filter(pl.col("analysed") & (pl.col("visit") == "W4"))
    assert analysed["participant"].is_unique().all() and analysed["day"].to_list() == [29] * 6


def test_of_two_records_as_near_the_later_is_analysed(trial: Protocol, adlb: pl.DataFrame) -> None:
    at_week_4 = adlb.filter(pl.col("AVISIT") == "Week 4")
    both = [at_week_4.with_columns(ADY=pl.lit(day, pl.Int64)) for day in (31, 27)]
    assert read(trial, pl.concat(both)).filter("analysed")["day"].to_list() == [31] * 6


def test_a_flag_of_each_visit_decides(trial: Protocol, adlb: pl.DataFrame) -> None:
    late = adlb.filter(pl.col("AVISIT") == "Week 4").with_columns(ADY=pl.lit(35, pl.Int64), ANL01FL=pl.lit("Y"))
    others = adlb.with_columns(ANL01FL=pl.when(pl.col("AVISIT") != "Week 4").then(pl.lit("Y")))
    measured = read(trial, pl.concat([others, late]))
    assert measured.filter(pl.col("analysed") & (pl.col("visit") == "W4"))["day"].to_list() == [35] * 6


def test_a_flag_of_one_record_a_participant_does_not_stand_for_visits(trial: Protocol, adlb: pl.DataFrame) -> None:
    worst = adlb.with_columns(ANL01FL=pl.when(pl.col("AVISIT") == "Week 8").then(pl.lit("Y")))
    assert read(trial, worst)["analysed"].all()


def test_a_carried_record_is_analysed_only_without_an_observed_one(trial: Protocol, adlb: pl.DataFrame) -> None:
    observed = adlb.with_columns(DTYPE=pl.lit(None, pl.String)).filter(
        (pl.col("USUBJID") != "P3") | (pl.col("AVISIT") != "Week 8")
    )
    carried = adlb.filter(pl.col("AVISIT") == "Week 8").with_columns(DTYPE=pl.lit("LOCF"), AVAL=pl.lit(1.0))
    analysed = read(trial, pl.concat([carried, observed])).filter(pl.col("analysed") & (pl.col("visit") == "W8"))
    assert dict(analysed.select("participant", "imputed").iter_rows()) == {
        "P1": None, "P2": None, "P3": "LOCF", "P4": None, "P5": None, "P6": None,
    }  # fmt: skip


def test_missing_values_are_not_analysed(trial: Protocol, adlb: pl.DataFrame) -> None:
    assert not read(trial, adlb.with_columns(AVAL=pl.lit(None, pl.Float64)))["analysed"].any()


def test_baseline_and_change_follow_from_the_baseline_flag_where_they_are_not_given(
    trial: Protocol, adlb: pl.DataFrame
) -> None:
    flagged = adlb.drop("BASE", "CHG").with_columns(
        ABLFL=pl.when(pl.col("AVISIT") == "Baseline").then(pl.lit("Y"))
    )
    first = read(trial, flagged).filter(pl.col("participant") == "P1")
    assert first["baseline"].to_list() == [100.0] * 3
    assert first["change"].to_list() == [0.0, 100.0, 110.0]
    assert first["percent_change"].to_list() == [0.0, 100.0, 110.0]


def test_range_indicators_are_spelled_out(trial: Protocol, adlb: pl.DataFrame) -> None:
    ranged = adlb.with_columns(ANRIND=pl.Series(["N", "H", "L"] * 6), BNRIND=pl.lit("NORMAL"))
    measured = read(trial, ranged)
    assert measured["range_indicator"].head(3).to_list() == ["NORMAL", "HIGH", "LOW"]
    assert measured["baseline_range_indicator"].unique().to_list() == ["NORMAL"]


def test_grades_lose_their_direction(trial: Protocol, adlb: pl.DataFrame) -> None:
    graded = adlb.with_columns(ATOXGR=pl.Series(["0", "-3", "2"] * 6), BTOXGR=pl.lit("-1"))
    measured = read(trial, graded)
    assert measured["grade"].head(3).to_list() == [0.0, 3.0, 2.0]
    assert measured["baseline_grade"][0] == 1.0


def test_a_time_point_selects_its_records(trial: Protocol, adlb: pl.DataFrame) -> None:
    both = [adlb.with_columns(ATPT=pl.lit(name)) for name in ("LYING", "STANDING")]
    assert read(trial, pl.concat(both), "LYING").height == adlb.height


def test_only_parameters_with_limits_have_ranges(adlb: pl.DataFrame) -> None:
    limits = pl.concat(
        [
            adlb.with_columns(A1LO=pl.lit(5.0), A1HI=pl.lit(None, pl.Float64)),
            adlb.with_columns(PARAMCD=pl.lit("X"), A1LO=pl.lit(None, pl.Float64), A1HI=pl.lit(None, pl.Float64)),
        ]
    )
    assert has_ranges(Dataset("adlb", limits)) == ["CD4"]
    assert has_ranges(Dataset("adlb", adlb)) == []


def test_the_baseline_of_an_item_is_one_value_a_participant(trial: Protocol, adlb: pl.DataFrame) -> None:
    values = find_baselines({"cd4": read(trial, adlb)})["cd4"]
    assert values.rows() == [(f"P{n}", 100.0) for n in range(1, 7)]


def test_the_dataset_with_most_records_of_a_parameter_counts(
    trial: Protocol, adsl: pl.DataFrame, adlb: pl.DataFrame, adae: pl.DataFrame, write: Folder
) -> None:
    less = adlb.filter(pl.col("AVISIT") == "Week 8").with_columns(AVAL=pl.lit(0.0))
    data = assemble(trial, write({"adsl": adsl, "adlb": adlb, "adae": adae, "adcut": less}))
    assert data.origin["cd4"].endswith("adlb.parquet (adlb)")
    assert data.parameters["cd4"] == "CD4 count (cells/uL)"

"""What is assembled from ADaM, what is reported as absent, and how bad data are refused."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets import DataFolder
from equipoise.datasets.assemble import assemble
from equipoise.errors import DataError
from equipoise.protocol import Protocol

Folder = Callable[..., DataFolder]
Edit = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture
def frames(
    adsl: pl.DataFrame, adlb: pl.DataFrame, adae: pl.DataFrame, ex: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    return {"adsl": adsl, "adlb": adlb, "adae": adae, "ex": ex}


def refusal(trial: Protocol, folder: DataFolder) -> str:
    with pytest.raises(DataError) as refused:
        assemble(trial, folder)
    return str(refused.value)


def test_participants_have_arm_days_and_variables_in_the_order_of_the_key(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    data = assemble(trial, write({**frames, "adsl": frames["adsl"].reverse()}))
    first = data.participants.row(0, named=True)
    assert data.participants["participant"].to_list() == [f"P{n}" for n in range(1, 7)]
    assert (first["arm"], first["arm_label"], first["site"]) == ("low", "Low dose", "01")
    assert (first["first_dose_day"], first["last_dose_day"], first["last_seen_day"]) == (1, 29, 57)
    assert first["randomised"] is True
    assert data.participants.schema["age"] == pl.Float64
    assert not {"USUBJID", "TRTSDT", "died", "reference_date"} & set(data.participants.columns)


def test_variables_come_from_adsl_from_items_and_from_rules_on_rules(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    people = assemble(trial, write(frames)).participants
    assert people["decade"].to_list() == [3, 4, 5, 6, 6, 5]
    assert people["elderly"].to_list() == ["N", "N", "N", "Y", "Y", "N"]
    assert people["cd4_entry"].to_list() == [100.0] * 6
    assert people["switch_day"].to_list() == [None, 20, None, None, None, None]


def test_a_flag_that_is_only_ever_yes_or_empty_means_no_where_it_is_empty(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    assert assemble(trial, write(frames)).participants["protocol_kept"].to_list() == ["Y"] * 5 + ["N"]


def test_doses_are_rows_of_ex_and_a_dose_of_zero_counts_in_the_placebo_arm(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    assert assemble(trial, write(frames)).participants["doses"].to_list() == [2, 2, 2, 2, 0, 2]


def test_a_death_without_date_falls_on_the_fatal_event(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    data = assemble(trial, write(frames))
    assert data.participants["death_day"].to_list() == [None] * 5 + [45]
    assert "1 participants" in data.origin["death_day"]


def test_a_death_without_date_and_event_falls_on_the_day_last_seen(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    adae = frames["adae"].filter(pl.col("USUBJID") != "P6")
    assert assemble(trial, write({**frames, "adae": adae})).participants["death_day"][5] == 50


def test_events_carry_the_group_of_special_interest(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    events = assemble(trial, write(frames)).adverse_events
    assert events is not None
    assert events["special_interest"].to_list() == ["Rash", None, None]
    assert events["fatal"].to_list() == ["N", "N", "Y"]
    assert events["source"].to_list() == ["adae 1", "adae 2", "adae 3"]


def test_only_some_analyses_lack_what_is_absent(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    data = assemble(trial, write({name: frames[name] for name in ("adsl", "adlb")}))
    assert data.adverse_events is None
    assert "no dataset adae or ae" in data.absent["adverse_events"]
    assert "no dataset holds SCORE" in data.absent["score"]
    assert "no dataset dv" in data.absent["deviations"]
    assert data.absent["TTRASH"] == "the data hold no adverse events"
    assert "cd4" in data.measurements and "response" in data.times


def test_deviations_have_category_term_and_day(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    dv = pl.DataFrame(
        {
            "USUBJID": ["P2", "X"],
            "DVCAT": ["DOSING", "DOSING"],
            "DVTERM": ["late", "late"],
            "DVSTDTC": ["2026-01-08"] * 2,
        }
    )
    deviations = assemble(trial, write({**frames, "dv": dv})).deviations
    assert deviations is not None
    assert deviations.select("participant", "category", "term", "day", "source").rows() == [
        ("P2", "DOSING", "late", 4, "dv 1")
    ]


def test_who_was_not_randomised_is_counted_with_the_reason(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    dm = pl.DataFrame({"USUBJID": [*frames["adsl"]["USUBJID"], "S1", "S2"]})
    ie = pl.DataFrame({"USUBJID": ["S1"], "IETEST": ["Adult"]})
    data = assemble(trial, write({**frames, "dm": dm, "ie": ie}))
    assert (data.screened, data.screen_failures) == (8, {"Adult": 1, "not recorded": 1})


def test_screen_failures_in_adsl_have_no_arm(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    failed = frames["adsl"].tail(1).with_columns(USUBJID=pl.lit("S1"), TRT01P=pl.lit("Screen Failure"))
    data = assemble(trial, write({**frames, "adsl": pl.concat([frames["adsl"], failed])}))
    assert data.participants.filter(pl.col("participant") == "S1")["arm"].to_list() == [None]
    assert data.screened == 7


@pytest.mark.parametrize("labels", [["LOW  DOSE", "placebo"], ["low", "Placebo"]])
def test_arms_are_known_by_label_or_id_whatever_capitals_and_blanks(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder, labels: list[str]
) -> None:
    adsl = frames["adsl"].with_columns(TRT01P=pl.Series(labels * 3))
    data = assemble(trial, write({**frames, "adsl": adsl}))
    assert data.participants["arm"].to_list() == ["low", "placebo"] * 3
    assert data.participants["arm_label"].to_list() == labels * 3


BAD_ADSL: list[tuple[str, Edit, list[str]]] = [
    ("missing arm", lambda f: f.drop("TRT01P"), ["adsl.parquet (adsl) lacks variable TRT01P"]),
    ("missing variable", lambda f: f.drop("AGE"), ["adsl.parquet (adsl) lacks variable AGE"]),
    ("missing key", lambda f: f.drop("USUBJID"), ["lacks variable USUBJID"]),
    (
        "text for a number",
        lambda f: f.with_columns(AGE=pl.lit("old")),
        ["variable AGE must hold number, not text; rows 1, 2, 3, 4, 5, ... (6)", "Got 'old'"],
    ),
    (
        "text for a date",
        lambda f: f.with_columns(TRTSDT=pl.lit("05JAN2026")),
        ["variable TRTSDT must hold date, not text", "05JAN2026"],
    ),
    (
        "participant twice",
        lambda f: pl.concat([f, f.head(1)]),
        ["must have one row for each USUBJID; rows 1, 7 agree", "Got USUBJID=P1"],
    ),
    (
        "unknown arm",
        lambda f: f.with_columns(
            TRT01P=pl.when(pl.col("USUBJID") == "P3").then(pl.lit("High dose")).otherwise("TRT01P")
        ),
        ["variable TRT01P must name an arm of the protocol (Low dose, Placebo)", "rows 3", "Got 'High dose'"],
    ),
    (
        "nobody in an arm",
        lambda f: f.with_columns(TRT01P=pl.lit("Screen Failure")),
        ["no participant in an arm of the protocol (Low dose, Placebo): nobody was allocated", "Got no arm"],
    ),
    (
        "unknown code",
        lambda f: f.with_columns(SEX=pl.when(pl.col("USUBJID") == "P2").then(pl.lit("FEMALE")).otherwise("SEX")),
        ["variable SEX must be one of 'M', 'F'", "rows 2", "Got 'FEMALE'"],
    ),
    ("no rows", lambda f: f.clear(), ["adsl.parquet (adsl) has no rows"]),
]


@pytest.mark.parametrize(("edit", "said"), [case[1:] for case in BAD_ADSL], ids=[case[0] for case in BAD_ADSL])
def test_bad_participants_are_refused(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder, edit: Edit, said: list[str]
) -> None:
    message = refusal(trial, write({**frames, "adsl": edit(frames["adsl"])}))
    assert "\n" not in message
    for part in said:
        assert part in message


BAD_OTHERS: list[tuple[str, str, Edit, str]] = [
    ("no AVAL", "adlb", lambda f: f.drop("AVAL"), "adlb.parquet (adlb) lacks variable AVAL"),
    ("no PARAMCD", "adlb", lambda f: f.drop("PARAMCD"), "adlb.parquet (adlb) lacks variable PARAMCD"),
    ("no visit", "adlb", lambda f: f.drop("AVISIT"), "adlb.parquet (adlb) lacks variable AVISIT"),
    (
        "half days",
        "adlb",
        lambda f: f.with_columns(ADY=pl.lit(1.5)),
        "variable ADY must hold whole study days; rows 1",
    ),
    (
        "AVAL text",
        "adlb",
        lambda f: f.with_columns(pl.col("AVAL").cast(pl.String)),
        "variable AVAL must hold number",
    ),
    ("no TRTEMFL", "adae", lambda f: f.drop("TRTEMFL"), "adae.parquet (adae) lacks variable TRTEMFL"),
    ("no AESER", "adae", lambda f: f.drop("AESER"), "adae.parquet (adae) lacks variable AESER"),
]


@pytest.mark.parametrize(
    ("name", "edit", "said"), [case[1:] for case in BAD_OTHERS], ids=[c[0] for c in BAD_OTHERS]
)
def test_bad_records_are_refused(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder, name: str, edit: Edit, said: str
) -> None:
    assert said in refusal(trial, write({**frames, name: edit(frames[name])}))


def test_without_participants_the_refusal_says_where_they_are_looked_for(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder, tmp_path: Path
) -> None:
    message = refusal(trial, write({"adlb": frames["adlb"]}))
    assert message.startswith(f"{tmp_path} must hold the participants, in a dataset adsl (ADaM) or dm (SDTM)")
    assert message.endswith("Got adlb")


def test_damaged_files_are_refused_by_name(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder, tmp_path: Path
) -> None:
    write(frames)
    whole = (tmp_path / "adlb.parquet").read_bytes()
    (tmp_path / "adlb.parquet").write_bytes(whole[: len(whole) // 2])
    assert "adlb.parquet is a damaged or truncated Parquet file" in refusal(trial, DataFolder(tmp_path))
    (tmp_path / "adlb.parquet").write_bytes(b"")
    assert "adlb.parquet is empty" in refusal(trial, DataFolder(tmp_path))


def test_a_csv_in_another_encoding_is_refused_with_line_and_byte(trial: Protocol, tmp_path: Path) -> None:
    (tmp_path / "adsl.csv").write_bytes("USUBJID,TRT01P\nP1,Plac\u00e9bo\n".encode("latin-1"))
    assert "adsl.csv, line 2, byte 23 of the file: not UTF-8" in refusal(trial, DataFolder(tmp_path))


def test_csv_and_parquet_give_the_same_data(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder, tmp_path: Path
) -> None:
    from_parquet = assemble(trial, write(frames))
    for file in tmp_path.iterdir():
        file.unlink()
    from_csv = assemble(trial, write(frames, csv=True))
    assert from_csv.participants.equals(from_parquet.participants)
    assert from_csv.measurements["cd4"].equals(from_parquet.measurements["cd4"])


def test_what_the_data_do_not_tell_has_no_column_but_a_sentence(
    trial: Protocol, frames: dict[str, pl.DataFrame], write: Folder
) -> None:
    adsl = frames["adsl"].drop("DTHFL", "SITEID")
    data = assemble(trial, write({"adsl": adsl, "adlb": frames["adlb"]}))
    assert not {"death_day", "site", "doses"} & set(data.participants.columns)
    assert data.absent["death_day"] == "the data do not tell who died"
    assert data.absent["doses"] == "the data do not tell how many doses were given"

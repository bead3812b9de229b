"""ADaM of the record: derived as the analysis derives, traceable to SDTM, and analysed to the same results."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from equipoise.analysis.run import run_analyses
from equipoise.datasets import DataFolder, Dataset
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.datasets.assemble import assemble
from equipoise.datasets.formats import check_fits_xpt
from equipoise.datasets.from_record import write_adam, write_sdtm

Made = tuple[dict[str, Dataset], AnalysisData, dict[str, Dataset]]


@pytest.fixture(scope="module")
def made(inr: Any) -> Made:
    """SDTM, analysis data and ADaM of a trial of which one participant an arm is known in full."""
    counts = {"SCR": 150.0, "W0": 170.0, "W4": 230.0, "W12": 240.0}
    trial, opened = inr.play(
        inr.script("01-001", "high", values={(visit, "cd4"): value for visit, value in counts.items()}),
        inr.script("01-002", "low", until="W12", not_infused=("W0", "W4", "W12")),
        inr.script("02-001", "placebo", until="W36"),
        inr.script("02-002", None),
    )
    inr.end(trial.participants["01-001"], "participation", inr.on_day(673), "COMPLETED")
    inr.end(trial.participants["01-002"], "participation", inr.on_day(90), "WITHDRAWAL BY SUBJECT")
    event = {"ae_term": "Pyrexia", "ae_started": "2026-03-04", "ae_ended": "2026-03-06", "ae_serious": "Y"}
    inr.add_form(trial.participants["01-001"], "adverse_event", inr.on_day(5), event)
    sdtm = write_sdtm(inr.protocol, trial, opened=opened)
    data = assemble(inr.protocol, DataFolder.of(sdtm.values()))
    return sdtm, data, write_adam(inr.protocol, sdtm, data)


def test_the_datasets_are_those_of_what_is_analysed(made: Made) -> None:
    assert set(made[2]) == {"adsl", "adae", "adlb", "admb", "advs", "adtte"}


def test_adsl_has_who_was_allocated_with_variables_and_analysis_sets(made: Made, rows: Any) -> None:
    adsl = made[2]["adsl"]
    assert rows(adsl, "SUBJID", "TRT01P", "SAFFL", "EOSSTT", "DCSREAS", "ARTMONS", "CD4BL", "WEIGHTBL") == [
        ("01-001", "High dose", "Y", "COMPLETED", None, 60.0, 170.0, 62.5),
        ("01-002", "Low dose", "N", "DISCONTINUED", "WITHDRAWAL BY SUBJECT", 60.0, 180.0, 62.5),
        ("02-001", "Placebo", "Y", "ONGOING", None, 60.0, 180.0, 62.5),
    ]
    assert rows(adsl, "FULLFL", "TREATEFL", "PERPROFL") == [("Y", "Y", "Y"), ("Y", "N", "N"), ("Y", "Y", "Y")]
    assert adsl.labels["FULLFL"] == "Full analysis set (all randomised)"


def test_a_value_is_followed_by_its_sequence_number_to_the_row_of_sdtm(made: Made) -> None:
    sdtm, _, adam = made
    for name, dataset in adam.items():
        if name.startswith(("adlb", "admb", "advs")):
            domain = name.removeprefix("ad").upper()
            source = sdtm[domain.lower()].frame.select(
                "USUBJID", SRCSEQ=f"{domain}SEQ", found=f"{domain}STRESN", code=f"{domain}TESTCD"
            )
            followed = dataset.frame.join(source, on=["USUBJID", "SRCSEQ"], how="left")
            assert followed.filter(pl.col("AVAL").is_not_null())["found"].equals(
                followed.filter(pl.col("AVAL").is_not_null())["AVAL"]
            )
            assert followed["code"].to_list() == followed["PARAMCD"].to_list()


def test_change_is_from_the_last_value_before_the_first_infusion(made: Made, rows: Any) -> None:
    told = ("AVISIT", "AVISITN", "ADY", "AVAL", "BASE", "CHG", "ABLFL", "ANL01FL")
    found = rows(made[2]["adlb"], *told, USUBJID="HUCMSC_INR-01-001", PARAMCD="CD4")
    assert found[:4] == [
        ("Screening", 1.0, -14, 150.0, 170.0, None, None, "Y"),
        ("Baseline", 2.0, 1, 170.0, 170.0, None, "Y", "Y"),
        ("Week 4", 3.0, 29, 230.0, 170.0, 60.0, None, "Y"),
        ("Week 12", 4.0, 85, 240.0, 170.0, 70.0, None, "Y"),
    ]


def test_events_have_day_and_emergence(made: Made, rows: Any) -> None:
    assert rows(made[2]["adae"], "AESEQ", "AEDECOD", "ASTDY", "AENDY", "TRTEMFL", "AOCCFL") == [
        (1, "Pyrexia", 3, 5, "Y", "Y")
    ]


def test_times_to_events_are_in_weeks_with_the_day_they_end(made: Made, rows: Any) -> None:
    # sixteen rows of LB a visit, of which the CD4 count is the first
    told = ("PARAMCD", "AVAL", "AVALU", "STARTDT", "ADT", "CNSR", "SRCDOM", "SRCSEQ")
    found = rows(made[2]["adtte"], *told, USUBJID="HUCMSC_INR-01-001")
    assert found == [
        ("RESPONSE", pytest.approx(29 / 7), "WEEKS", date(2026, 3, 2), date(2026, 3, 30), 0, "LB", 33),
        ("SERIOUSE", pytest.approx(3 / 7), "WEEKS", date(2026, 3, 2), date(2026, 3, 4), 0, "AE", 1),
    ]


def test_an_analysis_of_adam_gives_what_an_analysis_of_sdtm_gives(made: Made, inr: Any) -> None:
    sdtm, data, adam = made
    again = assemble(inr.protocol, DataFolder.of([*sdtm.values(), *adam.values()]))
    assert again.origin["participants"] == adam["adsl"].file
    wanted = ["disposition", "baseline", "exposure", "counts_by_visit", "safety_ae", "lab_shifts", "deaths"]
    one, other = (run_analyses(inr.protocol, found, only=wanted) for found in (data, again))
    assert one.table.equals(other.table)
    assert not one.not_done
    assert not other.not_done


def test_every_variable_has_a_label_and_every_dataset_fits_the_form_for_authorities(made: Made) -> None:
    for dataset in made[2].values():
        assert set(dataset.labels) == set(dataset.frame.columns)
        assert not check_fits_xpt(dataset)

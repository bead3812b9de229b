"""Participant variables from the records of a form: the day of the first match, or whether there is any."""

from typing import Any

import polars as pl
import pytest

from equipoise.datasets import DataFolder, Dataset
from equipoise.datasets.assemble.derived import derive_recorded
from equipoise.datasets.assemble.shelf import Shelf
from equipoise.errors import DataError
from equipoise.protocol import Protocol, parse_protocol

PLAN = """
equipoise: 1
trial: {id: small, title: A small trial, phase: II}
population: {inclusion: {I1: {text: Adult, judged: true}}}
arms: {only: {label: Cells}}
enrolment: {size: 3}
blinding: {blinded: []}
schedule: {day_1: first infusion, visits: {W0: {day: 1}}}
forms:
  switch:
    label: Change of treatment
    sdtm: CM
    category: SWITCH
    items: {switched: {label: Date, type: date, sdtm: CMSTDTC}}
  drug:
    label: Other drug
    sdtm: CM
    category: OTHER
    items:
      started: {label: Start, type: date, sdtm: CMSTDTC}
      rescue: {label: Rescue, type: yes or no}
variables:
  switch_day: {label: Day of the first switch, type: day, recorded_in: switch}
  rescue_day: {label: Day of the first rescue, type: day, recorded_in: drug, when: "rescue = 'Y'"}
  any_rescue: {label: Had a rescue, type: yes or no, recorded_in: drug, when: "rescue = 'Y'"}
analysis_sets: {full: {rule: treated}}
estimands: {}
"""

PEOPLE = pl.DataFrame({"participant": ["A", "B", "C"], "reference_date": ["2026-01-05"] * 3}).with_columns(
    pl.col("reference_date").str.to_date()
)
CM = pl.DataFrame(
    [
        ("A", 1, "SWITCH", "2026-03-01"),
        ("A", 2, "SWITCH", "2026-02-01"),
        ("A", 3, "OTHER", "2026-01-05"),
        ("B", 1, "OTHER", "2026-01-04"),
        ("B", 2, "OTHER", "2026-01"),
    ],
    schema=["USUBJID", "CMSEQ", "CMCAT", "CMSTDTC"],
    orient="row",
)
SUPPCM = pl.DataFrame(
    [("A", "3", "N"), ("B", "1", "Y"), ("B", "2", "Y")], schema=["USUBJID", "IDVARVAL", "QVAL"], orient="row"
).with_columns(RDOMAIN=pl.lit("CM"), IDVAR=pl.lit("CMSEQ"), QNAM=pl.lit("RESCUE"))


def recorded(**frames: pl.DataFrame) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Values by variable and participant, and what is absent."""
    folder = DataFolder.of(Dataset(name, frame) for name, frame in frames.items())
    found, absent = derive_recorded(Shelf(folder), plan(), PEOPLE)
    return {name: dict(frame.iter_rows()) for name, frame in found.items()}, dict(absent)


def plan() -> Protocol:
    return parse_protocol(PLAN)


def test_the_first_record_of_the_form_gives_the_study_day_and_other_forms_of_the_domain_do_not() -> None:
    found, absent = recorded(cm=CM, suppcm=SUPPCM)
    assert found["switch_day"] == {"A": 28, "B": None, "C": None}
    assert not absent


def test_an_item_without_an_sdtm_variable_is_found_among_the_supplemental_qualifiers() -> None:
    found, _ = recorded(cm=CM, suppcm=SUPPCM)
    assert found["any_rescue"] == {"A": "N", "B": "Y", "C": "N"}


def test_there_is_no_day_0_and_a_partial_date_gives_no_day() -> None:
    found, _ = recorded(cm=CM, suppcm=SUPPCM)
    assert found["rescue_day"] == {"A": None, "B": -1, "C": None}


def test_a_folder_without_the_domain_says_so_for_each_variable() -> None:
    found, absent = recorded(dm=PEOPLE.rename({"participant": "USUBJID"}))
    assert found == {}
    assert absent["switch_day"] == "no dataset cm holds the records of switch; there are dm"


def test_a_missing_variable_of_the_domain_is_one_clear_error() -> None:
    with pytest.raises(DataError, match="derived dataset cm lacks variable CMCAT"):
        recorded(cm=CM.drop("CMCAT"), suppcm=SUPPCM)


def test_a_form_without_any_record_gives_nobody_a_day_and_everybody_an_n() -> None:
    only_switches = CM.filter(pl.col("CMCAT") == "SWITCH")
    found, absent = recorded(cm=only_switches)
    assert found["rescue_day"] == {"A": None, "B": None, "C": None}
    assert found["any_rescue"] == {"A": "N", "B": "N", "C": "N"}
    assert not absent

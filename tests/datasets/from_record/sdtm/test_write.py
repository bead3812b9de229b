"""The whole of SDTM: the same whatever the arms are while the codes are closed; with fixed names and order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.datasets.formats import check_fits_xpt
from equipoise.datasets.from_record import Opened, write_datasets, write_sdtm
from equipoise.protocol import parse_protocol


def test_every_domain_is_there_also_where_it_has_no_rows(inr: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "low", until="W0"))
    always = {
        "dm",
        "se",
        "sv",
        "ds",
        "ie",
        "ec",
        "lb",
        "vs",
        "mb",
        "pe",
        "eg",
        "rs",
        "is",
        "sc",
        "ae",
        "cm",
        "mh",
        "dv",
    }
    design = {"ta", "te", "ti", "ts", "tv"}
    closed = write_sdtm(inr.protocol, trial)
    assert always | design <= closed.keys()
    assert write_sdtm(inr.protocol, trial, opened=opened).keys() - closed.keys() == {"ex"}


def test_every_dataset_begins_with_its_identifiers_and_fits_the_form_for_authorities(inr: Any) -> None:
    trial, opened = inr.play(*inr.all_arms())
    for name, dataset in write_sdtm(inr.protocol, trial, opened=opened).items():
        assert dataset.frame.columns[0] == "STUDYID"
        assert set(dataset.labels) == set(dataset.frame.columns)
        assert all(label != variable for variable, label in dataset.labels.items()), name
        assert not check_fits_xpt(dataset)


def test_no_text_is_empty_and_no_row_stands_twice(inr: Any) -> None:
    trial, opened = inr.play(*inr.all_arms())
    for dataset in write_sdtm(inr.protocol, trial, opened=opened).values():
        texts = dataset.frame.select(pl.selectors.string())
        assert not texts.select(pl.any_horizontal(pl.all() == "").any()).to_series().any()
        assert not dataset.frame.is_duplicated().any()


def test_variables_stand_in_the_order_of_their_roles(inr: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W0"))
    columns = write_sdtm(inr.protocol, trial)["vs"].frame.columns
    assert columns == [
        *("STUDYID", "DOMAIN", "USUBJID", "VSSEQ", "VSSPID", "VSTESTCD", "VSTEST", "VSCAT", "VSORRES", "VSORRESU"),
        *("VSSTRESC", "VSSTRESN", "VSSTRESU", "VSSTAT", "VSREASND", "VSLOBXFL", "VSBLFL"),
        *("VISITNUM", "VISIT", "VISITDY", "EPOCH", "VSDTC", "VSDY"),
    ]


def test_the_state_is_left_as_it_was_and_gives_the_same_again(inr: Any, tmp_path: Path) -> None:
    trial, opened = inr.play(*inr.all_arms())
    at = inr.at_noon(inr.on_day(800))
    first = write_datasets(tmp_path / "first", write_sdtm(inr.protocol, trial, opened=opened), at=at)
    again = write_datasets(tmp_path / "again", write_sdtm(inr.protocol, trial, opened=opened), at=at)
    assert first == again


ARMS = ["high", "low", "placebo", "placebo", "high", "low"]


@pytest.fixture(scope="module")
def blinded(inr: Any) -> Callable[[list[str]], dict[str, bytes]]:
    """Every blinded dataset as bytes, and its labels, of a trial with these arms."""

    def export(arms: list[str]) -> dict[str, bytes]:
        trial, _ = inr.play(*(inr.script(f"01-{n:03d}", arm, until="W4") for n, arm in enumerate(arms, start=1)))
        made = write_sdtm(inr.protocol, trial)
        return {name: f"{one.labels}{one.label}{one.frame.write_json()}".encode() for name, one in made.items()}

    return export


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(ARMS))
def test_blinded_datasets_are_the_same_bytes_whatever_the_arms_are(blinded: Any, order: list[str]) -> None:
    assert blinded(order) == blinded(ARMS)


def test_opened_datasets_are_not_the_same_where_arms_differ(inr: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "high", until="W4"), inr.script("01-002", "low", until="W4"))
    swapped = Opened(arms={"01-001": "low", "01-002": "high"}, doses=opened.doses)
    one, other = (write_sdtm(inr.protocol, trial, opened=codes) for codes in (opened, swapped))
    assert {name for name in one if not one[name].frame.equals(other[name].frame)} == {"dm", "se", "ex"}


def test_no_blinded_dataset_says_a_word_of_an_arm_of_a_participant(inr: Any) -> None:
    trial, _ = inr.play(*inr.all_arms(each=2))
    words = {word.casefold() for name, arm in inr.protocol.arms.items() for word in (name, arm.label.say())}
    design = {"ta", "te", "ti", "ts", "tv"}
    for name, dataset in write_sdtm(inr.protocol, trial).items():
        if name not in design:
            for column in dataset.frame.select(pl.selectors.string()).iter_columns():
                assert words.isdisjoint(column.drop_nulls().str.to_lowercase().unique().to_list())


TINY = """
equipoise: 1
trial: {id: tiny, title: A tiny trial, phase: II}
population: {inclusion: {I1: {text: Adult, judged: true}}}
arms: {only: {label: Cells}}
enrolment: {size: 3}
blinding: {blinded: []}
schedule: {day_1: entry, visits: {V1: {day: 1}}}
analysis_sets: {full: {rule: treated}}
estimands: {}
"""


def test_a_protocol_without_forms_epochs_and_interventions_is_written_too(inr: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", None))
    trial.participants["01-001"].forms.clear()
    trial.participants["01-001"].visits.clear()
    sdtm = write_sdtm(parse_protocol(TINY), trial)
    assert set(sdtm) == {"dm", "se", "sv", "ds", "ie", "dv", "ta", "te", "ti", "ts", "tv"}

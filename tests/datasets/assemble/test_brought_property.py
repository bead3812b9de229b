"""Files that are not CDISC's: the section `data` says where things are, and what does not fit is refused."""

from collections.abc import Callable

import polars as pl
import pytest

from equipoise.datasets import DataFolder
from equipoise.datasets.assemble import assemble
from equipoise.errors import DataError
from equipoise.protocol import Protocol, parse_protocol

Folder = Callable[..., DataFolder]

TRIAL = """
equipoise: 1
trial: {id: brought, title: A trial from spreadsheets, phase: II}
population: {inclusion: {I1: {text: Adult, judged: true}}}
arms: {new: {label: New}, old: {label: Old, control: true}}
randomisation: {size: 4, method: complete}
blinding: {blinded: []}
schedule:
  day_1: randomisation
  visits: {BL: {label: Baseline, day: 1}, W4: {label: Week 4, week: 4}}
forms:
  blood: {label: Blood, items: {cd4: {label: CD4, unit: cells/uL, testcd: CD4}}}
variables:
  age: {label: Age}
  sex: {label: Sex, type: code, codes: {M: Male, F: Female}}
  cd4_entry: {label: CD4 at entry, item: cd4}
analysis_sets: {all: {rule: randomised}}
estimands:
  death:
    question: How long do participants live?
    variable: {time_to: first, parameter: DEATH}
    set: all
    summary: hazard ratio
analyses: {death: {method: kaplan-meier, estimand: death}}
data:
  participants:
    dataset: people
    key: id
    arm: {column: group, codes: {1: new, 2: old}}
    variables: {age: years, sex: {column: gender, codes: {0: F, 1: M}}, site: clinic}
  measurements:
    - {dataset: people, key: id, items: {cd4: {BL: cd4_0, W4: cd4_4}}}
  times:
    DEATH: {dataset: people, key: id, time: months, event: dead = 1, unit: month}
"""


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return parse_protocol(TRIAL)


@pytest.fixture
def people() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [11, 12, 13, 14],
            "group": [1, 2, 1, 2],
            "years": [30, 40, 50, 60],
            "gender": [0, 1, 1, 0],
            "clinic": [7, 7, 8, 8],
            "cd4_0": [100, 200, 300, None],
            "cd4_4": [150, None, 330, 400],
            "months": [1.0, 2.0, 3.0, 4.0],
            "dead": [1, 0, 0, 1],
        }
    )


def test_columns_become_the_words_of_the_protocol(protocol: Protocol, people: pl.DataFrame, write: Folder) -> None:
    data = assemble(protocol, write({"people": people}, csv=True))
    columns = ("participant", "arm", "arm_label", "site", "age", "sex", "cd4_entry")
    assert data.participants.select(columns).rows() == [
        ("11", "new", "New", "7", 30.0, "F", 100.0),
        ("12", "old", "Old", "7", 40.0, "M", 200.0),
        ("13", "new", "New", "8", 50.0, "M", 300.0),
        ("14", "old", "Old", "8", 60.0, "F", None),
    ]
    assert {"adverse_events", "deviations", "death_day", "doses"} <= data.absent.keys()
    assert not data.absent.keys() & set(data.participants.columns)


def test_a_column_a_visit_becomes_a_row_a_visit_with_change(
    protocol: Protocol, people: pl.DataFrame, write: Folder
) -> None:
    cd4 = assemble(protocol, write({"people": people})).measurements["cd4"]
    assert cd4.select("participant", "visit", "value", "baseline", "change").rows() == [
        ("11", "BL", 100.0, 100.0, None),
        ("11", "W4", 150.0, 100.0, 50.0),
        ("12", "BL", 200.0, 200.0, None),
        ("13", "BL", 300.0, 300.0, None),
        ("13", "W4", 330.0, 300.0, 30.0),
        ("14", "W4", 400.0, None, None),
    ]
    assert cd4["percent_change"].drop_nulls().to_list() == pytest.approx([50.0, 10.0])


def test_times_are_converted_to_the_unit_of_the_estimand(
    protocol: Protocol, people: pl.DataFrame, write: Folder
) -> None:
    times = assemble(protocol, write({"people": people})).times["DEATH"]
    assert times["time"][1] == pytest.approx(2 * 365.25 / 12)
    assert times["event"].to_list() == [True, False, False, True]


def test_repeated_rows_of_one_time_are_one_time(protocol: Protocol, people: pl.DataFrame, write: Folder) -> None:
    plan = TRIAL.replace("dataset: people, key: id, time", "dataset: visits, key: id, time")
    visits = pl.concat([people, people]).select("id", "months", "dead")
    data = assemble(parse_protocol(plan), write({"people": people, "visits": visits}))
    assert data.times["DEATH"].height == 4


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda f: f.drop("group"), "(people) lacks variable group"),
        (lambda f: f.drop("cd4_4"), "(people) lacks variable cd4_4; did you mean 'cd4_0'?"),
        (lambda f: f.drop("dead"), "(people) lacks variable dead"),
        (lambda f: f.with_columns(group=pl.Series([1, 2, 3, 1])), "must be one of '1', '2'; rows 3. Got '3'"),
        (lambda f: f.with_columns(gender=9), "variable gender must be one of '0', '1'"),
        (lambda f: f.with_columns(group=pl.lit(None, pl.Int64)), "no participant in an arm of the protocol"),
        (lambda f: f.with_columns(years=pl.lit("old")), "variable years must hold number, not text"),
        (lambda f: f.with_columns(cd4_0=pl.lit("low")), "variable cd4_0 must hold number, not text"),
        (lambda f: pl.concat([f, f.head(1)]), "must have one row for each id; rows 1, 5 agree"),
        (lambda f: f.with_columns(months=pl.Series([1.0, None, 3.0, 4.0])), "variable months"),
        (lambda f: f.clear(), "has no rows"),
    ],
    ids=[
        "no arm", "no value", "no event", "arm code", "code", "nobody in an arm", "text", "text value",
        "participant twice", "time missing", "no rows",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    protocol: Protocol,
    people: pl.DataFrame,
    write: Folder,
    edit: Callable[[pl.DataFrame], pl.DataFrame],
    said: str,
) -> None:
    with pytest.raises(DataError) as refused:
        assemble(protocol, write({"people": edit(people)}))
    assert said in str(refused.value)


def test_the_file_of_participants_must_be_there(protocol: Protocol, people: pl.DataFrame, write: Folder) -> None:
    with pytest.raises(DataError, match="no file holds dataset people; there are persons"):
        assemble(protocol, write({"persons": people}))


def test_two_values_of_a_visit_are_refused(protocol: Protocol, people: pl.DataFrame, write: Folder) -> None:
    wide = "{dataset: people, key: id, items: {cd4: {BL: cd4_0, W4: cd4_4}}}"
    long = "{dataset: blood, key: id, item: cd4, visit: {column: week, codes: {0: BL, 4: W4}}, value: cells}"
    blood = pl.DataFrame({"id": [11, 11, 11], "week": [0, 4, 4], "cells": [1, 2, 3]})
    with pytest.raises(DataError, match=r"one value of cd4 .*rows 2, 3 agree\. Got 11 at W4"):
        assemble(parse_protocol(TRIAL.replace(wide, long)), write({"people": people, "blood": blood}))

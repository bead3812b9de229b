"""A small made-up trial: its protocol, and its data as ADaM and as SDTM."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets import DataFolder, Dataset
from equipoise.datasets.formats import write_csv, write_parquet
from equipoise.protocol import Protocol, parse_protocol

TRIAL = """
equipoise: 1
trial: {id: small, title: A small trial, phase: II}
population: {inclusion: {I1: {text: Adult, rule: age >= 18}}}
interventions: {cells: {label: Cells, route: intravenous, at: [W0, W4]}}
arms:
  low: {label: Low dose, cells: 1e6, ratio: 1}
  placebo: {label: Placebo, cells: 0, ratio: 1, control: true}
randomisation: {size: 6, method: complete}
blinding: {blinded: []}
schedule:
  day_1: first infusion
  visits:
    SCR: {label: Screening, day: -7}
    W0: {label: Baseline, day: 1}
    W4: {week: 4, window: 3 d}
    W8: {label: Week 8, week: 8, window: 3 d}
  activities: {cells: [W0, W4], immunology: [W0, W4, W8], scores: [W0, W4, W8]}
forms:
  immunology:
    label: T cells
    sdtm: LB
    items:
      cd4: {label: CD4 count, type: count, unit: cells/uL, testcd: CD4}
      haemoglobin: {label: Haemoglobin, unit: g/L, testcd: HGB}
  scores:
    label: Scores
    sdtm: QS
    windows: halfway
    items:
      score: {label: Score, testcd: SCORE, sdtm_testcd: SCOREQ}
variables:
  age: {label: Age, unit: year, adam: AGE}
  sex: {label: Sex, type: code, codes: {M: Male, F: Female}, adam: SEX}
  elderly: {label: Elderly, type: yes or no, rule: CASE WHEN decade >= 6 THEN 'Y' ELSE 'N' END}
  decade: {label: Decade of life, rule: FLOOR(age / 10)}
  cd4_entry: {label: CD4 at entry, unit: cells/uL, item: cd4}
  protocol_kept: {label: Kept to the protocol, type: yes or no, adam: [PPROTFL, PERPROT]}
  switch_day: {label: Day of a switch, type: day, adam: SWITCHDT}
safety:
  grading: {adverse_event: CTCAE 5.0, laboratory: DAIDS 2.1}
  special_interest: {rash: {label: Rash, rule: term LIKE '%RASH%'}}
analysis_sets:
  all: {rule: randomised}
  treated: {rule: doses >= 1}
intercurrent_events:
  switch: {label: Switch, day: switch_day}
estimands:
  count:
    question: What is the effect on CD4?
    variable: {item: cd4, summary: change from baseline, at: W8}
    set: all
    summary: difference in means
    intercurrent: {switch: treatment policy}
  response:
    question: How soon does CD4 rise by a half?
    variable: {item: cd4, time_to: first, rule: cd4 >= 1.5 * baseline, confirmed_by: next visit}
    set: all
    summary: hazard ratio
  rash:
    question: How soon does a rash appear?
    variable: {time_to: first, of: adverse event, rule: special_interest = 'Rash', parameter: TTRASH, unit: week}
    set: all
    summary: hazard ratio
  death:
    question: How soon does a participant die?
    variable: {time_to: first, of: participant, rule: death_day IS NOT NULL}
    set: all
    summary: hazard ratio
analyses:
  baseline: {method: demographics, set: all, variables: [age, sex, elderly, cd4_entry, protocol_kept]}
  exposure: {method: exposure, set: treated, variables: [age]}
  counts: {method: continuous by visit, set: all, items: [cd4, score]}
  count: {method: ancova, estimand: count, terms: [baseline, arm]}
  response: {method: kaplan-meier, estimand: response}
  rash: {method: kaplan-meier, estimand: rash}
  death: {method: kaplan-meier, estimand: death}
  events: {method: adverse events, set: all}
  shifts: {method: lab shifts, set: all, items: [cd4, haemoglobin], by: grade}
  deviations: {method: protocol deviations, set: all}
"""

START = date(2026, 1, 5)
Folder = Callable[..., DataFolder]


def study_date(day: int) -> date:
    return START + timedelta(days=day - 1 if day > 0 else day)


@pytest.fixture(scope="session")
def trial() -> Protocol:
    return parse_protocol(TRIAL)


@pytest.fixture
def adsl() -> pl.DataFrame:
    """Six participants, three an arm; P6 died on day 50 and was never marked as having kept to the protocol."""
    people = [f"P{n}" for n in range(1, 7)]
    return pl.DataFrame(
        {
            "USUBJID": people,
            "SITEID": ["01", "01", "01", "02", "02", "02"],
            "TRT01P": ["Low dose", "Placebo"] * 3,
            "AGE": [34, 45, 56, 67, 61, 59],
            "SEX": ["M", "F", "M", "F", "M", "F"],
            "TRTSDT": [START] * 6,
            "TRTEDT": [study_date(29)] * 6,
            "EOSDT": [study_date(57)] * 5 + [study_date(50)],
            "DTHFL": [None] * 5 + ["Y"],
            "PPROTFL": ["Y"] * 5 + [None],
            "SWITCHDT": [None, study_date(20)] + [None] * 4,
        }
    )


@pytest.fixture
def adlb() -> pl.DataFrame:
    """CD4 at three visits: of P1 it doubles and stays, of P2 it doubles once, of the others it is steady."""
    values = {"P1": (100, 200, 210), "P2": (100, 200, 100)} | {f"P{n}": (100, 100, 100) for n in range(3, 7)}
    rows = [
        {
            "USUBJID": person,
            "PARAMCD": "CD4",
            "PARAM": "CD4 count (cells/uL)",
            "AVISIT": visit,
            "ADY": day,
            "AVAL": float(value),
            "BASE": float(series[0]),
            "CHG": float(value - series[0]) if day > 1 else None,
        }
        for person, series in values.items()
        for visit, day, value in zip(("Baseline", "Week 4", "Week 8"), (1, 29, 57), series, strict=True)
    ]
    return pl.DataFrame(rows)


@pytest.fixture
def adae() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "USUBJID": ["P1", "P1", "P6"],
            "AETERM": ["itchy rash", "headache", "stroke"],
            "AEDECOD": ["RASH", "HEADACHE", "STROKE"],
            "AEBODSYS": ["SKIN", "NERVES", "NERVES"],
            "AESER": ["N", "N", "Y"],
            "AEOUT": ["RECOVERED", "RECOVERED", "FATAL"],
            "TRTEMFL": ["Y", "Y", "Y"],
            "ASTDY": [15, 3, 44],
            "AENDY": [20, 4, 45],
        }
    )


@pytest.fixture
def ex() -> pl.DataFrame:
    """Two infusions of every participant, of 0 cells in the placebo arm; none of P5."""
    return pl.DataFrame(
        [
            {
                "USUBJID": f"P{n}",
                "EXSEQ": k,
                "EXTRT": "Cells",
                "EXDOSE": 0.0 if n % 2 == 0 else 1e6,
                "EXSTDTC": study_date(day).isoformat(),
            }
            for n in (1, 2, 3, 4, 6)
            for k, day in enumerate((1, 29), start=1)
        ]
    )


@pytest.fixture
def write(tmp_path: Path) -> Folder:
    """Write frames as files of a folder, Parquet unless `csv`, and open it."""

    def written(frames: Mapping[str, pl.DataFrame], *, csv: bool = False) -> DataFolder:
        for name, frame in frames.items():
            dataset = Dataset(name, frame)
            if csv:
                write_csv(dataset, tmp_path / f"{name}.csv")
            else:
                write_parquet(dataset, tmp_path / f"{name}.parquet")
        return DataFolder(tmp_path)

    return written

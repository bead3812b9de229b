"""From the record to the analysis: what was recorded arrives where analyses look for it, in every design."""

from typing import Any

import numpy as np
import pytest

from equipoise.analysis.run import run_analyses
from equipoise.conduct.door.state import Deviation
from equipoise.datasets import DataFolder
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.datasets.assemble import assemble
from equipoise.datasets.from_record import write_sdtm

EVENT = {
    "ae_started": "2026-03-04",
    "ae_outcome": "RECOVERED/RESOLVED",
    "ae_ended": "2026-03-06",
    "ae_grade": "2",
    "ae_serious": "N",
    "ae_causality": "NOT RELATED",
    "ae_action": "DOSE NOT CHANGED",
}


@pytest.fixture(scope="module")
def data(inr: Any) -> AnalysisData:
    """One participant an arm: high completes, low leaves after two infusions, placebo dies."""
    counts = {"SCR": 150.0, "W0": 170.0, "W4": 190.0, "W12": 240.0}
    trial, opened = inr.play(
        inr.script("01-001", "high", values={(visit, "cd4"): value for visit, value in counts.items()}),
        inr.script("01-002", "low", until="W12", not_infused=("W12",)),
        inr.script("02-001", "placebo", until="W36", missed=("W24",)),
        inr.script("02-002", None),
    )
    trial.participants["02-002"].eligibility.not_met = ("I2",)
    completed, left, died = list(trial.participants.values())[:3]
    inr.end(completed, "participation", inr.on_day(673), "COMPLETED")
    inr.end(left, "treatment", inr.on_day(29), "ADVERSE EVENT")
    inr.end(left, "participation", inr.on_day(100), "LOST TO FOLLOW-UP")
    inr.end(died, "life", inr.on_day(260), "Sepsis")
    inr.add_form(left, "adverse_event", inr.on_day(3), EVENT | {"ae_term": "Pyrexia"}, repeat=1)
    inr.add_form(left, "adverse_event", inr.on_day(3), EVENT | {"ae_term": "Rash", "ae_serious": "Y"}, repeat=2)
    drug = {"drug": "Prednisone", "indication": "Rash", "drug_started": "2026-03-20", "drug_ongoing": "Y"}
    inr.add_form(left, "concomitant_medication", inr.on_day(20), drug | {"immunomodulator": "Y"})
    switch = {"new_regimen": "TDF 3TC DTG", "art_changed": "2026-03-25", "art_change_why": "TOXICITY"}
    inr.add_form(completed, "art_change", inr.on_day(24), switch)
    died.deviations = [Deviation(category="VISIT", weight="MAJOR", what="Week 24 was missed", on=inr.on_day(176))]
    return assemble(inr.protocol, DataFolder.of(write_sdtm(inr.protocol, trial, opened=opened).values()))


def people(data: AnalysisData, *names: str) -> list[tuple[Any, ...]]:
    return data.participants.select(names).rows()


def test_arms_infusions_and_days_arrive_as_recorded(data: AnalysisData) -> None:
    assert people(
        data, "arm", "site", "doses", "first_dose_day", "last_dose_day", "last_seen_day", "death_day"
    ) == [
        ("high", "01", 6, 1, 337, 673, None),
        ("low", "01", 2, 1, 29, 100, None),
        ("placebo", "02", 4, 1, 253, 260, 260),
    ]


def test_why_participants_left_arrives_as_recorded(data: AnalysisData) -> None:
    assert people(data, "left_because", "all_infusions", "seen_week_48") == [
        (None, "Y", "Y"),
        ("LOST TO FOLLOW-UP", "N", "N"),
        ("DEATH", "N", "N"),
    ]


def test_who_failed_screening_is_counted_with_the_criterion(data: AnalysisData) -> None:
    assert data.screened == 4
    assert data.screen_failures == {
        "CD4 count above 50 and at most 250 cells/uL, before entry and at screening": 1
    }


def test_measurements_arrive_as_recorded(data: AnalysisData) -> None:
    cd4 = data.measurements["cd4"].filter(participant="HUCMSC_INR-01-001", analysed=True)
    assert cd4.select("visit", "day", "value", "baseline", "change").rows()[:4] == [
        ("SCR", -14, 150.0, 170.0, None),
        ("W0", 1, 170.0, 170.0, None),
        ("W4", 29, 190.0, 170.0, 20.0),
        ("W12", 85, 240.0, 170.0, 70.0),
    ]
    missed = data.measurements["cd4"].filter(participant="HUCMSC_INR-02-001")
    assert missed["visit"].to_list() == ["SCR", "W0", "W4", "W12", "W36"]


def test_characteristics_arrive_as_recorded(data: AnalysisData) -> None:
    told = ("age", "sex", "weight", "transmission", "months_on_art", "art_class", "nadir_cd4", "cd4_entry")
    assert people(data, *told)[0] == (41.0, "M", 62.5, "HETEROSEXUAL", 60.0, "NNRTI", 45.0, 170.0)


def test_what_came_between_arrives_as_recorded(data: AnalysisData) -> None:
    assert people(data, "art_switch_day", "rescue_day", "major_deviation") == [
        (24, None, "N"),
        (None, 19, "N"),
        (None, None, "Y"),
    ]


def test_adverse_events_and_deviations_arrive_as_recorded(data: AnalysisData) -> None:
    assert data.adverse_events is not None
    assert data.deviations is not None
    told = (
        "participant",
        "term",
        "start_day",
        "end_day",
        "grade",
        "serious",
        "treatment_emergent",
        "special_interest",
    )
    assert data.adverse_events.select(told).rows() == [
        ("HUCMSC_INR-01-002", "Pyrexia", 3, 5, 2.0, "N", "Y", "Fever"),
        ("HUCMSC_INR-01-002", "Rash", 3, 5, 2.0, "Y", "Y", None),
    ]
    assert data.deviations.select("participant", "category", "term", "day").rows() == [
        ("HUCMSC_INR-02-001", "VISIT", "Week 24 was missed", 176)
    ]


@pytest.mark.parametrize("name", ["inr", "pilot", "single_arm"])
def test_every_analysis_of_every_shipped_design_runs_on_the_record(name: str, request: Any) -> None:
    stage = request.getfixturevalue(name)
    scripts, rng = stage.all_arms(each=6), np.random.default_rng(4)
    usual = {"cd4": 180, "cd8": 700, "cd8_activated": 18, "naive_cd4": 30, "memory_cd4": 20, "haemoglobin": 140}
    for script in scripts:
        for visit in stage.protocol.schedule.visits:
            drawn = {item: float(round(value * rng.uniform(0.6, 1.8))) for item, value in usual.items()}
            script.values |= {(visit, item): value for item, value in drawn.items()}
    trial, opened = stage.play(*scripts)
    for n, person in enumerate(list(trial.participants.values())[:-1]):
        last = max(visit.on for visit in person.visits.values() if visit.on is not None)
        stage.end(person, "participation", last, "COMPLETED" if n % 5 else "LOST TO FOLLOW-UP")
        stage.add_form(person, "adverse_event", last, EVENT | {"ae_term": "Cough", "ae_started": f"{last}"})
    data = assemble(stage.protocol, DataFolder.of(write_sdtm(stage.protocol, trial, opened=opened).values()))
    assert not data.absent
    results = run_analyses(stage.protocol, data)
    assert not results.not_done
    assert results.done.keys() == stage.protocol.analyses.keys()


def test_a_participant_without_any_visit_after_screening_is_in_the_analysis_by_the_day_of_allocation(
    inr: Any,
) -> None:
    trial, opened = inr.play(*inr.all_arms(), inr.script("02-090", "low", until="SCR"))
    sdtm = write_sdtm(inr.protocol, trial, opened=opened)
    found = assemble(inr.protocol, DataFolder.of(sdtm.values())).participants.filter(
        participant="HUCMSC_INR-02-090"
    )
    assert found.select("arm", "treated", "doses", "last_seen_day").rows() == [("low", False, 0, -14)]

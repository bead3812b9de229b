"""The protocols that ship: valid, translated, every decision accounted for, and true to what is published."""

import gzip
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from equipoise.protocol import Protocol, names_in, read_protocol, shipped_protocols, untranslated_labels
from equipoise.protocol.checks import CHECKS
from equipoise.protocol.model import Item, Refers, Text
from equipoise.protocol.source import dotted
from equipoise.protocol.walk import walk

CELL_TRIALS = ("hucmsc_inr", "hucmsc_pilot", "admsc_inr", "hucmsc_confirm")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_CHINESE = {"HCV RNA"}

SPONSOR_CODES = {
    "LB": {"CD4", "CD8", "CD4CD8", "CD8ACT", "CD4NAIVE", "CD4CM"},
    "MB": {"HAVAB", "HDVAB", "HEVAB"},
}
"""Test codes that the code lists do not hold; these lists may be extended."""


@cache
def shipped(name: str) -> Protocol:
    return read_protocol(name)


@pytest.fixture(params=shipped_protocols())
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return shipped(request.param)


@pytest.fixture(params=CELL_TRIALS)
def cells(request: pytest.FixtureRequest) -> Protocol:
    return shipped(request.param)


# every protocol -----------------------------------------------------------------------------------------------


def test_there_is_nothing_to_say_against_it(protocol: Protocol) -> None:
    assert [finding for check in CHECKS for finding in check(protocol)] == []


def test_every_decision_says_where_it_comes_from(protocol: Protocol) -> None:
    assert protocol.provenance, "a shipped protocol is no draft: without provenance nothing would be asked of it"


def test_every_source_is_cited(protocol: Protocol) -> None:
    cited = {text.split(";")[0].strip() for text in protocol.provenance.values()}
    assert set(protocol.sources) <= cited | {"assumed"}


def test_every_label_exists_in_every_language(protocol: Protocol) -> None:
    assert untranslated_labels(protocol) == ()


def test_its_name_is_that_of_its_file(protocol: Protocol) -> None:
    assert protocol is shipped(protocol.trial.id)


def test_the_report_shows_every_analysis(protocol: Protocol) -> None:
    assert protocol.report is not None
    assert set(protocol.analyses) <= set(protocol.report.sections)


# the cell trials ----------------------------------------------------------------------------------------------


def texts(protocol: Protocol) -> Iterator[tuple[str, Text]]:
    for place in walk(protocol):
        if isinstance(place.value, Text):
            yield dotted(place.path), place.value


def test_chinese_is_chinese_and_english_is_english(cells: Protocol) -> None:
    assert cells.trial.languages == ("en", "zh")
    for where, text in texts(cells):
        assert CHINESE.search(text.say("zh")) or text.say("zh") in SAME_IN_CHINESE, where
        assert not CHINESE.search(text.say("en")), where


def test_every_form_is_filled_in_somewhere(cells: Protocol) -> None:
    used = {*cells.schedule.activities, *cells.schedule.at_any_time}
    assert set(cells.forms) <= used


def test_every_item_has_an_id_of_its_own(cells: Protocol) -> None:
    assert sum(len(form.items) for form in cells.forms.values()) == len(cells.items)


def test_every_variable_set_and_event_is_used(cells: Protocol) -> None:
    named = {str(p.value) for p in walk(cells) if any(isinstance(m, Refers) for m in p.marks)}
    rules = [v.rule for v in cells.variables.values() if v.rule]
    rules += [s.rule for s in cells.analysis_sets.values()]
    rules += [e.day for e in cells.intercurrent_events.values()]
    named |= {name for rule in rules for name in names_in(rule)}
    named |= {factor for name in named for factor in re.split(r"\s*[*:]\s*", name)}
    assert set(cells.variables) <= named
    assert set(cells.analysis_sets) <= named
    assert set(cells.intercurrent_events) <= named
    assert set(cells.estimands) <= named


def test_clocks_of_safety_reports_are_those_of_ich_e2a(cells: Protocol) -> None:
    assert cells.safety is not None
    assert cells.safety.serious is not None
    assert cells.safety.suspected_unexpected is not None
    assert str(cells.safety.serious.report_within) == "24 h"
    assert str(cells.safety.suspected_unexpected.fatal) == "7 d"
    assert str(cells.safety.suspected_unexpected.other) == "15 d"


def test_a_dose_per_kilogram_has_a_weight_and_all_arms_one_volume(cells: Protocol) -> None:
    (product,) = cells.interventions.values()
    assert product.weight is not None
    assert product.volume is not None
    assert {dose.unit for arm in cells.arms.values() for dose in arm.doses.values()} == {"/kg"}


def test_an_event_cannot_end_before_it_starts(cells: Protocol) -> None:
    rules = {check.rule for form in cells.forms.values() for check in form.checks.values()}
    assert {"ae_ended >= ae_started", "drug_stopped >= drug_started", "systolic > diastolic"} <= rules
    assert "abs(cd4 - previous(cd4)) <= 300" in rules


def domains(protocol: Protocol) -> Iterator[tuple[str, Item]]:
    for form in protocol.forms.values():
        for item in form.items.values():
            if form.sdtm is not None:
                yield form.sdtm, item


@pytest.mark.shared
def test_test_codes_stand_in_the_code_lists_of_cdisc(cells: Protocol, shared: Path) -> None:
    lists = {
        "LB": "LBTESTCD",
        "VS": "VSTESTCD",
        "EG": "EGTESTCD",
        "MB": "MBTESTCD",
        "IS": "ISTESTCD",
        "RS": "KPSS01TC",
    }
    path = shared / "data" / "standards" / "controlled_terminology" / "sdtmct-2025-03-28.json.gz"
    published = json.loads(gzip.decompress(path.read_bytes()))["codelists"]
    codes = {entry["submissionValue"]: {t["submissionValue"] for t in entry["terms"]} for entry in published}
    unknown = {
        (domain, item.testcd)
        for domain, item in domains(cells)
        if item.testcd and domain in lists
        and item.testcd not in codes[lists[domain]] | SPONSOR_CODES.get(domain, set())
    }  # fmt: skip
    assert not unknown


@pytest.mark.shared
def test_variables_stand_in_the_sdtm_implementation_guide(cells: Protocol, shared: Path) -> None:
    path = shared / "data" / "standards" / "ig_metadata" / "sdtmig_3-4_variables.csv.gz"
    guide = gzip.decompress(path.read_bytes()).decode("utf-8")
    known = set(re.findall(r'^"SDTMIG v3\.4","\d+","[^"]*","(\w+)","(\w+)"', guide, flags=re.MULTILINE))
    assert not {(domain, item.sdtm) for domain, item in domains(cells) if item.sdtm} - known


# what is published of each ------------------------------------------------------------------------------------


def doses(protocol: Protocol) -> dict[str, Decimal]:
    return {name: arm.doses["cells"].value for name, arm in protocol.arms.items()}


def weeks(protocol: Protocol) -> list[int]:
    return [v.week for v in protocol.schedule.visits.values() if v.week is not None]


def test_the_phase_2_trial_is_the_one_registered() -> None:
    trial = shipped("hucmsc_inr")
    assert (trial.trial.registry, trial.trial.phase, trial.size) == ("NCT01213186", "II", 72)
    assert doses(trial) == {"high": Decimal("1.5e6"), "low": Decimal("0.5e6"), "placebo": 0}
    assert [arm.ratio for arm in trial.arms.values()] == [1, 1, 1]
    assert trial.control == "placebo"
    assert trial.interventions["cells"].at == ("W0", "W4", "W12", "W24", "W36", "W48")
    assert weeks(trial) == [4, 12, 24, 36, 48, 60, 72, 84, 96]
    assert {"participant", "investigator"} <= set(trial.blinding.blinded)
    assert {"pharmacist", "safety board statistician"} == set(trial.blinding.unblinded)


@pytest.mark.parametrize(
    ("criterion", "rule"),
    [
        ("I1", "age >= 18 AND age <= 65"),
        ("I2", "cd4 > 50 AND cd4 <= 250 AND cd4_before_entry > 50 AND cd4_before_entry <= 250"),
        ("I3", "hiv_rna <= 50"),
        ("I4", "months_on_art >= 24"),
        ("I6", "karnofsky >= 70"),
        ("E2", "hcv_rna = 'POSITIVE'"),
        ("E5", "wbc < 2.5"),
        ("E6", "platelets < 50"),
    ],
)
def test_eligibility_is_what_the_registry_states(criterion: str, rule: str) -> None:
    population = shipped("hucmsc_inr").population
    assert {**population.inclusion, **population.exclusion}[criterion].rule == rule


@pytest.mark.parametrize(
    "decision",
    [
        "population.exclusion.E7",
        "population.exclusion.E8",
        "interventions.cells.volume",
        "randomisation.method",
        "randomisation.block_sizes",
        "randomisation.strata",
        "blinding.emergency",
        "safety.grading",
        "safety.stopping_rules",
        "analysis_sets",
        "assumptions.screen_failure",
        "assumptions.dropout",
    ],
)
def test_what_is_not_published_is_called_assumed_with_its_reason(decision: str) -> None:
    assert re.match(r"assumed; \w", shipped("hucmsc_inr").provenance[decision])


def test_the_published_change_within_arms_carries_its_caution() -> None:
    within = shipped("hucmsc_inr").analyses["cd4_within"]
    assert within.note is not None
    assert within.note.say("en") == "As published; not a comparison of arms"


def test_the_pilot_is_open_with_seven_and_six() -> None:
    pilot = shipped("hucmsc_pilot")
    assert pilot.enrolment is not None
    assert (pilot.size, dict(pilot.enrolment.per_arm)) == (13, {"cells": 7, "saline": 6})
    assert pilot.randomisation is None
    assert pilot.blinding.blinded == ()
    assert len(pilot.interventions["cells"].at) == 3
    assert pilot.provenance["arms.cells.cells"].startswith("assumed; ")


def test_the_seville_trial_has_one_arm_of_five() -> None:
    seville = shipped("admsc_inr")
    assert (seville.size, list(seville.arms), seville.control) == (5, ["cells"], None)
    assert doses(seville) == {"cells": Decimal("1e6")}
    assert seville.interventions["cells"].at == ("W0", "W4", "W8", "W20")
    assert len(seville.schedule.visits) == 17
    assert {estimand.summary for estimand in seville.estimands.values()} == {"mean"}


def test_the_confirmatory_trial_is_large_enough_for_what_it_asks() -> None:
    plan = shipped("hucmsc_confirm")
    # 30 of 31 cells/uL are left, SD 63.7 given the covariates; Dunnett's critical value 2.21, power 90%; those who
    # leave come on top, and the power with them is held where the trial is simulated
    if_all_are_seen = 2 * (63.7 * (2.21 + 1.28) / 30.0) ** 2
    assert plan.size is not None
    assert plan.size / 3 >= if_all_are_seen / 0.9
    assert plan.size % 6 == 0
    assert plan.randomisation is not None
    assert plan.randomisation.strata == ("site", "cd4_stratum", "age_stratum")
    assert max(weeks(plan)) == 260
    assert plan.estimands["cd4_week_48"].intercurrent == {
        "infusions_stopped": "treatment policy",
        "art_switch": "treatment policy",
        "rescue": "hypothetical",
        "death": "composite, worst value",
    }

"""TA TE TI TS TV: the design as the protocol has it."""

from typing import Any

from equipoise.conduct.door.state import Trial
from equipoise.conduct.enrolment.criteria import hash_rules
from equipoise.datasets.from_record import Opened, write_sdtm
from equipoise.protocol import protocol_version


def test_an_arm_passes_through_its_own_element_where_something_is_given(inr: Any, rows: Any) -> None:
    sdtm = write_sdtm(inr.protocol, Trial(), opened=Opened(arms={}))
    assert rows(sdtm["ta"], "TAETORD", "ETCD", "ELEMENT", "TABRANCH", "EPOCH", ARMCD="LOW") == [
        (1, "SCREENIN", "Screening", "Randomised", "SCREENING"),
        (2, "LOW", "Infusions: Low dose", None, "TREATMENT"),
        (3, "OBSERVAT", "Observation", None, "OBSERVATION"),
    ]
    assert rows(sdtm["te"], "ETCD") == [("SCREENIN",), ("HIGH",), ("LOW",), ("PLACEBO",), ("OBSERVAT",)]
    assert rows(sdtm["te"], "TESTRL", ETCD="OBSERVAT") == [("First visit held from Week 60 (day 421) on",)]


def test_every_element_of_a_participant_is_among_the_elements_of_the_trial(inr: Any) -> None:
    trial, opened = inr.play(*inr.all_arms())
    for codes in (None, opened):
        sdtm = write_sdtm(inr.protocol, trial, opened=codes)
        assert set(sdtm["se"].frame["ETCD"]) <= set(sdtm["te"].frame["ETCD"])


def test_visits_have_number_target_and_window(inr: Any, rows: Any) -> None:
    tv = write_sdtm(inr.protocol, Trial())["tv"]
    assert rows(tv, "VISITNUM", "VISIT", "VISITDY", "TVSTRL")[:3] == [
        (1.0, "Screening", -1, "Held on study day -30 to -1"),
        (2.0, "Baseline", 1, "Held on study day 1"),
        (3.0, "Week 4", 29, "Held on study day 22 to 36"),
    ]


def test_criteria_have_their_text_and_their_rule(inr: Any, rows: Any) -> None:
    ti = write_sdtm(inr.protocol, Trial())["ti"]
    assert rows(ti, "IETEST", "IECAT", "TIRL", IETESTCD="I3") == [
        ("HIV RNA at most 50 copies/mL", "INCLUSION", "hiv_rna <= 50")
    ]
    assert rows(ti, "IECAT", IETESTCD="E7") == [("EXCLUSION",)]


def test_each_version_of_the_protocol_has_its_set_of_criteria(inr: Any, rows: Any) -> None:
    """The second version has dropped the criterion that kept somebody out under the first."""
    population = inr.protocol.population
    fewer = {name: one for name, one in population.exclusion.items() if name != "E7"}
    amended = inr.protocol.model_copy(update={"population": population.model_copy(update={"exclusion": fewer})})
    trial, _ = inr.play(inr.script("01-001", None))
    verdict = trial.participants["01-001"].eligibility
    verdict.not_met, verdict.rules = ("E7",), hash_rules(inr.protocol)
    sdtm = write_sdtm(amended, trial, earlier=[inr.protocol])
    first, second = (protocol_version(one)[:12] for one in (inr.protocol, amended))
    assert rows(sdtm["ti"], "TIVERS", IETESTCD="E7") == [(first,)]
    assert rows(sdtm["ti"], "TIVERS", IETESTCD="I3") == [(first,), (second,)]
    assert sdtm["ti"].frame["TIVERS"].unique(maintain_order=True).to_list() == [first, second]
    assert rows(sdtm["ie"], "IETESTCD", "IETEST") == [("E7", population.exclusion["E7"].text.say())]


def test_the_summary_says_what_kind_of_trial_it_is(inr: Any, single_arm: Any, rows: Any) -> None:
    trial, _ = inr.play(*inr.all_arms(each=2))
    told = dict(rows(write_sdtm(inr.protocol, trial)["ts"], "TSPARMCD", "TSVAL"))
    wanted = {
        "TPHASE": "PHASE II TRIAL",
        "REGID": "NCT01213186",
        "NARMS": "3",
        "RANDOM": "Y",
        "TBLIND": "DOUBLE BLIND",
        "TCNTRL": "PLACEBO",
        "PLANSUB": "72",
        "ACTSUB": "6",
        "SSTDTC": "2026-02-16",
        "INTMODEL": "PARALLEL",
    }
    assert {code: told[code] for code in wanted} == wanted
    other = dict(rows(write_sdtm(single_arm.protocol, Trial())["ts"], "TSPARMCD", "TSVAL"))
    assert [other[code] for code in ("INTMODEL", "RANDOM", "TBLIND", "TCNTRL")] == [
        "SINGLE GROUP",
        "N",
        "OPEN LABEL",
        "NONE",
    ]

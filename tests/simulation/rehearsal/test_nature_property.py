"""What nature gives: forms that hold by their rules, persons who fail as meant, arms that differ as assumed."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.shipped import shipped

from equipoise.conduct.forms.planned import forms_planned_at
from equipoise.conduct.forms.rules import rules_of
from equipoise.errors import ProtocolError
from equipoise.protocol import Protocol, names_in, parse_expression, parse_protocol
from equipoise.protocol.checks.vocabulary import screening_names
from equipoise.protocol.expression import previous_name
from equipoise.simulation.rehearsal.nature import Nature
from equipoise.simulation.rehearsal.nature.persons import CONSENT, criteria_of

from .conftest import TEXT, VARIANTS

OPENING = date(2026, 1, 5)


def nature_of(protocol: Protocol, seed: int = 2, arm: str | None = None, **options: Any) -> Nature:
    """Draw nature; everybody gets the arm, by default the first."""
    given = arm or next(iter(protocol.arms))
    return Nature(protocol, seed=seed, opening=OPENING, arm_of=lambda _: given, **options)


@pytest.fixture(scope="module")
def plan() -> Protocol:
    return parse_protocol(TEXT)


@pytest.fixture(scope="module")
def nature(plan: Protocol) -> Nature:
    return nature_of(plan)


def told_at(nature: Nature, index: int, visit: str) -> dict[str, Any]:
    """Return everything that the first records of a visit say."""
    return {
        k: v for _, number, values in nature.measure(index, visit, "x") if number == 1 for k, v in values.items()
    }


@pytest.mark.parametrize("name", ["the small trial", "hucmsc_inr", "admsc_inr"])
def test_every_form_holds_what_it_asks_for_and_no_check_stops_it(
    name: str, plan: Protocol, nature: Nature
) -> None:
    protocol = plan if name == "the small trial" else shipped(name)
    drawn = nature if name == "the small trial" else nature_of(protocol)
    sex = {}
    for person in [p.index for p in drawn.persons()][:25]:
        before: dict[str, Any] = {}
        enrolled = person < drawn.drawn.enrolled
        for visit in drawn.drawn.visits if enrolled else drawn.drawn.visits[:1]:
            for form, _, values in drawn.measure(person, visit, "x"):
                items = protocol.forms[form].items
                sex |= {person: values["sex"]} if "sex" in values else {}
                row = {previous_name(name): value for name, value in before.items()}
                found = rules_of(protocol, form).evaluate({"sex": sex[person], **row, **values})
                assert not [name for name in found.failed if protocol.forms[form].checks[name].stops]
                needed = {n for n, item in items.items() if item.required and not item.required_when}
                derived = {n for n, item in items.items() if item.derive}
                assert (needed | found.required) - derived <= set(values)
                assert not {n for n, item in items.items() if item.required_when} - found.required & set(values)
                for item, value in values.items():
                    span = items[item].range
                    assert span is None or span[0] <= value <= span[1]
                    assert not items[item].codes or value in items[item].codes
                before |= values


def test_nobody_fails_but_by_the_criterion_meant(plan: Protocol, nature: Nature) -> None:
    types = screening_names(plan)
    reasons = set()
    for person in nature.persons():
        why = nature.drawn.fails[person.index]
        values = told_at(nature, person.index, "SCR")
        assert person.consents == (why != CONSENT)
        for name, (criterion, meets) in criteria_of(plan).items():
            if criterion.rule is None:
                assert person.judged[name] == (meets if name != why else not meets)
                continue
            row = {used: [values.get(used)] for used in names_in(criterion.rule)}
            frame = pl.DataFrame(row, schema={used: types[used] for used in row})
            said = frame.select(parse_expression(criterion.rule).alias("said"))["said"][0]
            assert bool(said) == (meets if name != why else not meets)
        reasons.add(why)
    assert len(nature.persons()) == int(next(iter(nature.trials.values())).screened[0])
    assert reasons > {None}


def test_people_come_in_the_order_of_the_calendar(nature: Nature) -> None:
    days = [person.comes_on for person in nature.persons()]
    assert days == sorted(days)
    assert sorted(person.index for person in nature.persons()) == list(range(len(days)))


def test_before_treatment_a_person_is_the_same_under_every_arm(plan: Protocol) -> None:
    active, placebo = (nature_of(plan, arm=arm) for arm in plan.arms)
    assert active.persons() == placebo.persons()
    for index in range(active.drawn.enrolled):
        for visit in ("SCR", "W0"):
            assert active.measure(index, visit, "x") == placebo.measure(index, visit, "x")


def test_arms_differ_only_in_what_the_assumptions_say(plan: Protocol) -> None:
    active, placebo = (nature_of(plan, arm=arm, scenario="none") for arm in plan.arms)
    for index in range(active.drawn.enrolled):
        for visit in ("W4", "W12", "W24"):
            assert active.measure(index, visit, "x") == placebo.measure(index, visit, "x")
        one, other = active.happens(index, "x"), placebo.happens(index, "x")
        assert (one.visits, one.last_on, one.why, one.ends) == (other.visits, other.last_on, other.why, other.ends)
        assert all(record in one.records for record in other.records)  # fever comes twice as often when active
    counts = [sum(len(n.happens(i, "x").records) for i in range(n.drawn.enrolled)) for n in (active, placebo)]
    assert counts[0] > counts[1]


def test_an_effect_shows_in_the_main_item_after_day_1_and_nowhere_else(plan: Protocol) -> None:
    active, placebo = (nature_of(plan, arm=arm, scenario="planned") for arm in plan.arms)
    gains = []
    for index in range(active.drawn.enrolled):
        one, other = told_at(active, index, "W24"), told_at(placebo, index, "W24")
        assert {k: v for k, v in one.items() if k != "cd4"} == {k: v for k, v in other.items() if k != "cd4"}
        gains.append(one["cd4"] - other["cd4"])
    assert sum(gains) / len(gains) == pytest.approx(40, abs=8)


def test_values_of_a_participant_do_not_depend_on_the_arms_of_others(plan: Protocol) -> None:
    arms = list(plan.arms)
    all_alike = Nature(plan, seed=2, opening=OPENING, arm_of=lambda _: arms[0])
    others_differ = Nature(
        plan, seed=2, opening=OPENING, arm_of=lambda who: arms[0] if who == "first" else arms[1]
    )
    others_differ.happens(1, "second")
    for index in range(3):
        assert all_alike.happens(index, "first") == others_differ.happens(index, "first")
        assert all_alike.measure(index, "W12", "first") == others_differ.measure(index, "W12", "first")


def test_the_same_seed_draws_the_same_nature_and_another_one_another(plan: Protocol, nature: Nature) -> None:
    again, other = nature_of(plan), nature_of(plan, seed=3)
    for index in range(3):
        assert nature.measure(index, "W4", "x") == again.measure(index, "W4", "x")
        assert nature.happens(index, "x") == again.happens(index, "x")
    assert [told_at(nature, i, "SCR")["cd4"] for i in range(5)] != [
        told_at(other, i, "SCR")["cd4"] for i in range(5)
    ]


def test_what_is_measured_again_is_near_and_holds_by_the_rules_of_its_form(plan: Protocol, nature: Nature) -> None:
    for index in range(nature.drawn.enrolled):
        first = told_at(nature, index, "W4")
        again = nature.measure_again(index, "W4", "haematology", date(2026, 6, 1), "x")
        assert abs(again["platelets"] - first["platelets"]) <= 5 * 12
        assert ("sample_note" in again) == (again["platelets"] < 150)


def test_a_serious_event_is_one_for_its_stay_in_hospital_and_is_told_on_the_next_day() -> None:
    drawn = nature_of(shipped("hucmsc_inr"), seed=1)
    happened = [h for one in drawn.happenings["low"] for h in one if h.form == "adverse_event"]
    serious = [h for h in happened if h.urgent]
    for happening in serious:
        told, on = happening.values, drawn._day(happening.known_on)
        started = date.fromisoformat(told["ae_started"])
        assert (told["ae_hospital"], told["ae_grade"], told["ae_congenital"]) == ("Y", "3", "N")
        assert (on - started).days == 1
        assert told["ae_aware"].startswith(told["ae_started"])
    assert {h.values["ae_causality"] for h in happened if h.values["ae_term"] == "Deep vein thrombosis"} == {
        "POSSIBLY RELATED",
        "NOT RELATED",
    }
    related = {h.values["ae_term"] for h in serious if h.values["ae_causality"] == "POSSIBLY RELATED"}
    assert related == {"Deep vein thrombosis"}, "what the first seed must hold: a suspected unexpected one"


def test_nothing_happens_after_the_last_day_and_ends_are_told_once(plan: Protocol, nature: Nature) -> None:
    for index in range(nature.drawn.enrolled):
        course = nature.happens(index, "x")
        assert all(on <= course.last_on for on in course.visits.values() if on is not None)
        for record in course.records:
            assert (record.on - course.last_on).days <= 1
            assert record.settled_on is None or (record.settled_on - course.last_on).days <= 1
        ended = [end.what for end in course.ends]
        assert sorted(ended) == sorted({*ended})
        assert ("life" in ended) == (course.why == "DEATH")
        assert {"treatment", "participation"} <= set(ended)


def test_an_event_with_a_record_of_its_own_is_told_on_its_form(plan: Protocol, nature: Nature) -> None:
    trial = next(iter(nature.trials.values()))
    for index in range(nature.drawn.enrolled):
        records = nature.happens(index, "x").records
        switched = trial.events["switched"][0, index] == trial.events["switched"][0, index]
        rescued = trial.events["rescued"][0, index] == trial.events["rescued"][0, index]
        assert any(record.form == "treatment_change" for record in records) == switched
        assert any(r.form == "medication" and r.values["rescue"] == "Y" for r in records) == rescued


def test_whoever_gets_no_more_infusions_says_so_at_the_next_visit(plan: Protocol, nature: Nature) -> None:
    stopped = 0
    for index in range(nature.drawn.enrolled):
        course = nature.happens(index, "x")
        on = course.visits.get("W4")
        if on is not None and course.stops_on is not None and course.stops_on <= on:
            said = told_at(nature, index, "W4")
            assert (said["infused"], "bag_number" in said) == ("N", False)
            assert next(end for end in course.ends if end.what == "treatment").after == "W4"
            stopped += 1
    assert stopped


def test_a_check_that_no_value_can_pass_is_named() -> None:
    text = TEXT.replace("rule: systolic > diastolic", "rule: systolic > 300")
    with pytest.raises(ProtocolError, match=r"vitals.*cannot be filled in.*systolic"):
        nature_of(parse_protocol(text))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_design_is_drawn_by_the_same_code(variant: str) -> None:
    protocol = parse_protocol(VARIANTS[variant])
    drawn = nature_of(protocol)
    assert drawn.drawn.enrolled == protocol.size
    for visit in protocol.schedule.visits:
        forms = [form for form, number, _ in drawn.measure(0, visit, "x") if number == 1]
        assert forms == list(forms_planned_at(protocol, visit))


def test_a_protocol_without_forms_cannot_be_rehearsed(plan: Protocol) -> None:
    with pytest.raises(ProtocolError, match="has no forms"):
        nature_of(plan.model_copy(update={"forms": {}}))

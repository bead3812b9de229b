"""Infusions: ordered by a weight that is new enough and believable, once a visit; bags given out once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.forms.desk import DAY_1, VITALS, WHO, Desk, allocate, edited, one_participant, shipped

from equipoise.conduct.door.state import Leaving
from equipoise.conduct.follow_up.infusions import BagIssued, InfusionOrdered, IssueBag, OrderInfusion
from equipoise.errors import DecisionRefused

ORDER = f"{WHO}/W0"


def refused(desk: Desk, visit: str = "W0") -> str:
    with pytest.raises(DecisionRefused) as caught:
        desk.do(OrderInfusion(participant=WHO, visit=visit))
    return str(caught.value)


def issue(desk: Desk, bag: str = "B-7", volume: str = "100 mL", order: str = ORDER) -> list:
    return desk.do(IssueBag(participant=WHO, order=order, bag=bag, volume=volume), role="pharmacist")


def not_issued(desk: Desk, **more: str) -> str:
    with pytest.raises(DecisionRefused) as caught:
        issue(desk, **more)
    return str(caught.value)


def test_an_infusion_is_ordered_by_the_newest_weight(started: Desk) -> None:
    assert started.do(OrderInfusion(participant=WHO, visit="W0")) == [
        InfusionOrdered(order=ORDER, visit="W0", weight_kg="61.5", weighed_on=DAY_1)
    ]
    assert started.participant.infusions[ORDER].weight_kg == "61.5"


def test_the_weight_of_screening_serves_day_1_while_it_is_new_enough() -> None:
    desk = Desk().start()
    assert refused(desk) == "no weight is recorded up to 2024-03-18; weigh the participant, save the form"
    desk.save("vitals", "SCR", on=date(2024, 3, 5), late="found only now")
    (ordered,) = desk.do(OrderInfusion(participant=WHO, visit="W0"))
    assert isinstance(ordered, InfusionOrdered)
    assert ordered.weighed_on == date(2024, 3, 5)


def test_a_weight_of_28_days_serves_and_one_of_29_does_not(started: Desk) -> None:
    started.hold("W4", DAY_1 + timedelta(days=28))
    assert started.decide(OrderInfusion(participant=WHO, visit="W4"))
    late = Desk().start()
    late.save("vitals", "W0")
    late.hold("W4", DAY_1 + timedelta(days=29))
    assert refused(late, "W4") == (
        "the newest weight must be at most 28 d old at the visit; weigh the participant again and save the form. "
        "Got 61.5 kg of 2024-03-18, 29 days before"
    )


def test_a_weight_taken_after_the_visit_does_not_count(week_4: Desk) -> None:
    week_4.today += timedelta(days=1)
    week_4.save("vitals", "W4", {**VITALS, "weight": 66.0})
    (ordered,) = week_4.decide(OrderInfusion(participant=WHO, visit="W4"))
    assert isinstance(ordered, InfusionOrdered)
    assert ordered.weight_kg == "61.5"


def test_a_weight_that_is_missing_leaves_the_one_before(week_4: Desk) -> None:
    values = {name: value for name, value in VITALS.items() if name != "weight"}
    week_4.save("vitals", "W4", values, missing={"weight": "REFUSED"})
    (ordered,) = week_4.decide(OrderInfusion(participant=WHO, visit="W4"))
    assert isinstance(ordered, InfusionOrdered)
    assert ordered.weighed_on == DAY_1


def test_a_weight_that_nobody_has_is_refused_whatever_the_record_says(started: Desk) -> None:
    started.participant.forms["W0/vitals/1"].values["weight"].value = 700.0
    assert refused(started) == (
        "the weight must lie between 30 and 200 kg; correct the form of 2024-03-18. Got 700.0"
    )


@settings(max_examples=30, deadline=None)
@given(st.decimals(30, 200, places=1))
def test_the_order_holds_the_weight_as_the_decimal_that_was_entered(weight: Decimal) -> None:
    desk = Desk().start()
    desk.save("vitals", "W0", {**VITALS, "weight": str(weight)})
    (ordered,) = desk.do(OrderInfusion(participant=WHO, visit="W0"))
    assert isinstance(ordered, InfusionOrdered)
    assert Decimal(ordered.weight_kg) == weight


def test_a_weight_recorded_in_grams_is_ordered_in_kilograms() -> None:
    protocol = edited(("unit: kg, range: [30, 200], decimals: 1", "unit: g, range: [30000, 200000], decimals: 0"))
    desk = Desk(protocol, one_participant()).start()
    desk.save("vitals", "W0", {**VITALS, "weight": 61500})
    (ordered,) = desk.do(OrderInfusion(participant=WHO, visit="W0"))
    assert isinstance(ordered, InfusionOrdered)
    assert Decimal(ordered.weight_kg) == Decimal("61.5")


def test_a_visit_has_one_order(started: Desk) -> None:
    started.do(OrderInfusion(participant=WHO, visit="W0"))
    assert refused(started) == "the infusion of visit W0 has already been ordered. Got order 01-001/W0"


def test_an_infusion_is_for_the_allocated_at_a_visit_that_was_held_and_has_one(started: Desk) -> None:
    assert refused(started, "W4") == "visit W4 has not been recorded as held; record it before the infusion"
    started.hold("W60", DAY_1 + timedelta(days=420))
    assert refused(started, "W60") == (
        "the protocol plans no infusion dosed by weight at this visit. Got visit W60"
    )
    started.participant.allocation = None
    assert refused(started) == "01-001 has not been allocated; an infusion is for who has been"


def test_no_infusion_after_a_later_visit(week_4: Desk) -> None:
    assert refused(week_4) == ("visit W4 has taken place since; the infusion of visit W0 can no longer be ordered")


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("treatment", "the infusions of 01-001 ended on 2024-03-17 (PREGNANCY)"),
        ("participation", "01-001 left the trial on 2024-03-17; check the date. Got 2024-03-18"),
        ("life", "01-001 died on 2024-03-17; check the date. Got 2024-03-18"),
    ],
)
def test_no_infusion_after_the_end(started: Desk, what: str, sentence: str) -> None:
    started.participant.ended[what] = Leaving(on=DAY_1 - timedelta(days=1), why="PREGNANCY")
    assert refused(started) == sentence


def test_no_infusion_after_consent_was_withdrawn(started: Desk) -> None:
    started.participant.consent_withdrawn_on = DAY_1
    assert "withdrew consent" in refused(started)


def test_a_bag_is_given_out_once_for_an_order(started: Desk) -> None:
    assert not_issued(started) == "01-001 has no such order; check its number. Got 01-001/W0"
    started.do(OrderInfusion(participant=WHO, visit="W0"))
    assert issue(started, bag=" B-7 ") == [BagIssued(order=ORDER, bag="B-7", volume="100 mL")]
    assert (started.participant.infusions[ORDER].bag, started.trial.bags) == ("B-7", {"B-7": ORDER})
    assert not_issued(started, bag="B-8") == "bag B-7 has already been given out for order 01-001/W0"


def test_a_bag_is_given_to_one_participant_only(started: Desk) -> None:
    started.do(OrderInfusion(participant=WHO, visit="W0"))
    started.trial.bags["B-7"] = "01-002/W0"
    assert not_issued(started) == "this bag was given out for order 01-002/W0; check the number. Got B-7"
    assert not_issued(started, bag=" ") == "the bag needs its number, as printed on it"


@pytest.mark.parametrize("volume", ["90 mL", "100", "a bag", "100 L"])
def test_the_volume_is_that_of_the_protocol_for_everybody(started: Desk, volume: str) -> None:
    started.do(OrderInfusion(participant=WHO, visit="W0"))
    assert not_issued(started, volume=volume) == (
        f"the volume must be 100 mL, the same for everybody. Got {volume}"
    )


def test_no_bag_after_the_end_of_treatment(started: Desk) -> None:
    started.do(OrderInfusion(participant=WHO, visit="W0"))
    started.participant.ended["treatment"] = Leaving(on=DAY_1, why="DEATH")
    assert not_issued(started) == "the infusions of 01-001 ended on 2024-03-18 (DEATH)"


def test_a_trial_without_randomisation_orders_by_the_same_door() -> None:
    desk = Desk(shipped("admsc_inr")).start()
    desk.save("vitals", "W0", {name: VITALS[name] for name in desk.protocol.forms["vitals"].items})
    assert desk.do(OrderInfusion(participant=WHO, visit="W0"))
    allocate(desk.participant)
    assert issue(desk)

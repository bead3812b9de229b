"""The dose of an infusion never lies below or above its bounds, by the whole way from the order to the bag.

A participant is weighed, the infusion is ordered, the vault computes the dose and numbers a bag, the bag is given
out. Whatever was weighed, however long ago, whatever the cap: the dose is that of the capped weight by the rule of
the protocol, or nothing is given out at all. What the blinded side learns is the same in every arm.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from equipoise.conduct.follow_up import infusions
from equipoise.conduct.follow_up.infusions import OrderInfusion
from equipoise.conduct.follow_up.visits import HoldVisit
from equipoise.conduct.forms.entry import SaveForm
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol, Quantity
from equipoise.trial.steps import issue_bag, stamp_of
from equipoise.vault import doses
from equipoise.vault.bags import Bag, DoseOrder, Preparation
from equipoise.vault.doses import Weighing

from .conftest import TrialAt
from .rewind import Rewind, rewinding
from .scripted import Scripted

PER_KG: Mapping[str, Decimal] = {
    "canary_high": Decimal("1.5e6"),
    "canary_low": Decimal("0.5e6"),
    "canary_none": Decimal(0),
}
LIGHTEST, HEAVIEST, OLDEST, STEP = Decimal(30), Decimal(200), 28, Decimal("0.1e6")
"""What the protocol says of weights: believable from 30 to 200 kg, for 28 days; and how doses are rounded."""

BLOCK = 3
"""Places of the lists, one block each: two sites that use theirs up have each arm twice."""


@dataclass(frozen=True)
class Weighed:
    """What was weighed, how many days before the infusion, and the cap of the protocol in kg, if any."""

    weight: Decimal
    days: int
    cap: Decimal | None

    def bounds(self, arm: str) -> tuple[Decimal, Decimal]:
        most = HEAVIEST if self.cap is None else min(HEAVIEST, self.cap)
        return PER_KG[arm] * min(LIGHTEST, most), PER_KG[arm] * most

    def exact(self, arm: str) -> Decimal:
        return PER_KG[arm] * (self.weight if self.cap is None else min(self.weight, self.cap))


weights = st.decimals(LIGHTEST, HEAVIEST, places=1)
caps = st.none() | st.decimals(Decimal(40), Decimal(250), places=2)
cases = st.builds(Weighed, weights, st.integers(21, 35), caps)


@pytest.fixture
def rewind(trial_at: TrialAt) -> Iterator[Rewind]:
    with rewinding(trial_at("infused", 2 * BLOCK, size=BLOCK), trial_at.server) as kept:
        yield kept


def with_cap(protocol: Protocol, cap: Decimal | None) -> Protocol:
    """Return the protocol with another cap on the weight, or none."""
    product = protocol.interventions["cells"]
    assert product.weight is not None
    weight = product.weight.model_copy(update={"cap": None if cap is None else Quantity(cap, "kg")})
    changed = product.model_copy(update={"weight": weight})
    return protocol.model_copy(update={"interventions": {**protocol.interventions, "cells": changed}})


def give(script: Scripted, who: str, visit: str) -> tuple[Bag, Preparation]:
    """Order and give out an infusion; return the bag, and what the unblinded pharmacist is shown of it."""
    script.do(OrderInfusion(participant=who, visit=visit), "investigator")
    bag = issue_bag(script.running, script.vault, script.by("pharmacist"), who, f"{who}/{visit}")
    stamp = stamp_of(script.by("pharmacist"), f"show {who}/{visit}", rehearsed=True)
    return bag, script.vault.call("show_preparation", Preparation, stamp=stamp, order=f"{who}/{visit}")


def wrong_doses(script: Scripted, case: Weighed) -> list[str]:
    """Give everybody the second infusion by the weight of the first, aged; return what is wrong."""
    door = script.running.door
    protocol = with_cap(script.running.protocol, case.cap)
    door.protocols = dict.fromkeys(door.protocols, protocol)
    script.vault.vault.protocol = protocol
    found: list[str] = []
    seen: dict[str, set[Any]] = {}
    everybody = list(script.trial.participants)
    for who in everybody:
        weigh(script, who, case.weight)
    script.wait(case.days)
    for who in everybody:
        reason = "as it could be" if not 21 <= case.days <= 35 else None
        held = HoldVisit(participant=who, visit="W4", on=script.today(who[:2]), reason=reason)
        script.do(held, "coordinator")
        try:
            bag, prepared = give(script, who, "W4")
        except DecisionRefused as refused:
            if case.days <= OLDEST or "at most 28 d old" not in str(refused):
                found.append(f"{who} was refused: {refused}")
            seen.setdefault("refusals", set()).add(str(refused).replace(who, ""))
            continue
        if case.days > OLDEST:
            found.append(f"{who} got a bag by a weight of {case.days} days ago")
        least, most = case.bounds(prepared.arm)
        if not least <= prepared.amount <= most:
            found.append(f"{who} got {prepared.amount}, not between {least} and {most}")
        near = (case.exact(prepared.arm) / STEP).to_integral_value(ROUND_HALF_UP) * STEP
        if abs(prepared.amount - near) > STEP or (least <= near <= most and prepared.amount != near):
            found.append(f"{who} got {prepared.amount}, which is not {near}")
        seen.setdefault("volumes", set()).add((bag.volume, prepared.volume))
        seen.setdefault("shapes of bags", set()).add(len(bag.number))
        seen.setdefault("arms", set()).add(prepared.arm)
    found += [f"{what} differ: {values}" for what, values in seen.items() if what != "arms" and len(values) > 1]
    if case.days <= OLDEST and not found and seen["arms"] != set(PER_KG):
        found.append("not every arm was looked at")
    return found


def weigh(script: Scripted, who: str, weight: Decimal) -> None:
    """Correct the weight of the first infusion's day."""
    on = script.participant(who).visits["W0"].on
    assert on is not None
    values = {"weight": float(weight)}
    changed = SaveForm(participant=who, form="vitals", visit="W0", on=on, values=values, reason="read wrongly")
    if weight != Decimal("61.3"):
        script.do(changed, "coordinator")


def test_the_dose_lies_within_its_bounds_or_nothing_is_given_out(rewind: Rewind) -> None:
    @settings(max_examples=6, deadline=None)
    @given(cases)
    @example(Weighed(Decimal(30), 28, None))
    @example(Weighed(Decimal(200), 28, Decimal("99.97")))
    @example(Weighed(Decimal("100.1"), 29, Decimal(100)))
    def holds(case: Weighed) -> None:
        with rewind.example() as script:
            protocols = script.running.door.protocols
            try:
                assert wrong_doses(script, case) == []
            finally:
                script.running.door.protocols = protocols

    holds()


MUTATIONS: Mapping[str, tuple[Weighed, Any]] = {
    "the bounds": (
        Weighed(Decimal(150), 28, Decimal("99.98")),
        lambda patch: patch.setattr(doses, "_round", round_to_the_nearest),
    ),
    "the cap": (
        Weighed(Decimal(150), 28, Decimal(100)),
        lambda patch: patch.setattr(doses, "min", lambda *values: max(values), raising=False),
    ),
    "the age of the weight": (
        Weighed(Decimal(70), 29, Decimal(100)),
        lambda patch: (
            patch.setattr(infusions, "_weight", newest_weight),
            patch.setattr(doses, "_in_unit", lambda quantity, unit: quantity.value * 100),
        ),
    ),
    "the same volume": (
        Weighed(Decimal(70), 28, None),
        lambda patch: patch.setattr("equipoise.vault.bags.volume_of", one_volume_after_the_other()),
    ),
}


def round_to_the_nearest(amount: Decimal, rounding: Any, least: Decimal, most: Decimal) -> Decimal:
    return (amount / rounding.step).to_integral_value(rounding.mode) * rounding.step


def newest_weight(_protocol: Protocol, participant: Any, *_: Any) -> tuple[str, Any]:
    entry = participant.forms["W0/vitals/1"]
    return str(entry.values["weight"].value), entry.on


def one_volume_after_the_other() -> Any:
    volumes = iter(range(90, 190, 10))
    return lambda *_: f"{next(volumes)} mL"


@pytest.mark.parametrize("name", MUTATIONS)
def test_without_each_of_its_guards_a_dose_would_be_wrong(
    rewind: Rewind, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case, mutate = MUTATIONS[name]
    script = rewind.script
    monkeypatch.setattr(script.running.door, "protocols", script.running.door.protocols)
    assert script.vault.vault.protocol is not None
    mutate(monkeypatch)
    assert wrong_doses(script, case)


@pytest.mark.parametrize("weight", ["700", "200.1", "29.9", "0", "-70"])
def test_a_weight_that_nobody_can_have_is_refused_on_the_form_and_by_the_vault(
    rewind: Rewind, weight: str
) -> None:
    script, who = rewind.script, "01-001"
    before = rewind.stored()
    with pytest.raises(DecisionRefused, match="must lie between 30 and 200"):
        weigh(script, who, Decimal(weight))
    words = set()
    for person in script.trial.participants:
        order = DoseOrder(
            order=f"{person}/W4",
            participant=person,
            intervention="cells",
            visit="W4",
            weighing=Weighing(Decimal(weight), "kg", script.today()),
            on=script.today(),
        )
        stamp = stamp_of(script.by("pharmacist"), f"prepare for {person}", rehearsed=True)
        with pytest.raises(DecisionRefused, match="must lie between 30 and 200 kg") as refused:
            script.vault.call("prepare_dose", Bag, stamp=stamp, order=order)
        words.add(str(refused.value))
    assert len(words) == 1, "the refusal is the same in every arm"
    assert rewind.stored() == before


def test_what_the_record_of_the_blinded_side_holds_of_a_bag_has_no_room_for_a_dose(rewind: Rewind) -> None:
    issued = [json.loads(event.payload) for event in rewind.script.running.book.read(kinds=["BagIssued"])]
    assert {tuple(sorted(said)) for said in issued} == {("bag", "order", "volume")}
    assert {said["volume"] for said in issued} == {"100 mL"}

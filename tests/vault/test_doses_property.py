"""The dose: in decimals, within its bounds whatever the weight, by the protocol's rule, one volume for all."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DecisionRefused, ProtocolError
from equipoise.protocol import Protocol, parse_protocol, read_protocol
from equipoise.protocol.read import SHIPPED
from equipoise.vault.doses import (
    Dose,
    Weighing,
    compute_doses,
    parse_rounding,
    require_doses,
    stated_doses,
    volume_of,
)

TRIAL = read_protocol("hucmsc_inr")
DAY = date(2014, 5, 2)
PER_KG = {"high": Decimal("1.5e6"), "low": Decimal("0.5e6"), "placebo": Decimal(0)}
STEP, CAP = Decimal("0.1e6"), Decimal(100)

weights = st.decimals(Decimal(30), Decimal(200), places=1)


def weighed(value: str | Decimal, *, unit: str = "kg", days_before: int = 0) -> Weighing:
    """A weight, so many days before the day of the dose."""
    return Weighing(Decimal(value), unit, DAY - timedelta(days_before))


def altered(old: str, new: str, name: str = "hucmsc_inr") -> Protocol:
    """The shipped trial with one change in its file."""
    text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    return parse_protocol(text.replace(old, new))


def doses(weighing: Weighing | None, protocol: Protocol = TRIAL) -> dict[str, Dose]:
    return compute_doses(protocol, "cells", weighing, DAY)


@given(weights)
def test_the_dose_is_cells_per_kilogram_times_the_capped_weight_to_the_nearest_step(weight: Decimal) -> None:
    for arm, dose in doses(weighed(weight)).items():
        exact = PER_KG[arm] * min(weight, CAP)
        assert dose.amount == (exact / STEP).to_integral_value(ROUND_HALF_UP) * STEP
        assert dose.weight == min(weight, CAP)
        assert dose.unit == "cells"


@given(weights)
def test_the_dose_is_never_above_that_of_the_cap_nor_below_that_of_the_lightest(weight: Decimal) -> None:
    for arm, dose in doses(weighed(weight)).items():
        assert PER_KG[arm] * 30 <= dose.amount <= PER_KG[arm] * CAP


AWKWARD = altered("cap: 100 kg}", "cap: 99.97 kg}")


@given(weights, st.sampled_from(["half up", "half even", "up", "down"]), st.integers(1, 30))
def test_the_bounds_hold_where_they_are_no_multiple_of_the_step(weight: Decimal, mode: str, tenths: int) -> None:
    protocol = _with_rounding(f"{mode} to {tenths}e5 cells")
    for arm, dose in doses(weighed(weight), protocol).items():
        least, most = PER_KG[arm] * 30, PER_KG[arm] * Decimal("99.97")
        assert least <= dose.amount <= most
        assert dose.amount % (tenths * Decimal(10**5)) == 0
        assert abs(dose.amount - PER_KG[arm] * min(weight, Decimal("99.97"))) < tenths * 10**5


def _with_rounding(rule: str) -> Protocol:
    product = AWKWARD.interventions["cells"].model_copy(update={"rounding": rule})
    return AWKWARD.model_copy(update={"interventions": {"cells": product}})


@given(weights, weights)
def test_a_heavier_participant_never_gets_less(one: Decimal, other: Decimal) -> None:
    lighter, heavier = (doses(weighed(weight)) for weight in sorted((one, other)))
    assert all(lighter[arm].amount <= heavier[arm].amount for arm in PER_KG)


@given(weights)
def test_equal_doses_read_the_same_without_exponents(weight: Decimal) -> None:
    for dose in doses(weighed(weight)).values():
        assert str(dose.amount) == f"{int(dose.amount)}"
    assert str(doses(weighed("72.4"))["high"]) == "108,600,000 cells"


def test_the_half_that_binary_fractions_miss_is_rounded_up() -> None:
    assert int(1.5e6 * 32.3 / 1e5 + 0.5) * 10**5 == 48_400_000
    assert doses(weighed("32.3"))["high"].amount == 48_500_000


def test_the_volume_is_that_of_the_protocol_and_knows_no_arm() -> None:
    assert volume_of(TRIAL, "cells") == "100 mL"


@pytest.mark.parametrize("weight", ["700", "200.1", "29.9", "0", "-70", "NaN", "Infinity"])
def test_a_weight_that_nobody_can_have_is_refused(weight: str) -> None:
    with pytest.raises(DecisionRefused, match=r"between 30 and 200 kg; weigh the participant again\. Got"):
        doses(weighed(weight))


@pytest.mark.parametrize("days", [0, 1, 28])
def test_a_weight_of_up_to_28_days_serves(days: int) -> None:
    assert doses(weighed("70", days_before=days))["low"].amount == 35_000_000


@pytest.mark.parametrize("days", [29, 400, -1])
def test_a_weight_that_is_too_old_or_of_tomorrow_is_refused(days: int) -> None:
    with pytest.raises(DecisionRefused, match=r"at most 28 d old .* weigh the participant again"):
        doses(weighed("70", days_before=days))


def test_a_missing_weight_and_another_unit_are_refused() -> None:
    with pytest.raises(DecisionRefused, match="Got none"):
        doses(None)
    with pytest.raises(DecisionRefused, match=r"in kg.* Got 154 lb"):
        doses(weighed("154", unit="lb"))


def test_something_that_the_protocol_does_not_give_is_refused() -> None:
    with pytest.raises(DecisionRefused, match=r"order one of these\. Got serum"):
        compute_doses(TRIAL, "serum", weighed("70"), DAY)


@given(st.sampled_from(["700", "29", "70"]), st.sampled_from(["kg", "lb"]), st.integers(-3, 40))
def test_a_refusal_says_the_same_whatever_the_doses_of_the_arms_are(weight: str, unit: str, days: int) -> None:
    swapped = {"high": TRIAL.arms["placebo"], "low": TRIAL.arms["high"], "placebo": TRIAL.arms["low"]}
    said = set()
    for protocol in (TRIAL, TRIAL.model_copy(update={"arms": swapped})):
        try:
            doses(weighed(weight, unit=unit, days_before=days), protocol)
        except DecisionRefused as refusal:
            said.add(str(refusal))
        else:
            said.add("")
    (sentence,) = said
    assert not any(arm in sentence for arm in PER_KG)


def test_without_a_rule_the_exact_dose_stands_and_without_a_weight_the_stated_one() -> None:
    exact = compute_doses(read_protocol("admsc_inr"), "cells", weighed("72.4"), DAY)["cells"]
    assert exact.amount == Decimal("72400000")
    fixed = compute_doses(read_protocol("cdiscpilot01"), "xanomeline", None, DAY)
    assert {arm: str(dose) for arm, dose in fixed.items()} == {"placebo": "0 mg", "low": "54 mg", "high": "81 mg"}


@pytest.mark.parametrize(
    "rule", ["half up", "nearest to 0.1e6 cells", "half up to 0 cells", "half up to many", ""]
)
def test_a_rounding_rule_that_is_none_is_refused(rule: str) -> None:
    with pytest.raises(ProtocolError, match=r"half up, half even, up or down, then `to` and a step"):
        parse_rounding(rule)


def test_a_step_that_leaves_no_dose_within_the_bounds_is_refused() -> None:
    with pytest.raises(ProtocolError, match="smaller step"):
        doses(weighed("70"), _with_rounding("half up to 1e9 cells"))


def test_a_step_in_another_unit_than_the_dose_is_refused() -> None:
    text = (SHIPPED / "hucmsc_inr.yaml").read_text(encoding="utf-8")
    text = text.replace(" /kg, ratio", " cells/kg, ratio").replace("half up to 0.1e6 cells", "half up to 1 mg")
    with pytest.raises(ProtocolError, match="step in cells"):
        doses(weighed("70"), parse_protocol(text))


def test_a_protocol_that_states_no_dose_for_one_arm_is_refused_for_all() -> None:
    require_doses(TRIAL)
    lacking = altered("cells: 0 /kg, ratio: 1, control: true", "ratio: 1, control: true")
    with pytest.raises(ProtocolError, match="Got none in placebo"):
        require_doses(lacking)
    with pytest.raises(ProtocolError, match="in every arm"):
        doses(weighed("70"), lacking)


def test_the_doses_of_an_arm_as_the_protocol_states_them() -> None:
    assert stated_doses(TRIAL, "low") == {"hUC-MSC suspension": "500,000 /kg"}

"""The rules of a form: derived items, what is required, edit checks; previous values and participant variables."""

import gc
import time
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.door.chapters import DECISIONS
from equipoise.conduct.door.fact import By, Setting
from equipoise.conduct.follow_up.visits import HoldUnscheduledVisit
from equipoise.conduct.forms import rules
from equipoise.conduct.forms.elsewhere import variable_values
from equipoise.conduct.forms.entry import RemoveForm, SaveForm
from equipoise.conduct.forms.judgement import raised_now
from equipoise.conduct.forms.rules import FormRules, Outcomes, rules_of

from .desk import DAY_1, SCREENED, VITALS, WHO, ZONE, Desk, edited, noon, shipped

BLOOD = "  specimen:\n    label: {en: Stored blood"


@pytest.fixture(autouse=True, scope="module")
def protocols() -> None:
    """Reading a protocol takes a second; no single example is to be blamed for it."""
    shipped("hucmsc_inr")
    shipped("hucmsc_confirm")


def form_with(items: str, checks: str = "") -> FormRules:
    """The rules of a form of these items, in place of the stored blood."""
    return FormRules(edited((BLOOD, f"  extra:\n    label: Extra\n    items:\n{items}{checks}\n{BLOOD}")), "extra")


@pytest.mark.parametrize("name", ["hucmsc_inr", "hucmsc_confirm", "hucmsc_pilot", "admsc_inr"])
def test_every_form_of_the_shipped_trials_can_be_judged_empty(name: str) -> None:
    for form in shipped(name).forms:
        assert not rules_of(shipped(name), form).evaluate({}).failed


def test_a_rule_with_an_unknown_value_does_not_speak_against_the_form() -> None:
    vitals = rules_of(shipped(), "vitals")
    assert vitals.evaluate({}) == Outcomes()
    assert vitals.evaluate({"systolic": 70, "diastolic": 80}).failed == ("VS1",)


def test_checks_fail_in_the_order_of_the_protocol() -> None:
    row = {"systolic": 70, "diastolic": 80, "temperature": 39.0, "weight": 90.0, "previous weight": 60.0}
    assert rules_of(shipped(), "vitals").evaluate(row).failed == ("VS1", "VS2", "VS4")


def test_a_date_and_time_is_compared_as_one() -> None:
    infusion = rules_of(shipped(), "infusion")
    row = {"infused": "Y", "infusion_start": "2024-03-18T10:00", "infusion_end": "2024-03-18T09:59"}
    assert infusion.evaluate(row).failed == ("IN1",)
    assert infusion.evaluate({**row, "infusion_end": "2024-03-18T10:01"}).failed == ()


@given(st.integers(0, 3000), st.integers(1, 5000))
def test_a_derived_ratio_is_the_exact_one_rounded_half_up(cd4: int, cd8: int) -> None:
    found = rules_of(shipped(), "immunology").evaluate({"cd4": cd4, "cd8": cd8}).derived["cd4_cd8"]
    # the quotient itself is a floating-point number: its shortest text is what is rounded
    assert found == float(Decimal(str(cd4 / cd8)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    assert abs(float(str(found)) - cd4 / cd8) <= 0.005 + 1e-12


@given(st.integers(0, 3000), st.none() | st.integers(0, 3000), st.integers(1, 5000))
def test_a_derived_item_may_rest_on_another_one(first: int, second: int | None, cd8: int) -> None:
    confirm = rules_of(shipped("hucmsc_confirm"), "immunology")
    derived = confirm.evaluate({"cd4_first": first, "cd4_second": second, "cd8": cd8}).derived
    mean = first if second is None else (first + second) / 2
    assert derived["cd4"] == mean
    assert isinstance(derived["cd4_cd8"], float)
    assert abs(derived["cd4_cd8"] - mean / cd8) <= 0.005 + 1e-12


def test_a_quotient_by_nothing_is_no_value() -> None:
    ratio = form_with("      a: {label: a}\n      b: {label: b}\n      q: {label: q, derive: a / b}\n")
    assert ratio.evaluate({"a": 1, "b": 0}).derived == {"q": None}
    assert ratio.evaluate({"a": 1, "b": 4}).derived == {"q": 0.25}


def test_a_derived_integer_is_rounded_and_a_derived_date_stays_a_date() -> None:
    items = (
        "      a: {label: a}\n      n: {label: n, type: integer, derive: a / 2}\n"
        "      begun: {label: b, type: date}\n"
        "      same: {label: s, type: date, derive: 'COALESCE(begun, begun)'}\n"
    )
    found = form_with(items)
    assert found.evaluate({"a": 3, "begun": "2024-02-29"}).derived == {"n": 2, "same": "2024-02-29"}


def test_a_rule_that_names_nothing_is_evaluated_too() -> None:
    found = form_with("      a: {label: a}\n", "    checks:\n      X: {rule: 1 = 2, say: never}\n")
    assert found.evaluate({}).failed == ("X",)


def test_rules_are_read_once_and_forgotten_with_their_protocol() -> None:
    protocol = edited(("  id: hucmsc_inr", "  id: another_name"))
    first = rules_of(protocol, "vitals")
    assert rules_of(protocol, "vitals") is first
    key = id(protocol)
    assert key in rules._KEPT
    del protocol
    gc.collect()
    assert key not in rules._KEPT


# The value at the visit before


def later(desk: Desk, visit: str, days: int, **values: float) -> None:
    desk.hold(visit, DAY_1 + timedelta(days=days))
    desk.save("vitals", visit, {**VITALS, **values})


def raised(desk: Desk, visit: str) -> tuple[str, ...]:
    return desk.participant.forms[f"{visit}/vitals/1"].raised


def test_previous_is_the_value_at_the_latest_earlier_visit_at_which_it_was_recorded(desk: Desk) -> None:
    desk.save("vitals", "SCR", {**VITALS, "weight": 80.0})
    desk.start_from_day_1()
    desk.save("vitals", "W0", {**VITALS, "weight": 60.0})
    assert raised(desk, "W0") == ("VS2",)
    desk.hold("W4", DAY_1 + timedelta(days=28))
    without = {name: value for name, value in VITALS.items() if name != "weight"}
    desk.save("vitals", "W4", without, missing={"weight": "NOT DONE"})
    later(desk, "W12", 84, weight=65.0)
    assert raised(desk, "W12") == ()  # against 60 of W0, as W4 has none
    later(desk, "W24", 168, weight=80.0)
    assert raised(desk, "W24") == ("VS2",)


def test_an_unscheduled_visit_in_between_counts_and_a_later_one_does_not(desk: Desk) -> None:
    desk.save("vitals", "SCR", {**VITALS, "weight": 60.0})
    desk.start_from_day_1()
    desk.today = DAY_1 + timedelta(days=40)
    desk.do(HoldUnscheduledVisit(participant=WHO, on=DAY_1 + timedelta(days=14), why="cough"))
    desk.save("vitals", "U1", {**VITALS, "weight": 66.0})
    desk.save("vitals", "W0", {**VITALS, "weight": 60.0})
    assert raised(desk, "W0") == ()
    desk.hold("W4", DAY_1 + timedelta(days=28))
    desk.save("vitals", "W4", {**VITALS, "weight": 72.6})
    assert raised(desk, "W4") == ()  # exactly 10% above 66


def test_what_is_raised_now_follows_from_a_correction_of_an_earlier_visit(desk: Desk) -> None:
    desk.save("vitals", "SCR", {**VITALS, "weight": 80.0})
    desk.start_from_day_1()
    desk.save("vitals", "W0", {**VITALS, "weight": 60.0})
    assert raised_now(desk.protocol, desk.participant) == {"W0/vitals/1": ("VS2",)}
    desk.save("vitals", "SCR", {"weight": 60.0}, reason="scale")
    assert raised(desk, "W0") == ("VS2",)
    assert raised_now(desk.protocol, desk.participant) == {}


# Participant variables


def test_a_variable_is_the_last_value_of_its_item_up_to_day_1(desk: Desk) -> None:
    desk.save("immunology", "SCR", {"cd4": 140, "cd8": 800})
    desk.start_from_day_1()
    desk.save("immunology", "W0", {"cd4": 160, "cd8": 800})
    desk.hold("W4", DAY_1 + timedelta(days=28))
    desk.save("immunology", "W4", {"cd4": 300, "cd8": 800})
    names = ("cd4_entry", "cd4_stratum", "site", "randomised", "rescue_day", "sex")
    assert variable_values(desk.protocol, desk.participant, names) == {
        "cd4_entry": 160,
        "cd4_stratum": "above 150",
        "site": "01",
        "randomised": True,
        "rescue_day": None,
        "sex": None,
    }


def test_a_record_struck_out_gives_no_value(desk: Desk) -> None:
    desk.save("medical_history", "SCR", {"condition": "Asthma", "condition_ongoing": "Y"})
    desk.do(RemoveForm(participant=WHO, form="medical_history", visit="SCR", reason="never said so"))
    protocol = edited(
        ("  sex:    {label:", "  asthma: {label: x, type: text, item: condition}\n  sex:    {label:")
    )
    assert variable_values(protocol, desk.participant, ["asthma"]) == {"asthma": None}


# Speed


def test_a_save_of_a_form_with_ten_items_and_five_checks_takes_less_than_a_millisecond() -> None:
    items = "".join(f"      item_{n}: {{label: x, range: [0, 100], decimals: 1}}\n" for n in range(10))
    checks = "    checks:\n" + "".join(
        f"      C{n}: {{rule: item_{n} <= 2 * previous(item_{n}) OR item_{n + 1} > 3, say: x}}\n" for n in range(5)
    )
    extra = f"  extra:\n    label: Extra\n    items:\n{items}{checks}\n{BLOOD}"
    protocol = edited((BLOOD, extra), ("    vitals: *every", "    vitals: *every\n    extra: *every"))
    desk = Desk(protocol)
    desk.hold("SCR", SCREENED)
    values = {f"item_{n}": n + 0.5 for n in range(10)}
    desk.save("extra", "SCR", values)
    desk.start_from_day_1()
    setting = Setting(protocol, By("li", "coordinator", noon(DAY_1), ZONE))
    intent = SaveForm(participant=WHO, form="extra", visit="W0", on=DAY_1, values=values)
    decide = DECISIONS[SaveForm]
    decide(setting, desk.trial, intent)
    begun = time.process_time()
    for _ in range(200):
        decide(setting, desk.trial, intent)
    assert (time.process_time() - begun) / 200 < 1e-3


def test_dates_are_read_as_dates() -> None:
    history = rules_of(shipped(), "medical_history")
    row = {
        "condition_started": date(2020, 5, 1).isoformat(),
        "condition_ended": "2020-04-30",
        "condition_ongoing": "N",
    }
    assert history.evaluate(row).failed == ("MH1",)
    assert history.evaluate(row).required == {"condition_ended"}

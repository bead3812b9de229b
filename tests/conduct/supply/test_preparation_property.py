"""Preparation: the next carton, the kit of the vault, one who prepares and another who checks; then the bag."""

from datetime import date, timedelta

import pytest
from tests.conduct.forms.desk import DAY_1, WHO, shipped

from equipoise.conduct.door.state import Leaving
from equipoise.conduct.supply.ledger import account, refuse_kit
from equipoise.conduct.supply.preparation import (
    CartonReplaced,
    PreparationChecked,
    ReplaceCarton,
    SignPreparation,
)
from equipoise.conduct.supply.quarantine import QuarantineCartons
from equipoise.conduct.supply.returns import ReturnKits
from equipoise.errors import DecisionRefused

from .pharmacy import ELSEWHERE, ORDER, USE_BY, VOLUME, Pharmacy


def one_sentence(kit: str) -> str:
    with pytest.raises(DecisionRefused) as caught:
        refuse_kit(kit, ORDER)
    return str(caught.value)


def refused(step: object, *args: object, **more: object) -> str:
    with pytest.raises(DecisionRefused) as caught:
        step(*args, **more)  # type: ignore[operator]
    return str(caught.value)


def test_the_carton_that_ends_first_is_used_first_and_among_equals_the_lowest_number() -> None:
    pharmacy = Pharmacy()
    pharmacy.stock(2)
    pharmacy.stock(1, use_by=date(2024, 5, 1))
    assert pharmacy.assign() == "C-03"
    pharmacy.trial.participants[WHO].infusions[ORDER].carton = None
    assert pharmacy.assign() == "C-01"


def test_from_order_to_bag_two_persons_sign() -> None:
    pharmacy = Pharmacy().prepared()
    assert refused(pharmacy.issue).startswith(f"the dose of order {ORDER} must be prepared by one person")
    pharmacy.check()
    pharmacy.issue()
    infusion = pharmacy.infusion
    assert (infusion.prepared_by, infusion.checked_by, infusion.bag) == ("wang", "li", "B-7")
    assert {line.kit: line.state for line in account(pharmacy.trial, "01")} == {
        "K-01a": "given", "K-01b": "set aside", "K-02a": "stock", "K-02b": "stock", "K-03a": "stock",
        "K-03b": "stock",
    }  # fmt: skip


@pytest.mark.parametrize("role", ["nurse", "pharmacist"])
def test_who_prepared_does_not_check_in_whatever_role(role: str) -> None:
    pharmacy = Pharmacy().prepared()
    assert refused(pharmacy.check, person="wang", role=role) == (
        "who has prepared a dose does not check it; ask a colleague to read the label. Got Wang Fang"
    )
    assert pharmacy.infusion.checked_by is None


def test_another_pharmacist_may_check() -> None:
    pharmacy = Pharmacy().prepared()
    pharmacy.check(person="zhao", role="pharmacist")
    assert pharmacy.infusion.checked_by == "zhao"


@pytest.mark.parametrize("kit", ["K-01b", "K-02a", "K-99z", ""])
def test_a_kit_of_another_arm_another_carton_or_none_is_refused_in_one_sentence(kit: str) -> None:
    pharmacy = Pharmacy().stock()
    pharmacy.name(pharmacy.trial.cartons[pharmacy.assign()].kits[0])
    label = {"bag": "B-7", "kit": kit, "volume": VOLUME}
    wrong = SignPreparation(participant=WHO, order=ORDER, **label)
    assert refused(pharmacy.do, wrong) == one_sentence(kit)
    pharmacy.sign()
    assert refused(pharmacy.check, kit=kit) == one_sentence(kit)


def test_a_kit_past_its_date_or_in_quarantine_is_refused_in_the_same_sentence() -> None:
    late, doubtful = Pharmacy().prepared(), Pharmacy().prepared()
    late.at += USE_BY - DAY_1 + timedelta(days=1)
    doubtful.do(QuarantineCartons(cartons=("C-01",), reason="a lot is in doubt"))
    assert refused(late.check) == refused(doubtful.check) == one_sentence("K-01a")


def test_the_last_day_of_a_carton_counts_as_the_site_sees_it() -> None:
    pharmacy = Pharmacy().stock(use_by=date(2024, 3, 19))
    pharmacy.at = pharmacy.at.replace(day=19, hour=15, minute=59)
    assert pharmacy.assign() == "C-01"
    next_day = Pharmacy().stock(use_by=date(2024, 3, 19))
    next_day.at = next_day.at.replace(day=19, hour=16)
    assert refused(next_day.assign) == (
        f"no kit can be given out at site 01 now; nothing was stored. Call the pharmacy, and give no kit by other "
        f"means. Got order {ORDER}"
    )


def test_the_stock_of_one_site_is_not_used_at_another() -> None:
    pharmacy = Pharmacy().stock()
    assert refused(pharmacy.assign, ELSEWHERE).startswith("no kit can be given out at site 02 now")


def test_a_label_that_does_not_agree_is_refused() -> None:
    pharmacy = Pharmacy().prepared()
    assert refused(pharmacy.check, bag="B-8").endswith("keep the bag and call the pharmacy. Got bag B-8")
    assert refused(pharmacy.check, volume="50 mL").endswith("the same for everybody. Got 50 mL")
    pharmacy.check(volume="100.0 mL")
    assert refused(pharmacy.issue, "B-8") == f"this is not the bag that was prepared for order {ORDER}. Got B-8"


def test_a_dose_that_has_waited_too_long_is_not_given_out() -> None:
    pharmacy = Pharmacy().prepared()
    pharmacy.check()
    prepared_at = pharmacy.infusion.prepared_at
    assert prepared_at is not None
    pharmacy.at = prepared_at + timedelta(hours=4, seconds=1)
    assert refused(pharmacy.issue).startswith("a prepared dose may wait 4 h")
    pharmacy.at = prepared_at + timedelta(hours=4)
    assert pharmacy.issue()


def test_a_preparation_that_was_given_up_sets_its_carton_aside_and_takes_the_next() -> None:
    pharmacy = Pharmacy().prepared()
    assert pharmacy.do(ReplaceCarton(participant=WHO, order=ORDER)) == [CartonReplaced(order=ORDER, carton="C-01")]
    assert {line.state for line in account(pharmacy.trial, "01") if line.carton == "C-01"} == {"set aside"}
    assert pharmacy.assign() == "C-02"
    pharmacy.name("K-02b")
    pharmacy.sign()
    pharmacy.check()
    assert pharmacy.issue()


def test_nothing_is_prepared_twice_or_after_the_end_of_treatment() -> None:
    pharmacy = Pharmacy().prepared()
    assert refused(pharmacy.assign).startswith("carton C-01 is already used")
    assert refused(pharmacy.name, "K-01b").startswith("kit K-01a is already named")
    assert refused(pharmacy.sign).endswith("it is prepared once")
    pharmacy.check()
    pharmacy.issue()
    assert refused(pharmacy.sign).startswith("bag B-7 has already been given out")
    ended = Pharmacy().stock()
    ended.participant.ended["treatment"] = Leaving(on=DAY_1, why="DEATH")
    assert "nothing more is prepared" in refused(ended.assign)


def test_who_has_left_gets_no_kit_and_the_one_in_preparation_can_be_given_up_and_returned() -> None:
    pharmacy = Pharmacy().prepared()
    left = Leaving(on=DAY_1 - timedelta(days=1), why="WITHDRAWAL BY SUBJECT")
    pharmacy.participant.ended["participation"] = left
    assert refused(pharmacy.check).startswith(f"{WHO} ")
    assert refused(pharmacy.do, ReturnKits(site="01", kits=("K-01a",))).startswith("this kit is named for order")
    pharmacy.do(ReplaceCarton(participant=WHO, order=ORDER))
    assert pharmacy.do(ReturnKits(site="01", kits=("K-01a", "K-01b")))


def test_a_trial_without_kits_gives_its_bags_out_as_before() -> None:
    protocol = shipped()
    products = {name: one.model_copy(update={"supply": None}) for name, one in protocol.interventions.items()}
    pharmacy = Pharmacy(protocol.model_copy(update={"interventions": products}))
    assert refused(pharmacy.assign) == "what is given at visit W0 has no kits; give out its bag without one"
    assert pharmacy.issue()


def test_a_check_says_which_bag() -> None:
    pharmacy = Pharmacy().prepared()
    pharmacy.check()
    assert (
        PreparationChecked(order=ORDER, bag="B-7").tell() == f"the label of bag B-7 for order {ORDER} was checked"
    )

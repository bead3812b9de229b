"""Which orders wait, and for what: from the state alone, the earliest day first."""

from datetime import date, timedelta

from tests.conduct.supply.pharmacy import ELSEWHERE, ORDER, Pharmacy

from equipoise.conduct.door.state import Leaving
from equipoise.conduct.supply.pending import Preparation, list_preparations


def waiting(pharmacy: Pharmacy, site: str | None = None, *, every: bool = False) -> list[Preparation]:
    return list_preparations(lambda _: pharmacy.protocol, pharmacy.trial, site, waiting=not every)


def test_orders_are_listed_with_weight_and_its_age_the_earliest_day_first() -> None:
    pharmacy = Pharmacy()
    on = pharmacy.participant.visits["W0"].on
    assert on is not None
    pharmacy.infusion.weighed_on = on - timedelta(days=3)
    pharmacy.trial.participants[ELSEWHERE].visits["W0"].on = on - timedelta(days=1)
    found = waiting(pharmacy)
    assert [one.order for one in found] == [f"{ELSEWHERE}/W0", ORDER]
    assert (found[1].weight_kg, found[1].weight_age, found[1].on) == ("61.5", 3, on)
    assert [one.order for one in waiting(pharmacy, "02")] == [f"{ELSEWHERE}/W0"]


def test_each_step_of_a_preparation_has_its_next() -> None:
    pharmacy = Pharmacy()
    seen = [standing(pharmacy)]
    infusion = pharmacy.infusion
    for name, value in (("carton", "C-1"), ("kit", "K-1"), ("prepared_by", "wang"), ("checked_by", "zhao")):
        setattr(infusion, name, value)
        seen.append(standing(pharmacy))
    infusion.bag = "B-1"
    seen.append(standing(pharmacy))
    assert seen == [
        *("kit to be taken", "kit to be taken", "to be prepared", "to be checked", "to be given out", "given out")
    ]
    assert ORDER not in [one.order for one in waiting(pharmacy)]


def standing(pharmacy: Pharmacy) -> str:
    return next(one.standing for one in waiting(pharmacy, every=True) if one.order == ORDER)


def test_who_is_no_longer_treated_waits_for_nothing() -> None:
    pharmacy = Pharmacy()
    pharmacy.participant.ended["treatment"] = Leaving(on=date(2024, 3, 18), why="ADVERSE EVENT")
    assert ORDER not in [one.order for one in waiting(pharmacy)]
    assert ORDER in [one.order for one in waiting(pharmacy, every=True)]

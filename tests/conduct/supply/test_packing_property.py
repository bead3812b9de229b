"""Packing: cartons enter the ledger once, all alike, with a date that serves."""

from datetime import date

import pytest

from equipoise.conduct.supply.ledger import account, stock_of
from equipoise.conduct.supply.packing import PackCartons, PackedCarton
from equipoise.errors import DecisionRefused

from .pharmacy import USE_BY, Pharmacy


def refused(pharmacy: Pharmacy, *cartons: PackedCarton, intervention: str = "cells") -> str:
    with pytest.raises(DecisionRefused) as caught:
        pharmacy.do(PackCartons(intervention=intervention, cartons=cartons))
    assert not pharmacy.events
    return str(caught.value)


def test_what_was_packed_stands_in_the_depot() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(2)
    assert stock_of(pharmacy.trial, None, "cells", USE_BY) == ["C-01", "C-02"]
    assert [(line.kit, line.state) for line in account(pharmacy.trial)] == [
        (kit, "depot") for kit in ("K-01a", "K-01b", "K-02a", "K-02b")
    ]


def test_a_number_is_given_once() -> None:
    same = PackedCarton("C-01", ("K-1", "K-2"), USE_BY)
    assert refused(Pharmacy(), same, same).endswith("number it anew. Got C-01")
    other = PackedCarton("C-02", ("K-2", "K-3"), USE_BY)
    assert refused(Pharmacy(), same, other) == (
        "every kit of a carton has its number alone; number the cartons anew"
    )


def test_all_cartons_hold_as_many_kits() -> None:
    one, two = PackedCarton("C-01", ("K-1",), USE_BY), PackedCarton("C-02", ("K-2", "K-3"), USE_BY)
    assert "the same number of kits" in refused(Pharmacy(), one, two)


def test_yesterdays_expiry_is_refused_and_so_is_that_of_today() -> None:
    for day in (17, 18):
        old = PackedCarton("C-01", ("K-1", "K-2"), date(2024, 3, day))
        assert refused(Pharmacy(), old) == (
            "what is packed today, 2024-03-18, must serve for longer; pack kits of a newer lot. "
            f"Got carton C-01, to be used by 2024-03-{day}"
        )


def test_a_product_without_kits_is_refused() -> None:
    one = PackedCarton("C-01", ("K-1",), USE_BY)
    assert refused(Pharmacy(), one, intervention="cell") == (
        "this product is not given from kits; did you mean cells? Got cell"
    )

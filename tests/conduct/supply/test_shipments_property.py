"""Shipments: as many as the buffer asks for, counted on arrival, and nothing used that did not arrive well."""

from datetime import date, timedelta

import pytest

from equipoise.conduct.supply.ledger import owed_to, stock_of
from equipoise.conduct.supply.shipments import ReceiveShipment, SendShipment, ShipmentReceived
from equipoise.errors import DecisionRefused

from .pharmacy import Pharmacy

TODAY = date(2024, 3, 18)


def owed(pharmacy: Pharmacy, site: str = "01") -> int:
    return owed_to(pharmacy.protocol, pharmacy.trial, site, "cells", TODAY)


def usable(pharmacy: Pharmacy, site: str = "01") -> list[str]:
    return stock_of(pharmacy.trial, site, "cells", TODAY)


def not_received(pharmacy: Pharmacy, **more: object) -> str:
    said = {"site": "01", "shipment": "01/S1", "kits": ("K-01a",), "lowest": 3.0, "highest": 5.0} | more
    before = len(pharmacy.events)
    with pytest.raises(DecisionRefused) as caught:
        pharmacy.do(ReceiveShipment(**said), "li", "nurse")  # type: ignore[arg-type]
    assert len(pharmacy.events) == before
    return str(caught.value)


def test_a_site_gets_what_its_buffer_asks_for_and_then_nothing_is_due() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(5)
    assert owed(pharmacy) == 3
    shipment = pharmacy.send()
    assert pharmacy.trial.shipments[shipment].cartons == ("C-01", "C-02", "C-03")
    assert owed(pharmacy) == 0
    with pytest.raises(DecisionRefused, match="has all the cartons that its buffer asks for; nothing is due"):
        pharmacy.send()


def test_a_carton_that_was_used_is_owed_again() -> None:
    pharmacy = Pharmacy().stock()
    pharmacy.assign()
    assert owed(pharmacy) == 1


def test_a_carton_past_its_date_or_in_quarantine_is_owed_again() -> None:
    pharmacy = Pharmacy().stock(use_by=TODAY + timedelta(days=5))
    assert owed_to(pharmacy.protocol, pharmacy.trial, "01", "cells", TODAY + timedelta(days=5)) == 0
    assert owed_to(pharmacy.protocol, pharmacy.trial, "01", "cells", TODAY + timedelta(days=6)) == 3


def test_a_depot_that_lacks_cartons_says_how_many_it_has() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(2)
    with pytest.raises(DecisionRefused, match="the depot holds 2 cartons of cells that can be used") as caught:
        pharmacy.send()
    assert str(caught.value).endswith("Got 3")


def test_what_arrives_whole_and_cold_is_stock() -> None:
    pharmacy = Pharmacy().stock()
    assert usable(pharmacy) == ["C-01", "C-02", "C-03"]


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_carton_that_lacks_a_kit_is_not_used_and_the_others_are(how: str) -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    received, _ = pharmacy.receive(pharmacy.send(), **{how: ["K-02a"]})
    assert isinstance(received, ShipmentReceived)
    assert getattr(received, how) == ("K-02a",)
    assert usable(pharmacy) == ["C-01", "C-03"]


@pytest.mark.parametrize("readings", [(1.9, 7.0), (3.0, 8.1)])
def test_a_journey_outside_the_range_puts_all_of_it_into_quarantine(readings: tuple[float, float]) -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    pharmacy.receive(pharmacy.send(), lowest=readings[0], highest=readings[1])
    assert usable(pharmacy) == []
    assert owed(pharmacy) == 3


def test_the_bounds_of_the_range_belong_to_it() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    pharmacy.receive(pharmacy.send(), lowest=2, highest=8)
    assert len(usable(pharmacy)) == 3


def test_a_shipment_of_another_site_is_refused() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    pharmacy.send("02")
    assert not_received(pharmacy, shipment="02/S1") == (
        "no shipment of this number was sent to site 01; leave it closed and call the pharmacy. Got 02/S1"
    )


def test_a_kit_of_another_shipment_is_refused() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(6)
    pharmacy.send()
    pharmacy.send("02")
    assert not_received(pharmacy, kits=("K-01a", "K-04a")).endswith("put it aside and count without it. Got K-04a")


def test_a_shipment_is_received_once() -> None:
    pharmacy = Pharmacy().stock()
    assert not_received(pharmacy) == "shipment 01/S1 was received before, on 2024-03-18"


@pytest.mark.parametrize(
    "readings", [{"lowest": None}, {"highest": None}, {"lowest": 5.0, "highest": 3.0}, {"lowest": float("nan")}]
)
def test_a_journey_without_a_believable_reading_is_refused(readings: dict[str, object]) -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    pharmacy.send()
    assert "logger" in not_received(pharmacy, **readings)


def test_a_site_that_was_closed_gets_nothing() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    pharmacy.trial.sites["01"].closed_on = TODAY
    with pytest.raises(DecisionRefused, match="nothing is sent there"):
        pharmacy.do(SendShipment(site="01", intervention="cells"))

"""What supply leaves open before a lock: kits at the sites, shipments on their way, preparations not checked."""

from tests.conduct.forms.desk import without_kits

from equipoise.conduct.supply.ledger import list_open
from equipoise.conduct.supply.preparation import ReplaceCarton
from equipoise.conduct.supply.returns import ReturnKits

from .pharmacy import ORDER, WHO, Pharmacy


def points(pharmacy: Pharmacy) -> list[int]:
    """Give the counts: kits, shipments, preparations."""
    found = list_open(pharmacy.protocol, pharmacy.trial)
    assert list(found) == [
        "kits at the sites not accounted for",
        "shipments on the way",
        "preparations neither checked nor given up",
    ]
    return list(found.values())


def test_what_the_depot_holds_is_not_open_and_what_travels_is_a_shipment() -> None:
    pharmacy = Pharmacy()
    assert points(pharmacy) == [0, 0, 0]
    pharmacy.pack(5)
    assert points(pharmacy) == [0, 0, 0]
    shipment = pharmacy.send(cartons=3)
    assert points(pharmacy) == [0, 1, 0]
    missing, *_ = pharmacy.kits_in(shipment)
    pharmacy.receive(shipment, missing=[missing])
    assert points(pharmacy) == [5, 0, 0]


def test_a_kit_is_settled_by_being_given_and_a_preparation_by_its_check() -> None:
    pharmacy = Pharmacy().prepared()
    assert points(pharmacy) == [6, 0, 1]
    pharmacy.check()
    assert points(pharmacy) == [6, 0, 0]
    pharmacy.issue()
    assert points(pharmacy) == [5, 0, 0]
    pharmacy.do(ReturnKits(site="01", kits=("K-01b",)), "li", "nurse")
    assert points(pharmacy) == [4, 0, 0]


def test_a_preparation_that_was_given_up_waits_for_no_check() -> None:
    pharmacy = Pharmacy().prepared()
    pharmacy.do(ReplaceCarton(participant=WHO, order=ORDER))
    assert points(pharmacy) == [6, 0, 0]


def test_a_protocol_without_kits_has_no_such_points() -> None:
    assert list_open(without_kits(), Pharmacy().trial) == {}

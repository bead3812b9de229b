"""Returns and destruction: every kit is accounted for; what can still be used stays."""

import pytest

from equipoise.conduct.supply.ledger import account
from equipoise.conduct.supply.returns import DestroyKits, ReturnKits
from equipoise.errors import DecisionRefused

from .pharmacy import Pharmacy


def states(pharmacy: Pharmacy) -> dict[str, str]:
    return {line.kit: line.state for line in account(pharmacy.trial)}


def returning(pharmacy: Pharmacy, *kits: str, site: str = "01") -> str:
    with pytest.raises(DecisionRefused) as caught:
        pharmacy.do(ReturnKits(site=site, kits=kits), "li", "nurse")
    return str(caught.value)


def destroying(pharmacy: Pharmacy, *kits: str, witness: str = "zhao", reason: str = "set aside") -> str:
    with pytest.raises(DecisionRefused) as caught:
        pharmacy.do(DestroyKits(kits=kits, witness=witness, reason=reason))
    return str(caught.value)


def given(pharmacy: Pharmacy) -> Pharmacy:
    pharmacy.prepared()
    pharmacy.check()
    pharmacy.issue()
    return pharmacy


def test_kits_set_aside_and_empty_ones_go_back_and_are_destroyed_before_a_witness() -> None:
    pharmacy = given(Pharmacy())
    pharmacy.do(ReturnKits(site="01", kits=("K-01a", "K-01b")), "li", "nurse")
    assert states(pharmacy)["K-01a"] == states(pharmacy)["K-01b"] == "returned"
    pharmacy.do(DestroyKits(kits=("K-01b",), witness="zhao", reason="set aside"))
    assert states(pharmacy)["K-01b"] == "destroyed"


def test_stock_that_can_be_used_stays_until_the_site_is_closed() -> None:
    pharmacy = given(Pharmacy())
    assert returning(pharmacy, "K-02a").startswith("this kit can still be used")
    assert destroying(pharmacy, "K-02a").startswith("this kit can still be used")
    pharmacy.trial.sites["01"].closed_on = pharmacy.at.date()
    pharmacy.do(ReturnKits(site="01", kits=("K-02a",)))
    assert states(pharmacy)["K-02a"] == "returned"


def test_a_kit_that_is_named_for_a_dose_stays_until_its_bag_is_given_out() -> None:
    pharmacy = Pharmacy().prepared()
    assert returning(pharmacy, "K-01a").startswith("this kit is named for order")


def test_a_kit_goes_back_once_and_from_where_it_is() -> None:
    pharmacy = given(Pharmacy())
    assert returning(pharmacy, "K-01b", site="02").endswith("is not at site 02; count again. Got K-01b")
    pharmacy.do(ReturnKits(site="01", kits=("K-01b",)))
    assert returning(pharmacy, "K-01b").endswith("is not at site 01; count again. Got K-01b")
    assert returning(pharmacy, "K-9") == "no kit has this number; read it again. Got K-9"
    assert returning(pharmacy) == "name the kits by the numbers on them. Got none"


@pytest.mark.parametrize("witness", ["wang", "nobody", ""])
def test_nobody_is_their_own_witness(witness: str) -> None:
    assert destroying(given(Pharmacy()), "K-01b", witness=witness).startswith(
        "destruction is witnessed by another"
    )


def test_what_is_missing_cannot_be_destroyed_and_what_is_damaged_can() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    pharmacy.receive(pharmacy.send(), missing=["K-01a"], damaged=["K-02a"])
    assert destroying(pharmacy, "K-01a").startswith("a kit that is missing on arrival cannot be destroyed")
    pharmacy.do(DestroyKits(kits=("K-02a",), witness="zhao", reason="broken"))
    assert destroying(pharmacy, "K-02a").startswith("a kit that is destroyed cannot be destroyed")
    assert destroying(pharmacy, "K-02b", reason="").startswith("say why")

"""Quarantine: whole cartons wait until somebody else has judged them."""

from datetime import date

import pytest

from equipoise.conduct.supply.ledger import refuse_kit, stock_of
from equipoise.conduct.supply.quarantine import (
    CartonsQuarantined,
    QuarantineCartons,
    ReleaseCartons,
    ReportExcursion,
)
from equipoise.errors import DecisionRefused

from .pharmacy import ORDER, Pharmacy

TODAY = date(2024, 3, 18)
DOUBT = "the maker recalls a lot"


def usable(pharmacy: Pharmacy) -> list[str]:
    return stock_of(pharmacy.trial, "01", "cells", TODAY)


def bar(pharmacy: Pharmacy, *cartons: str, reason: str = DOUBT) -> None:
    pharmacy.do(QuarantineCartons(cartons=cartons, reason=reason))


def excursion(pharmacy: Pharmacy, lowest: float = 3, highest: float = 11.5, minutes: int = 40) -> list:
    report = ReportExcursion(site="01", lowest=lowest, highest=highest, minutes=minutes, reason="door left open")
    return pharmacy.do(report, "li", "nurse")


def refusal(pharmacy: Pharmacy, *cartons: str, person: str = "zhao") -> str:
    with pytest.raises(DecisionRefused) as caught:
        pharmacy.do(ReleaseCartons(cartons=cartons, reason="stability data seen"), person)
    return str(caught.value)


def test_a_carton_in_quarantine_is_not_used_and_comes_back_when_another_person_releases_it() -> None:
    pharmacy = Pharmacy().stock()
    bar(pharmacy, "C-01")
    assert usable(pharmacy) == ["C-02", "C-03"]
    assert refusal(pharmacy, "C-01", person="wang").startswith("cartons are released by another person")
    pharmacy.do(ReleaseCartons(cartons=("C-01",), reason="stability data seen"), "zhao")
    assert usable(pharmacy) == ["C-01", "C-02", "C-03"]


def test_an_excursion_puts_aside_what_is_in_the_store_of_the_site_and_nothing_else() -> None:
    pharmacy = Pharmacy().stock()
    pharmacy.pack(3)
    pharmacy.receive(pharmacy.send("02"))
    _, barred = excursion(pharmacy)
    assert barred == CartonsQuarantined(cartons=("C-01", "C-02", "C-03"))
    assert len(stock_of(pharmacy.trial, "02", "cells", TODAY)) == 3


@pytest.mark.parametrize("minutes", [-5, 0, 527_041, 10**9])
def test_an_excursion_lasts_a_minute_to_a_year(minutes: int) -> None:
    with pytest.raises(DecisionRefused, match=rf"a year at most \(527040 minutes\); read .* Got {minutes}$"):
        excursion(Pharmacy().stock(), minutes=minutes)


def test_readings_within_the_range_are_no_excursion() -> None:
    with pytest.raises(DecisionRefused, match="within the range of every product"):
        excursion(Pharmacy().stock(), 2, 8)


def test_a_dose_in_preparation_is_not_given_out_once_its_carton_is_in_doubt() -> None:
    pharmacy = Pharmacy().prepared()
    bar(pharmacy, "C-01")
    with pytest.raises(DecisionRefused) as caught:
        pharmacy.check()
    with pytest.raises(DecisionRefused) as same:
        refuse_kit("K-01a", ORDER)
    assert str(caught.value) == str(same.value)


def test_a_carton_that_is_not_complete_is_never_released() -> None:
    pharmacy = Pharmacy()
    pharmacy.pack(3)
    pharmacy.receive(pharmacy.send(), damaged=["K-02a"])
    assert refusal(pharmacy, "C-02").startswith("a carton that is not complete is never used again")


def test_what_is_unknown_not_in_quarantine_or_without_a_reason_is_refused() -> None:
    pharmacy = Pharmacy().stock()
    assert refusal(pharmacy, "C-09") == "no carton has this number; read it again. Got C-09"
    assert refusal(pharmacy) == "name the cartons by the numbers on them. Got none"
    assert refusal(pharmacy, "C-01") == "this carton is not in quarantine. Got C-01"
    with pytest.raises(DecisionRefused, match="say why"):
        bar(pharmacy, "C-01", reason=" ")
    bar(pharmacy, "C-01")
    with pytest.raises(DecisionRefused, match="in quarantine already"):
        bar(pharmacy, "C-01")

"""Supply as a site sees it: counted, reported, returned, checked; no lot, and nothing of another site."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from tests.invariants.conftest import TrialAt
from tests.invariants.stocked import Stocked, stocked_at
from tests.web.portals import Portals, serve

PAGES = ("/supply/", "/supply/excursion/", "/supply/returns/")
SHOWN = {
    "nurse.01": PAGES,
    "coordinator.01": PAGES,
    **dict.fromkeys(("investigator.01", "monitor", "data.manager", "auditor", "sponsor"), PAGES[:1]),
    **dict.fromkeys(("administrator", "statistician", "laboratory"), ()),
}


@pytest.fixture
def stocked(trial_at: TrialAt) -> Iterator[tuple[Stocked, Portals]]:
    """A stocked trial with its portal."""
    found = stocked_at(trial_at)
    yield found, serve(found.script)


def counted(stocked: Stocked, shipment: str, **other: str) -> dict[str, str]:
    """What somebody types who finds every kit, but those named otherwise."""
    kits = {f"kit-{kit}": "there" for kit in stocked.kits_in(shipment)}
    return {**kits, "lowest": "3", "highest": "7.5", **other}


def post(browser: Client, address: str, **typed: object) -> tuple[int, str]:
    answer = browser.post(address, typed)
    return answer.status_code, answer.content.decode()


def test_each_page_is_shown_to_its_roles_and_to_no_other(stocked: tuple[Stocked, Portals]) -> None:
    _, portals = stocked
    for person, shown in SHOWN.items():
        browser = portals.client(person)
        for page in PAGES:
            assert (person, page, browser.get(page).status_code) == (person, page, 200 if page in shown else 403)


def test_a_shipment_is_counted_kit_by_kit(stocked: tuple[Stocked, Portals]) -> None:
    shop, portals = stocked
    shipment, browser = shop.send("01", 2), portals.client("coordinator.01")
    address = f"/supply/received/{shipment}/"
    assert shipment in browser.get("/supply/").content.decode()
    first, second, *_ = sorted(shop.kits_in(shipment))
    status, page = post(browser, address, **counted(shop, shipment, **{f"kit-{first}": ""}))
    assert (status, f"Not said yet: {first}" in page, 'value="7.5"' in page) == (422, True, True)
    assert post(browser, address, **counted(shop, shipment, lowest="cold"))[0] == 422
    typed = counted(shop, shipment, **{f"kit-{first}": "missing", f"kit-{second}": "damaged", "kit-K-1": "there"})
    assert post(browser, address, **typed, site="02")[0] == 302
    trial = portals.running.door.trial
    assert trial.shipments[shipment].received_on is not None
    gone = {kit: how for one in trial.shipments[shipment].cartons for kit, how in trial.cartons[one].gone.items()}
    assert gone == {first: "missing on arrival", second: "damaged on arrival"}
    assert post(browser, address, **counted(shop, shipment))[0] == 422


def test_a_shipment_to_another_site_is_answered_as_none_is(stocked: tuple[Stocked, Portals]) -> None:
    shop, portals = stocked
    shipment, browser = shop.send("02", 1), portals.client("nurse.01")
    assert shipment not in browser.get("/supply/").content.decode()
    assert browser.get(f"/supply/received/{shipment}/").status_code == 404
    assert post(browser, f"/supply/received/{shipment}/", **counted(shop, shipment))[0] == 404
    assert browser.get("/supply/received/01/S99/").status_code == 404


def test_stock_names_no_lot_and_no_kit_of_another_site(stocked: tuple[Stocked, Portals]) -> None:
    shop, portals = stocked
    page = portals.client("nurse.01").get("/supply/").content.decode()
    cartons = shop.script.trial.cartons
    for kit, number in shop.script.trial.kits.items():
        assert (kit in page) == (cartons[number].site == "01")
    assert "HUC-7731" not in page
    assert "canary" not in page.lower()
    shown = re.findall(r"K-\d+-\d", page)
    assert shown == sorted(shown)
    found = portals.client("nurse.01").get(f"/supply/?kit={shown[0][2:].lower()}").content.decode()
    assert set(re.findall(r'<th scope="row">(K-[\d-]+)</th>', found)) == {shown[0]}


def test_an_excursion_puts_the_store_aside_and_then_all_of_it_can_go_back(
    stocked: tuple[Stocked, Portals],
) -> None:
    shop, portals = stocked
    browser = portals.client("nurse.01")
    typed = {"lowest": "1", "highest": "12,5", "minutes": "90", "reason": "the door stood open"}
    assert "No kit of this site can go back today" in browser.get("/supply/returns/").content.decode()
    status, page = post(browser, "/supply/excursion/", **{**typed, "minutes": "an hour"})
    assert (status, "the door stood open" in page) == (422, True)
    assert post(browser, "/supply/excursion/", **typed, site="02")[0] == 302
    cartons = portals.running.door.trial.cartons.values()
    assert {one.site for one in cartons if one.quarantined_by == "nurse.01"} == {"01"}
    kit = re.findall(r'value="(K-[\d-]+)"', browser.get("/supply/returns/").content.decode())[0]
    other = next(kit for kit, one in shop.script.trial.kits.items() if shop.script.trial.cartons[one].site == "02")
    assert post(browser, "/supply/returns/", kit=[other])[0] == 422
    assert post(browser, "/supply/returns/")[0] == 422
    assert post(browser, "/supply/returns/", kit=[kit, kit])[0] == 302
    assert f'value="{kit}"' not in browser.get("/supply/returns/").content.decode()


def test_a_nurse_checks_what_another_has_prepared_and_is_not_told_what_stands_on_it(
    stocked: tuple[Stocked, Portals],
) -> None:
    shop, portals = stocked
    order = shop.order("01-001")
    taken = shop.take(order)
    browser, address = portals.client("nurse.01"), f"/supply/check/01-001/{order}/"
    assert "There is nothing to check yet" in browser.get(address).content.decode()
    shop.prepare(order, taken.kit)
    page = browser.get(address).content.decode()
    assert order in browser.get("/supply/").content.decode()
    assert taken.bag not in page
    assert taken.kit not in page
    read = {"bag": taken.bag, "kit": taken.kit, "volume": str(taken.volume)}
    status, said = post(browser, address, **{**read, "bag": "another"})
    assert (status, 'value="another"' in said) == (422, True)
    assert post(portals.client("coordinator.01"), address, **read)[0] == 403
    assert post(portals.client("nurse.02"), address, **read)[0] == 404
    assert post(browser, address, **read, checked_by="pharmacist")[0] == 302
    assert portals.running.door.trial.participants["01-001"].infusions[order].checked_by == "nurse.01"

"""The pharmacy by browser: from an order to the bag that is given out, by two persons; stock, lots, shipments."""

import re
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from tests.invariants.scripted import CANARIES
from tests.invariants.stocked import Stocked
from tests.web.vault_pages.conftest import Desk

Pharmacy = tuple[Desk, Stocked]
COUNT = {"concentration": "2e6", "viability": "90"}


def do(browser: Client, address: str, step: str, **typed: object) -> HttpResponse:
    """Press a button of a page, each time with a new key."""
    do.pressed += 1  # type: ignore[attr-defined]
    answer: HttpResponse = browser.post(address, {"do": step, "key": f"key {do.pressed}", **typed})  # type: ignore[attr-defined]
    return answer


do.pressed = 0  # type: ignore[attr-defined]


def text(answer: HttpResponse) -> str:
    """Return what a page says, without its tags."""
    main = answer.content.decode().split("<main")[1]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def refusal(answer: HttpResponse) -> str:
    """Return what a page refuses."""
    assert answer.status_code == 422, text(answer)
    return answer.content.decode().split('role="alert"')[1].split(">", 1)[1].split("</p>")[0]


def count_of(stocked: Stocked, order: str) -> dict[str, str]:
    """Return what whoever opens the kit of an order types: a count where there are cells."""
    return COUNT if stocked.count(order)[0] is not None else {}


def address(order: str) -> str:
    return f"/preparations/{order}/"


def test_an_order_goes_from_the_kit_to_the_bag_by_two_persons(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    orders = [stocked.order(who) for who in ("01-001", "01-002", "01-003")]
    browser = desk.client("pharmacist")
    listed = text(browser.get("/preparations/"))
    assert listed.count("kit to be taken") == 3
    assert not any(word in listed for word in CANARIES)
    for order in orders:
        taken = do(browser, address(order), "take")
        assert "Dose of the arm" in text(taken)
        assert "61.3 kg" in text(taken)
        infusion = stocked.script.participant(order.partition("/")[0]).infusions[order]
        given = {"kit": infusion.kit, **count_of(stocked, order)}
        counted = text(do(browser, address(order), "count", **given))
        assert "Draw from the kit" in counted
        signed = do(browser, address(order), "sign", **given, **desk.signed())
        assert "to be checked" in text(signed)
        label = browser.get(f"{address(order)}label.pdf")
        assert label.content.startswith(b"%PDF")
        read = {"read_bag": infusion.prepared_bag, "read_kit": infusion.kit, "read_volume": "100 mL"}
        own = do(browser, address(order), "check", **read, **desk.signed())
        assert "who has prepared a dose does not check it" in refusal(own)
        second = desk.client("pharmacist.2")
        asked = second.get(address(order)).content.decode()
        assert infusion.prepared_bag not in asked, "the label is read, not the page"
        wrong = do(second, address(order), "check", **{**read, "read_bag": "B-000000-0"}, **desk.signed())
        assert "keep the bag and call the pharmacy" in refusal(wrong)
        assert do(second, address(order), "check", **read, **desk.signed()).status_code == 200
        assert "is given out" in text(do(browser, address(order), "issue"))
        assert infusion.bag == infusion.prepared_bag
        assert (infusion.prepared_by, infusion.checked_by) == ("pharmacist", "pharmacist.2")
    assert "No order waits." in text(browser.get("/preparations/"))
    assert desk.vault_kinds().count("DosePrepared") == 3


def test_a_second_click_does_nothing_new(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    order = stocked.order("01-001")
    browser = desk.client("pharmacist")
    for _ in range(2):
        assert browser.post(address(order), {"do": "take", "key": "once"}).status_code == 200
    assert desk.kinds().count("CartonAssigned") == desk.vault_kinds().count("KitChosen") == 1
    assert desk.vault_kinds().count("PreparationShown") == 1


def test_a_wrong_kit_is_refused_in_the_same_words_whatever_the_arm(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    browser = desk.client("pharmacist")
    said, arms = set(), set()
    for who in ("01-001", "01-002", "01-003"):
        order = stocked.order(who)
        do(browser, address(order), "take")
        arms.add(stocked.script.vault.vault.preparations(who)[0].arm)
        for step, more in (("count", {}), ("sign", desk.signed())):
            answer = do(browser, address(order), step, kit="K-00000-0", **more)
            said.add(refusal(answer).replace(order, "ORDER"))
    assert len(arms) > 1
    assert len(said) == 1


def test_nothing_is_signed_without_the_password(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    order = stocked.order("01-001")
    browser = desk.client("pharmacist")
    do(browser, address(order), "take")
    kit = stocked.script.participant("01-001").infusions[order].kit
    answer = do(browser, address(order), "sign", kit=kit, **count_of(stocked, order), password="not the password")
    assert "this is not the password" in refusal(answer)
    assert "DosePrepared" not in desk.vault_kinds()
    assert "PasswordRefused" in desk.kinds()


def test_a_preparation_is_given_up_with_a_reason_that_only_the_vault_keeps(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    order = stocked.order("01-001")
    browser = desk.client("pharmacist")
    do(browser, address(order), "take")
    assert "say why" in refusal(do(browser, address(order), "give up", given_up=" "))
    do(browser, address(order), "give up", given_up="the cells were clumped")
    assert stocked.script.participant("01-001").infusions[order].carton is None
    assert not any("clumped" in f"{event.payload} {event.reason}" for event in stocked.script.running.book.read())


def test_the_monitor_looks_and_does_nothing(pharmacy: Pharmacy) -> None:
    from tests.invariants.scripted import let_in

    desk, stocked = pharmacy
    let_in(stocked.script, "looker", "unblinded monitor")
    stocked.dose("01-001")
    order = "01-001/W0"
    browser = desk.client("looker")
    assert "given out" in text(browser.get("/preparations/"))
    assert "Dose of the arm" in text(do(browser, address(order), "show"))
    for step in ("take", "sign", "check", "issue", "give up"):
        assert do(browser, address(order), step).status_code == 403
    before = stocked.script.trial.sequence
    for page, step in (
        ("/stock/", "quarantine"),
        ("/shipments/", "send"),
        ("/lots/", "pack"),
        ("/returns/", "return"),
    ):
        assert browser.get(page).status_code == 200
        assert do(browser, page, step, reason="to see", site="01", product="cells").status_code in (403, 422)
    assert stocked.script.running.door.refresh().sequence == before
    assert do(browser, "/verification/", "verify", note="all as on paper", **desk.signed()).status_code == 302
    assert "AccountsVerified" in desk.vault_kinds()


def test_lots_come_in_are_packed_sent_and_accounted_for(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    browser = desk.client("pharmacist")
    lot = {"lot": "HUC-9", "lot_product": "cells", "arm": ["canary_high", "canary_low"], "kits": "5"}
    use_by = stocked.script.today() + timedelta(days=200)
    assert "Type a day" in refusal(do(browser, "/lots/", "receive", expiry="soon", **lot))
    assert do(browser, "/lots/", "receive", expiry=str(use_by), **lot).status_code == 302
    packed = do(browser, "/lots/", "pack", pack_product="cells", cartons="2")
    assert "What goes into which kit" in text(packed)
    cartons = list(stocked.script.trial.cartons)[-2:]
    assert browser.get("/stock/labels.pdf", {"carton": cartons}).content.startswith(b"%PDF")
    account = text(do(browser, "/lots/", "account"))
    assert "HUC-9" in account
    assert "HUC-9" not in text(browser.get("/lots/"))
    assert do(browser, "/shipments/", "send", site="02", product="cells", cartons="1").status_code == 302
    shipment = list(stocked.script.trial.shipments)[-1]
    kits = " ".join(stocked.kits_in(shipment))
    received = do(browser, "/shipments/", "receive", shipment=shipment, kits=kits, lowest="3", highest="7")
    assert received.status_code == 302
    assert stocked.script.trial.shipments[shipment].received_on is not None


def test_quarantine_is_lifted_by_another_person(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    browser = desk.client("pharmacist")
    carton = next(number for number, one in stocked.script.trial.cartons.items() if one.place == "stock")
    assert "Got no reason" in refusal(do(browser, "/stock/", "quarantine", carton=[carton]))
    assert do(browser, "/stock/", "quarantine", carton=[carton], reason="seal torn").status_code == 302
    assert carton in text(browser.get("/stock/?place=quarantine"))
    own = do(browser, "/stock/", "release", carton=[carton], reason="only scratched")
    assert "released by another person" in refusal(own)
    second = desk.client("pharmacist.2")
    assert do(second, "/stock/", "release", carton=[carton], reason="only scratched").status_code == 302
    excursion = {"at": "01", "lowest": "2", "highest": "19", "minutes": "90", "what": "door left open"}
    assert do(second, "/stock/", "excursion", **excursion).status_code == 302
    at_site = [one for one in stocked.script.trial.cartons.values() if (one.site, one.place) == ("01", "stock")]
    assert at_site
    assert all(one.quarantined_by == "pharmacist.2" for one in at_site)


def test_a_lot_in_doubt_is_traced_and_the_blinded_side_learns_no_lot(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    browser = desk.client("pharmacist")
    assert do(browser, "/lots/", "trace", traced="HUC-7731", wrong="endotoxin").status_code == 302
    record = "".join(f"{event.payload} {event.reason}" for event in stocked.script.running.book.read())
    assert "CartonsQuarantined" in desk.kinds()
    assert "HUC-7731" not in record
    assert "endotoxin" not in record


def test_kits_set_aside_go_back(pharmacy: Pharmacy) -> None:
    desk, stocked = pharmacy
    stocked.dose("01-001")
    browser = desk.client("pharmacist")
    shown = browser.get("/returns/?state=set+aside").content.decode()
    kits = re.findall(r'name="kit" value="([^"]+)"', shown)
    assert kits
    assert do(browser, "/returns/", "return", site="01", kit=kits).status_code == 302
    assert "returned" in text(browser.get("/returns/?state=returned"))
    usable = next(one.kits[0] for one in stocked.script.trial.cartons.values() if one.place == "stock")
    assert "can still be used" in refusal(do(browser, "/returns/", "return", site="01", typed_kits=usable))

"""Who gets in at the vault: a password of the one side, a second factor of the other; so nobody opens both."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.web.pages.listed import do
from tests.web.portals import PASSWORD
from tests.web.vault_pages.conftest import Desk

from equipoise.web.shell.settings import BLINDED, UNBLINDED

DeskAt = Callable[..., Desk]
NEW = "a password by a link"
SET_UP = "/accounts/2fa/totp/"


@pytest.fixture
def vault(desk_at: DeskAt) -> Desk:
    """The pages of the vault, where everybody needs a second factor; two participants are allocated."""
    return desk_at("allocated", 2, second_factor=True)


def log_in(desk: Desk, person: str, password: str = PASSWORD) -> Client:
    """Return a browser in which somebody has typed name and password at the vault."""
    desk.client(person)
    browser = desk.portals.client(side=UNBLINDED)
    browser.post("/accounts/login/", {"login": person, "password": password})
    return browser


def set_up(browser: Client, password: str = PASSWORD) -> str:
    """Set up a second factor as the page asks for it; return its secret."""
    from tests.web.factors import code_of

    asked = browser.get(SET_UP)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert browser.post(asked["Location"], {"password": password, "next": SET_UP})["Location"] == SET_UP
    secret: str = browser.get(SET_UP).content.decode().split("<code>")[1].split("</code>")[0]
    assert browser.post(SET_UP, {"code": code_of(secret)}).status_code == 302
    return secret


def open_way(desk: Desk, person: str, by: str = "custodian", **changed: str) -> int:
    """Let a person set up a second factor, by somebody who has one; return the status of the answer."""
    from tests.web.factors import code_of, give_factor

    secret = give_factor(by)
    browser = desk.client(by)
    typed = {"do": "open", "key": "k1", "person": person, "reason": "rang back at the pharmacy"}
    answer: int = browser.post(
        "/ways-in/", desk.signed(**{**typed, "code": code_of(secret), **changed})
    ).status_code
    return answer


def take_link(desk: Desk, person: str, by: str) -> None:
    """Let somebody of the blinded side make a link for a person, and set a password by it."""
    browser = desk.portals.client(by, side=BLINDED)
    browser.get("/")
    from tests.web.factors import give_factor

    give_factor(by)
    page = browser.post(f"/people/of/{person}/link/", {"key": "k1"}).content.decode()
    token = page.split("/welcome/#")[1].split("<")[0].strip()
    typed = {"token": token, "password": NEW, "again": NEW}
    assert desk.portals.client().post("/welcome/", typed).status_code == 302


def test_a_link_of_the_blinded_side_is_no_way_to_the_arms(vault: Desk) -> None:
    from tests.web.factors import give_factor

    give_factor("pharmacist")
    for person, by in (("investigator.01", "administrator"), ("pharmacist", "sponsor")):
        take_link(vault, person, by)
        browser = log_in(vault, person, NEW)
        for address in ("/", "/code-break/", "/preparations/"):
            assert browser.get(address).status_code == 302
        assert browser.post("/code-break/", {"participant": "01-001"}).status_code == 302
    refused = log_in(vault, "investigator.01", NEW).get(SET_UP)
    assert refused.status_code == 403
    assert "Custodian" in refused.content.decode()
    assert "sealed envelope" in refused.content.decode()
    assert "CodeBroken" not in vault.kinds() + vault.vault_kinds()


def test_the_blinded_portal_takes_no_second_factor_of_the_vault_away(vault: Desk) -> None:
    browser = vault.portals.client("sponsor", side=BLINDED)
    from tests.web.factors import give_factor

    from equipoise.web.accounts.models import Account
    from equipoise.web.accounts.way_in import may_set_up

    give_factor("sponsor")
    assert do(browser, "/people/of/pharmacist/second-factor/", reason="came in person", key="k1") == 302
    vault.client("pharmacist")
    assert not may_set_up(vault.portals.running, Account.objects.of("pharmacist"))


def test_who_lost_the_telephone_is_let_in_by_a_custodian_and_told(vault: Desk) -> None:
    from tests.web.factors import code_of, give_factor

    give_factor("pharmacist")
    lost = vault.client("pharmacist")
    assert lost.get("/").status_code == 200
    assert open_way(vault, "pharmacist") == 302
    assert lost.get("/")["Location"].startswith("/accounts/login/")
    (event,) = vault.script.running.book.read(kinds=["WayInOpened"])
    assert (event.actor, event.reason) == ("custodian", "rang back at the pharmacy")
    browser = log_in(vault, "pharmacist")
    secret = set_up(browser)
    home = browser.get("/").content.decode()
    assert "let Pharmacist set up a second factor here: rang back at the pharmacy" in home
    assert "If you have not asked for it" in home
    again = log_in(vault, "pharmacist")
    assert again.get("/").status_code == 302
    assert again.post("/accounts/2fa/authenticate/", {"code": code_of(secret, 1)}).status_code == 302
    assert again.get("/").status_code == 200


def test_who_lost_password_and_telephone_needs_one_of_each_side(vault: Desk) -> None:
    from tests.web.factors import give_factor

    give_factor("pharmacist")
    take_link(vault, "pharmacist", "sponsor")
    assert log_in(vault, "pharmacist", NEW).get(SET_UP)["Location"].startswith("/accounts/login/")
    assert open_way(vault, "pharmacist") == 302
    browser = log_in(vault, "pharmacist", NEW)
    set_up(browser, NEW)
    home = browser.get("/").content.decode()
    assert home.count("If you have not asked for it") == 2
    assert "made a link for Pharmacist to set a password" in home


def test_nobody_lets_themselves_in_or_without_proof_or_reason(vault: Desk) -> None:
    before = vault.script.running.book.head().sequence
    assert open_way(vault, "custodian") == 422
    assert open_way(vault, "nurse.01") == 422
    assert open_way(vault, "pharmacist", reason=" ") == 422
    assert open_way(vault, "pharmacist", code="") == 422
    assert vault.script.running.book.head().sequence == before
    assert open_way(vault, "pharmacist", password="not the password") == 422
    assert vault.kinds()[-1] == "PasswordRefused"


def test_a_reason_that_is_missing_uses_no_code_up(vault: Desk) -> None:
    from tests.web.factors import code_of, give_factor

    code = code_of(give_factor("custodian"))
    browser = vault.client("custodian")
    typed = {"do": "open", "key": "k1", "person": "pharmacist", "password": PASSWORD, "code": code}
    assert browser.post("/ways-in/", {**typed, "reason": ""}).status_code == 422
    assert browser.post("/ways-in/", {**typed, "reason": "came in person"}).status_code == 302


def test_the_first_who_lets_others_in_sets_one_up_alone_and_no_second(vault: Desk) -> None:
    holder = log_in(vault, "holder.1")
    set_up(log_in(vault, "custodian"))
    assert holder.get(SET_UP).status_code == 403


def test_a_way_in_is_open_for_three_days(vault: Desk) -> None:
    from django.utils import timezone

    from equipoise.web.accounts.models import Account

    assert open_way(vault, "pharmacist") == 302
    known = Account.objects.of("pharmacist")
    assert known.let_in_until is not None
    assert 2 <= (known.let_in_until - timezone.now()).days < 3
    Account.objects.filter(person="pharmacist").update(let_in_until=timezone.now())
    assert log_in(vault, "pharmacist").get(SET_UP).status_code == 403


def test_nobody_takes_their_own_second_factor_away(vault: Desk) -> None:
    from tests.web.factors import give_factor

    from equipoise.web.accounts.sessions import has_second_factor

    browser = vault.client("pharmacist")
    give_factor("pharmacist")
    page = "/accounts/2fa/totp/off/"
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": page})
    assert browser.post(page).status_code == 200
    assert has_second_factor("pharmacist")


def test_the_page_says_who_may_come_and_who_is_not_let_in_yet(vault: Desk) -> None:
    assert open_way(vault, "pharmacist") == 302
    rows = vault.client("custodian").get("/ways-in/").content.decode().split("</table>")[0].split("<tr>")
    (pharmacist,) = (row for row in rows if "(pharmacist)" in row)
    (investigator,) = (row for row in rows if "(investigator.01)" in row)
    (custodian,) = (row for row in rows if "(custodian)" in row)
    assert "may be set up until" in pharmacist
    assert "not let in yet" in investigator
    assert ">set up<" in custodian
    assert not any("(nurse.01)" in row for row in rows)


def test_others_are_told_of_their_own_way_in_only(vault: Desk) -> None:
    from tests.web.factors import give_factor

    assert open_way(vault, "pharmacist") == 302
    give_factor("unblinder")
    assert "second factor here" not in vault.client("unblinder").get("/").content.decode()
    assert "rang back at the pharmacy" in vault.client("custodian", "zh").get("/").content.decode()

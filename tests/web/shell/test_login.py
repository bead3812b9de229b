"""Who gets in: by password and second factor, with a role today; and how access ends."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.test import Client
from tests.web.portals import PASSWORD, Portals

from equipoise.conduct.organisation.people import EndRole
from equipoise.trial.signing.credentials import put_password
from equipoise.web.accounts.links import make_token

PortalsAt = Callable[..., Portals]


def log_in(browser: Client, person: str, password: str = PASSWORD) -> int:
    """Type name and password into the page; return the status of the answer."""
    return browser.post("/accounts/login/", {"login": person, "password": password}).status_code


def test_a_person_with_a_password_and_a_role_gets_in(portals_at: PortalsAt) -> None:
    portals = portals_at()
    portals.client("coordinator.01")
    browser = portals.client()
    assert log_in(browser, "coordinator.01") == 302
    assert browser.get("/").status_code == 200


def test_a_wrong_password_lets_nobody_in_and_several_shut_the_door(portals_at: PortalsAt) -> None:
    portals = portals_at()
    portals.client("coordinator.01")
    browser = portals.client()
    told = [log_in(browser, "coordinator.01", "not the password") for _ in range(5)]
    assert told[0] == 200
    log_in(browser, "coordinator.01")
    assert browser.get("/").status_code == 302


def test_a_name_that_nobody_has_is_answered_like_a_wrong_password(portals_at: PortalsAt) -> None:
    portals = portals_at()
    portals.client("coordinator.01")
    said = [
        portals.client().post("/accounts/login/", {"login": name, "password": "not the password"}).content.decode()
        for name in ("coordinator.01", "nobody.at.all")
    ]
    alerts = [text.split('role="alert">')[1].split("<")[0] for text in said]
    assert alerts[0] == alerts[1]


def test_a_session_is_new_after_login(portals_at: PortalsAt) -> None:
    portals = portals_at()
    portals.client("coordinator.01")
    browser = portals.client()
    browser.get("/accounts/login/")
    browser.cookies[settings.SESSION_COOKIE_NAME] = "a session that somebody else has chosen"
    log_in(browser, "coordinator.01")
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != "a session that somebody else has chosen"


def test_a_form_without_its_token_is_refused(portals_at: PortalsAt) -> None:
    portals = portals_at()
    portals.client("coordinator.01")
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/accounts/login/", {"login": "coordinator.01", "password": PASSWORD}).status_code == 403


def test_who_loses_the_role_loses_access_at_once(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("coordinator.01")
    assert browser.get("/").status_code == 200
    portals.script.do(EndRole(person="coordinator.01", role="coordinator", site="01"), "administrator")
    assert browser.get("/").status_code == 403


def test_a_new_password_ends_every_session(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("coordinator.01")
    assert browser.get("/").status_code == 200
    file = portals.running.folder.credentials
    put_password(file, "coordinator.01", "quite another password", datetime.now(UTC), cost="minimal")
    assert browser.get("/").status_code == 302


def test_without_a_second_factor_there_is_nothing_but_setting_one_up(portals_at: PortalsAt) -> None:
    portals = portals_at(second_factor=True)
    answer = portals.client("coordinator.01").get("/participants/")
    assert answer["Location"].endswith("/accounts/2fa/totp/")


def test_a_link_sets_a_password_once(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser, token = portals.client(), make_token(portals.running.folder, "nurse.01")
    address = f"/welcome/{token}/"
    typed = {"password": "a password of my own", "again": "a password of my own"}
    assert browser.post(address, typed).status_code == 302
    assert log_in(browser, "nurse.01", "a password of my own") == 302
    assert browser.post(address, typed).status_code == 410
    assert browser.get(address[:-3] + "xx/").status_code == 410


def test_the_unblinded_side_is_not_let_into_the_blinded_portal(portals_at: PortalsAt) -> None:
    portals = portals_at()
    assert portals.client("pharmacist").get("/").status_code == 403
    assert portals.client("unblinder").get("/").status_code == 403


def test_every_page_says_that_all_of_it_comes_from_here(portals_at: PortalsAt) -> None:
    answer = portals_at().client("coordinator.01").get("/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"] == "no-store"
    page = answer.content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick=" not in page

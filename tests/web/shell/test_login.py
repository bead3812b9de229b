"""Who gets in: by password and second factor, with a role today; and how access ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from tests.web.portals import PASSWORD, Portals

from equipoise.conduct.organisation.people import EndRole, GrantRole
from equipoise.trial.signing.credentials import put_password
from equipoise.web.accounts.links import make_link, make_token

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


@pytest.mark.parametrize("password", ["not the password", "short", "nobody.at.all", "x" * 5000])
def test_a_name_that_nobody_has_is_answered_like_a_wrong_password(portals_at: PortalsAt, password: str) -> None:
    portals = portals_at()
    portals.client("coordinator.01")
    file, said = portals.running.folder.credentials, []
    for name in ("coordinator.01", "nobody.at.all"):
        kept = file.read_bytes()
        answer = portals.client().post("/accounts/login/", {"login": name, "password": password})
        said.append((answer.status_code, answer.content.decode().split('role="alert">')[1].split("<")[0]))
    assert said[0] == said[1]
    assert file.read_bytes() == kept, "of nobody nothing is kept"


def test_a_session_is_new_after_login_and_ends_at_logout(portals_at: PortalsAt) -> None:
    portals, name = portals_at(), settings.SESSION_COOKIE_NAME
    portals.client("coordinator.01")
    browser, other = portals.client(), portals.client()
    browser.get("/accounts/login/")
    planted = browser.cookies[name].value
    assert planted, "somebody may have put this one into the browser"
    log_in(browser, "coordinator.01")
    assert browser.get("/").status_code == 200
    other.cookies[name] = planted
    assert other.get("/").status_code == 302
    other.cookies[name] = browser.cookies[name].value
    assert other.get("/").status_code == 200
    browser.post("/accounts/logout/")
    assert other.get("/participants/").status_code == 302


def test_a_session_ends_half_an_hour_after_the_last_request(portals_at: PortalsAt) -> None:
    from django.contrib.sessions.models import Session

    browser = portals_at().client("coordinator.01")
    warned = int(browser.get("/").content.decode().split('data-minutes="')[1].split('"')[0])
    assert warned == settings.SESSION_COOKIE_AGE / 60 - 5, "the page says five minutes before that it will end"
    row = Session.objects.filter(session_key=browser.session.session_key)
    assert timedelta(minutes=29) < row.get().expire_date - timezone.now() <= timedelta(minutes=30)
    row.update(expire_date=timezone.now())
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/participants/?number=1"}
    part = browser.get("/day/", headers=asked)
    assert part["HX-Redirect"] == "/accounts/login/?next=/participants/%3Fnumber%3D1"
    assert browser.get("/participants/").status_code == 302


def test_a_password_alone_opens_nothing_and_guessed_codes_shut_the_door(portals_at: PortalsAt) -> None:
    portals = portals_at(second_factor=True)
    from allauth.mfa.totp.internal import auth as totp

    from equipoise.web.accounts.models import Account

    portals.client("coordinator.01")
    secret, page = totp.generate_totp_secret(), "/accounts/2fa/authenticate/"
    totp.TOTP.activate(Account.objects.of("coordinator.01"), secret)
    browser = portals.client()
    log_in(browser, "coordinator.01")
    assert browser.get("/")["Location"].startswith("/accounts/login/")
    for guess in ("000000", "111111", "222222", "333333", "444444", "555555"):
        browser.post(page, {"code": guess})
    right = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    browser.post(page, {"code": right})
    assert browser.get("/").status_code == 302


def test_a_person_of_two_sites_acts_at_one_and_pages_of_the_other_are_out_of_date(
    portals_at: PortalsAt,
) -> None:
    portals = portals_at("screened", 2)
    script, who = portals.script, "coordinator.01"
    also = GrantRole(person=who, role="coordinator", site="02", since=script.today(), training="as at site 01")
    script.do(also, "sponsor")
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = portals.client(who).cookies

    def shown() -> list[int]:
        return [browser.get(f"/participants/{number}/").status_code for number in ("01-001", "02-001")]

    assert shown() == [200, 404]
    page = browser.get("/participants/").content.decode()
    token = {"csrfmiddlewaretoken": page.split('csrfmiddlewaretoken" value="')[1].split('"')[0]}
    browser.post("/acting/", {"acting": "coordinator@02", **token})
    assert shown() == [404, 200]
    before = portals.running.door.refresh().sequence
    person = {"name": "A person", "birth_date": "1990-01-01", "sex": "F", **token}
    late = browser.post("/participants/screen/", person, headers={"Referer": "http://testserver/participants/"})
    assert late.status_code == 403
    assert '<a href="http://testserver/participants/">Open the page again' in late.content.decode()
    part = browser.post("/participants/screen/", person, headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"
    assert portals.running.door.refresh().sequence == before
    script.do(EndRole(person=who, role="coordinator", site="01"), "administrator")
    assert shown() == [404, 200]


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
    shown = browser.post("/welcome/", {"token": token})
    assert (shown.status_code, "nurse.01" in shown.content.decode()) == (200, True)
    typed = {"token": token, "password": "a password of my own", "again": "a password of my own"}
    assert browser.post("/welcome/", typed).status_code == 302
    assert log_in(browser, "nurse.01", "a password of my own") == 302
    assert browser.post("/welcome/", typed).status_code == 410
    assert browser.post("/welcome/", {"token": f"{token[:-3]}xx"}).status_code == 410


def test_what_makes_a_link_stands_in_no_log_and_is_sent_to_no_other_page(
    portals_at: PortalsAt, caplog: pytest.LogCaptureFixture
) -> None:
    portals = portals_at()
    link = make_link("https://portal.example/welcome/", portals.running.folder, "nurse.01")
    seen_by_servers, token = link.split("#")
    assert seen_by_servers == "https://portal.example/welcome/"
    caplog.set_level("DEBUG")
    browser = portals.client()
    assert browser.get("/welcome/").status_code == 200
    typed = {"password": "a password of my own", "again": "something else"}
    for sent in ({"token": token}, {"token": token, **typed}, {"token": f"{token}x", **typed}):
        answer = browser.post("/welcome/", sent)
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]
    assert [record.args for record in caplog.records if record.name == "django.request"]
    assert token[:40] not in caplog.text
    assert browser.get(f"/welcome/{token}/").status_code == 404


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

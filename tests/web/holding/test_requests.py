"""What a hostile request tries: forged, for another site, with more fields than the form, to lead elsewhere."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from tests.invariants.scripted import let_in
from tests.web.portals import PASSWORD, Portals

from equipoise.conduct.closing.locks import HoldScope
from equipoise.conduct.door.state import Scope
from equipoise.web.shell.settings import BLINDED, UNBLINDED, Portal, Serving, portal_settings

from .exercise import EVERYBODY_S
from .pages import Page, filling, pages_of, samples
from .people import person_of

SIDES = pytest.mark.parametrize("portal", [BLINDED, UNBLINDED], ids=lambda one: one.name)
REFUSED = (403, 404, 405)
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
)


def each_address(portals: Portals, portal: Portal) -> Iterator[tuple[Page, str]]:
    """Give an address of every page of a portal."""
    fill = filling(portals.script)
    for page in pages_of(portal):
        for values in samples(page, fill):
            yield page, page.address(**values)


@SIDES
def test_no_page_takes_a_form_without_its_token(portals: Portals, portal: Portal) -> None:
    known = portals.client(person_of("investigator"), side=portal)
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = known.cookies
    before = portals.running.door.refresh().sequence
    taken = [
        to for _, to in each_address(portals, portal) if forged.post(to, {"then": "close"}).status_code != 403
    ]
    assert taken == []
    assert portals.running.door.refresh().sequence == before


AT_ONE_SITE = ("coordinator", "investigator", "nurse", "monitor", "data manager", "medical monitor", "sponsor")
"""Roles that may be held at one site; the last of them are more often held at all."""


def at_site_1(portals: Portals, role: str) -> Client:
    """Return the browser of somebody who holds a role at site 01 and at no other."""
    person = person_of(role)
    if all(grant.site is None for grant in portals.running.door.trial.people[person].grants):
        person = f"{role.replace(' ', '.')}.of.01"
        let_in(portals.script, person, role, "01")
    return portals.client(person)


def test_no_page_says_anything_of_a_participant_of_another_site(portals: Portals) -> None:
    strangers = strangers_to_site_1(portals)
    of_them = ("number", "participant")
    browsers, told = {role: at_site_1(portals, role) for role in AT_ONE_SITE}, []
    before = portals.running.door.refresh().sequence
    for page in pages_of(BLINDED):
        named = [name for name in of_them if name in page.parameters and "sites/of/" not in page.route]
        if not named or "tokens/" in page.route:
            continue
        fill = filling(portals.script) | dict.fromkeys(named, strangers[:1])
        for values in samples(page, fill):
            to = page.address(**values)
            typed = {"then": "close", "on": "2026-03-05", "of": "W0"}
            for role, browser in browsers.items():
                answers = (browser.get(to), browser.post(to, typed))
                told += [(role, to, one.status_code) for one in answers if one.status_code not in REFUSED]
    assert strangers
    assert told == []
    assert portals.running.door.refresh().sequence == before


def test_a_stranger_is_in_no_list_of_a_site(portals: Portals) -> None:
    strangers, told = strangers_to_site_1(portals), []
    portals.script.do(HoldScope(scope=Scope(participant=strangers[0]), locked=False), "data manager")
    browsers = {role: at_site_1(portals, role) for role in AT_ONE_SITE}
    for page in pages_of(BLINDED):
        if page.parameters or page.route.startswith(EVERYBODY_S):
            continue
        for role, browser in browsers.items():
            answer = browser.get(page.address())
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            told += [(role, page.route, one) for one in strangers if one.encode() in content]
    assert told == []


def strangers_to_site_1(portals: Portals) -> list[str]:
    """Return the participants of the other sites."""
    return [one.id for one in portals.running.door.trial.participants.values() if one.site != "01"]


def test_fields_that_no_form_has_are_of_no_account(portals: Portals) -> None:
    browser = portals.client(person_of("coordinator"))
    person = {"name": "A person", "birth_date": "1990-01-01", "sex": "F"}
    more = {
        "site": "02",
        "participant": "02-009",
        "person": "investigator.02",
        "role": "investigator",
        "at": "2020-01-01",
    }
    answer = browser.post("/participants/screen/", person | more)
    (screened,) = list(portals.running.book.read(kinds=["ParticipantScreened"]))[-1:]
    assert answer.status_code == 302
    assert (screened.site, screened.actor, screened.role) == ("01", "coordinator.01", "coordinator")
    assert screened.participant is not None
    assert screened.participant.startswith("01-")
    assert screened.at.year > 2025
    who = next(one.id for one in portals.running.door.trial.participants.values() if one.site == "01")
    at = f"/participants/{who}/forms/adverse_event/-/2/"
    typed = {"on": str(portals.script.today()), "item-ae_term": "Cough", "item-ae_serious": "N", "item-arm": "x"}
    browser.post(
        at, typed | {"item-ae_started": str(portals.script.today()), "number": "02-001", "site": "02", **more}
    )
    (saved,) = list(portals.running.book.read(kinds=["FormSaved"]))[-1:]
    assert (saved.participant, saved.site, saved.actor) == (who, "01", "coordinator.01")
    assert '"arm"' not in saved.payload


def test_nobody_acts_in_a_role_that_they_do_not_hold(portals: Portals) -> None:
    browser = portals.client(person_of("coordinator"))
    for acting in ("99", "-1", "0x0", "1e9", "\u0663", "\u00b2", "administrator", ""):
        browser.post("/acting/", {"acting": acting})
        assert browser.get("/people/").status_code == 403
        assert browser.get("/").status_code == 200


def test_no_form_leads_to_another_host(portals: Portals) -> None:
    browser = portals.client(person_of("coordinator"))
    who = next(iter(portals.running.door.trial.participants))
    for days, to in enumerate(ELSEWHERE):
        assert browser.post("/language/", {"language": "en", "next": to})["Location"] == "/"
        on = portals.script.today() + timedelta(days)
        typed = {"on": str(on), "reason": "cough", "back": to}
        answer = browser.post(f"/participants/{who}/steps/unscheduled-visit/", typed)
        assert answer.status_code == 302, answer.content
        assert answer["Location"] == f"/participants/{who}/"
        account = {"login": "coordinator.01", "password": PASSWORD, "next": to}
        assert portals.client().post(f"/accounts/login/?next={to}", account)["Location"] == "/"


@SIDES
def test_a_host_that_is_not_ours_is_answered_by_nothing(portals: Portals, portal: Portal) -> None:
    browser = portals.client(person_of("investigator"), side=portal)
    for _, to in each_address(portals, portal):
        for answer in (
            browser.get(to, headers={"Host": "evil.example"}),
            browser.post(to, HTTP_HOST="evil.example"),
        ):
            assert answer.status_code == 400, to
            assert b"evil.example" not in answer.content


@SIDES
def test_wrong_passwords_shut_the_door_at_both_portals(portals: Portals, portal: Portal) -> None:
    portals.client(person_of("investigator"), side=portal)
    browser = portals.client(side=portal)
    for guess in ("one", "two", "three", "four", "five", "six"):
        browser.post("/accounts/login/", {"login": "investigator.01", "password": f"not the password {guess}"})
    other = portals.client(side=UNBLINDED if portal == BLINDED else BLINDED)
    for one in (browser, other):
        one.post("/accounts/login/", {"login": "investigator.01", "password": PASSWORD})
        assert one.get("/").status_code == 302


HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}


@SIDES
def test_every_answer_has_the_headers_that_shut_a_page_in(
    portals: Portals, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = portals.client(person_of("investigator"), side=portal)
    browser.raise_request_exception = False
    addresses = [to for page, to in each_address(portals, portal) if "logout" not in page.route]
    addresses += ["/nowhere/", "/static/portal.css", "/static/vendor/htmx-2.0.11.min.js", "/static/nothing.js"]
    answers = {to: browser.get(to) for to in addresses}
    for answer in answers.values():
        answer.close()
    answers["forged"] = forged(browser)
    monkeypatch.setattr("equipoise.web.shell.here.roles_of", lambda *_: 1 / 0)
    answers["failed"] = browser.get("/")
    assert answers["failed"].status_code == 500
    lacking = [
        (to, name)
        for to, answer in answers.items()
        for name, wanted in HEADERS.items()
        if wanted not in answer.headers.get(name, "")
    ]
    assert lacking == []
    policy = answers["/nowhere/"]["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    open_to_caches = [
        to
        for to, answer in answers.items()
        if not to.startswith("/static/") and "no-store" not in answer.headers.get("Cache-Control", "")
    ]
    assert open_to_caches == ["failed"], "the page that says that something failed holds nothing of the trial"


def forged(browser: Client) -> object:
    """Send a form without its token."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    return strict.post("/language/", {"language": "en"})


def test_behind_tls_cookies_are_for_tls_alone_and_browsers_stay_with_it(portals: Portals) -> None:
    running = portals.running
    secure = portal_settings(BLINDED, running.folder, running.server.url("portal"), Serving(hosts=("testserver",)))
    names = ("SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE", "SECURE_")
    with override_settings(**{name: value for name, value in secure.items() if name.startswith(names)}):
        portals.client(person_of("coordinator"))
        browser = portals.client()
        browser.post("/accounts/login/", {"login": "coordinator.01", "password": PASSWORD}, secure=True)
        browser.post("/language/", {"language": "en"}, secure=True)
        answer = browser.get("/", secure=True)
    assert "max-age=31536000" in answer["Strict-Transport-Security"]
    assert len(browser.cookies) >= 2
    for cookie in browser.cookies.values():
        assert cookie["secure"], cookie
        assert cookie["httponly"], cookie
        assert cookie["samesite"] == "Strict", cookie

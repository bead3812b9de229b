"""One-time codes: each counts once, several wrong ones shut the door for a while, to this person alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from tests.web.portals import PASSWORD, Portals

from equipoise.conduct.closing.signatures import content_hash

PortalsAt = Callable[..., Portals]
WHO, NUMBER = "investigator.01", "01-001"
SIGN = f"/participants/{NUMBER}/sign/"


@pytest.fixture
def portals(portals_at: PortalsAt) -> Portals:
    """A portal where everybody needs a second factor; two participants are allocated."""
    return portals_at("allocated", 2, second_factor=True)


def secret_of(person: str) -> str:
    from tests.web.factors import give_factor

    return give_factor(person)


def shown(secret: str, later: int = 0) -> str:
    from tests.web.factors import code_of

    return code_of(secret, later)


def wrong(secret: str) -> str:
    from tests.web.factors import wrong_code

    return wrong_code(secret)


def sign(portals: Portals, browser: Client, key: str = "k1", **typed: str) -> tuple[int, str]:
    """Sign the data of a participant; return the status and what the page says."""
    content = content_hash(portals.running.door.trial.participants[NUMBER])
    said = {"meaning": "seen", "content": content, "key": key, "password": PASSWORD, **typed}
    answer = browser.post(SIGN, said)
    return answer.status_code, answer.content.decode()


def signatures(portals: Portals) -> int:
    return [event.kind for event in portals.running.book.read()].count("Signed")


def test_a_signature_takes_password_and_code_and_each_code_once(portals: Portals) -> None:
    browser, secret = portals.client(WHO), secret_of(WHO)
    assert 'name="code"' in browser.get(SIGN).content.decode()
    before = signatures(portals)
    assert sign(portals, browser)[0] == 422
    assert sign(portals, browser, code=wrong(secret))[0] == 422
    assert sign(portals, browser, code=shown(secret), password="not the password")[0] == 422
    assert signatures(portals) == before
    assert sign(portals, browser, code=shown(secret))[0] == 302
    assert signatures(portals) == before + 1
    status, said = sign(portals, browser, "k2", code=shown(secret))
    assert (status, "was used before" in said) == (422, True)
    assert signatures(portals) == before + 1


def test_a_recovery_code_signs_once(portals: Portals) -> None:
    from tests.web.factors import give_recovery_codes

    browser, _ = portals.client(WHO), secret_of(WHO)
    code = give_recovery_codes(WHO)[0]
    assert sign(portals, browser, code=code)[0] == 302
    assert sign(portals, browser, "k2", code=code)[0] == 422


def test_guessed_codes_are_stopped_at_a_signature_and_the_page_says_until_when(portals: Portals) -> None:
    browser, secret = portals.client(WHO), secret_of(WHO)
    before = signatures(portals)
    for _ in range(5):
        assert sign(portals, browser, code=wrong(secret))[0] == 422
    status, said = sign(portals, browser, code=shown(secret))
    assert (status, signatures(portals)) == (422, before)
    assert "After 5 wrong one-time codes none is looked at before" in said
    assert "open the sealed envelope" in said


def test_who_is_kept_waiting_waits_alone_and_at_every_page(portals: Portals) -> None:
    browser, secret = portals.client(WHO), secret_of(WHO)
    other, their = portals.client("investigator.02"), secret_of("investigator.02")
    for _ in range(5):
        sign(portals, browser, code=wrong(secret))
    login = portals.client()
    login.post("/accounts/login/", {"login": WHO, "password": PASSWORD})
    answer = login.post("/accounts/2fa/authenticate/", {"code": shown(secret)})
    assert "none is looked at before" in answer.content.decode()
    assert login.get("/").status_code == 302
    content = content_hash(portals.running.door.trial.participants["02-001"])
    typed = {"meaning": "seen", "content": content, "key": "k1", "password": PASSWORD, "code": shown(their)}
    assert other.post("/participants/02-001/sign/", typed).status_code == 302


def test_after_a_quarter_of_an_hour_codes_are_looked_at_again(portals: Portals) -> None:
    from django.db.models import F

    from equipoise.web.accounts.models import Account

    browser, secret = portals.client(WHO), secret_of(WHO)
    for _ in range(5):
        sign(portals, browser, code=wrong(secret))
    ago = F("code_failed_at") - timedelta(minutes=15)
    Account.objects.filter(person=WHO).update(code_failed_at=ago)
    assert sign(portals, browser, code=wrong(secret))[0] == 422
    assert sign(portals, browser, code=shown(secret))[0] == 302
    assert Account.objects.get(person=WHO).codes_failed == 0


def test_guessed_passwords_are_stopped_at_a_signature_whoever_else_signs(portals: Portals) -> None:
    browser, secret = portals.client(WHO), secret_of(WHO)
    before = signatures(portals)
    for _ in range(3):
        assert sign(portals, browser, password="not the password", code=shown(secret))[0] == 422
    status, said = sign(portals, browser, code=shown(secret))
    assert (status, signatures(portals)) == (422, before)
    assert "after 3 wrong passwords nothing is signed as investigator.01 before" in said
    other, their = portals.client("investigator.02"), secret_of("investigator.02")
    content = content_hash(portals.running.door.trial.participants["02-001"])
    typed = {"meaning": "seen", "content": content, "key": "k1", "password": PASSWORD, "code": shown(their)}
    assert other.post("/participants/02-001/sign/", typed).status_code == 302


def test_a_token_for_a_program_takes_password_and_code_too(portals: Portals) -> None:
    from equipoise.web.accounts.models import Token

    browser, secret = portals.client("data.manager"), secret_of("data.manager")
    asked = {"purpose": "a nightly copy", "days": "30", "password": PASSWORD}
    assert browser.post("/api/tokens/", asked).status_code == 422
    assert browser.post("/api/tokens/", {**asked, "code": wrong(secret)}).status_code == 422
    assert not Token.objects.exists()
    assert browser.post("/api/tokens/", {**asked, "code": shown(secret)}).status_code == 200
    assert Token.objects.count() == 1

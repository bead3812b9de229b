"""Tokens: made on a page, shown once, never more than their person holds today, ended at once."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.web.portals import PASSWORD, Portals

from equipoise.conduct.organisation.people import EndRole, GrantRole

from .conftest import ProgramOf

PortalsAt = Callable[..., Portals]
ASKED = {"purpose": "nightly copy of queries", "days": "30", "password": PASSWORD}


def made(page: bytes) -> str:
    """Return the token that a page shows."""
    return re.findall(r"eqp_[\w-]{43}", page.decode())[0]


def test_a_token_made_on_the_page_works_and_is_shown_once(portals_at: PortalsAt) -> None:
    portals = portals_at("screened", 1)
    from equipoise.web.accounts.models import Token

    browser = portals.client("coordinator.01")
    answer = browser.post("/api/tokens/", ASKED)
    assert answer.status_code == 200
    secret = made(answer.content)
    said = json.loads(portals.client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).content)
    assert (said["person"], said["role"], said["site"], said["blind"]) == (
        "coordinator.01",
        "coordinator",
        "01",
        "blinded",
    )
    assert said["purpose"] == ASKED["purpose"]
    assert not said["records"]
    again = browser.get("/api/tokens/").content.decode()
    assert ASKED["purpose"] in again
    assert secret not in again
    row = Token.objects.get()
    assert secret[4:] not in repr(row.__dict__)


def test_a_token_needs_a_purpose_days_and_the_password(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("coordinator.01")
    for wrong in ({"purpose": " "}, {"days": "91"}, {"days": "0"}, {"days": "x"}, {"password": "not this one"}):
        answer = browser.post("/api/tokens/", ASKED | wrong)
        assert answer.status_code == 422, wrong
        assert b"eqp_" not in answer.content
    assert [one.kind for one in portals.running.book.read()][-1] == "PasswordRefused"


def test_without_a_token_or_with_a_wrong_one_nothing_is_said(portals_at: PortalsAt) -> None:
    portals = portals_at()
    logged_in = portals.client("coordinator.01")
    assert logged_in.get("/api/v1/me").status_code == 401, "a cookie counts for nothing here"
    answers = [
        logged_in.get("/api/v1/me", headers={"Authorization": said})
        for said in ("Bearer eqp_wrong", "Bearer ", "Basic eA==", "Bearer \u00e4")
    ]
    assert {one.status_code for one in answers} == {401}
    assert len({one.content for one in answers}) == 1
    assert answers[0]["WWW-Authenticate"] == "Bearer"


def test_who_tries_tokens_is_made_to_wait_and_the_right_one_goes_on(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at()
    right = program(portals, "monitor")
    told = [
        portals.client().get("/api/v1/me", headers={"Authorization": f"Bearer eqp_{number}"})
        for number in range(25)
    ]
    assert told[0].status_code == 401
    assert told[-1].status_code == 429
    assert told[-1]["Retry-After"]
    assert right.get("/me").status_code == 200


def test_a_token_ends_with_the_role_at_once(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at()
    asking = program(portals, "coordinator.01")
    assert asking.get("/me").status_code == 200
    portals.script.do(EndRole(person="coordinator.01", role="coordinator", site="01"), "administrator")
    assert asking.get("/me").status_code == 401
    assert asking.post("/steps/ScreenParticipant", {}, "a").status_code == 401


def test_a_token_ends_with_its_day(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at()
    from equipoise.web.accounts.models import Token

    asking = program(portals, "coordinator.01")
    Token.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert asking.get("/me").status_code == 401


def test_a_person_revokes_their_own_tokens_and_nobody_elses(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at()
    from equipoise.web.accounts.models import Token

    asking = program(portals, "coordinator.01")
    address = f"/api/tokens/{Token.objects.get().id}/revoke/"
    assert portals.client("coordinator.02").post(address).status_code == 404
    assert asking.get("/me").status_code == 200
    assert portals.client("coordinator.01").post(address).status_code == 302
    assert asking.get("/me").status_code == 401


def test_a_token_of_the_unblinded_side_opens_nothing_here(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at()
    assert program(portals, "pharmacist").get("/me").status_code == 401


def test_a_token_of_one_role_does_nothing_of_another_role_of_its_person(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at("screened", 1)
    script = portals.script
    since = script.today()
    script.do(
        GrantRole(person="coordinator.01", role="monitor", site=None, since=since, training="seen"),
        "administrator",
    )
    as_coordinator = program(portals, "coordinator.01")
    as_monitor = program(portals, "coordinator.01", role="monitor")
    steps = [set(one.read("/me")["steps"]) for one in (as_coordinator, as_monitor)]
    assert "HoldVisit" in steps[0] - steps[1]
    assert "RaiseQuery" in steps[1] - steps[0]
    visit = {"participant": "01-001", "visit": "SCR", "on": str(since)}
    query = {"participant": "01-001", "record": "SCR/vitals/1", "question": "Is it so?"}
    assert as_monitor.post("/steps/HoldVisit", visit, "a").status_code == 403
    assert as_coordinator.post("/steps/RaiseQuery", query, "a").status_code == 403
    assert as_monitor.read("/me")["site"] is None
    assert as_coordinator.read("/me")["site"] == "01"


def test_a_token_whose_blind_level_is_another_opens_nothing(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at()
    from equipoise.web.accounts.models import Token

    asking = program(portals, "coordinator.01")
    assert asking.get("/me").status_code == 200
    Token.objects.update(blind="unblinded")
    assert asking.get("/me").status_code == 401


def test_what_is_done_names_the_purpose_of_its_token_and_keys_of_two_purposes_are_apart(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at("screened", 1)
    before = portals.running.door.refresh().sequence
    document = {"participant": "01-001", "document": "1.0", "language": "en", "signed_on": ""}
    document["signed_on"] = str(portals.script.today())
    screened = {"site": "01", "identity": {"name": "Somebody New", "birth_date": "1984-05-06", "sex": "F"}}
    for purpose, path, body in (
        ("screening", "ScreenParticipant", screened),
        ("consents", "SignConsent", document),
    ):
        answer = program(portals, "coordinator.01", purpose=purpose).post(f"/steps/{path}", body, "same-key")
        assert answer.status_code == 200, answer.content
    requests = dict.fromkeys(event.request for event in portals.running.book.read(after=before))
    assert [re.search(r"by program \((\w+)\) same-key", one)[1] for one in requests] == ["screening", "consents"]


def test_a_reading_token_does_no_step(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("screened", 1)
    asking = program(portals, "coordinator.01", records=False)
    before = portals.running.door.trial.sequence
    answer = asking.post("/steps/HoldVisit", {"participant": "01-001", "visit": "SCR", "on": "2026-03-02"}, "a")
    assert answer.status_code == 403
    assert portals.running.door.refresh().sequence == before


def test_the_pages_of_the_interface_speak_both_languages(portals_at: PortalsAt) -> None:
    portals = portals_at()
    for language, word in (("en", "Tokens for programs"), ("zh", "程序令牌")):
        browser = portals.client("monitor", language=language)
        for address in ("/api/", "/api/tokens/"):
            answer = browser.get(address)
            assert answer.status_code == 200
            assert word in answer.content.decode()
            assert "cdn" not in answer.content.decode().lower()
    assert json.loads(browser.get("/api/openapi.json").content)["openapi"].startswith("3.")
    assert portals.client().get("/api/openapi.json").status_code == 302

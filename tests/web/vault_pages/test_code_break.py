"""The code of one participant in an emergency: shown to who proves who they are, on record on both sides."""

from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client
from tests.invariants.scripted import CANARIES
from tests.web.vault_pages.conftest import Desk

DeskAt = Callable[..., Desk]
WHY = "emergency whose treatment depends on what was given"


def typed(desk: Desk, number: str, **changed: str) -> dict[str, str]:
    said = {
        "participant": number,
        "again": number,
        "why": WHY,
        "reason": "anaphylaxis, intensive care",
        "key": "k1",
    }
    return desk.signed(**(said | changed))


def shows_an_arm(answer: HttpResponse) -> bool:
    return any(word in answer.content.decode() for word in CANARIES)


def break_code(desk: Desk, browser: Client, number: str, **changed: str) -> HttpResponse:
    answer: HttpResponse = browser.post("/code-break/", typed(desk, number, **changed))
    return answer


def test_one_treatment_is_shown_and_both_records_know_who_when_and_why(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("investigator.01")
    answer = break_code(desk, browser, "01-001")
    assert answer.status_code == 200
    assert sum(label in answer.content.decode() for label in ("Canary high", "Canary low", "Canary placebo")) == 1
    assert answer["Cache-Control"] == "no-store"
    assert "01-001" not in answer.request["QUERY_STRING"]
    (event,) = desk.script.running.book.read(kinds=["CodeBroken"])
    assert (event.actor, event.participant) == ("investigator.01", "01-001")
    assert event.reason == f"{WHY}: anaphylaxis, intensive care"
    assert not any(word in event.payload for word in CANARIES)
    (opened,) = [one for one in desk.script.vault.vault.book.read() if one.kind == "CodeBroken"]
    assert (opened.actor, opened.participant) == ("investigator.01", "01-001")


def test_the_same_key_shows_the_same_and_breaks_nothing_more(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("investigator.01")
    first, again = (break_code(desk, browser, "01-001").content.decode() for _ in range(2))
    assert first.split("<main")[1] == again.split("<main")[1]
    assert desk.kinds().count("CodeBroken") == desk.vault_kinds().count("CodeBroken") == 1
    break_code(desk, browser, "01-001", key="k2")
    assert desk.kinds().count("CodeBroken") == desk.vault_kinds().count("CodeBroken") == 2


def test_a_look_at_the_page_breaks_nothing(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    answer = desk.client("investigator.01").get("/code-break/?participant=01-001")
    assert not shows_an_arm(answer)
    assert "CodeBroken" not in desk.kinds() + desk.vault_kinds()


def test_a_wrong_password_shows_nothing_and_counts(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("investigator.01")
    for _ in range(3):
        answer = break_code(desk, browser, "01-001", password="not the password")
        assert answer.status_code == 422
        assert not shows_an_arm(answer)
    assert desk.kinds().count("PasswordRefused") == 3
    answer = break_code(desk, browser, "01-001")
    assert answer.status_code == 422
    assert "after 3 wrong passwords" in answer.content.decode()
    assert "CodeBroken" not in desk.kinds() + desk.vault_kinds()


def test_the_number_and_the_reason_have_to_be_meant(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("investigator.01")
    for changed in ({"again": "01-002"}, {"again": ""}, {"why": ""}, {"why": "curiosity"}, {"reason": "urgent"}):
        answer = break_code(desk, browser, "01-001", **changed)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
    assert "CodeBroken" not in desk.kinds() + desk.vault_kinds()


def test_a_participant_of_another_site_is_answered_as_nobody_is(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("investigator.01")
    said = []
    for number in ("02-001", "02-999"):
        answer = break_code(desk, browser, number)
        assert answer.status_code == 422
        said.append(answer.content.decode().split('role="alert"')[1].split("</p>")[0].replace(number, "NUMBER"))
    assert said[0] == said[1]
    assert "CodeBroken" not in desk.kinds() + desk.vault_kinds()


def test_who_has_a_second_factor_gives_its_code_too_and_each_code_once(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    from tests.web.factors import code_of, give_factor, wrong_code

    browser = desk.client("investigator.01")
    secret = give_factor("investigator.01")
    code = code_of(secret)
    assert break_code(desk, browser, "01-001").status_code == 422
    assert break_code(desk, browser, "01-001", code=wrong_code(secret)).status_code == 422
    assert break_code(desk, browser, "01-001", code=code).status_code == 200
    assert break_code(desk, browser, "01-001", code=code, key="k2").status_code == 422


def test_guessed_codes_are_stopped_and_the_page_says_what_to_do_meanwhile(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    from tests.web.factors import code_of, give_factor, wrong_code

    browser, other = desk.client("investigator.01"), desk.client("unblinder")
    secret, their = give_factor("investigator.01"), give_factor("unblinder")
    for _ in range(5):
        answer = break_code(desk, browser, "01-001", code=wrong_code(secret))
        assert (answer.status_code, shows_an_arm(answer)) == (422, False)
    answer = break_code(desk, browser, "01-001", code=code_of(secret))
    assert (answer.status_code, shows_an_arm(answer)) == (422, False)
    assert "After 5 wrong one-time codes none is looked at before" in answer.content.decode()
    assert "open the sealed envelope" in answer.content.decode()
    assert "CodeBroken" not in desk.kinds() + desk.vault_kinds()
    assert break_code(desk, other, "01-001", code=code_of(their), key="k9").status_code == 200


def test_the_page_is_said_in_chinese(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    answer = break_code(desk, desk.client("investigator.01", "zh"), "01-001")
    assert "受试者 01-001 的治疗" in answer.content.decode()

"""Who sees which page of a site: by role, at the own site only, and nobody else."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.invariants.scripted import AT_SITE, FOR_ALL
from tests.web.pages.site_steps import post
from tests.web.portals import Portals

import equipoise
from equipoise.conduct.access.questions import QUESTIONS
from equipoise.conduct.door.roles import role_matrix

PortalsAt = Callable[..., Portals]

PERSON = "/participants/01-001/"
FORM = f"{PERSON}forms/vitals/SCR/1/"
PAGES: Mapping[str, tuple[str, ...]] = {
    "/participants/": QUESTIONS["completeness"],
    PERSON: QUESTIONS["completeness"],
    FORM: QUESTIONS["forms"],
    f"{FORM}history/weight/": QUESTIONS["trail"],
    f"{FORM}differences/": ("investigator",),
    f"{PERSON}forms/immunology/SCR/1/second/": ("investigator", "coordinator", "assessor", "laboratory"),
    f"{PERSON}forms/antibodies/W0/1/vault/hla_class_1/": ("investigator", "coordinator", "assessor", "laboratory"),
    f"{PERSON}eligibility/": QUESTIONS["forms"],
    f"{PERSON}randomise/": ("investigator",),
    f"{PERSON}sign/": QUESTIONS["signatures"],
    f"{PERSON}identity/": QUESTIONS["identities"],
    f"{PERSON}history/": QUESTIONS["trail"],
    f"{PERSON}casebook/": QUESTIONS["trail"],
    "/site/queries/": QUESTIONS["queries"],
}
"""The pages, and the roles that may see each."""

STEPS: Mapping[str, str] = {
    "sign-consent": "SignConsent",
    "withdraw-consent": "WithdrawConsent",
    "end-screening": "EndScreening",
    "reopen-screening": "ReopenScreening",
    "correct-strata": "CorrectStratum",
    "move-version": "MoveParticipant",
    "destroy-identity": "DestroyIdentity",
    "hold-visit": "HoldVisit",
    "miss-visit": "MissVisit",
    "unscheduled-visit": "HoldUnscheduledVisit",
    "correct-date": "CorrectVisitDate",
    "order-infusion": "OrderInfusion",
    "strike-out": "RemoveForm",
    "answer-query": "AnswerQuery",
}
"""The steps on pages of their own, and the intent of each."""

OF = {
    "hold-visit": "W4",
    "miss-visit": "W4",
    "correct-date": "SCR",
    "order-infusion": "W0",
    "strike-out": "SCR/vitals/1",
}
SIDES = ("pharmacist", "unblinded monitor", "safety unblinder", "list custodian", "key holder")
PEOPLE = {
    **{f"{role}.01": role for role in AT_SITE},
    **{person: role for person, role in FOR_ALL.items() if role not in SIDES and not person.endswith(".2")},
    "sponsor": "sponsor",
    "administrator": "administrator",
}


def test_each_role_sees_its_pages_and_no_others(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    for person, role in PEOPLE.items():
        browser = portals.client(person)
        found = {address: browser.get(address).status_code for address in PAGES}
        assert found == {address: 200 if role in roles else 403 for address, roles in PAGES.items()}, person


def test_each_role_is_asked_for_its_steps_and_no_others(portals_at: PortalsAt) -> None:
    portals, matrix = portals_at("allocated", 2), {(one.role, one.intent) for one in role_matrix()}
    for person, role in PEOPLE.items():
        browser = portals.client(person)
        for name, intent in STEPS.items():
            asked = browser.get(f"{PERSON}steps/{name}/?of={OF.get(name, '')}").status_code
            there = 404 if name == "answer-query" else 200
            assert asked == (there if (role, intent) in matrix else 403), (person, name)
            if asked == 403:
                assert post(browser, f"{PERSON}steps/{name}/", of=OF.get(name, "")).status_code == 403


def test_every_step_is_in_the_table() -> None:
    from equipoise.web.pages.site.steps import page

    assert {name: one.intent.__name__ for name, one in page.STEPS.items()} == STEPS


def test_a_site_sees_its_own_participants_and_no_others(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 4)
    people = portals.running.door.trial.participants.values()
    for page in ("/participants/", "/"):
        shown = portals.client("coordinator.01").get(page).content.decode()
        for person in people:
            assert (person.id in shown) == (person.site == "01"), page


def test_a_participant_of_another_site_is_answered_as_nobody_is(portals_at: PortalsAt) -> None:
    browser = portals_at("allocated", 4).client("investigator.01")
    other, nobody = "02-002", "99-999"
    steps = {f"{PERSON}steps/{name}/" for name in STEPS}
    for page in (set(PAGES) | steps) - {"/participants/", "/site/queries/"}:
        answers = [browser.get(page.replace("01-001", number)) for number in (other, nobody)]
        assert [one.status_code for one in answers] == [404, 404], page
        assert without_tokens(answers[0].content, other) == without_tokens(answers[1].content, nobody)
        posted = [post(browser, page.replace("01-001", number), reason="x") for number in (other, nobody)]
        assert [one.status_code for one in posted] == [404, 404], page


def without_tokens(page: bytes, number: str) -> str:
    """Return a page without what differs at every request: the token of its forms, and the address asked for."""
    text = page.decode().replace(number, "NUMBER")
    return re.sub(
        r'(csrfmiddlewaretoken" value|X-CSRFToken&quot;: &quot;|X-CSRFToken": ")("?=?"?)[A-Za-z0-9]{64}', "", text
    )


def test_who_has_not_logged_in_is_sent_to_log_in(portals_at: PortalsAt) -> None:
    browser = portals_at("allocated", 2).client()
    for page in PAGES:
        answer = browser.get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


def test_what_these_pages_take_from_the_trial_needs_nothing_of_the_vault() -> None:
    folder = Path(equipoise.__file__).parent / "web" / "pages" / "site"
    parts = {
        f"equipoise.{found}"
        for file in folder.rglob("*.py")
        for found in re.findall(
            r"^from \.+((?:trial|line|conduct)[\w.]*) import", file.read_text(encoding="utf-8"), re.M
        )
    }
    assert "equipoise.trial.access.masked" in parts
    lines = f"from equipoise.web.serving import without_vault\nwithout_vault()\nimport {', '.join(sorted(parts))}"
    told = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr

"""Every page of the vault in every role, by the table that was typed in from the plan; all others are denied."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from tests.invariants.role_table import listed
from tests.invariants.scripted import CANARIES, Scripted, let_in
from tests.web.vault_pages.conftest import Desk

from equipoise.conduct.organisation.wall import side_of

PAGES = {
    "/code-break/": "break_code",
    "/envelopes/": "print_envelopes",
    "/envelopes/opened/": "report_envelope",
    "/preparations/": "show_preparation",
    "/preparations/01-001/W0/": "show_preparation",
    "/preparations/01-001/W0/label.pdf": "record_preparation",
    "/stock/": "lot_accounts",
    "/stock/labels.pdf": "pack_cartons",
    "/lots/": "lot_accounts",
    "/shipments/": "lot_accounts",
    "/returns/": "lot_accounts",
    "/cases/": "open_case",
    "/cases/01-001/nmpa/": "open_case",
    "/cases/01-001/nmpa/blinded.pdf": "open_case",
    "/stopping/": "show_stopping",
    "/board/": "open_for_board",
    "/board/progress/": "open_for_board",
    "/board/report.pdf": "open_for_board",
    "/record/": "show_record",
    "/masked/": "list_masked",
    "/verification/": "verify_accounts",
    "/list/": "audit_list",
    "/keys/": "unblind_all",
    "/ways-in/": "OpenWayIn",
}
"""Every page, with the handler of the vault that it stands on, or the step."""

LET_IN = ("investigator", "pharmacist", "unblinded monitor", "safety unblinder", "safety board statistician")
HERE = (*LET_IN, "list custodian", "key holder")
"""Roles that the pages of the vault let in at all."""


def person_of(script: Scripted, role: str) -> str:
    """Return somebody in a role, let in where nobody is."""
    site = "01" if role in ("investigator", "coordinator", "nurse") else None
    known = script.person(role, site)
    if known not in script.trial.people or not any(one.role == role for one in script.trial.people[known].grants):
        known = f"somebody.{role.replace(' ', '.')}"
        let_in(script, known, role)
    return known


def roles_of(handler: str) -> set[str]:
    return {role for role, one in listed("vault:") | listed() if one == handler} & {*HERE}


def test_every_page_stands_in_the_table(desk_at: Callable[..., Desk]) -> None:
    desk_at()
    from equipoise.web.vault_pages.urls import PAGES as ADDRESSES

    assert len(ADDRESSES) == len(PAGES)


def test_who_is_not_listed_is_denied_and_a_look_opens_nothing(ward: Desk) -> None:
    before = ward.vault_kinds()
    for role in HERE:
        browser = ward.client(person_of(ward.script, role))
        for address, handler in PAGES.items():
            answer = browser.get(address)
            if role in roles_of(handler):
                assert answer.status_code in (200, 404, 422), (role, address)
            else:
                assert answer.status_code == 403, (role, address)
            if answer["Content-Type"].startswith("text/html"):
                shown = unescape(answer.content.decode())
                labels = address == "/lots/" and role == "pharmacist"  # what a lot serves is chosen there
                assert labels or not any(word in shown for word in CANARIES), (role, address)
            assert answer["Cache-Control"] == "no-store"
    assert ward.vault_kinds() == before


@pytest.mark.parametrize("role", ["coordinator", "nurse", "monitor", "data manager", "sponsor", "administrator"])
def test_the_blinded_side_is_not_let_in(ward: Desk, role: str) -> None:
    assert side_of(ward.script.running.protocol, role) == "blinded"
    browser = ward.client(person_of(ward.script, role))
    for address in ("/", *PAGES):
        assert browser.get(address).status_code == 403
        assert browser.post(address, {"do": "show"}).status_code == 403


def test_an_investigator_finds_the_code_break_and_the_envelope_and_nothing_else(ward: Desk) -> None:
    browser = ward.client("investigator.01")
    seen = {address for address in PAGES if browser.get(address).status_code == 200}
    assert seen == {"/code-break/", "/envelopes/opened/"}
    assert links(browser) == {"/", "/code-break/", "/envelopes/opened/"}


def links(browser: Client) -> set[str]:
    """Return the chapters that the first page of the vault offers."""
    chapters = browser.get("/").content.decode().split('class="chapters"')[1].split("</nav>")[0]
    return {part.split('"')[0] for part in chapters.split('href="')[1:]}


def test_nobody_mistakes_the_screens(ward: Desk) -> None:
    from equipoise.web.shell.settings import BLINDED

    here = ward.client("pharmacist").get("/").content.decode()
    assert "side-unblinded" in here
    assert "Treatments are shown on these pages." in here
    there = ward.portals.client("coordinator.01", side=BLINDED).get("/").content.decode()
    assert "side-blinded" in there
    assert "Treatments are shown" not in there


def test_a_participant_of_another_site_is_nobody_for_a_pharmacist_of_one_site(ward: Desk) -> None:
    let_in(ward.script, "pharmacist.02", "pharmacist", "02")
    browser = ward.client("pharmacist.02")
    foreign, nobody = browser.get("/preparations/01-001/W0/"), browser.get("/preparations/01-099/W0/")
    assert foreign.status_code == nobody.status_code == 404
    assert "01-001" not in browser.get("/preparations/?every=1").content.decode().split("<main")[1]

"""Roles and pages: what stands in no row of the table (`pages.yaml`) is refused, and every page has a row.

Every address that is registered is tried in every role, and all that its forms can send. Roles of the other side
of the blind are let in nowhere.
"""

from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.invariants.role_table import listed
from tests.web.api.conftest import program_of
from tests.web.portals import Portals

from equipoise.web.shell.settings import BLINDED, UNBLINDED

from .exercise import EVERYBODY_S, NOT_FOR_YOU, NOT_SO, NOTHING_THERE, Tried, try_all
from .pages import filling, pages_of, samples
from .people import person_of, roles_at

SIDES = {"blinded": BLINDED, "unblinded": UNBLINDED}
Row = dict[str, list[str]]


def expected(side: str) -> dict[str, Row]:
    """Read the table: by page the roles that may look, those that may send, those for whom nothing is there."""
    table = YAML(typ="safe").load(Path(__file__).with_name("pages.yaml"))
    roles = set(roles_at(SIDES[side]))
    rows = {}
    for route, row in table[side].items():
        rows[route or ""] = {
            what: sorted(roles if listed == "everybody" else listed) for what, listed in (row or {}).items()
        }
    return rows


@pytest.mark.parametrize("side", SIDES)
def test_a_page_lets_in_who_is_in_its_row_and_nobody_else(portals: Portals, side: str) -> None:
    rows, found = expected(side), try_all(portals, SIDES[side])
    assert sorted(rows) == sorted(found), "each page has a row in pages.yaml, and each row has a page"
    wrong = {name: told for name, tried in found.items() if (told := differences(rows[name], tried))}
    assert wrong == {}


def differences(row: Row, tried: Tried) -> list[str]:
    """Return how a page differs from its row."""
    told = [f"{role} is answered {status}" for role, status in tried.looked.items() if status >= 500]
    told += [
        f"{role} sends and is answered {status}"
        for role, all_ in tried.sent.items()
        for status in all_
        if status >= 500
    ]
    lets_in = sorted(tried.may_look)
    empty = sorted(role for role, status in tried.looked.items() if status == NOTHING_THERE)
    only_sent = [role for role, status in tried.looked.items() if status == NOT_SO]
    for what, has in (("look", lets_in), ("empty", empty), ("send", sorted(tried.may_send))):
        wanted = row.get(what, [])
        if what != "send" and len(tried.looked) == 1:
            wanted = [role for role in wanted if role in tried.looked]
        if has != wanted:
            told.append(f"{what}: the row says {wanted}; it is {has}")
    refused = {role for role, status in tried.looked.items() if status == NOT_FOR_YOU}
    if refused | set(lets_in) | set(empty) | set(only_sent) != set(tried.looked):
        told.append(f"answers that are none of these: {tried.looked}")
    told += [f"{role} is shown no such form, and it was recorded" for role in tried.recorded]
    return told + tried.mistaken


def test_pages_have_names_of_their_own(portals: Portals) -> None:
    for portal in SIDES.values():
        names = [(page.name, len(page.parameters)) for page in pages_of(portal)]
        assert len(names) == len(set(names))
        assert all(name for name, _ in names)


@pytest.mark.parametrize("side", SIDES)
def test_the_other_side_and_who_has_not_logged_in_are_let_in_nowhere(portals: Portals, side: str) -> None:
    portal, other = SIDES[side], "pharmacist" if side == "blinded" else "coordinator"
    nobody, stranger = portals.client(side=portal), portals.client(person_of(other), side=portal)
    let_in = []
    for page in pages_of(portal):
        if page.route.startswith(EVERYBODY_S):
            continue
        (values,) = samples(page, filling(portals.script))
        address = page.address(**values)
        for send in (False, True):
            answers = [(who.post if send else who.get)(address) for who in (nobody, stranger)]
            if [one.status_code for one in answers] != [302, NOT_FOR_YOU]:
                let_in.append((address, [one.status_code for one in answers]))
            elif not answers[0]["Location"].startswith("/accounts/login/"):
                let_in.append((address, answers[0]["Location"]))
    assert let_in == []


def test_the_interface_answers_the_roles_of_an_endpoint_and_refuses_all_others(portals: Portals) -> None:
    from equipoise.web.api.document import document

    before, wrong = portals.running.door.refresh().sequence, []
    by_table = {name: {role for role, one in listed() if one == name} for _, name in listed()}
    endpoints = [(path, *one) for path, methods in document()["paths"].items() for one in methods.items()]
    for role in roles_at(BLINDED):
        program = program_of(portals, person_of(role))
        for path, method, operation in endpoints:
            allowed = by_table.get(operation["operationId"], operation.get("x-roles", [role]))
            address = path.removeprefix("/api/v1").replace("{participant}", "01-001")
            answer = program.get(address) if method == "get" else program.post(address, "no JSON", "k")
            if (answer.status_code == NOT_FOR_YOU) != (role not in allowed) or answer.status_code >= 500:
                wrong.append((role, method, path, answer.status_code))
    assert wrong == []
    assert len(endpoints) > 60
    assert portals.running.door.refresh().sequence == before

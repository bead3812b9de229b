"""What a program may ask, by role; that it sees its own site alone; and nothing of the blind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.invariants.conftest import database_url
from tests.invariants.scripted import ARMS, CANARIES, Scripted, begin, bring
from tests.invariants.test_non_interference import another_database, by_the_same_dice
from tests.servers import running_server
from tests.web.portals import Portals, serve

from .conftest import Program, ProgramOf

PortalsAt = Callable[..., Portals]
AT_SITE = ("coordinator.01", "investigator.01", "nurse.01")
FOR_ALL = ("laboratory", "monitor", "data.manager", "statistician", "auditor", "sponsor", "administrator")


def listed() -> dict[str, str]:
    """Return the operation of every question by its path."""
    from equipoise.web.api.document import document

    return {
        path.removeprefix("/api/v1"): methods["get"]["operationId"]
        for path, methods in document()["paths"].items()
        if "get" in methods
    }


def read_all(asking: Program, number: str) -> dict[str, bytes]:
    """Return the answer to every question that may be asked, but for the document itself."""
    found = {path: asking.get(path.replace("{participant}", number)) for path in listed()}
    return {path: one.content for path, one in found.items() if one.status_code == 200 and path != "/openapi.json"}


def test_each_question_is_answered_to_its_roles_and_to_no_other(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("infused", 4)
    from equipoise.web.api.endpoint import FOR

    known = portals.running.door.trial
    number = next(iter(known.participants))
    answered = 0
    for person in (*AT_SITE, *FOR_ALL):
        asking, role = program(portals, person), known.people[person].grants[0].role
        for path, operation in listed().items():
            answer = asking.get(path.replace("{participant}", number))
            allowed = operation not in FOR or role in FOR[operation]
            assert answer.status_code == (200 if allowed else 403), (path, role, answer.content)
            assert answer["Cache-Control"] == "no-store"
            assert allowed or set(json.loads(answer.content)) == {"error"}
            answered += allowed
    assert 100 < answered < 10 * len(listed())


def test_a_participant_of_another_site_is_answered_as_nobody_is(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("infused", 4)
    people = portals.running.door.trial.participants.values()
    other = next(one.id for one in people if one.site == "02")
    asking = program(portals, "coordinator.01")
    for path in ("", "/forms", "/history"):
        foreign, nobody = asking.get(f"/participants/{other}{path}"), asking.get(f"/participants/99-999{path}")
        assert (foreign.status_code, foreign.content) == (nobody.status_code, nobody.content)
        assert foreign.status_code == 404
    assert {one["site"] for one in asking.read("/participants", limit=200)["rows"]} == {"01"}
    assert asking.read("/participants", site="02")["rows"] == []
    assert {one["site"] for one in asking.read("/events")["events"]} == {"01"}
    assert other.encode() not in b"".join(read_all(asking, "01-001").values())


def test_the_trail_is_pulled_step_by_step_without_a_gap(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("allocated", 4)
    for person in ("auditor", "coordinator.01"):
        asking, found, after = program(portals, person), [], 0
        while True:
            part = asking.read("/events", after=after, limit=7)
            found += part["events"]
            assert len(part["events"]) <= 7
            after = part["last"]
            if after >= part["head"]:
                break
        sites = {None, "01", "02"} if person == "auditor" else {"01"}
        events = [event for event in portals.running.book.read() if event.site in sites]
        assert [one["sequence"] for one in found] == [event.sequence for event in events]
        assert [one["hash"] for one in found] == [event.hash.hex() for event in events]


def test_lists_come_in_pages(portals_at: PortalsAt, program: ProgramOf) -> None:
    asking = program(portals_at("screened", 5), "monitor")
    whole = asking.read("/participants")["rows"]
    first = asking.read("/participants", limit=3)
    assert (first["rows"], first["total"], first["next"]) == (whole[:3], 5, 3)
    assert asking.read("/participants", start=3, limit=3)["rows"] == whole[3:]
    assert asking.get("/participants", limit=201).status_code == 400
    assert asking.get("/participants", start=-1).status_code == 400
    assert asking.get("/events", after=2**70).status_code == 400


def test_an_address_that_there_is_not_is_answered_in_one_sentence(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    asking = program(portals_at(), "monitor")
    answer = asking.get("/vault/allocations")
    assert answer.status_code == 404
    assert set(json.loads(answer.content)) == {"error"}
    assert (
        asking.browser.delete("/api/v1/me", headers={"Authorization": f"Bearer {asking.secret}"}).status_code
        == 405
    )


def test_permuted_arms_give_identical_bytes_and_no_canary(
    tmp_path: Path, program: ProgramOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds = []
    for turned in (False, True):
        with another_database(running_server("wheel")) as server, database_url(server):
            with by_the_same_dice(turned=turned):
                script: Scripted = begin(tmp_path / f"{turned}" / "trial", flush=False)
                bring(script, 4, "infused")
            portals = serve(script)
            world = {
                f"{person} {path}": content
                for person in ("coordinator.01", "data.manager", "auditor")
                for path, content in read_all(program(portals, person), "01-001").items()
                if path != "/me"
            }
            assert not any(word.encode() in content for content in world.values() for word in (*CANARIES, *ARMS))
            worlds.append(world)
            script.close()
    assert len(worlds[0]) > 20
    assert worlds[0] == worlds[1]

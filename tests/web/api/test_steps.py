"""Steps by program: the same decisions as at every door, once under a key, refused in the same words."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.portals import Portals

from equipoise.conduct.door.roles import role_matrix

from .conftest import ProgramOf

PortalsAt = Callable[..., Portals]
PERSON = {"name": "Somebody New", "birth_date": "1984-05-06", "sex": "F"}
SCREEN: dict[str, Any] = {"site": "01", "identity": PERSON}


def test_a_step_is_done_once_under_its_key(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at()
    asking = program(portals, "coordinator.01")
    first, again = (asking.post("/steps/ScreenParticipant", SCREEN, "one") for _ in range(2))
    assert first.status_code == again.status_code == 200
    done, same = json.loads(first.content), json.loads(again.content)
    assert not done["again"]
    assert same["again"]
    assert done["events"] == same["events"]
    (event,) = [event for event in portals.running.book.read() if event.kind == "ParticipantScreened"]
    assert (event.actor, event.role) == ("coordinator.01", "coordinator")
    assert "by program (a test) one" in event.request
    assert event.hash.hex() == done["events"][0]["hash"]


def test_a_key_is_not_used_for_another_step(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at()
    asking = program(portals, "coordinator.01")
    assert asking.post("/steps/ScreenParticipant", SCREEN, "one").status_code == 200
    other = {"site": "01", "identity": PERSON | {"name": "Somebody Else"}}
    assert asking.post("/steps/ScreenParticipant", other, "one").status_code == 409
    assert (
        program(portals, "coordinator.02")
        .post("/steps/ScreenParticipant", {"site": "02", "identity": PERSON | {"name": "Third"}}, "one")
        .status_code
        == 200
    ), "the keys of others are theirs"


def test_a_step_without_a_key_is_refused_and_a_dry_run_records_nothing(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at()
    asking, before = program(portals, "coordinator.01"), portals.running.door.refresh().sequence
    assert asking.post("/steps/ScreenParticipant", SCREEN).status_code == 400
    dry = asking.post("/steps/ScreenParticipant", SCREEN, query="?dry_run=true")
    assert json.loads(dry.content) == {"events": [], "again": False}
    wrong = asking.post("/steps/ScreenParticipant", SCREEN | {"site": "02"}, query="?dry_run=true")
    assert wrong.status_code == 422
    assert portals.running.door.refresh().sequence == before


def test_a_refusal_is_the_sentence_of_the_door(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("consented", 1)
    asking = program(portals, "coordinator.01")
    body = {"participant": "01-001", "visit": "W99", "on": str(portals.script.today())}
    answer = asking.post("/steps/HoldVisit", body, "one")
    assert answer.status_code == 422
    assert "W99" in json.loads(answer.content)["error"]
    assert asking.post("/steps/HoldVisit", body | {"visit": "SCR"}, "one").status_code == 200


def test_unknown_fields_wrong_types_and_wrong_media_are_refused(portals_at: PortalsAt, program: ProgramOf) -> None:
    asking = program(portals_at("screened", 1), "coordinator.01")
    body = {"participant": "01-001", "visit": "SCR", "on": "2026-03-02"}
    for wrong in (body | {"role": "sponsor"}, body | {"on": 3}, {}, [body], "{", '{"on": NaN}', "\ud83d"):
        sent = wrong if isinstance(wrong, str) else json.dumps(wrong)
        answer = asking.browser.generic(
            "POST",
            "/api/v1/steps/HoldVisit",
            sent.encode("utf-8", "surrogatepass"),
            content_type="application/json",
            headers={"Authorization": f"Bearer {asking.secret}", "Idempotency-Key": "k"},
        )
        assert answer.status_code == 400, (wrong, answer.content)
        assert set(json.loads(answer.content)) == {"error"}
    form = asking.browser.post(
        "/api/v1/steps/HoldVisit", body, headers={"Authorization": f"Bearer {asking.secret}"}
    )
    assert form.status_code == 415
    assert asking.post("/steps/HoldVisit", "x" * 1_100_000, "k").status_code == 413


def test_a_step_for_a_participant_of_another_site_is_answered_as_for_nobody(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at("screened", 2)
    asking = program(portals, "coordinator.01")
    other = next(one.id for one in portals.running.door.trial.participants.values() if one.site == "02")
    answers = [
        asking.post("/steps/HoldVisit", {"participant": number, "visit": "SCR", "on": "2026-03-02"}, f"k{number}")
        for number in (other, "99-999")
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1


def test_each_step_is_for_the_roles_of_the_matrix_and_for_no_other(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at("screened", 1)
    from equipoise.web.api.endpoints.steps import OFFERED

    allowed = {(one.role, one.intent) for one in role_matrix()}
    people = (
        "coordinator.01",
        "investigator.01",
        "nurse.01",
        "laboratory",
        "monitor",
        "data.manager",
        "statistician",
        "auditor",
        "sponsor",
        "administrator",
    )
    before, let_in = portals.running.door.trial.sequence, 0
    for person in people:
        asking, role = program(portals, person), portals.running.door.trial.people[person].grants[0].role
        for name in OFFERED:
            answer = asking.post(f"/steps/{name}", "no JSON", "k")
            assert answer.status_code == (400 if (role, name) in allowed else 403), (role, name, answer.content)
            let_in += answer.status_code == 400
    assert 60 < let_in < len(people) * len(OFFERED) / 2
    assert portals.running.door.refresh().sequence == before


def test_steps_that_need_more_than_a_token_have_no_address(portals_at: PortalsAt, program: ProgramOf) -> None:
    asking = program(portals_at("screened", 1), "investigator.01")
    from equipoise.web.api.endpoints.steps import ELSEWHERE

    for name in ELSEWHERE:
        assert asking.post(f"/steps/{name}", {}, "k").status_code == 404


def test_any_text_is_stored_as_it_is_or_refused(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("consented", 1)
    asking = program(portals, "coordinator.01")
    number = iter(range(1000))

    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        st.text(max_size=40) | st.sampled_from(["<script>", "{{ 7*7 }}", "'; DROP TABLE event;--", "\x00", "../"])
    )
    def send(text: str) -> None:
        body = {"participant": "01-001", "on": str(portals.script.today()), "why": text}
        answer = asking.post("/steps/HoldUnscheduledVisit", body, f"k{next(number)}")
        assert answer.status_code in (200, 422), (text, answer.content)
        if answer.status_code == 200:
            event = json.loads(answer.content)["events"][0]["sequence"]
            found = asking.read("/events", after=event - 1, limit=1)["events"][0]
            assert found["reason"].strip() == text.strip()

    send()

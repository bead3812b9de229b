"""Participants on several versions of the protocol: each is judged by their own, and nobody's records are lost."""

import msgspec
import pytest
from tests.conduct.forms.desk import DAY_1, VITALS, WHO, Desk, edited, noon

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.door.chapters import DECISIONS
from equipoise.conduct.door.fact import By, Setting
from equipoise.conduct.forms.judgement import raised_now
from equipoise.conduct.quality.coding import list_uncoded
from equipoise.conduct.quality.reconciliation import check_harm
from equipoise.conduct.quality.review import ReviewTrail, list_to_review
from equipoise.conduct.quality.second_entry import list_second_entries
from equipoise.conduct.quality.verification import VerifySource, list_to_verify
from equipoise.protocol import Protocol

RECORD = "W0/vitals/1"
SECOND = "01-002"


@pytest.fixture
def versions() -> dict[str, Protocol]:
    """A version, and a second one that has no vital signs any more and compares every value with the source."""
    first = edited(("verify: 0.1", "verify: 0"))
    forms = {name: form for name, form in first.forms.items() if name != "vitals"}
    assert first.quality is not None
    once = first.quality.model_copy(update={"verify": 1.0, "double_entry": ()})
    twice = first.quality.model_copy(update={"double_entry": ("weight",)})
    second = first.model_copy(update={"forms": forms, "quality": once})
    return {"v1": first.model_copy(update={"quality": twice}), "v2": second}


@pytest.fixture
def desk(versions: dict[str, Protocol]) -> Desk:
    """Two participants with the same record, of whom the second has moved to the second version."""
    desk = Desk(versions["v1"]).start(DAY_1)
    desk.save("vitals", "W0")
    desk.save("vitals", "W0", {"weight": 62}, reason="read again")
    moved = msgspec.structs.replace(desk.participant, id=SECOND, protocol="v2")
    desk.trial.participants[SECOND] = msgspec.msgpack.decode(msgspec.msgpack.encode(moved), type=type(moved))
    desk.trial.versions.append("v2")
    return desk


def test_each_list_reads_the_records_of_a_participant_by_their_own_version(
    desk: Desk, versions: dict[str, Protocol]
) -> None:
    newest, trial = versions["v2"], desk.trial
    to_verify = {one.participant: set(one.items) for one in list_to_verify(newest, trial, versions)}
    assert to_verify == {WHO: {"weight"}, SECOND: set(VITALS)}
    to_review = [(one.participant, one.items) for one in list_to_review(newest, trial, versions)]
    assert to_review == [(WHO, ("weight",)), (SECOND, ("weight",))]
    assert {one.participant for one in list_second_entries(newest, trial, versions)} == {WHO}
    assert list_uncoded(newest, trial, versions) == check_harm(newest, trial, versions) == []
    assert checklist(newest, trial, desk.today, versions)["changes of critical items not reviewed"] == 2


def test_steps_of_quality_reach_what_only_an_older_version_has(desk: Desk, versions: dict[str, Protocol]) -> None:
    setting = Setting(versions["v2"], By("zhao", "monitor", noon(desk.today)), versions)
    records = {RECORD: ("weight",)}
    for intent in (
        VerifySource(participant=SECOND, records=records, seen=desk.trial.sequence),
        ReviewTrail(participant=SECOND, records=records, seen=desk.trial.sequence, note="as the source"),
    ):
        (outcome,) = DECISIONS[type(intent)](setting, desk.trial, intent)
        assert outcome.fact.records == records  # type: ignore[attr-defined]


def test_checks_are_those_of_the_version_that_a_record_was_made_by(
    desk: Desk, versions: dict[str, Protocol]
) -> None:
    desk.participant.forms[RECORD].protocol = "v1"
    assert raised_now(versions["v2"], desk.participant, versions) == {}

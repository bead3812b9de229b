"""The safety desk: the blinded side learns that enrolment pauses and no more; each opening is on record first."""

import pytest

from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.protocol import Protocol
from equipoise.record import Book
from equipoise.record.server import Server
from equipoise.trial.vault_process import BLINDED
from equipoise.vault.ceremony.boxes import open_box
from equipoise.vault.ceremony.holders import unwrap_key
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.ceremony.sealing import open_slot
from equipoise.vault.safety.desk import ReadEvents, Report, SafetyDesk
from equipoise.vault.safety.stopping import SafetyEvent

from ..worlds import SECRETS, open_vault, order, stamp
from .test_stopping_property import event, in_one_arm

PEOPLE = ["01-001", "01-002", "01-003"]
UNBLINDER, STATISTICIAN = "safety unblinder", "safety board statistician"


@pytest.fixture
def server(vault_server: Server) -> Server:
    with vault_server.connect("conduct") as conduct:
        for person in PEOPLE:
            take_next_slot(conduct, "site=01", person, f"allocate {person}")
    return vault_server


@pytest.fixture
def desk(server: Server, held: Ceremony, trial: Protocol) -> SafetyDesk:
    return SafetyDesk(open_vault(server, held, trial))


@pytest.fixture
def arms(held: Ceremony) -> dict[str, str]:
    key = unwrap_key(held.wrapped, SECRETS)
    return {person: open_slot(slot, key).arm for person, slot in zip(PEOPLE, held.sealed.slots, strict=False)}


def reading(protocol: Protocol, reported: list[SafetyEvent]) -> ReadEvents:
    """What the trial's record holds, as the vault reads it."""
    return lambda _: (protocol, reported)


def events_of(server: Server) -> list[tuple[str, str]]:
    with server.connect("vault") as connection:
        return [(one.kind, one.payload) for one in Book(connection, "vault_record").read()]


def test_a_rule_that_holds_asks_for_a_pause_once_and_again_for_the_next_participant(
    desk: SafetyDesk, trial: Protocol
) -> None:
    two = [event("01-001"), event("01-002")]
    assert desk.check_stopping(stamp("s1", "medical monitor"), reading(trial, two[:1])) == 0
    assert desk.check_stopping(stamp("s2", "medical monitor"), reading(trial, two)) == 1
    assert desk.check_stopping(stamp("s3", "medical monitor"), reading(trial, two)) == 1
    assert desk.check_stopping(stamp("s4", "medical monitor"), reading(trial, [*two, event("01-003")])) == 2
    assert desk.check_stopping(stamp("s2", "medical monitor"), reading(trial, [])) == 1, (
        "the same key gives the same answer"
    )


def test_what_was_told_is_known_after_a_restart(
    desk: SafetyDesk, server: Server, held: Ceremony, trial: Protocol
) -> None:
    two = [event("01-001"), event("01-002")]
    assert desk.check_stopping(stamp("s1", "medical monitor"), reading(trial, two)) == 1
    again = SafetyDesk(open_vault(server, held, trial))
    assert again.check_stopping(stamp("s2", "medical monitor"), reading(trial, two)) == 1
    (rule,) = again.show_stopping(stamp("s3", STATISTICIAN))
    assert (rule.rule, rule.participants) == ("thrombo_embolism", ("01-001", "01-002"))


def test_neither_rule_nor_arm_stands_open_in_the_vaults_record(
    server: Server, held: Ceremony, trial: Protocol, arms: dict[str, str]
) -> None:
    ruled = in_one_arm(trial)
    desk = SafetyDesk(open_vault(server, held, ruled))
    everybody = [event(person) for person in PEOPLE]
    alike = len(set(arms.values())) < len(arms)
    assert desk.check_stopping(stamp("s1", "medical monitor"), reading(ruled, everybody)) == alike
    assert (
        desk.check_stopping(stamp("s2", "medical monitor"), reading(ruled, [event("01-001", fatal="Y")]))
        == alike + 1
    )
    text = "".join(payload for _, payload in events_of(server))
    assert not any(word in text for word in (*trial.arms, "related_death", "01-001"))


def test_a_case_is_opened_by_the_safety_unblinder_after_it_is_on_record(
    desk: SafetyDesk, server: Server, trial: Protocol, arms: dict[str, str]
) -> None:
    bag = desk._vault.prepare_dose(stamp("d1"), order())
    shown = desk.open_case(stamp("o1", UNBLINDER), "01-001", "/adverse_event/1", "SUSAR to the NMPA")
    assert (shown.arm, shown.label) == (arms["01-001"], trial.arms[arms["01-001"]].label.say())
    assert [one.bag for one in shown.prepared] == [bag.number]
    assert shown.products == (() if shown.arm == "placebo" else ("cells",))
    assert [kind for kind, _ in events_of(server)] == ["BagPrepared", "CaseOpened"]
    desk.open_case(stamp("o1", UNBLINDER), "01-001", "/adverse_event/1", "SUSAR to the NMPA")
    assert len(events_of(server)) == 2


@pytest.mark.parametrize("role", ["investigator", "pharmacist", "medical monitor", STATISTICIAN])
def test_nobody_else_opens_a_case(desk: SafetyDesk, server: Server, role: str) -> None:
    with pytest.raises(DecisionRefused, match="only safety unblinder may open a case for a report"):
        desk.open_case(stamp("o1", role), "01-001", "/adverse_event/1", "curiosity")
    assert events_of(server) == []


def test_a_case_needs_a_reason_and_a_number(desk: SafetyDesk, server: Server) -> None:
    with pytest.raises(DecisionRefused, match="say which report needs it"):
        desk.open_case(stamp("o1", UNBLINDER), "01-001", "/adverse_event/1", " ")
    with pytest.raises(DecisionRefused, match="no randomisation number"):
        desk.open_case(stamp("o2", UNBLINDER), "01-009", "/adverse_event/1", "SUSAR")
    assert events_of(server) == []


def test_what_became_of_a_case_looks_the_same_whether_it_was_sent_or_not(
    desk: SafetyDesk, server: Server, held: Ceremony
) -> None:
    sent = Report(sent=True, reference="NMPA 2024-118", content="a" * 64)
    spared = Report(sent=False, reference="", content="")
    for number, report in enumerate((sent, spared)):
        who = PEOPLE[number]
        desk.record_report(stamp(f"r{number}", UNBLINDER), who, "/adverse_event/1", "nmpa", report)
        desk.record_report(stamp(f"r{number}", UNBLINDER), who, "/adverse_event/1", "nmpa", report)
    (first, second) = (payload for _, payload in events_of(server))
    assert len(first) == len(second)
    with server.connect("vault") as connection:
        kept = [one for one in Book(connection, "vault_record").read() if one.kind == "ReportRecorded"]
    assert [one.participant for one in kept] == PEOPLE[:2]


def test_the_board_sees_all_arms_for_a_frozen_cut(desk: SafetyDesk, server: Server, arms: dict[str, str]) -> None:
    with pytest.raises(DecisionRefused, match="only safety board statistician"):
        desk.open_for_board(stamp("b1", "trial statistician"), 10, "hash")
    with pytest.raises(DecisionRefused, match="frozen cut of the data"):
        desk.open_for_board(stamp("b2", STATISTICIAN), 10, "")
    assert events_of(server) == []
    assert desk.open_for_board(stamp("b3", STATISTICIAN), 10, "hash").arms == arms
    assert [kind for kind, _ in events_of(server)] == ["BoardOpened"]


def test_only_the_yes_or_no_of_a_pause_leaves_by_the_blinded_door() -> None:
    assert "check_stopping" in BLINDED
    assert not {"show_stopping", "open_case", "record_report", "open_for_board"} & set(BLINDED)


def test_an_event_of_a_rule_is_sealed_to_the_vault(desk: SafetyDesk, held: Ceremony, trial: Protocol) -> None:
    desk.check_stopping(stamp("s1", "medical monitor"), reading(trial, [event("01-001", fatal="Y")]))
    (said,) = desk._vault.halted
    key = unwrap_key(held.wrapped, SECRETS)
    assert "related_death" in str(open_box(said.sealed, key, list, "the rules"))

"""The vault at work: every opening is on record, nobody else learns an arm, a step repeated is the same step."""

import re
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from tests.servers import DebianServer, WheelServer

from equipoise.errors import DecisionRefused, RecordCorrupt
from equipoise.line import take_next_slot
from equipoise.protocol import Protocol, read_protocol
from equipoise.record import Book
from equipoise.record.server import Server
from equipoise.vault.bags import Bag, DoseOrder
from equipoise.vault.ceremony.holders import make_key, unwrap_key
from equipoise.vault.ceremony.schedule import Ceremony, audit_boxes, audit_schedule
from equipoise.vault.ceremony.sealing import Place, commit, open_slot
from equipoise.vault.ceremony.shares import join_shares
from equipoise.vault.service import Vault
from equipoise.vault.slots import read_slots

from .worlds import DAY, LEVELS, SECRETS, START, hold, open_vault, order, set_up, stamp

PEOPLE = ["01-001", "01-002", "01-003", "01-004"]


@pytest.fixture
def server(vault_server: Server) -> Server:
    """The sealed trial, with four participants allocated at site 01."""
    with vault_server.connect("conduct") as conduct:
        for person in PEOPLE:
            take_next_slot(conduct, "site=01", person, f"allocate {person}")
    return vault_server


@pytest.fixture
def vault(server: Server, held: Ceremony, trial: Protocol) -> Vault:
    return open_vault(server, held, trial)


@pytest.fixture
def arms(held: Ceremony) -> dict[str, str]:
    """The true arms, opened from the ceremony by the test itself."""
    key = unwrap_key(held.wrapped, SECRETS)
    return {person: open_slot(slot, key).arm for person, slot in zip(PEOPLE, held.sealed.slots, strict=False)}


def kinds(server: Server) -> list[str]:
    with server.connect("vault") as connection:
        return [event.kind for event in Book(connection, "vault_record").read()]


def test_the_vault_says_once_which_list_it_serves(vault: Vault, server: Server, held: Ceremony) -> None:
    said = vault.announce(stamp("a1", "list custodian"))
    assert vault.announce(stamp("a2", "list custodian")) == said
    assert (said.list_hash, said.numbers_hash) == (held.sealed.list_hash, held.sealed.numbers_hash)
    assert said.places == {"site=01": 12, "site=02": 12}
    assert kinds(server) == ["ScheduleInstalled"]


def test_a_dose_is_prepared_and_the_blinded_side_learns_a_bag_and_the_volume(vault: Vault) -> None:
    bag = vault.prepare_dose(stamp("r1"), order())
    assert bag == Bag(bag.number, "100 mL")
    assert bag.number.startswith("B-")
    assert Bag.__struct_fields__ == ("number", "volume")


def test_the_same_order_gives_the_same_bag_however_often_it_is_sent(vault: Vault, server: Server) -> None:
    bag = vault.prepare_dose(stamp("r1"), order())
    assert vault.prepare_dose(stamp("r1"), order()) == bag
    assert vault.prepare_dose(stamp("r2"), order()) == bag
    assert kinds(server) == ["BagPrepared"]
    with pytest.raises(DecisionRefused, match="another content"):
        vault.prepare_dose(stamp("r3"), order(weight="80"))
    with pytest.raises(DecisionRefused):
        vault.prepare_dose(stamp("r1"), order("01-002"))
    assert kinds(server) == ["BagPrepared"]


def test_the_pharmacy_sees_the_dose_of_the_arm_and_that_is_on_record(
    vault: Vault, server: Server, arms: dict[str, str]
) -> None:
    per_kg = {"high": 1_500_000, "low": 500_000, "placebo": 0}
    for person in PEOPLE:
        vault.prepare_dose(stamp(f"prepare {person}"), order(person))
        shown = vault.show_preparation(stamp(f"show {person}"), f"{person}/W0")
        assert shown.arm == arms[person]
        assert shown.amount == round(per_kg[arms[person]] * 72.4 / 1e5) * 10**5
        assert (shown.unit, shown.volume, shown.weight) == ("cells", "100 mL", Decimal("72.4"))
    assert kinds(server) == ["BagPrepared", "PreparationShown"] * 4
    vault.show_preparation(stamp("show 01-001"), "01-001/W0")
    assert len(kinds(server)) == 8
    with pytest.raises(DecisionRefused, match="another step"):
        vault.show_preparation(stamp("show 01-001"), "01-002/W0")
    with pytest.raises(DecisionRefused, match="only pharmacist"):
        vault.show_preparation(stamp("s", "nurse"), "01-001/W0")
    with pytest.raises(DecisionRefused, match="no dose was prepared"):
        vault.show_preparation(stamp("t"), "01-001/W4")


def refusal(vault: Vault, what: DoseOrder) -> str:
    with pytest.raises(DecisionRefused) as refused:
        vault.prepare_dose(stamp(f"refused {what.participant} {what.visit}"), what)
    return str(refused.value).replace(what.participant, "P")


def test_an_order_is_refused_in_the_same_words_whatever_the_arm(vault: Vault, server: Server) -> None:
    for weight, days in (("700", 0), ("20", 0), ("70", 29), ("70", -1)):
        assert len({refusal(vault, order(person, weight=weight, days=days)) for person in PEOPLE}) == 1
    assert "randomisation number" in refusal(vault, order("01-099"))
    assert kinds(server) == []


def test_a_code_break_shows_one_participant_and_is_on_record_before(
    vault: Vault, server: Server, arms: dict[str, str]
) -> None:
    for person in PEOPLE:
        vault.prepare_dose(stamp(f"prepare {person}"), order(person))
    broken = vault.break_code(stamp("b1", "investigator", "dr chen"), "01-002", "anaphylaxis")
    assert broken.arm == arms["01-002"]
    assert {one.participant for one in broken.prepared} == {"01-002"}
    assert broken.doses
    assert not any(person in str(broken) for person in PEOPLE if person != "01-002")
    with server.connect("vault") as connection:
        *_, event = Book(connection, "vault_record").read()
    assert (event.kind, event.participant, event.actor, event.role) == (
        "CodeBroken",
        "01-002",
        "dr chen",
        "investigator",
    )
    assert event.reason == "anaphylaxis"
    assert event.at == START
    assert vault.break_code(stamp("b1", "investigator", "dr chen"), "01-002", "anaphylaxis") == broken
    assert kinds(server).count("CodeBroken") == 1
    with pytest.raises(DecisionRefused, match="another step"):
        vault.break_code(stamp("b1", "investigator"), "01-003", "anaphylaxis")


def test_nothing_is_shown_where_the_break_cannot_be_written_down(vault: Vault, server: Server) -> None:
    with server.connect_admin() as admin:
        admin.execute("REVOKE INSERT ON vault_record.event FROM equipoise_vault")
        admin.execute("REVOKE ALL ON ALL TABLES IN SCHEMA vault_record FROM equipoise_vault")
        admin.execute("GRANT SELECT ON vault_record.event, vault_record.book TO equipoise_vault")
    with pytest.raises(Exception, match="permission denied"):
        vault.break_code(stamp("b1", "investigator"), "01-002", "anaphylaxis")


def test_a_code_is_not_broken_without_a_reason_or_by_anybody(vault: Vault, server: Server) -> None:
    with pytest.raises(DecisionRefused, match="say why"):
        vault.break_code(stamp("b1", "investigator"), "01-002", "  ")
    with pytest.raises(DecisionRefused, match="only investigator or safety unblinder"):
        vault.break_code(stamp("b1", "data manager"), "01-002", "curious")
    with pytest.raises(DecisionRefused, match="no randomisation number"):
        vault.break_code(stamp("b1", "investigator"), "01-099", "anaphylaxis")
    assert kinds(server) == []


def test_an_envelope_opened_while_all_was_down_is_reported(vault: Vault, server: Server) -> None:
    for _ in range(2):
        vault.record_envelope_opened(stamp("e1", "investigator"), "01-001", "no network", "dr chen", START)
    assert kinds(server) == ["EnvelopeOpened"]
    with pytest.raises(DecisionRefused, match="reason"):
        vault.record_envelope_opened(stamp("e2", "investigator"), "01-001", "", "dr chen", START)


def test_all_codes_open_with_both_passphrases_after_the_lock_and_only_then(
    vault: Vault, server: Server, arms: dict[str, str]
) -> None:
    vault.prepare_dose(stamp("r1"), order())
    for closed in (vault.allocations, vault.doses, vault.masked_values, vault.draws):
        with pytest.raises(DecisionRefused, match="both holders"):
            closed()
    for wrong in ([SECRETS[0]], [SECRETS[0], "something else"], SECRETS[::-1], []):
        with pytest.raises(DecisionRefused, match="passphrases of Li Na and Wang Wei"):
            vault.unblind_all(stamp("u1", "key holder"), wrong, "hash of the data")
    with pytest.raises(DecisionRefused, match="locked data"):
        vault.unblind_all(stamp("u1", "key holder"), SECRETS, "")
    assert kinds(server) == ["BagPrepared"]
    assert vault.unblind_all(stamp("u1", "key holder"), SECRETS, "hash of the data") == arms
    assert vault.unblind_all(stamp("u1", "key holder"), SECRETS, "hash of the data") == arms
    assert kinds(server) == ["BagPrepared", "TrialUnblinded"]
    assert {one.participant: one.arm for one in vault.allocations()} == arms
    assert [one.place for one in vault.allocations()] == [1, 2, 3, 4]
    (dose,) = vault.doses()
    assert (dose.participant, dose.visit, dose.on, dose.arm) == ("01-001", "W0", DAY, arms["01-001"])


def test_masked_values_are_kept_here_until_the_end(vault: Vault, server: Server) -> None:
    vault.enter_masked(stamp("m1", "laboratory"), "01-001", "hla_class_1", 12.5, "W48", "hla_antibodies")
    vault.enter_masked(stamp("m1", "laboratory"), "01-001", "hla_class_1", 12.5, "W48", "hla_antibodies")
    with pytest.raises(DecisionRefused, match="another step"):
        vault.enter_masked(stamp("m1", "laboratory"), "01-001", "hla_class_1", 13, "W48", "hla_antibodies")
    with pytest.raises(DecisionRefused, match="say why"):
        vault.enter_masked(stamp("m2", "laboratory"), "01-001", "hla_class_1", 13, "W48", "hla_antibodies")
    vault.enter_masked(
        stamp("m3", "laboratory"), "01-001", "hla_class_1", "POSITIVE", "W48", "hla_antibodies", "typing error"
    )
    with pytest.raises(DecisionRefused, match="not masked; enter it on its form"):
        vault.enter_masked(stamp("m4", "laboratory"), "01-001", "cd4", 200, "W48")
    with pytest.raises(DecisionRefused, match="no randomisation number"):
        vault.enter_masked(stamp("m5", "laboratory"), "01-099", "hla_class_1", 1, "W48")
    assert kinds(server) == ["MaskedValueEntered"] * 2
    vault.unblind_all(stamp("u1", "key holder"), SECRETS, "hash")
    (value,) = vault.masked_values()
    assert (value.participant, value.visit, value.form, value.item) == (
        "01-001", "W48", "hla_antibodies", "hla_class_1",
    )  # fmt: skip
    assert (value.value, value.reason, value.actor) == ("POSITIVE", "typing error", "wang")


def test_a_vault_that_is_opened_again_knows_all_it_knew(
    vault: Vault, server: Server, held: Ceremony, trial: Protocol, arms: dict[str, str]
) -> None:
    bag = vault.prepare_dose(stamp("r1"), order())
    vault.enter_masked(stamp("m1", "laboratory"), "01-001", "hla_class_1", 12.5, "W48")
    vault.unblind_all(stamp("u1", "key holder"), SECRETS, "hash")
    again = open_vault(server, held, trial)
    assert again.prepare_dose(stamp("r9"), order()) == bag
    assert again.doses() == vault.doses()
    assert again.masked_values() == vault.masked_values()
    assert {one.participant: one.arm for one in again.allocations()} == arms


def test_two_vaults_side_by_side_see_each_other_s_work(
    vault: Vault, server: Server, held: Ceremony, trial: Protocol
) -> None:
    other = open_vault(server, held, trial)
    bag = vault.prepare_dose(stamp("r1"), order())
    assert other.prepare_dose(stamp("r2"), order()) == bag


def test_a_portal_that_another_has_overtaken_is_answered_all_the_same(vault: Vault) -> None:
    later = msgspec.structs.replace(stamp("r1"), at=START + timedelta(seconds=5))
    vault.prepare_dose(later, order("01-001"))
    vault.prepare_dose(stamp("r2"), order("01-002"))
    first, second = (event.at for event in list(vault.book.read())[-2:])
    assert first == second == later.at


def test_no_arm_stands_in_the_open_anywhere_in_the_database(
    vault: Vault, server: Server, arms: dict[str, str]
) -> None:
    for person in PEOPLE:
        vault.prepare_dose(stamp(f"prepare {person}"), order(person))
        vault.show_preparation(stamp(f"show {person}"), f"{person}/W0")
    vault.enter_masked(stamp("m1", "laboratory"), "01-001", "hla_class_1", "CANARY", "W48")
    vault.break_code(stamp("b1", "investigator"), "01-002", "anaphylaxis")
    vault.unblind_all(stamp("u1", "key holder"), SECRETS, "hash")
    with server.connect_admin() as admin:
        rows = [
            str(row)
            for table in (
                "vault.ceremony",
                "vault.stratum",
                "vault.slot",
                "vault.allocation",
                "vault_record.event",
            )
            for row in admin.execute(f"SELECT {table.split('.')[1]}::text FROM {table}").fetchall()  # type: ignore[arg-type]
        ]
    assert len(rows) > 30
    amounts = ("108600000", "36200000", "CANARY")
    # a sealed box is random letters, in which three of them may well stand in a row: arms are looked for as words
    said = [rf"\b{arm}\b" for arm in set(arms.values())] + list(amounts)
    assert not [row for row in rows if any(re.search(word, row) for word in said)]


def test_events_of_different_arms_have_the_same_length(vault: Vault, server: Server, arms: dict[str, str]) -> None:
    for person in PEOPLE:
        vault.prepare_dose(stamp(f"prepare {person}"), order(person))
    with server.connect("vault") as connection:
        lengths = {len(event.payload) for event in Book(connection, "vault_record").read()}
    assert len(set(arms.values())) > 1
    assert len(lengths) == 1


def test_another_key_does_not_open_the_vault(server: Server, held: Ceremony, trial: Protocol) -> None:
    with pytest.raises(DecisionRefused, match="another key"):
        Vault(lambda: server.connect("vault"), make_key(), held.wrapped, trial)
    with pytest.raises(DecisionRefused, match="does not open"):
        open_vault(server, held, trial, ["wrong", "wrong too"])


def test_a_list_without_a_ceremony_is_not_opened(database: Server, held: Ceremony, trial: Protocol) -> None:
    from equipoise.vault.schema import create_vault

    create_vault(database.connect("owner"), trial="demo", mode="rehearsal")
    with pytest.raises(DecisionRefused, match="hold the ceremony first"):
        open_vault(database, held, trial)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vault.slot SET commitment = sha256('x') WHERE position = 3",
        "UPDATE vault.slot SET number = 'R-00000-0' WHERE stratum = 'site=01' AND position = 9",
        "DELETE FROM vault.slot WHERE position = 12",
    ],
)
def test_a_list_that_a_superuser_changed_is_not_served(
    server: Server, held: Ceremony, trial: Protocol, change: str
) -> None:
    with server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(change)  # type: ignore[arg-type]
    with pytest.raises(RecordCorrupt, match="not those of the sealed list"):
        open_vault(server, held, trial)


def test_a_box_that_a_superuser_exchanged_is_found_when_it_is_opened(
    vault: Vault, server: Server, held: Ceremony
) -> None:
    with server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE vault.slot SET box = (SELECT box FROM vault.slot WHERE position = 4 AND stratum = "
            "'site=01') WHERE position = 2 AND stratum = 'site=01'"
        )
    with pytest.raises(RecordCorrupt, match=held.sealed.slots[1].number):
        vault.break_code(stamp("b1", "investigator"), "01-002", "anaphylaxis")
    assert len(audit_boxes(read_slots(server.connect("vault")), unwrap_key(held.wrapped, SECRETS))) == 1


def test_a_changed_event_of_the_vault_is_found_when_it_is_opened(
    vault: Vault, server: Server, held: Ceremony, trial: Protocol
) -> None:
    vault.prepare_dose(stamp("r1"), order())
    with server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE vault_record.event SET payload = replace(payload, '100 mL', '200 mL')")
    with pytest.raises(RecordCorrupt, match="event 1 "):
        open_vault(server, held, trial)


def test_the_stored_list_is_the_one_that_the_joined_shares_give(
    server: Server, held: Ceremony, trial: Protocol
) -> None:
    kept = read_slots(server.connect("vault"))
    seed = join_shares(*held.shares)
    assert audit_schedule(kept, trial, seed, levels=LEVELS, length=12) == []


def test_a_trial_without_randomisation_goes_through_the_same_door(database: Server) -> None:
    pilot = read_protocol("hucmsc_pilot")
    held = hold(pilot, length=None)
    set_up(database, held)
    vault = open_vault(database, held, pilot)
    with database.connect("conduct") as conduct:
        for i in range(13):
            take_next_slot(conduct, "all participants", f"01-{i:03}", f"r{i}")
    opened = vault.unblind_all(stamp("u", "key holder"), SECRETS, "hash")
    assert list(opened.values()) == ["cells"] * 7 + ["saline"] * 6
    vault.prepare_dose(stamp("d"), order("01-000", "M0"))
    assert vault.show_preparation(stamp("s", "nurse"), "01-000/M0").arm == "cells"


def test_after_the_database_was_away_the_vault_goes_on(
    crash_server: WheelServer | DebianServer, held: Ceremony, trial: Protocol
) -> None:
    server = set_up(crash_server.start(), held)
    with server.connect("conduct") as conduct:
        take_next_slot(conduct, "site=01", "01-001", "r1")
    vault = open_vault(server, held, trial)
    bag = vault.prepare_dose(stamp("d1"), order())
    crash_server.stop(immediate=True)
    for step in (lambda: vault.prepare_dose(stamp("d2"), order(visit="W4")), vault.places):
        with pytest.raises(DecisionRefused, match="cannot be reached"):
            step()
    crash_server.start()
    assert vault.prepare_dose(stamp("d1"), order()) == bag
    assert vault.prepare_dose(stamp("d2"), order(visit="W4")).number != bag.number
    vault.close()


def test_the_whole_list_is_disclosed_with_its_proofs_after_unblinding_and_not_before(
    vault: Vault, held: Ceremony, arms: dict[str, str]
) -> None:
    with pytest.raises(DecisionRefused, match="both holders"):
        vault.disclosed()
    vault.unblind_all(stamp("u1", "key holder"), SECRETS, "hash")
    slots = vault.disclosed()
    assert [slot.number for slot in slots] == [slot.number for slot in held.sealed.slots]
    assert {slot.participant: slot.arm for slot in slots if slot.participant} == arms
    for shown, sealed in zip(slots, held.sealed.slots, strict=True):
        place = Place(shown.stratum, shown.block, shown.position, shown.arm)
        assert commit(place, shown.number, shown.nonce) == sealed.commitment

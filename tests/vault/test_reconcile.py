"""After a restore nothing is given out until two people have said how far the lists were used."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.servers import fresh_database

from equipoise.errors import DecisionRefused
from equipoise.line import Places, read_places, take_next_slot
from equipoise.protocol import Protocol
from equipoise.record import Book
from equipoise.record.backup import back_up, restore
from equipoise.record.gate import read_gate, shut_gate
from equipoise.record.server import Server
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.reconcile import count_lost, require_two_signers
from equipoise.vault.service import Vault

from .worlds import open_vault, order, stamp

SIGNERS = ("li", "wang")


@contextmanager
def restored(server: Server, file: Path) -> Iterator[Server]:
    """The backup, put into another database of the same server."""
    for other in fresh_database(server):
        restore(other, file)
        yield other


@pytest.fixture
def shut(vault_server: Server) -> Server:
    """A trial with two participants whose gate is shut."""
    with vault_server.connect("conduct") as conduct:
        for who in ("01-001", "01-002"):
            take_next_slot(conduct, "site=01", who, who)
    shut_gate(vault_server.connect("vault"), "vault_record", "the database was restored")
    return vault_server


@pytest.fixture
def lost(each_vault_server: Server, tmp_path: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """A trial restored from a backup, after which two more had been allocated; and all numbers given out."""
    conduct = each_vault_server.connect("conduct")
    numbers = {who: take_next_slot(conduct, "site=01", who, who) for who in ("01-001", "01-002")}
    back_up(each_vault_server, tmp_path / "monday.backup")
    numbers |= {who: take_next_slot(conduct, "site=01", who, who) for who in ("01-003", "01-004")}
    with restored(each_vault_server, tmp_path / "monday.backup") as other:
        yield other, numbers


def vault_of(server: Server, held: Ceremony, trial: Protocol) -> Vault:
    return open_vault(server, held, trial)


def test_a_restored_vault_is_shut_until_reconciled_and_gives_no_slot_twice(
    lost: tuple[Server, dict[str, str]], held: Ceremony, trial: Protocol
) -> None:
    server, numbers = lost
    conduct = server.connect("conduct")
    vault = vault_of(server, held, trial)
    with pytest.raises(DecisionRefused, match="shut for a check"):
        take_next_slot(conduct, "site=01", "01-005", "01-005")
    with pytest.raises(DecisionRefused, match="shut until"):
        vault.prepare_dose(stamp("d1"), order("01-001"))
    assert vault.break_code(stamp("b1", "investigator"), "01-001", "anaphylaxis").number == numbers["01-001"]

    witnessed = {"site=01": 4, "site=02": 0}
    assert vault.reconcile(stamp("r1", "sponsor"), witnessed, SIGNERS, "backup of Monday put back") == {
        "site=01": 2,
        "site=02": 0,
    }
    assert read_places(conduct) == {"site=01": Places(4, 12), "site=02": Places(0, 12)}
    fifth = take_next_slot(conduct, "site=01", "01-005", "01-005")
    assert fifth not in numbers.values()
    assert fifth == [slot.number for slot in held.sealed.slots][4]
    assert vault.prepare_dose(stamp("d1"), order("01-001")).volume == "100 mL"
    assert read_gate(vault.book).open
    (event,) = Book(server.connect("vault"), "vault_record").read(kinds=["VaultReconciled"])
    assert event.reason == "backup of Monday put back"
    assert all(name in event.payload for name in SIGNERS)


def test_reconciling_twice_under_one_key_is_done_once(shut: Server, held: Ceremony, trial: Protocol) -> None:
    vault = vault_of(shut, held, trial)
    once = vault.reconcile(stamp("r1"), {"site=01": 4, "site=02": 0}, SIGNERS, "restored")
    assert vault.reconcile(stamp("r1"), {"site=01": 4, "site=02": 0}, SIGNERS, "restored") == once
    assert len(list(vault.book.read())) == 1
    vault.prepare_dose(stamp("d1"), order("01-001"))
    with pytest.raises(DecisionRefused, match="another step"):
        vault.reconcile(stamp("d1"), {"site=01": 4, "site=02": 0}, SIGNERS, "restored")


@pytest.mark.parametrize(
    "witnessed", [{"site=01": 1, "site=02": 0}, {"site=01": 4}, {"site=01": 13, "site=02": 0}]
)
def test_what_cannot_have_been_witnessed_opens_nothing(
    shut: Server, held: Ceremony, trial: Protocol, witnessed: dict[str, int]
) -> None:
    vault = vault_of(shut, held, trial)
    with pytest.raises(DecisionRefused, match="needs its highest witnessed position"):
        vault.reconcile(stamp("r1"), witnessed, SIGNERS, "restored")
    assert not read_gate(vault.book).open
    assert read_places(shut.connect("conduct"))["site=01"].taken == 2


def test_a_stratum_that_the_vault_does_not_have_is_named() -> None:
    with pytest.raises(DecisionRefused, match="Got site=03"):
        count_lost({"site=01": Places(1, 12)}, {"site=01": 1, "site=03": 2})


@pytest.mark.parametrize("signers", [("li", "li"), ("li", "Li "), ("li", ""), ("", "")])
def test_one_person_alone_cannot_reconcile(signers: tuple[str, str]) -> None:
    with pytest.raises(DecisionRefused, match="two different persons"):
        require_two_signers(signers, "restored")


def test_a_reason_is_needed() -> None:
    with pytest.raises(DecisionRefused, match="reason"):
        require_two_signers(SIGNERS, " ")


def test_the_blinded_role_cannot_open_the_gate(vault_server: Server) -> None:
    conduct = vault_server.connect("conduct")
    for statement in ("SELECT vault_record.open_gate('now')", "SELECT vault.void_up_to('site=01', 3)"):
        with pytest.raises(Exception, match="permission denied"):
            conduct.execute(statement)  # type: ignore[arg-type]


def test_the_backup_holds_no_arm_in_the_open(
    vault_server: Server, held: Ceremony, trial: Protocol, tmp_path: Path
) -> None:
    take_next_slot(vault_server.connect("conduct"), "site=01", "01-001", "r1")
    vault = vault_of(vault_server, held, trial)
    vault.prepare_dose(stamp("d1"), order("01-001"))
    vault.enter_masked(stamp("m1", "laboratory"), "01-001", "hla_class_1", "CANARY", "W48")
    back_up(vault_server, tmp_path / "backup")
    plain = tmp_path / "plain.sql"
    subprocess.run([vault_server.binary("pg_restore"), f"--file={plain}", tmp_path / "backup"], check=True)
    text = plain.read_text(encoding="utf-8")
    assert held.sealed.slots[0].number in text
    assert not [word for word in (*(f'"{arm}"' for arm in trial.arms), "CANARY", "108600000") if word in text]

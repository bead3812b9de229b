"""The vault as a process: two doors, plain data, and not a word through the blinded one that was not declared."""

import importlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.line import Door, Places, VaultClient, take_next_slot
from equipoise.protocol import Protocol
from equipoise.record.server import Server
from equipoise.vault.bags import Bag
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.process import VaultProcess, make_doors
from equipoise.vault.service import CodeBreak

from .worlds import SECRETS, order, stamp


@pytest.fixture(scope="module")
def handlers() -> Iterator[Any]:
    """The small handlers, as a module that a spawned process finds too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield importlib.import_module("small_handlers")


@pytest.fixture(scope="module")
def process(handlers: Any) -> Iterator[VaultProcess]:
    with VaultProcess(handlers.small_handlers, (), ("double", "slip", "fail", "refuse"), make_doors()) as running:
        yield running


@pytest.fixture
def blinded(process: VaultProcess) -> VaultClient:
    return VaultClient(process.doors.blinded)


@pytest.fixture
def unblinded(process: VaultProcess) -> VaultClient:
    return VaultClient(process.doors.unblinded)


def test_a_call_crosses_with_its_types(blinded: VaultClient) -> None:
    assert blinded.call("double", Decimal, number=Decimal("1.05")) == Decimal("2.10")


def test_the_vault_runs_in_another_process(unblinded: VaultClient, process: VaultProcess) -> None:
    assert unblinded.call("number_of_process", int) == process.pid != os.getpid()


@pytest.mark.parametrize("name", ["arm", "number_of_process", "nothing"])
def test_the_blinded_door_does_only_what_is_named_for_it(blinded: VaultClient, name: str) -> None:
    with pytest.raises(DecisionRefused, match="does not do this at this door"):
        blinded.call(name, str)


def test_what_goes_wrong_is_told_in_one_sentence_that_holds_no_value(blinded: VaultClient) -> None:
    said = set()
    for name, arguments in (("fail", {}), ("double", {"number": "text"}), ("double", {}), ("slip", {})):
        with pytest.raises(DecisionRefused) as refused:
            blinded.call(name, Any, **arguments)
        said.add(str(refused.value))
    (sentence,) = said
    assert "placebo" not in sentence


@pytest.mark.parametrize(
    ("error", "kind"), [("refused", DecisionRefused), ("data", DataError), ("corrupt", RecordCorrupt)]
)
def test_refusals_cross_by_kind_and_text(blinded: VaultClient, error: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="on purpose"):
        blinded.call("refuse", str, error=error)


def test_who_has_the_wrong_key_is_not_let_in_and_disturbs_nobody(
    process: VaultProcess, blinded: VaultClient
) -> None:
    for address in (process.doors.blinded.address, process.doors.unblinded.address):
        with pytest.raises(DecisionRefused, match="cannot be reached"):
            VaultClient(Door(address, b"x" * 32)).call("arm", str)
    with pytest.raises(DecisionRefused, match="cannot be reached"):
        VaultClient(Door(process.doors.unblinded.address, process.doors.blinded.key)).call("arm", str)
    assert blinded.call("double", Decimal, number=1) == 2


def test_the_doors_are_for_the_owner_of_the_process_only(process: VaultProcess) -> None:
    for door in (process.doors.blinded, process.doors.unblinded):
        assert Path(door.address).stat().st_mode & 0o077 == 0
        assert str(door.key) not in repr(door)


def test_many_callers_at_once_get_their_own_answers(process: VaultProcess) -> None:
    def call(number: int) -> bool:
        client = VaultClient(process.doors.blinded)
        answers = [client.call("double", Decimal, number=Decimal(number + i)) for i in range(10)]
        client.close()
        return answers == [2 * (number + i) for i in range(10)]

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(call, range(0, 16000, 1000)))


def test_one_client_serves_several_threads(blinded: VaultClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: blinded.call("double", Decimal, number=i), range(80)))
    assert answers == [2 * i for i in range(80)]


def test_a_vault_that_does_not_open_says_why(handlers: Any) -> None:
    with pytest.raises(DecisionRefused, match="the key of the vault does not open"):
        VaultProcess(handlers.no_handlers, (), (), make_doors())


def test_a_vault_that_is_gone_is_out_of_reach_until_it_runs_again(handlers: Any) -> None:
    doors = make_doors()
    client = VaultClient(doors.blinded)
    with VaultProcess(handlers.small_handlers, (), ("double",), doors) as running:
        assert client.call("double", Decimal, number=2) == 4
        assert running.pid is not None
        os.kill(running.pid, signal.SIGKILL)
        with pytest.raises(DecisionRefused, match="sealed envelope"):
            for _ in range(100):
                client.call("double", Decimal, number=2)
                time.sleep(0.05)
    with VaultProcess(handlers.small_handlers, (), ("double",), doors):
        assert client.call("double", Decimal, number=2) == 4
    assert not Path(doors.blinded.address).exists()


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="shorter folder"):
        make_doors(tmp_path / ("deep" * 30))


def test_the_real_vault_works_through_its_doors(
    handlers: Any, vault_server: Server, held: Ceremony, trial: Protocol
) -> None:
    with vault_server.connect("conduct") as conduct:
        number = take_next_slot(conduct, "site=01", "01-001", "r1")
    arguments = (vault_server.url("vault"), held.wrapped, SECRETS, trial)
    with VaultProcess(handlers.vault_handlers, arguments, ("places", "prepare_dose"), make_doors()) as running:
        blinded, unblinded = VaultClient(running.doors.blinded), VaultClient(running.doors.unblinded)
        bag = blinded.call("prepare_dose", Bag, stamp=stamp("d1"), order=order())
        assert bag.volume == "100 mL"
        assert blinded.call("places", dict[str, Places])["site=01"] == Places(1, 12)
        with pytest.raises(DecisionRefused, match="between 30 and 200 kg"):
            blinded.call("prepare_dose", Bag, stamp=stamp("d2"), order=order(visit="W4", weight="700"))
        for name in ("break_code", "show_preparation", "allocations", "unblind_all", "reconcile"):
            with pytest.raises(DecisionRefused, match="at this door"):
                blinded.call(name, Any)
        broken = unblinded.call(
            "break_code", CodeBreak, stamp=stamp("b1", "investigator"), participant="01-001", reason="anaphylaxis"
        )
        assert broken.number == number
        assert broken.arm in trial.arms
        assert broken.prepared[0].bag == bag.number
        with pytest.raises(DecisionRefused, match="passphrases"):
            unblinded.call("unblind_all", dict[str, str], stamp=stamp("u1"), passphrases=["a", "b"], data="hash")
        opened = unblinded.call("unblind_all", dict[str, str], stamp=stamp("u1"), passphrases=SECRETS, data="hash")
        assert opened == {"01-001": broken.arm}

"""The vault of a trial as a process: its two doors, who finds them, and what can be asked at the blinded one."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import get_type_hints

import msgspec
import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import SECRETS, START, Scripted

from equipoise.errors import DecisionRefused
from equipoise.line import VaultClient
from equipoise.record import Stamp, Turn
from equipoise.trial.access.at_the_vault import hash_asked
from equipoise.trial.folder import find_door
from equipoise.trial.opened import Disclosed
from equipoise.trial.steps import stamp_of
from equipoise.trial.vault_process import BLINDED, disclose, open_vault, start_vault, vault_handlers
from equipoise.vault.bags import Bag
from equipoise.vault.process import make_doors
from equipoise.vault.service import CodeBreak


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    return trial_at("infused", 2)


def test_what_is_asked_at_the_blinded_door_has_an_answer_without_room_for_an_arm(script: Scripted) -> None:
    handlers = vault_handlers(script.vault.vault)
    assert set(BLINDED) < set(handlers)
    for name in BLINDED:
        kind = get_type_hints(handlers[name])["return"]
        told = getattr(kind, "__struct_fields__", ())
        assert kind in (type(None), int, str) or told, name
        assert not {"arm", "arms", "label", "dose", "doses", "amount"} & set(told), name
    assert get_type_hints(handlers["prepare_dose"])["return"] is Bag


OPENED = {"participant": "01-001", "reason": "a fall", "opened_by": "Dr Li", "opened_at": START}
OTHERS: dict[str, tuple[str, dict[str, object]]] = {
    "another reason": ("report_envelope", OPENED | {"reason": "a rash"}),
    "another participant": ("report_envelope", OPENED | {"participant": "02-001"}),
    "the account of lots": ("lot_accounts", {}),
    "who has masked values": ("list_masked", {}),
}


def ask_pharmacist(script: Scripted, name: str, arguments: dict[str, object]) -> object:
    """Ask the vault, each time under the same request key."""
    stamp = stamp_of(script.by("pharmacist"), "one key", rehearsed=True)
    return script.vault.call(name, None, stamp=stamp, **arguments)


def answered_to_others(script: Scripted) -> list[str]:
    """Ask for one step, and by its key for others; return which of these were answered."""
    ask_pharmacist(script, "report_envelope", OPENED)
    before, answered = script.vault.vault.book.head(), []
    for what, (name, arguments) in OTHERS.items():
        try:
            ask_pharmacist(script, name, arguments)
            answered.append(what)
        except DecisionRefused as refused:
            assert "this request key belongs to another step" in str(refused)
    ask_pharmacist(script, "report_envelope", OPENED)
    assert script.vault.vault.book.head() == before
    return answered


def test_a_key_of_one_step_of_the_vault_is_no_answer_to_another(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answered_to_others(trial_at("infused", 2)) == []
    monkeypatch.setattr(Turn, "was_for_another", lambda *_: False)
    assert answered_to_others(trial_at("infused", 2)) == ["another reason", "who has masked values"]


def test_what_is_asked_of_the_vault_is_kept_as_a_hash_that_tells_neither_value_nor_passphrase() -> None:
    stamp = Stamp("a", "laboratory", "UTC", "a key")
    asked = {"stamp": stamp, "item": "titre", "value": 12}
    assert hash_asked(b"k" * 32, "enter_masked", asked) != hash_asked(b"l" * 32, "enter_masked", asked)
    assert hash_asked(b"k" * 32, "enter_masked", asked) != hash_asked(
        b"k" * 32, "enter_masked", asked | {"value": 13}
    )
    secret = [hash_asked(b"k" * 32, "unblind_all", {"stamp": stamp, "passphrases": [one]}) for one in ("a", "b")]
    assert len(set(secret)) == 1


def test_wrong_passphrases_open_nothing(script: Scripted) -> None:
    for passphrases in ((SECRETS[0], "a guess"), (SECRETS[1], SECRETS[0]), ("", "")):
        with pytest.raises(DecisionRefused, match="the key of the vault does not open"):
            open_vault(script.folder, passphrases)


def test_nothing_is_disclosed_before_all_codes_are_opened(script: Scripted) -> None:
    with pytest.raises(DecisionRefused, match="the codes are closed until both holders open them"):
        disclose(script.vault.vault)


def test_the_vault_answers_at_two_doors_until_its_process_is_killed(script: Scripted) -> None:
    stamp = stamp_of(script.by("investigator", "01"), "a key", rehearsed=True)
    with (
        start_vault(script.folder, SECRETS) as process,
        closing(VaultClient(process.doors.blinded)) as blinded,
        closing(VaultClient(process.doors.unblinded)) as unblinded,
    ):
        assert unblinded.call("holders", list[str]) == ["holder.1", "holder.2"]
        shown = unblinded.call("break_code", CodeBreak, stamp=stamp, participant="01-001", reason="an emergency")
        assert shown.participant == "01-001"
        for name in ("break_code", "holders", "show_disclosed", "unblind_all", "reconcile"):
            with pytest.raises(DecisionRefused, match="the vault does not do this at this door"):
                blinded.call(name, None)
        with pytest.raises(DecisionRefused, match="the codes are closed"):
            unblinded.call("show_disclosed", Disclosed)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(DecisionRefused, match="the vault cannot be reached"):
            unblinded.call("holders", list[str])


@pytest.fixture
def served(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """The vault as `equipoise vault` runs it, with its doors open."""
    for number, secret in enumerate(SECRETS, start=1):
        monkeypatch.setenv(f"EQUIPOISE_PASSPHRASE_{number}", secret)
    with serving(script) as process:
        yield process


@contextmanager
def serving(script: Scripted) -> Iterator[subprocess.Popen[bytes]]:
    """Let the vault run until its doors are open, and kill it in the end."""
    with subprocess.Popen([sys.executable, "-m", "equipoise.cli", "vault", str(script.folder)]) as process:
        deadline = time.monotonic() + 60
        while find_door(script.folder, unblinded=True) is None:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process
        process.kill()


def test_a_vault_that_is_served_is_found_by_its_doors_and_takes_them_with_it(
    script: Scripted, served: subprocess.Popen[bytes]
) -> None:
    keys = script.running.folder.vault_key.parent
    for unblinded, name in ((False, "blinded-door.json"), (True, "unblinded-door.json")):
        door = find_door(script.folder, unblinded=unblinded)
        assert door is not None
        assert (keys / name).stat().st_mode & 0o777 == 0o600
        with closing(VaultClient(door)) as client:
            if unblinded:
                assert client.call("holders", list[str]) == ["holder.1", "holder.2"]
            else:
                with pytest.raises(DecisionRefused, match="does not do this at this door"):
                    client.call("holders", list[str])
    served.terminate()
    assert served.wait(10) == 0
    assert find_door(script.folder, unblinded=False) is None
    assert not list(keys.glob("*door*"))


def test_where_no_vault_runs_none_is_found(script: Scripted) -> None:
    assert find_door(script.folder, unblinded=False) is None
    assert find_door(script.folder, unblinded=True) is None


def test_of_a_killed_vault_nothing_stays_that_is_in_the_way(
    script: Scripted, served: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = script.running.folder.vault_key.parent
    by = ["--by", "investigator.01", "--reason", "an emergency"]
    served.send_signal(signal.SIGKILL)
    served.wait(10)
    assert list(keys.glob("*door*")), "it had no time to take its doors with it"
    assert find_door(script.folder, unblinded=True) is None
    with monkeypatch.context() as patch:
        patch.delenv("EQUIPOISE_PASSPHRASE_1")
        command = [
            sys.executable,
            "-m",
            "equipoise.cli",
            "unblind",
            str(script.folder),
            "--participant",
            "01-001",
            *by,
        ]
        said = subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30
        )
    assert said.returncode == 2
    assert said.stderr.strip().endswith(
        f"no vault is running for this trial; start it with `equipoise vault {script.folder}`, or give the "
        "passphrases of both holders in EQUIPOISE_PASSPHRASE_1 and EQUIPOISE_PASSPHRASE_2"
    )
    with serving(script) as again:
        door = find_door(script.folder, unblinded=True)
        assert door is not None
        with closing(VaultClient(door)) as client:
            assert client.call("holders", list[str]) == ["holder.1", "holder.2"]
        command = [sys.executable, "-m", "equipoise.cli", "vault", str(script.folder)]
        second = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert second.returncode == 2
        assert "the vault of this trial runs already" in second.stderr
        assert find_door(script.folder, unblinded=True) == door
        assert again.poll() is None


def test_a_door_is_found_when_it_lets_in_and_not_before(script: Scripted) -> None:
    """A socket has a name before it listens: whoever came between the two was told that there is no vault."""
    doors = make_doors()
    file = script.running.folder.vault_key.parent / "unblinded-door.json"
    file.write_bytes(msgspec.json.encode(doors.unblinded))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(doors.unblinded.address)
        assert find_door(script.folder, unblinded=True) is None
        listening.listen()
        assert find_door(script.folder, unblinded=True) == doors.unblinded

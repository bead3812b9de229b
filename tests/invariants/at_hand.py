"""The vault of a scripted trial in this process, for commands: a process of its own takes seconds to begin."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from equipoise.errors import DecisionRefused
from equipoise.trial.vault_process import BLINDED

from .scripted import SECRETS, Scripted

BLINDED_DOOR, UNBLINDED_DOOR = "blinded", "unblinded"


class Caller:
    """A caller at one door; at the blinded one nothing else is answered than by the vault's own process."""

    def __init__(self, script: Scripted, door: str) -> None:
        self.script, self.door = script, door

    def call(self, name: str, kind: Any, /, **arguments: Any) -> Any:
        if self.door == BLINDED_DOOR and name not in BLINDED:
            raise DecisionRefused(f"the vault does not do this at this door. Got {name}")
        return self.script.vault.call(name, kind, **arguments)

    def close(self) -> None:
        """Leave the vault open for the next command."""


def vault_at_hand(patch: pytest.MonkeyPatch, script: Scripted) -> None:
    """Let commands that start a vault use the one of the script, by the same doors."""
    for number, secret in enumerate(SECRETS, start=1):
        patch.setenv(f"EQUIPOISE_PASSPHRASE_{number}", secret)
    started = SimpleNamespace(doors=SimpleNamespace(blinded=BLINDED_DOOR, unblinded=UNBLINDED_DOOR))
    patch.setattr("equipoise.trial.vault_process.start_vault", lambda *_: nullcontext(started))
    patch.setattr("equipoise.vault.process.VaultClient", lambda door: Caller(script, door))

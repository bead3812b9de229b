"""The vault of a scripted trial in this process, for commands: a process of its own takes seconds to begin."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from equipoise.errors import DecisionRefused
from equipoise.trial.vault_process import BLINDED

from .scripted import SECRETS, Scripted


class DoorAtHand:
    """A door of the vault with its caller; the blinded one answers what that of a vault's process does."""

    def __init__(self, script: Scripted, *, blinded: bool) -> None:
        self.script, self.blinded = script, blinded

    def call(self, name: str, kind: Any, /, **arguments: Any) -> Any:
        if self.blinded and name not in BLINDED:
            raise DecisionRefused(f"the vault does not do this at this door. Got {name}")
        return self.script.vault.call(name, kind, **arguments)


def vault_at_hand(patch: pytest.MonkeyPatch, script: Scripted) -> None:
    """Let commands that start a vault use the one of the script, by the same doors."""
    for number, secret in enumerate(SECRETS, start=1):
        patch.setenv(f"EQUIPOISE_PASSPHRASE_{number}", secret)
    doors = SimpleNamespace(blinded=DoorAtHand(script, blinded=True), unblinded=DoorAtHand(script, blinded=False))
    patch.setattr(
        "equipoise.trial.vault_process.start_vault", lambda *_: nullcontext(SimpleNamespace(doors=doors))
    )
    # what a command would call through a socket it calls at once: the door that its caller was made for
    patch.setattr("equipoise.cli.vault.closing", lambda caller: nullcontext(caller._door))

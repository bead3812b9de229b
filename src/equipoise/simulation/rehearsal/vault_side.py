"""The vault of a rehearsal: the vault's own process, with nature inside it.

The key and the list are drawn from the seed of the rehearsal, so that the same rehearsal has the same numbers;
only boxes are sealed afresh. Nature stands behind the blinded door: nothing that it says holds an arm.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

from ...protocol import Protocol
from ...record import open_server
from ...trial.folder import TrialFolder
from ...trial.vault_process import BLINDED, vault_handlers
from ...vault.ceremony.holders import read_key, unwrap_key
from ...vault.process import VaultClient, VaultProcess, make_doors
from ...vault.service import Vault
from ...vault.slots import open_participant
from .nature import Nature

HOLDERS = (("holder.1", "virtual passphrase one"), ("holder.2", "virtual passphrase two"))
"""Who wraps the key of a rehearsal, by which passphrase: no secret."""

PASSPHRASES = tuple(passphrase for _, passphrase in HOLDERS)
NATURE = ("persons", "measure", "measure_again", "happens")
"""What nature answers, at the blinded door."""


@dataclass(frozen=True)
class Drawn:
    """How nature is drawn: protocol, seed, first day of recruitment; scenario None for the protocol's last one."""

    protocol: Protocol
    seed: int
    opening: date
    scenario: str | None = None


@dataclass(frozen=True)
class VaultSide:
    """The two lines to a vault in its own process; a context manager that hangs up and ends it."""

    blinded: VaultClient
    unblinded: VaultClient
    process: VaultProcess
    sockets: "tempfile.TemporaryDirectory[str]"

    def close(self) -> None:
        """Hang up and end the process."""
        self.blinded.close()
        self.unblinded.close()
        self.process.stop()
        self.sockets.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start_vault_with_nature(folder: Path, drawn: Drawn) -> VaultSide:
    """Start the vault of a rehearsal's folder, with nature in it; both are ready when this returns."""
    sockets = tempfile.TemporaryDirectory(prefix="equipoise-")
    doors = make_doors(Path(sockets.name))
    process = VaultProcess(make_handlers, (folder, drawn), (*BLINDED, *NATURE), doors)
    return VaultSide(VaultClient(doors.blinded), VaultClient(doors.unblinded), process, sockets)


def make_handlers(folder: Path, drawn: Drawn) -> Mapping[str, Callable[..., Any]]:
    """Open the vault and draw nature, in the vault's own process; return what both answer, by name."""
    wrapped = read_key(TrialFolder(folder).vault_key.read_text(encoding="utf-8"))
    key, server = unwrap_key(wrapped, PASSPHRASES), open_server(folder)
    vault = Vault(lambda: server.connect("vault"), key, wrapped, drawn.protocol)
    lookup = server.connect("vault")

    @cache
    def arm_of(participant: str) -> str:
        return open_participant(lookup, key, participant).arm

    nature = Nature(drawn.protocol, seed=drawn.seed, opening=drawn.opening, arm_of=arm_of, scenario=drawn.scenario)
    return {**vault_handlers(vault), **{name: getattr(nature, name) for name in NATURE}}

"""The vault of a rehearsal: the vault's own process, with nature inside it.

The key and the list are drawn from the seed of the rehearsal, so that the same rehearsal has the same numbers;
only boxes are sealed afresh. Nature stands behind the blinded door: nothing that it says holds an arm.

The process starts before the trial is begun, and draws nature while the database is set up; the vault in it is
opened at the first step that needs it, when the list has been sealed.
"""

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self, cast

from nacl.public import PrivateKey
from psycopg import Connection
from psycopg.rows import TupleRow

from ...line import Doors, VaultClient
from ...protocol import Protocol, read_protocol
from ...record import open_server
from ...trial.folder import TrialFolder
from ...trial.vault_process import BLINDED, vault_handlers
from ...vault.ceremony.holders import read_key, unwrap_key
from ...vault.process import VaultProcess, make_doors
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
    """How nature is drawn: protocol (path or name), seed, first day of recruitment, scenario."""

    source: str
    seed: int
    opening: date
    scenario: str | None = None


@dataclass(frozen=True)
class VaultSide:
    """The two lines to a vault in its own process; a context manager that hangs up and ends it.

    documents: folder on its side of the wall for what was written with arms; it goes with the vault.
    """

    blinded: VaultClient
    unblinded: VaultClient
    process: VaultProcess
    documents: Path

    def close(self) -> None:
        """Hang up and end the process."""
        self.blinded.close()
        self.unblinded.close()
        self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ComingVault:
    """The vault of a rehearsal that is on its way; a context manager that ends it, whatever has become of it."""

    def __init__(self, folder: Path, drawn: Drawn) -> None:
        self._place = tempfile.TemporaryDirectory(prefix="equipoise-")
        place = Path(self._place.name)
        self._thread = ThreadPoolExecutor(1)
        self._side = self._thread.submit(_start, folder, drawn, make_doors(place), place / "documents")

    def wait(self) -> VaultSide:
        """Return the vault when nature is drawn; raises what stood in the way, such as ProtocolError."""
        return self._side.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()
        if self._side.exception() is None:
            self._side.result().close()
        self._place.cleanup()


def _start(folder: Path, drawn: Drawn, doors: Doors, documents: Path) -> VaultSide:
    process = VaultProcess(make_handlers, (folder, drawn), (*BLINDED, *NATURE), doors)
    return VaultSide(VaultClient(doors.blinded), VaultClient(doors.unblinded), process, documents)


def make_handlers(folder: Path, drawn: Drawn) -> Mapping[str, Callable[..., Any]]:
    """Draw nature, in the vault's own process; return what it and the vault answer, by name."""
    protocol = read_protocol(drawn.source)

    @cache
    def opened() -> tuple[Vault, Connection[TupleRow], PrivateKey]:
        wrapped = read_key(TrialFolder(folder).vault_key.read_text(encoding="utf-8"))
        key, server = unwrap_key(wrapped, PASSPHRASES), open_server(folder)
        vault = Vault(lambda: server.connect("vault"), key, wrapped, protocol)
        return vault, server.connect("vault"), key

    @cache
    def arm_of(participant: str) -> str:
        _, lookup, key = opened()
        return open_participant(lookup, key, participant).arm

    nature = Nature(protocol, seed=drawn.seed, opening=drawn.opening, arm_of=arm_of, scenario=drawn.scenario)
    vault = cast("Vault", _WhenAsked(protocol, lambda: opened()[0]))
    return {**vault_handlers(vault), **{name: getattr(nature, name) for name in NATURE}}


class _WhenAsked:
    """Stands for a vault that is opened by the first step that asks for it; before, there may be no key."""

    def __init__(self, protocol: Protocol, opened: Callable[[], Vault]) -> None:
        self.protocol, self._opened = protocol, opened

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened(), name)

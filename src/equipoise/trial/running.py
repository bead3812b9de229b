"""A running trial: its database with record, vault and identities set up, and the door with all it needs.

What is opened here is the blinded side: the connection is that of the role of conduct, which can take a slot of
the sealed list and cannot read one. The vault runs as a process of its own (`vault.py`).
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from nacl.signing import SigningKey
from psycopg import Connection
from psycopg.rows import TupleRow

from ..conduct.door.checkpoint import keep_state, load_state
from ..conduct.door.door import Door
from ..conduct.door.fact import By
from ..conduct.door.services import Services
from ..conduct.enrolment.allocation import no_number
from ..conduct.enrolment.identities import Identities, create_identities
from ..conduct.organisation.opening import open_trial
from ..errors import DataError
from ..line import take_next_slot
from ..protocol import Protocol
from ..record import (
    Book,
    Server,
    create_book,
    open_server,
    read_anchors,
    role_name,
    shut_gate_if_behind,
    write_anchor,
)
from .folder import Mode, TrialFolder, create_folder
from .guards import GUARDED, set_guards

Prepare = Callable[[str, Mapping[str, str], str], None]
"""Asks the vault to draw and keep a slot: participant, levels of the factors, request key."""


@dataclass
class RunningTrial:
    """A trial that is open for work; a context manager that closes what it opened."""

    folder: TrialFolder
    server: Server
    door: Door
    _closing: ExitStack = field(default_factory=ExitStack)

    @property
    def book(self) -> Book:
        """The trial's record."""
        return self.door.book

    @property
    def protocol(self) -> Protocol:
        """The newest protocol version."""
        return self.door.protocol_of(None)

    @property
    def earlier(self) -> tuple[Protocol, ...]:
        """The protocol versions before the newest, in the order of their issue."""
        return tuple(self.door.protocols[version] for version in self.door.trial.versions[:-1])

    def protocol_files(self) -> tuple[Path, ...]:
        """Return the files of all protocol versions, in the order of their issue."""
        return tuple(self.folder.protocol_file(version) for version in self.door.trial.versions)

    def add_version(self, source: str, protocol: Protocol) -> str:
        """Keep the file of a further protocol version in the folder, for the door to know; return its hash."""
        version = self.folder.add_protocol(source, protocol)
        self.door.protocols = {**self.door.protocols, version: protocol}
        return version

    def read_versions(self) -> None:
        """Read the protocol versions that another process has issued since the trial was opened here."""
        if any(version not in self.door.protocols for version in self.door.trial.versions):
            self.door.protocols = self.folder.protocols()

    def close(self) -> None:
        """Close the connection, and stop the embedded server where no one else uses it."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def begin_trial(
    path: Path,
    source: str,
    *,
    sponsor: str,
    administrator: str,
    names: Mapping[str, str] | None = None,
    mode: Mode = "live",
    at: datetime | None = None,
    prepare: Prepare | None = None,
    flush: bool = True,
) -> RunningTrial:
    """Begin a trial in a new folder: set the database up, issue the protocol, let the first two people in.

    `at` is the moment of a rehearsal; without `flush` the caller flushes the book, as bulk work does. Raises
    DataError where the folder or the database holds a trial already.
    """
    folder, version, protocol = create_folder(path, source, mode)
    with ExitStack() as opened:
        server = opened.enter_context(open_server(folder.path))
        _set_up(server, protocol.trial.id, mode)
        running = _open(folder, server, {version: protocol}, prepare, opened, flush=flush)
        by = By(sponsor, "sponsor", at or datetime.now(UTC))
        open_trial(running.book, protocol, by, sponsor=sponsor, administrator=administrator, names=names)
        running.door.refresh()
        running._closing = opened.pop_all()
        return running


def attach_trial(path: Path, *, prepare: Prepare | None = None) -> RunningTrial:
    """Open the trial of a folder for work; the gate is shut where the record lies behind what was witnessed.

    Raises DataError where the folder holds no trial, or the database that of another folder.
    """
    folder = TrialFolder(path)
    if not folder.trial:
        raise DataError(f"{path}/trial.json names no trial; take it from a backup")
    with ExitStack() as opened:
        server = opened.enter_context(open_server(folder.path))
        running = _open(folder, server, folder.protocols(), prepare, opened, flush=True)
        if running.book.trial != folder.trial:
            raise DataError(f"the database holds trial {running.book.trial}, the folder {folder.trial}")
        if folder.anchors.exists():
            anchors = read_anchors(folder.anchors, signing_key(folder).verify_key)
            shut_gate_if_behind(running.book, [anchor.head() for anchor in anchors])
        running._closing = opened.pop_all()
        return running


def signing_key(folder: TrialFolder) -> SigningKey:
    """Return the key that signs the anchors and the manifest of a trial's archive."""
    return SigningKey(folder.key("anchors"))


def _set_up(server: Server, trial: str, mode: Mode) -> None:
    from ..vault.schema import create_vault  # who joins a trial that runs needs nothing of the vault

    with server.connect("owner") as owner:
        conduct, vault, reader = (role_name(role) for role in ("conduct", "vault", "reader"))
        create_book(
            owner,
            "record",
            trial=trial,
            mode=mode,
            writers=[conduct],
            readers=[reader, vault],
            gatekeepers=[vault],
        )
        create_vault(owner, trial=trial, mode=mode, gates=["record"])
        create_identities(owner)
        set_guards(owner)


def _open(
    folder: TrialFolder,
    server: Server,
    protocols: Mapping[str, Protocol],
    prepare: Prepare | None,
    opened: ExitStack,
    *,
    flush: bool,
) -> RunningTrial:
    connection = server.connect("conduct")
    opened.callback(connection.close)  # also where what follows is refused
    book = Book(connection, flush=flush)
    key = signing_key(folder)
    services = Services(
        allocate=_allocate,
        prepare=prepare,
        identities=Identities(folder.key("identities")),
        witness=lambda _: write_anchor(folder.anchors, key, door.book),
        dictionary=folder.dictionary,
    )
    state = load_state(book, folder.checkpoints)
    keep_state(book, folder.checkpoints, state)
    door = Door(
        book,
        protocols,
        services,
        trial=state,
        reopen=lambda: Book(server.connect("conduct"), flush=flush),
    )
    opened.callback(_close, door)
    return RunningTrial(folder, server, door)


def _allocate(connection: Connection[TupleRow], stratum: str, participant: str, request: str) -> str:
    """Take the next slot; what the guards of the database refuse has the words of every refusal of the list."""
    try:
        return take_next_slot(connection, stratum, participant, request)
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith(GUARDED):
            raise
        raise no_number(stratum, participant) from error


def _close(door: Door) -> None:
    """Close the connection that the door has in the end, which may be another than at first."""
    door.book.connection.close()

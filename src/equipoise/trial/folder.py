"""The folder of a running trial: what belongs to it besides the database, and where it stands.

    trial.json           which trial, live or rehearsal
    protocols/           the file of each protocol version, by its content hash
    database/            the embedded server's data, where DATABASE_URL is not set
    anchors.jsonl        signed positions of the record, outside the database
    checkpoints/         states that may be deleted at any time
    dictionaries/        the file of each dictionary that terms are coded with, by its hash
    keys/                signing key of the anchors, pepper of the identities, the vault's wrapped key, hashes of
                         the passwords of those who sign

The keys of the vault open only with the passphrases of both holders; nothing in the folder tells an arm. What
tells the archive of a finished trial from it stands here too, for commands that take either.
"""

import json
import os
import re
import secrets
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from ..conduct.quality.dictionary import Dictionary, parse_dictionary
from ..errors import DataError
from ..line import Door, is_answering
from ..protocol import Protocol, locate_protocol, protocol_version, read_protocol
from ..report.folder import MANIFEST

Mode = Literal["live", "rehearsal"]
RECORD, EVENTS = "record", "events.jsonl"
"""Folder of the records in the archive of a trial, and the file of its own."""
_KEY = re.compile(rb"[0-9a-f]{64}\s*")


def is_archive(folder: Path) -> bool:
    """Whether a folder is the archive of a trial."""
    return (folder / RECORD / EVENTS).exists() and (folder / MANIFEST).exists()


@lru_cache(maxsize=4)
def _read_dictionary(file: Path) -> Dictionary:
    return parse_dictionary(file.read_bytes())


@dataclass(frozen=True)
class TrialFolder:
    """The paths of a trial's folder."""

    path: Path

    @property
    def anchors(self) -> Path:
        """File of the signed positions of the record."""
        return self.path / "anchors.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Folder of states that may be deleted."""
        return self.path / "checkpoints"

    @property
    def vault_key(self) -> Path:
        """The vault's private key, wrapped by both holders."""
        return self.path / "keys" / "vault.json"

    @property
    def credentials(self) -> Path:
        """Hashes of the passwords of those who sign."""
        return self.path / "keys" / "passwords.json"

    @property
    def mode(self) -> Mode:
        """Whether the trial is live or a rehearsal."""
        return "rehearsal" if self._about["mode"] == "rehearsal" else "live"

    @property
    def trial(self) -> str:
        """Id of the trial."""
        return str(self._about["trial"])

    @cached_property
    def _about(self) -> dict[str, str]:
        file = self.path / "trial.json"
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            return {name: str(about[name]) for name in ("trial", "mode")}
        except FileNotFoundError as error:
            raise DataError(
                "this folder holds no trial (trial.json is missing); begin one with `equipoise open`. "
                f"Got {self.path}"
            ) from error
        except (ValueError, LookupError, TypeError) as error:
            raise DataError(f"{file} is damaged; take it from a backup. Got {error}") from error

    def protocol_file(self, version: str) -> Path:
        """Return the file of a protocol version."""
        return self.path / "protocols" / f"{version}.yaml"

    def dictionary_file(self, name: str) -> Path:
        """Return the file of a dictionary, by the hash of its content."""
        return self.path / "dictionaries" / f"{name}.csv"

    def dictionary(self, name: str) -> Dictionary | None:
        """Read the dictionary of a hash, once a process; None where its file is not in the folder."""
        file = self.dictionary_file(name)
        return _read_dictionary(file) if file.exists() else None

    def protocols(self) -> dict[str, Protocol]:
        """Read every protocol version in the folder, by its hash; DataError where a file was changed."""
        found = {}
        for file in sorted((self.path / "protocols").glob("*.yaml")):
            protocol = read_protocol(str(file))
            if protocol_version(protocol) != file.stem:
                raise DataError(
                    f"{file} was changed: its content no longer has the hash that is its name; "
                    "take it from a backup"
                )
            found[file.stem] = protocol
        return found

    def add_protocol(self, source: str, protocol: Protocol) -> str:
        """Keep a copy of the file that a protocol was read from; return its hash."""
        version = protocol_version(protocol)
        target = self.protocol_file(version)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(locate_protocol(source).read_bytes())
        return version

    def key(self, name: str) -> bytes:
        """Return a secret of 32 bytes, made at the first call, in a file that only its owner may read."""
        file = self.path / "keys" / f"{name}.key"
        if not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_hex(32))
        found = file.read_bytes()
        if not _KEY.fullmatch(found):
            raise DataError(f"{file} is damaged; take it from a backup. Got {len(found)} bytes")
        return bytes.fromhex(found.decode("ascii"))


def create_folder(path: Path, source: str, mode: Mode) -> tuple[TrialFolder, str, Protocol]:
    """Make the folder of a trial from a protocol file or a shipped trial; DataError where there is one already."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise DataError(f"a trial begins in a new or an empty folder. Got {path}")
    protocol = read_protocol(source)
    path.mkdir(parents=True, exist_ok=True)
    about = {"trial": protocol.trial.id, "mode": mode}
    (path / "trial.json").write_text(json.dumps(about) + "\n", encoding="utf-8")
    folder = TrialFolder(path)
    return folder, folder.add_protocol(source, protocol), protocol


def find_door(folder: Path, *, unblinded: bool) -> Door | None:
    """Return a door of the vault that runs for a trial's folder; None where none runs."""
    file = door_files(folder)[1 if unblinded else 0]
    if not file.exists():
        return None
    door = msgspec.json.decode(file.read_bytes(), type=Door)
    return door if is_answering(door) else None


def door_files(folder: Path) -> tuple[Path, Path]:
    """Return where a running vault writes its blinded and its unblinded door down."""
    keys = TrialFolder(folder).vault_key.parent
    return keys / "blinded-door.json", keys / "unblinded-door.json"

"""Dictionaries of a running trial: the file comes into its folder first, then the step that puts it in force."""

from pathlib import Path

from ..conduct.door.fact import By
from ..conduct.quality.coding import LoadDictionary
from ..conduct.quality.dictionary import Dictionary, Kind, parse_dictionary
from ..conduct.quality.revision import Revised, compare_codings
from ..record import Event
from .running import RunningTrial


def load_dictionary(
    running: RunningTrial, by: By, file: Path, kind: Kind, name: str, edition: str, request: str | None = None
) -> tuple[Event, ...]:
    """Put a dictionary in force from now on; DataError names the first row of the file that is wrong."""
    content = file.read_bytes()
    found = parse_dictionary(content)
    kept = running.folder.dictionary_file(found.hash)
    kept.parent.mkdir(exist_ok=True)
    if not kept.exists():
        kept.write_bytes(content)
    intent = LoadDictionary(dictionary=kind, name=name, edition=edition, hash=found.hash)
    return running.door.submit(intent, by, request)


def compare_dictionary(running: RunningTrial, file: Path, kind: Kind) -> list[Revised]:
    """Say what a dictionary would do to the terms coded so far; nothing is stored."""
    new: Dictionary = parse_dictionary(file.read_bytes())
    return compare_codings(running.door.refresh(), kind, new)

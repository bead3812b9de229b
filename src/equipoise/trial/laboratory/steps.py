"""Import of a file of results: read with its manifest, judged as a whole, stored in one step or not at all.

What only the vault may keep is handed to it while the record waits, so that nothing can come in between: the vault
keeps it without force, the record says that the file was imported, and with that it counts. Whatever breaks off
leaves nothing that counts, and the import that is repeated, whose request key follows from the content of the
file, leaves it once.
"""

from dataclasses import replace
from pathlib import Path

from ...conduct.door.checkpoint import without_collector
from ...conduct.door.fact import By
from ...conduct.door.services import KeepMasked, MaskedResult
from ...conduct.laboratory.ranges import SetReferenceRanges
from ...conduct.laboratory.results import ImportResults, content_hash, request_of
from ...errors import DataError
from ...line import VaultClient
from ...record import Event
from ..access.at_the_vault import stamp_of
from ..running import RunningTrial
from . import csv, odm
from .manifest import read_manifest, require_its_file
from .ranges import read_ranges

READERS = {".csv": csv.read_rows, ".xml": odm.read_rows, ".odm": odm.read_rows}
"""Readers by the end of the file's name."""


def read_results(file: Path, manifest: Path, site: str | None = None) -> ImportResults:
    """Read a file of results with its manifest; DataError where they do not belong together or cannot be read."""
    said = read_manifest(manifest)
    content = file.read_bytes()
    require_its_file(said, file, content)
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise DataError(f"a file of results ends in {', '.join(READERS)}. Got {file.name}")
    return ImportResults(site=site, manifest=said, rows=reader(file.name, content, said))


def import_results(
    running: RunningTrial, vault: VaultClient | None, by: By, intent: ImportResults
) -> tuple[Event, ...]:
    """Import a file; return what was recorded, now or when the same file was imported before.

    vault: the blinded door is enough; None where the vault does not run: a file with results for it is refused.
    Raises DecisionRefused, with every line that is wrong, as door and vault do.
    """
    door = running.door
    request = request_of(content_hash(door.protocols.values(), intent.manifest, intent.rows))
    if vault is not None:
        door.services = replace(door.services, keep_masked=_keeper(running, vault, by, intent))
    with without_collector():
        return door.submit(intent, by, request)


def check_results(running: RunningTrial, by: By, intent: ImportResults) -> None:
    """Raise DecisionRefused, with every line that is wrong, where a file could not be imported; store nothing."""
    with without_collector():
        running.door.require_allowed(intent, by)


def set_ranges(
    running: RunningTrial, by: By, laboratory: str, file: Path, reason: str = "", request: str | None = None
) -> tuple[Event, ...]:
    """Set the reference ranges of a file. Raises DataError for its form, DecisionRefused for what it says."""
    ranges = read_ranges(file)
    return running.door.submit(
        SetReferenceRanges(laboratory=laboratory, ranges=ranges, reason=reason), by, request
    )


def _keeper(running: RunningTrial, vault: VaultClient, by: By, intent: ImportResults) -> KeepMasked:
    """Return what hands the results that only the vault may keep to the vault."""

    def keep(results: tuple[MaskedResult, ...], imported: str, request: str) -> None:
        stamp = stamp_of(by, request, rehearsed=running.book.mode == "rehearsal")
        vault.call(
            "enter_results",
            None,
            stamp=stamp,
            site=intent.site,
            imported=imported,
            file=intent.manifest.file,
            results=list(results),
        )

    return keep

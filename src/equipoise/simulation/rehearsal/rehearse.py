"""The rehearsal from first screening to the report: a walked trial, and its archive in a folder.

The database lives in a temporary folder and goes when the archive stands; the archive holds the whole record.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...record import Book
from ...report.folder import require_free
from ...trial.archive import write_archive
from ...trial.running import signing_key
from .walk import walk_trial

Progress = Callable[[str, int, int], object]
"""Told what is under way, how much of it is done, and how much there is (0: not known)."""


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal came to: events of both records, participants screened and allocated, what happened."""

    events: int
    vault_events: int
    screened: int
    allocated: int
    counts: dict[str, int]
    refusals: dict[str, str]


def rehearse(
    source: str,
    out: Path,
    *,
    seed: int = 1,
    scenario: str | None = None,
    language: str = "en",
    progress: Progress = lambda _stage, _done, _total: None,
) -> Rehearsed:
    """Rehearse a trial and write its archive to `out`.

    source: path or name of the protocol. Raises ProtocolError for a protocol that cannot be rehearsed, DataError
    where `out` holds what Equipoise did not make; then, and on any other error, `out` stays as it was.
    """
    require_free(out)
    with tempfile.TemporaryDirectory(prefix="equipoise-") as work:
        folder = Path(work) / "trial"
        with walk_trial(
            source, folder, seed=seed, scenario=scenario, language=language, drill=True, progress=progress
        ) as walked:
            running, disclosed = walked.running, walked.disclosed
            assert disclosed is not None
            with running.server.connect("vault") as connection:
                events = write_archive(
                    out,
                    protocol_files=running.protocol_files(),
                    book=running.book,
                    vault_book=Book(connection, "vault_record"),
                    disclosed=disclosed,
                    anchors=running.folder.anchors,
                    documents=walked.documents,
                    key=signing_key(running.folder),
                    language=language,
                    progress=lambda what: progress(what, 0, 0),
                )
            participants = walked.trial.participants.values()
            return Rehearsed(
                events=events["record"],
                vault_events=events["vault"],
                screened=len(participants),
                allocated=sum(participant.allocation is not None for participant in participants),
                counts=walked.counts,
                refusals=walked.refusals,
            )

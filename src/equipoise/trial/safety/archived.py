"""The reports for the safety board in an archive, held against both records: each is of the data that it names."""

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from ...conduct.closing.cut import trial_as_of
from ...conduct.closing.locks import data_hash
from ...errors import RecordCorrupt
from ...record import Event
from ...report.folder import MANIFEST
from ...vault.events import BoardOpened, read_said

BOARD = "board"
"""Folder of the reports among the documents of an archive, each in a folder of its own."""


def check_board(
    documents: Path, read_record: Callable[[], Iterable[Event]], read_vault: Callable[[], Iterable[Event]]
) -> int:
    """Return how many reports for the board there are, after checking each against the records.

    The data as of the event that a report names must have the hash that it names; a closed one needs the opening
    of just these data in the vault's record. Raises RecordCorrupt with the first that has not.
    """

    @cache
    def hash_at(sequence: int) -> str:
        return data_hash(trial_as_of(read_record(), sequence))

    reports = sorted((documents / BOARD).glob(f"*/{MANIFEST}"))
    opened = {(one.sequence, one.data) for one in _openings(read_vault)} if reports else set()
    for file in reports:
        about = json.loads(file.read_text(encoding="utf-8"))
        sequence, data = int(about["sequence"]), str(about["data"])
        if hash_at(sequence) != data:
            raise RecordCorrupt(f"{file} is not of the data as they stood at event {sequence}. Got {data[:12]}")
        if about["report"] == "closed" and (sequence, data) not in opened:
            raise RecordCorrupt(f"{file} holds arms that the vault has not opened for these data. Got {data[:12]}")
    return len(reports)


def _openings(read_vault: Callable[[], Iterable[Event]]) -> Iterable[BoardOpened]:
    for event in read_vault():
        if isinstance(said := read_said(event), BoardOpened):
            yield said

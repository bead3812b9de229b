"""Checkpoints of the state: the trial as a whole and each participant on their own, so that one is read alone.

A checkpoint may be deleted at any time; it is used only where the record still holds the event that it was made
after, with the same hash.
"""

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec

from ...record.book import Book
from ...record.checkpoint import read_checkpoint, write_checkpoint
from ...record.event import Head
from .chapters import evolve
from .state import Participant, Trial

WHOLE = "trial"
EVERY = 5000
"""Events that may be read again before a checkpoint is worth its while."""

_PARTICIPANT = msgspec.msgpack.Decoder(Participant)
_TRIAL = msgspec.msgpack.Decoder(Trial)


class StoredParticipants(dict[str, Participant]):
    """Participants by id, each decoded from its checkpoint when it is first asked for."""

    def __init__(self, stored: Mapping[str, bytes]) -> None:
        super().__init__()
        self._stored = stored
        self._order = list(stored)

    def __missing__(self, participant: str) -> Participant:
        self[participant] = found = _PARTICIPANT.decode(self._stored[participant])
        return found

    def __setitem__(self, participant: str, state: Participant) -> None:
        if participant not in self:
            self._order.append(participant)
        super().__setitem__(participant, state)

    def __contains__(self, participant: object) -> bool:
        return super().__contains__(participant) or participant in self._stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)

    def get(self, participant: str, default: Participant | None = None) -> Participant | None:  # type: ignore[override]
        """Return a participant, else the default."""
        try:
            return self[participant]
        except KeyError:
            return default

    def values(self) -> Iterator[Participant]:  # type: ignore[override]
        """Give every participant in the order of screening."""
        return (self[participant] for participant in self._order)

    def items(self) -> Iterator[tuple[str, Participant]]:  # type: ignore[override]
        """Give every participant with their id, in the order of screening."""
        return ((participant, self[participant]) for participant in self._order)


def save_state(folder: Path, trial: Trial, head: Head) -> None:
    """Write a checkpoint of the state as of `head` into `folder`."""
    encoder = msgspec.msgpack.Encoder()
    blobs = {WHOLE: encoder.encode(msgspec.structs.replace(trial, participants={}))}
    blobs |= {participant: encoder.encode(state) for participant, state in trial.participants.items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoint(folder, head, blobs, shape=shape())


def keep_state(book: Book, folder: Path, trial: Trial) -> None:
    """Write a checkpoint of the state where the newest in `folder` lies `EVERY` events behind it, or more."""
    found = read_checkpoint(folder, book, shape=shape()) if folder.exists() else None
    behind = trial.sequence - (0 if found is None else found[0].sequence)
    event = book.event(trial.sequence) if behind >= EVERY else None
    if event is not None:
        save_state(folder, trial, Head(event.sequence, event.hash, event.at))


@cache
def shape() -> str:
    """Name the layout of the state and the version that made it: a checkpoint of another one does not serve."""
    layout = msgspec.json.encode(msgspec.json.schema(Trial), order="sorted")
    return f"{version('equipoise')} {hashlib.sha256(layout).hexdigest()}"


def load_state(book: Book, folder: Path | None = None) -> Trial:
    """Return the present state: from the newest checkpoint that fits the record, else from its beginning."""
    found = None
    if folder is not None and folder.exists():
        found = read_checkpoint(folder, book, shape=shape())
    trial = Trial()
    if found is not None:
        _, blobs = found
        trial = _TRIAL.decode(blobs[WHOLE])
        trial.participants = StoredParticipants({name: blob for name, blob in blobs.items() if name != WHOLE})
    with without_collector():
        for event in book.read(after=trial.sequence):
            evolve(trial, event)
    return trial


def copy_state(trial: Trial) -> Trial:
    """Return a copy of the state that stays as it is while the trial goes on."""
    encode = msgspec.msgpack.Encoder().encode
    copied = _TRIAL.decode(encode(msgspec.structs.replace(trial, participants={})))
    copied.participants = {name: _PARTICIPANT.decode(encode(one)) for name, one in trial.participants.items()}
    return copied


def load_participant(book: Book, participant: str) -> Participant | None:
    """Return one participant as the record has them now, from their own events only; None for nobody."""
    trial = Trial()
    for event in book.read(participant=participant):
        evolve(trial, event)
    return trial.participants.get(participant)


@contextmanager
def without_collector() -> Iterator[None]:
    """Hold the collector of cycles while millions of values without cycles are made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

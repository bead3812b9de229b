"""The record as a site may have it: its events whole, of every other one the hash, so that the chain can be shown.

A line a event, in the order of the record. What the site may see stands with all fields; `payload` is the text
that was hashed. Of any other event there is the number and the hash: it takes part in the chain, and tells
nothing, as each event holds a request key that nobody can guess. So whoever has the file can compute that every
event in it is the one that stood at this place, and that none was taken out or put in, up to the head, which
anchors and witness lines name (`check.py`, which comes with the archive, does so with the standard library alone).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ...record.event import Event

FORMAT = "equipoise site record 1"


def write_site_record(
    file: Path, events: Iterable[Event], seen: frozenset[int], *, schema: str, trial: str, mode: str, site: str
) -> int:
    """Write the record of a site as JSON Lines and return how many of its events stand there whole.

    events: all of the record; seen: the numbers of those that the site may see.
    """
    whole, sequence, last = 0, 0, b""
    with file.open("wb") as stream:
        _write(stream, {"format": FORMAT, "schema": schema, "trial": trial, "mode": mode, "site": site})
        for event in events:
            shown = event.sequence in seen
            whole += shown
            sequence, last = event.sequence, event.hash
            hidden: dict[str, Any] = {"sequence": event.sequence, "hash": event.hash.hex()}
            _write(stream, _whole(event) if shown else hidden)
        _write(stream, {"events": sequence, "whole": whole, "hash": last.hex()})
    return whole


def _whole(event: Event) -> dict[str, Any]:
    fields = {name: getattr(event, name) for name in Event.__struct_fields__}
    return {**fields, "previous": event.previous.hex(), "hash": event.hash.hex()}


def _write(stream: Any, line: dict[str, Any]) -> None:
    stream.write(msgspec.json.encode(line) + b"\n")

"""The whole blinded record as JSON Lines, from which the chain of its hashes can be verified."""

import hashlib
from pathlib import Path

from ...conduct.closing.exports import ExportData
from ...conduct.door.fact import By
from ...record import write_lines
from ..running import RunningTrial

LINES = "record.jsonl"


def export_record(running: RunningTrial, by: By, out: Path, purpose: str, *, request: str | None = None) -> int:
    """Write the record into a file, and record that it was done; return how many events it holds.

    The file stays only when that is on record. Raises DecisionRefused where the role may not.
    """
    with running.door.still() as trial:
        try:
            head = write_lines(running.book, out)
            digest = hashlib.sha256(out.read_bytes()).hexdigest()
            done = ExportData(
                blind="blinded",
                purpose=purpose,
                sequence=trial.sequence,
                rows={LINES: head.sequence},
                hashes={LINES: digest},
            )
            running.door.submit(done, by, request)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    return head.sequence

"""A demonstration: a rehearsed trial in the middle of its course, with an account for all who work on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..simulation.rehearsal.vault_side import PASSPHRASES
from ..simulation.rehearsal.walk import walk_trial
from ..trial.running import RunningTrial
from ..trial.signing.credentials import put_password

PASSWORD = "only a demonstration"
"""The password of everybody in a demonstration: no secret."""
RUNNING_FOR = timedelta(weeks=60)
"""How long ago the demonstrated trial began to recruit."""

__all__ = ["PASSPHRASES", "PASSWORD", "give_passwords", "make_demo"]


def make_demo(source: str, folder: Path, progress: Callable[[str, int, int], object]) -> None:
    """Walk a trial from its set-up to this moment, in a new folder, and give everybody a password."""
    now = datetime.now(UTC)
    opening = (now - RUNNING_FOR).date()
    with walk_trial(source, folder, opening=opening, until=now, progress=progress) as walked:
        walked.running.book.flush()
        give_passwords(walked.running)


def give_passwords(running: RunningTrial) -> None:
    """Give everybody of a demonstrated trial the same password."""
    at = datetime.now(UTC)
    for person in running.door.refresh().people:
        put_password(running.folder.credentials, person, PASSWORD, at, cost="minimal")

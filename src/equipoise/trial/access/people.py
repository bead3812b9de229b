"""Questions about people that need the record itself: when somebody last did something, in which role they act."""

from datetime import datetime

from ...conduct.access.attestation import Access, list_access
from ...conduct.door.dates import day_in
from ...conduct.door.state import Trial
from ...conduct.organisation.people import is_held_at
from ...errors import DecisionRefused
from ...record import Book
from ..running import RunningTrial

LAST_ACTS = "SELECT actor, max(at) FROM record.event WHERE sequence > %s GROUP BY actor"


def access_of(running: RunningTrial, at: datetime) -> list[Access]:
    """List who holds a role at a moment, with the newest event of each."""
    trial = running.door.refresh()
    return list_access(trial, day_in(at, "UTC"), last_acts(running.book))


def last_acts(book: Book, after: int = 0) -> dict[str, datetime]:
    """Return when each person last did something that stands in the record, after an event."""
    return dict(book.connection.execute(LAST_ACTS, (after,)).fetchall())


def any_role(trial: Trial, person: str, at: datetime) -> tuple[str, str | None]:
    """Return a role that a person holds at a moment, with its site (None: all).

    Raises DecisionRefused for who is not entered, and for who holds no role on that day.
    """
    if person not in trial.people:
        raise DecisionRefused(f"nobody is entered in this trial as {person}; ask the administrator")
    for grant in trial.people[person].grants:
        if is_held_at(trial, grant, at):
            return grant.role, grant.site
    raise DecisionRefused(f"{trial.people[person].name} holds no role today; ask the administrator. Got {person}")

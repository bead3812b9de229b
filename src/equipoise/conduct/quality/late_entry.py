"""Data that were written on paper first, and forms that are entered long after their day.

What was written while no machine answered says so, with the moment and the reason: the paper is the source (ICH
E6(R3) 4.2.2, contemporaneous). How late a form may be entered without a reason, the protocol says.
"""

from datetime import date, datetime, timedelta
from functools import cache

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol, Quantity
from ..door.dates import time_at
from ..door.fact import By
from ..door.state import FormEntry, Participant, Trial


class FromPaper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That values were first written on paper: when, as the clock at the site showed it (ISO 8601), and why."""

    written_on: str
    why: str

    @property
    def moment(self) -> datetime:
        """When it was written, without a zone; ValueError where that is no time."""
        return datetime.fromisoformat(self.written_on)

    def tell(self) -> str:
        """Say when and why."""
        return f"first written on paper on {self.moment:%Y-%m-%d %H:%M} ({self.why})"


class Delayed(msgspec.Struct, frozen=True, kw_only=True):
    """A record that came from paper or came late: its day, the day of its entry, and what was said of it."""

    participant: str
    site: str
    record: str
    on: date
    written_on: datetime | None
    entered_on: date
    why: str
    late: str

    @property
    def days(self) -> int:
        """Days from the day of the record to its entry."""
        return (self.entered_on - self.on).days


def require_paper(
    name: str, paper: FromPaper | None, on: date, trial: Trial, by: By, participant: Participant
) -> FromPaper | None:
    """Return what is said of the paper; refused without a reason, and for a moment that cannot be."""
    if paper is None:
        return None
    why, now = paper.why.strip(), time_at(trial, by, participant.site)
    try:
        moment = paper.moment
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or len(paper.written_on.strip()) <= len("2026-03-30"):
        raise DecisionRefused(
            f"{name}: say when it was written on paper by the clock at the site, such as 2026-03-30T09:40. "
            f"Got {paper.written_on or 'nothing'}"
        )
    if not why:
        raise DecisionRefused(f"{name}: please say why it was written on paper first")
    if moment > now:
        raise DecisionRefused(
            f"{name}: the moment of writing must not lie in the future; it is {now:%Y-%m-%d %H:%M} at the site. "
            f"Got {moment:%Y-%m-%d %H:%M}"
        )
    if moment.date() < on:
        raise DecisionRefused(
            f"{name}: it was written on its day, {on}, or later; check the moment of writing. "
            f"Got {moment:%Y-%m-%d %H:%M}"
        )
    return FromPaper(moment.isoformat(timespec="minutes"), why)


def require_on_time(
    protocol: Protocol, name: str, entry: FormEntry | None, on: date, late: str | None, today: date
) -> str | None:
    """Return the reason why a first entry comes late; refused where the protocol asks for one and none is given.

    today: at the site. A record that is there already is changed with a reason of its own, not with this one.
    """
    said = (late or "").strip() or None
    allowed = None if protocol.quality is None else protocol.quality.late_entry
    if entry is not None or allowed is None or said is not None:
        return said
    until = on + timedelta(days=_days(allowed))
    if today > until:
        raise DecisionRefused(
            f"{name}: its day is {on}, and it may be entered without a reason until {until}; say in `late` why it "
            f"comes later. Got {today}"
        )
    return None


@cache
def _days(duration: Quantity) -> int:
    """Return a duration in whole days, worked out once: units are slow, and every save asks."""
    return int(duration.to("day"))


def list_delayed(trial: Trial) -> list[Delayed]:
    """Return all records that came from paper or came late, in the order of their entry within a participant."""
    return [
        Delayed(
            participant=person.id,
            site=person.site,
            record=record,
            on=entry.on,
            written_on=entry.written_on,
            entered_on=entry.entered_on,
            why=entry.paper or "",
            late=entry.late or "",
        )
        for person in trial.participants.values()
        for record, entry in person.forms.items()
        if entry.entered_on is not None and (entry.paper is not None or entry.late is not None)
    ]

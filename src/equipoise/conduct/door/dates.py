"""Dates of the record: the moment is UTC, the day is that of the site's zone; study days have no day 0."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from ...record.event import Event
from .fact import By
from .state import Participant, Trial


def local_date(event: Event) -> date:
    """Return the day on which an event was recorded, in the zone of its site."""
    return day_in(event.at, event.zone)


def day_in(at: datetime, zone: str) -> date:
    """Return the day of a moment in an IANA time zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def today_at(trial: Trial, by: By, site: str | None = None) -> date:
    """Return the day on which somebody acts: that of the site concerned, else that of their own time zone."""
    known = trial.sites.get(site or "")
    return day_in(by.at, by.zone if known is None else known.zone)


def time_at(trial: Trial, by: By, site: str) -> datetime:
    """Return the moment at which somebody acts as the clock at the site shows it, without a time zone."""
    known = trial.sites.get(site)
    return by.at.astimezone(ZoneInfo(by.zone if known is None else known.zone)).replace(tzinfo=None)


def study_day(on: date, day_1: date) -> int:
    """Return the study day of a date; day 1 is `day_1`, the day before it is day -1 (SDTMIG 3.4, --DY)."""
    days = (on - day_1).days
    return days + 1 if days >= 0 else days


def day_1_of(participant: Participant, targets: dict[str, int]) -> date | None:
    """Return the date of study day 1: that of the visit aimed at it, once held; `targets` is day by visit."""
    for visit in participant.visits.values():
        if visit.name is not None and visit.on is not None and targets[visit.name] == 1:
            return visit.on
    return None

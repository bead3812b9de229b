"""When a visit may take place: windows in days around study day 1, as dates.

Study day 1 is the date of the visit that the schedule aims at day 1; until it is held, no window has dates. There
is no study day 0 (SDTMIG 3.4, --DY), so a window is counted in dates from its target, never in numbers of days.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from ...protocol import Protocol
from ..door.dates import day_1_of, study_day
from ..door.state import Participant, Trial


def began_on(trial: Trial, participant: Participant) -> date:
    """Return the day on which the trial began for a participant: the approval of the site, else screening."""
    site = trial.sites.get(participant.site)
    approved = () if site is None else site.versions.values()
    return min(approved, default=participant.screened_on)


def first_visit(protocol: Protocol) -> str | None:
    """Return the visit whose date is study day 1; None in a schedule that aims none at that day."""
    visits = protocol.schedule.visits
    return next((name for name, visit in visits.items() if visit.target == 1), None)


def day_1(protocol: Protocol, participant: Participant) -> date | None:
    """Return the date of study day 1; None where it is not known yet."""
    return day_1_of(participant, {name: visit.target for name, visit in protocol.schedule.visits.items()})


def window_of(protocol: Protocol, visit: str, first: date) -> tuple[date, date]:
    """Return the first and the last date on which a planned visit is within its window; `first` is study day 1."""
    plan = protocol.schedule.visits[visit]
    opens = plan.target if plan.day is None else plan.day.first
    return (
        _date_of(opens, first) + timedelta(days=plan.window.first),
        _date_of(plan.target, first) + timedelta(days=plan.window.last),
    )


def outside_windows(protocol: Protocol, dates: Mapping[str, date]) -> dict[str, str]:
    """Return the planned visits whose date lies outside their window, each with a sentence that says by how much.

    dates: date by visit. Nothing is outside before study day 1 is among them.
    """
    first = dates.get(first_visit(protocol) or "")
    if first is None:
        return {}
    found = {visit: _outside(protocol, visit, on, first) for visit, on in dates.items()}
    return {visit: sentence for visit, sentence in found.items() if sentence is not None}


def _outside(protocol: Protocol, visit: str, on: date, first: date) -> str | None:
    opens, closes = window_of(protocol, visit, first)
    if opens <= on <= closes:
        return None
    days = (opens - on).days if on < opens else (on - closes).days
    gap = f"{days} day{'s' if days > 1 else ''} {'before' if on < opens else 'after'} its window"
    return (
        f"visit {visit} on {on} (study day {study_day(on, first)}) is {gap}, {opens} to {closes} "
        f"(study day {study_day(opens, first)} to {study_day(closes, first)})"
    )


def _date_of(day: int, first: date) -> date:
    return first + timedelta(days=day - 1 if day > 0 else day)

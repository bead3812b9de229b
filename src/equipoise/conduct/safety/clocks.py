"""Clocks of safety reports: who must be told by when, as a function of the moment of awareness alone.

Terms in hours run to the second. Terms in days count calendar days in the zone of who is told: the day of
awareness is day 0, and the report is due by the end of the last day (ICH E2A III.B; NMPA and EU practice alike).
Weekends, holidays and the change of clocks stop nothing; a day on which clocks change has 23 or 25 hours and
counts as one. Due moments are the first instant that is too late, in UTC.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from ...protocol import Protocol, Quantity
from ...protocol.model import Authority, ExpeditedReport
from ..door.state import Clock, Participant
from .events import AdverseEvent, is_suspected_unexpected

What = Literal["serious", "suspected", "fatal", "complete"]
SERIOUS: What = "serious"
SPONSOR, ANY = "sponsor", "authority"
"""Who is told of every serious event, and who of suspected unexpected ones where the protocol names nobody."""

SAID: dict[str, str] = {
    "serious": "serious event, to the sponsor",
    "suspected": "suspected unexpected serious reaction",
    "fatal": "fatal or life-threatening suspected unexpected reaction",
    "complete": "complete report of a fatal or life-threatening reaction",
}


def clock_id(record: str, what: str, authority: str) -> str:
    """Return the name of a clock, such as `/adverse_event/1/serious/sponsor`."""
    return f"{record}/{what}/{authority}"


def clocks_wanted(protocol: Protocol, participant: Participant, event: AdverseEvent) -> Iterator[tuple[What, str]]:
    """Give what must be reported of an event, and to whom, as it now stands."""
    safety = protocol.safety
    if safety is None or not event.serious:
        return
    if safety.serious is not None:
        yield SERIOUS, SPONSOR
    if not is_suspected_unexpected(protocol, event, participant.assessments.get(event.record)):
        return
    for authority, terms in authorities(protocol).items():
        yield ("fatal" if event.grave else "suspected"), authority
        if event.grave and terms.complete is not None:
            yield "complete", authority


def authorities(protocol: Protocol) -> dict[str, ExpeditedReport]:
    """Return the terms of every authority; its own go before those of `suspected_unexpected`."""
    safety = protocol.safety
    if safety is None or safety.suspected_unexpected is None:
        return {}
    common = safety.suspected_unexpected
    if not safety.authorities:
        return {ANY: common}
    return {name: _terms(common, one) for name, one in safety.authorities.items()}


def authority_zone(protocol: Protocol, authority: str) -> str:
    """Return the time zone in which the days of an authority are counted; UTC where the protocol names none."""
    named = None if protocol.safety is None else protocol.safety.authorities.get(authority)
    return "UTC" if named is None else named.zone


def due_of(protocol: Protocol, clock: Clock, zone: str) -> datetime:
    """Return the first moment that is too late, in UTC; `zone` is that of the site.

    A clock of an authority that this protocol version no longer names has the common terms; one for which there
    are no terms at all is due at once, so that somebody looks at it.
    """
    safety = protocol.safety
    if clock.what == SERIOUS and safety is not None and safety.serious is not None:
        return due_moment(clock.since, safety.serious.report_within, zone)
    common = None if safety is None else safety.suspected_unexpected
    terms = authorities(protocol).get(clock.authority, common)
    if terms is None or clock.what == SERIOUS:
        return clock.since
    there = authority_zone(protocol, clock.authority)
    if clock.what == "suspected":
        return due_moment(clock.since, terms.other, there)
    if clock.what == "fatal" or terms.complete is None:
        return due_moment(clock.since, terms.fatal, there)
    return due_moment(clock.since, terms.fatal, there, terms.complete)


def due_moment(since: datetime, within: Quantity, zone: str, *later: Quantity) -> datetime:
    """Return the first moment after `within` (and what comes on top of it) since a moment, in UTC.

    Days are those of `zone`; a part of a day is left off. The term counts hours where any of it does.
    """
    terms = (within, *later)
    if any(Quantity(Decimal(1), term.unit).to("day") < 1 for term in terms):
        return since.astimezone(UTC) + timedelta(seconds=sum(term.to("second") for term in terms))
    days = sum(int(Decimal(str(term.to("day"))).to_integral_value(ROUND_FLOOR)) for term in terms)
    day_0 = since.astimezone(ZoneInfo(zone)).date()
    return start_of_day(day_0 + timedelta(days=days + 1), zone)


def start_of_day(day: date, zone: str) -> datetime:
    """Return the first instant of a day in a zone, in UTC; where clocks skip midnight, the instant of the skip."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def moment_at(local: str, zone: str) -> datetime:
    """Return the instant of a time as the clock at a site shows it; of two of the same name the earlier."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _terms(common: ExpeditedReport, own: Authority) -> ExpeditedReport:
    return ExpeditedReport(
        fatal=own.fatal or common.fatal,
        other=own.other or common.other,
        complete=own.complete or common.complete,
    )

"""A site at a moment, as its paper pack prints it: people with their roles, participants with the visits to come.

All of it follows from the trial's record, which the blinded side reads: no arm, lot or dose can be among it.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from ...conduct.door.dates import day_1_of, day_in
from ...conduct.door.state import Participant, Site, Trial
from ...conduct.follow_up.attendance import left_on
from ...conduct.follow_up.windows import window_of
from ...conduct.organisation.people import is_held
from ...errors import DataError
from ...protocol import Protocol
from ...report.paper.site import AFAR, AT_HAND, Due, Known, Person, SiteState

NEXT = 2
"""How many visits to come are printed for each participant."""


def site_state(protocol: Protocol, trial: Trial, site: str, at: datetime) -> SiteState:
    """Return what is known of a site at a moment; DataError where the trial has no such site.

    Participants who have left are not listed; one who has not come to day 1 yet has no visits with dates.
    """
    known = find_site(trial, site)
    today = day_in(at, known.zone)
    people = [
        Person(person.name, grant.role, grant.site is None)
        for person in trial.people.values()
        for grant in person.grants
        if grant.site in (None, site) and grant.role in (*AT_HAND, *AFAR) and is_held(grant, today)
    ]
    return SiteState(
        site=site,
        name=known.name,
        at=f"{at.astimezone(ZoneInfo(known.zone)):%Y-%m-%d %H:%M} ({known.zone})",
        people=tuple(sorted(people, key=lambda one: (one.role, one.name))),
        participants=tuple(
            _known(protocol, person)
            for person in trial.participants.values()
            if person.site == site and left_on(person) is None and _may_go_on(person)
        ),
    )


def find_site(trial: Trial, site: str) -> Site:
    """Return a site by its number; DataError, with those that there are, where the trial has no such site."""
    known = trial.sites.get(site)
    if known is None:
        there = ", ".join(trial.sites) or "none"
        raise DataError(f"the trial has no such site; there are: {there}. Got {site}")
    return known


def _may_go_on(person: Participant) -> bool:
    return person.eligibility is None or person.eligibility.eligible


def _known(protocol: Protocol, person: Participant) -> Known:
    visits = protocol.schedule.visits
    held = [(one.on, key) for key, one in person.visits.items() if one.on is not None]
    on, last = max(held, default=(None, ""))
    first = day_1_of(person, {key: visit.target for key, visit in visits.items()})
    due = []
    if first is not None and person.allocation is not None:
        for visit in visits:
            if visit not in person.visits:
                opens, closes = window_of(protocol, visit, first)
                due.append((opens, Due(visit, str(opens), str(closes))))
    return Known(
        participant=person.id,
        number="" if person.allocation is None else person.allocation.number,
        last_visit=last,
        last_on="" if on is None else str(on),
        due=tuple(one for _, one in sorted(due, key=lambda pair: pair[0])[:NEXT]),
        queries=sum(query.closed_at is None for query in person.queries.values()),
    )

"""Questions about the work that waits: tasks, queries, what is missing, deviations, clocks."""

from collections.abc import Mapping
from datetime import date

import msgspec
from django.http import HttpRequest

from ....conduct.follow_up.worklist import Task, list_tasks
from ....conduct.quality.completeness import Counts, check_trial, count_by_site, count_missing
from ....conduct.quality.queries import OpenQuery, list_queries
from ....conduct.safety.watch import Running, list_clocks
from ...shell.answers import kept
from ...shell.requests import here
from ..answers import Limit, Page, Start, page_of
from ..endpoint import reading


class Complete(msgspec.Struct, frozen=True, kw_only=True):
    """Forms and visits counted by site, and how often each form is missing."""

    sites: Mapping[str, Counts]
    missing: Mapping[str, int]


class DeviationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A protocol deviation that a decision has found."""

    participant: str
    site: str
    category: str
    weight: str
    what: str
    on: date
    visit: str | None


@reading("/worklist", Page[Task], asks="completeness")
def worklist(request: HttpRequest, start: Start = 0, limit: Limit = 50) -> Page[Task]:
    """List the work that waits today, the most urgent first."""
    looking = here(request)
    door = looking.running.door
    tasks = kept(
        looking,
        ("tasks", looking.site),
        lambda: list_tasks(
            lambda one: door.protocol_of(one.id), looking.trial, looking.at, looking.today, looking.site
        ),
    )
    return page_of(tasks, start, limit)


@reading("/queries", Page[OpenQuery], asks="queries")
def queries(request: HttpRequest, start: Start = 0, limit: Limit = 50) -> Page[OpenQuery]:
    """List the open queries, the oldest first, and for whom they wait."""
    looking = here(request)
    found = [one for one in list_queries(looking.trial, looking.at) if looking.may_see(one.site)]
    return page_of(found, start, limit)


@reading("/completeness", Complete, asks="completeness")
def completeness(request: HttpRequest) -> Complete:
    """Count what is filled in, missing, due, overdue and to come."""
    looking = here(request)
    door, trial = looking.running.door, looking.trial
    found = kept(
        looking,
        ("completeness of all",),
        lambda: check_trial(lambda one: door.protocol_of(one.id), trial, looking.today),
    )
    seen = {who: one for who, one in found.items() if looking.may_see(trial.participants[who].site)}
    counted = {site: one for site, one in count_by_site(trial, seen).items() if looking.may_see(site)}
    return Complete(sites=counted, missing=count_missing(seen))


@reading("/deviations", Page[DeviationRow], asks="completeness")
def deviations(request: HttpRequest, start: Start = 0, limit: Limit = 50) -> Page[DeviationRow]:
    """List the protocol deviations that were found, by participant."""
    looking = here(request)
    found = [
        DeviationRow(
            participant=one.id,
            site=one.site,
            category=deviation.category,
            weight=deviation.weight,
            what=deviation.what,
            on=deviation.on,
            visit=deviation.visit,
        )
        for one in looking.trial.participants.values()
        if looking.may_see(one.site)
        for deviation in one.deviations
    ]
    return page_of(found, start, limit)


@reading("/clocks", Page[Running], asks="harm")
def clocks(request: HttpRequest, start: Start = 0, limit: Limit = 50) -> Page[Running]:
    """List the clocks of safety reports, the most urgent first."""
    looking = here(request)
    found = [one for one in list_clocks(looking.protocol, looking.trial, looking.at) if looking.may_see(one.site)]
    return page_of(found, start, limit)

"""Questions about the trial as a whole: who asks, the protocol, the sites, the audit trail."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Any

import msgspec
from django.http import Http404, HttpRequest
from ninja import Query

from ....conduct.access.questions import QUESTIONS
from ....conduct.door.chapters import read_fact
from ....conduct.forms.planned import visits_planned_for
from ....protocol import Protocol
from ....protocol.model import Item
from ....record import Event
from ...shell.requests import here, may
from ..answers import LONGEST_PAGE
from ..endpoint import reading
from .steps import OFFERED


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts by the token, and what it may be used for; `questions` and `steps` are those of its role."""

    person: str
    name: str
    role: str
    site: str | None
    blind: str
    purpose: str
    records: bool
    expires_at: datetime
    trial: str
    mode: str
    questions: tuple[str, ...]
    steps: tuple[str, ...]


class PlannedVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit of the schedule: the study day aimed at, and the first and last day of its window."""

    label: str
    day: int
    first: int
    last: int


class PlannedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a form; `codes` with their labels, `expected` the lowest and the highest believable value."""

    label: str
    type: str
    unit: str | None
    codes: Mapping[str, str]
    expected: tuple[float, float] | None
    required: bool
    derived: bool
    critical: bool


class PlannedForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form, the visits that it is planned for, and its items."""

    label: str
    domain: str | None
    repeats: bool
    visits: tuple[str, ...]
    items: Mapping[str, PlannedItem]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the protocol, as far as data are captured by it; `versions` are all that were issued."""

    trial: str
    title: str
    version: str
    versions: tuple[str, ...]
    visits: Mapping[str, PlannedVisit]
    forms: Mapping[str, PlannedForm]


class SiteRow(msgspec.Struct, frozen=True, kw_only=True):
    """A site; `versions` are the protocol versions that it may work on, with the day from which."""

    site: str
    name: str
    country: str
    zone: str
    versions: Mapping[str, date]
    closed_on: date | None


class TrailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the record: who did what, when (UTC; `zone` of the site) and why; `hash` is its receipt."""

    sequence: int
    at: datetime
    zone: str
    actor: str
    role: str
    site: str | None
    participant: str | None
    kind: str
    said: str
    payload: dict[str, Any]
    reason: str | None
    hash: str


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the record in its order; ask again after `last` until it is `head`, the newest event."""

    events: list[TrailEvent]
    last: int
    head: int


After = Annotated[int, Query(ge=0, le=2**53, description="The number of the last event that is known.")]
Version = Annotated[str, Query(max_length=64, description="The hash of a version; the newest where it is empty.")]
_LONGEST_TRAIL = 1000


@reading("/me", Me)
def me(request: HttpRequest) -> Me:
    """Say who acts by this token, and what it may be used for."""
    looking, token = here(request), request.auth  # type: ignore[attr-defined]
    return Me(
        person=looking.person,
        name=looking.name,
        role=looking.role,
        site=looking.site,
        blind=token.blind,
        purpose=token.purpose,
        records=token.records,
        expires_at=token.expires_at,
        trial=looking.trial.trial,
        mode=looking.mode,
        questions=tuple(question for question, roles in QUESTIONS.items() if looking.role in roles),
        steps=tuple(name for name, intent in OFFERED.items() if may(request, intent)),
    )


@reading("/protocol", Plan)
def protocol(request: HttpRequest, version: Version = "") -> Plan:
    """Give visits, forms and items of a version of the protocol."""
    looking = here(request)
    name = version or (looking.trial.versions or [""])[-1]
    found = looking.running.door.protocols.get(name)
    if found is None:
        raise Http404
    return Plan(
        trial=found.trial.id,
        title=found.trial.title.say(),
        version=name,
        versions=tuple(looking.trial.versions),
        visits=dict(_visits(found)),
        forms={
            key: PlannedForm(
                label=form.label.say(),
                domain=form.sdtm,
                repeats=form.repeats,
                visits=tuple(visits_planned_for(found, key)),
                items={item: _item(said) for item, said in form.items.items()},
            )
            for key, form in found.forms.items()
        },
    )


@reading("/sites", list[SiteRow])
def sites(request: HttpRequest) -> list[SiteRow]:
    """List the sites that may be seen."""
    looking = here(request)
    return [
        SiteRow(
            site=key,
            name=one.name,
            country=one.country,
            zone=one.zone,
            versions=one.versions,
            closed_on=one.closed_on,
        )
        for key, one in looking.trial.sites.items()
        if looking.may_see(key)
    ]


@reading("/events", Trail, asks="trail")
def events(
    request: HttpRequest,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=_LONGEST_TRAIL, description="How many to give at most.")] = LONGEST_PAGE,
) -> Trail:
    """Give the audit trail after an event, for a copy that is brought up to date step by step.

    Who acts at one site sees the events of this site; the numbers in between are those of others.
    """
    looking = here(request)
    shown = (
        event
        for event in looking.running.book.read(after=after, batch=limit + 1)
        if looking.site is None or event.site == looking.site
    )
    found = list(islice(shown, limit))
    head = looking.trial.sequence
    last = found[-1].sequence if len(found) == limit else max(head, after)
    return Trail(events=[tell(event) for event in found], last=last, head=head)


def tell(event: Event) -> TrailEvent:
    """Say an event."""
    return TrailEvent(
        sequence=event.sequence,
        at=event.at,
        zone=event.zone,
        actor=event.actor,
        role=event.role,
        site=event.site,
        participant=event.participant,
        kind=event.kind,
        said=read_fact(event).tell(),
        payload=msgspec.json.decode(event.payload),
        reason=event.reason,
        hash=event.hash.hex(),
    )


def _visits(plan: Protocol) -> Iterator[tuple[str, PlannedVisit]]:
    for key, visit in plan.schedule.visits.items():
        label = key if visit.label is None else visit.label.say()
        allowed = visit.allowed
        yield key, PlannedVisit(label=label, day=visit.target, first=allowed.first, last=allowed.last)


def _item(item: Item) -> PlannedItem:
    return PlannedItem(
        label=item.label.say(),
        type=item.type,
        unit=None if item.unit is None else str(item.unit),
        codes={code: label.say() for code, label in item.codes.items()},
        expected=item.range,
        required=item.required,
        derived=item.derive is not None,
        critical=item.critical,
    )

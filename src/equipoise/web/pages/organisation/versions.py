"""Versions of the protocol: since when, at which sites, for how many participants, and what each has changed."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ....conduct.organisation.amendments import classify_changes
from ....conduct.organisation.versions import IssueProtocol, ProtocolIssued
from ...shell.answers import kept
from ...shell.requests import for_roles, here, may
from ...words import say
from .sites import READERS


@dataclass(frozen=True)
class Issued:
    """A version as it was issued: its number, its hash, when, where it is in use and for how many."""

    number: int
    version: str
    at: datetime
    sites: tuple[str, ...]
    participants: int


@require_GET
@for_roles(*READERS)
def page(request: HttpRequest) -> HttpResponse:
    """Show the versions, the newest first."""
    looking = here(request)
    context = {
        "title": say("Protocol versions"),
        "rows": list(reversed(kept(looking, "versions", lambda: _issued(request)))),
        "may_issue": may(request, IssueProtocol),
    }
    return render(request, "organisation/versions.html", context)


@require_GET
@for_roles(*READERS)
def one(request: HttpRequest, version: str) -> HttpResponse:
    """Show what a version has changed, thing by thing."""
    looking = here(request)
    issued, protocols = looking.trial.versions, looking.running.door.protocols
    if version not in issued or version not in protocols:
        raise Http404
    number = issued.index(version)
    before = protocols.get(issued[number - 1]) if number else None
    changes = () if before is None else classify_changes(before, protocols[version])
    context = {
        "title": say("Protocol version {number}", number=number + 1),
        "version": version,
        "is_first": number == 0,
        "before": number,
        "changes": changes,
    }
    return render(request, "organisation/version.html", context)


def _issued(request: HttpRequest) -> list[Issued]:
    looking = here(request)
    trial = looking.trial
    people = Counter(person.protocol for person in trial.participants.values())
    events = looking.running.book.read(kinds=[ProtocolIssued.__name__])
    return [
        Issued(
            number=number,
            version=version,
            at=event.at,
            sites=tuple(site for site, known in sorted(trial.sites.items()) if version in known.versions),
            participants=people[version],
        )
        for number, (version, event) in enumerate(zip(trial.versions, events, strict=True), start=1)
    ]

"""Sites: opened, activated for a protocol version once it is approved there, their consent forms, closed."""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ....conduct.access.questions import OVERSIGHT
from ....conduct.door.fact import Intent
from ....conduct.organisation.consent_documents import ApproveConsentDocument
from ....conduct.organisation.sites import ActivateSite, CloseSite, OpenSite
from ....conduct.organisation.standing import describe_sites
from ....errors import DecisionRefused
from ...shell.requests import for_roles, here, may, submit
from ...words import say
from .people import WRITERS
from .typed import read_day, typed_in

READERS = (*OVERSIGHT, "administrator")
"""Who is shown the sites, the protocol versions and the numbers of all sites."""


@require_GET
@for_roles(*READERS)
def page(request: HttpRequest) -> HttpResponse:
    """Show the sites."""
    return _show_all(request)


@require_POST
@for_roles(*WRITERS)
def open_new(request: HttpRequest) -> HttpResponse:
    """Let a site join the trial."""
    typed = typed_in(request, "site", "name", "country", "zone")
    try:
        submit(request, OpenSite(**typed))
    except DecisionRefused as refusal:
        return _show_all(request, str(refusal), typed)
    messages.success(request, say("Site {number} has joined the trial.", number=typed["site"]))
    return redirect("site", number=typed["site"])


@require_GET
@for_roles(*READERS)
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show a site with its protocol versions and consent forms."""
    return _show(request, number)


@require_POST
@for_roles("sponsor")
def activate(request: HttpRequest, number: str) -> HttpResponse:
    """Activate a site for a protocol version that its ethics committee has approved."""
    typed = typed_in(request, "protocol", "approved_on")
    return _do(
        request,
        number,
        lambda: ActivateSite(number, typed["protocol"], read_day(typed["approved_on"])),
        say("The site works on this version from now on."),
        typed,
    )


@require_POST
@for_roles("sponsor")
def approve(request: HttpRequest, number: str) -> HttpResponse:
    """Approve a version of the consent form for a site, in one language."""
    typed = typed_in(request, "document", "language", "of_protocol", "valid_from", "renew")

    def make() -> Intent:
        return ApproveConsentDocument(
            document=typed["document"],
            language=typed["language"],
            site=number,
            protocol=typed["of_protocol"],
            valid_from=read_day(typed["valid_from"]),
            renew=typed["renew"] == "yes",
        )

    return _do(request, number, make, say("The consent form is approved."), typed)


@require_POST
@for_roles("sponsor")
def close(request: HttpRequest, number: str) -> HttpResponse:
    """Close a site to enrolment; its number is typed again."""
    typed = typed_in(request, "again")

    def make() -> Intent:
        if typed["again"] != number:
            raise DecisionRefused(say("Type the number of the site to confirm that it is closed."))
        return CloseSite(number)

    return _do(request, number, make, say("The site is closed to enrolment."), typed)


def _do(
    request: HttpRequest, number: str, make: Callable[[], Intent], done: str, typed: dict[str, str]
) -> HttpResponse:
    _known(request, number)
    try:
        submit(request, make())
    except DecisionRefused as refusal:
        return _show(request, number, str(refusal), typed)
    messages.success(request, done)
    return redirect("site", number=number)


def _known(request: HttpRequest, number: str) -> None:
    if number not in here(request).trial.sites:
        raise Http404


def _show_all(request: HttpRequest, refusal: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
    looking = here(request)
    context: dict[str, Any] = {
        "title": say("Sites"),
        "rows": [(one, looking.trial.sites[one.site]) for one in describe_sites(looking.trial)],
        "numbers": _numbers(request),
        "zones": sorted(available_timezones()) if may(request, OpenSite) else [],
        "may_open": may(request, OpenSite),
        "refusal": refusal,
        "typed": typed or {"zone": "Asia/Shanghai"},
    }
    return render(request, "organisation/sites.html", context, status=422 if refusal else 200)


def _show(
    request: HttpRequest, number: str, refusal: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    _known(request, number)
    looking = here(request)
    site, numbers = looking.trial.sites[number], _numbers(request)
    today = looking.today.isoformat()
    context: dict[str, Any] = {
        "title": f"{say('Site')} {number} · {site.name}",
        "number": number,
        "site": site,
        "active": [(numbers[one], one, since) for one, since in site.versions.items()],
        "open_to": [(numbers[one], one) for one in looking.trial.versions if one not in site.versions],
        "issued": [(numbers[one], one) for one in reversed(looking.trial.versions)],
        "documents": [
            (one, numbers[one.protocol]) for one in looking.trial.consent_documents if one.site == number
        ],
        "languages": looking.protocol.trial.languages,
        "may_activate": may(request, ActivateSite) and site.closed_on is None,
        "refusal": refusal,
        "typed": {"approved_on": today, "valid_from": today, **(typed or {})},
    }
    return render(request, "organisation/site.html", context, status=422 if refusal else 200)


def _numbers(request: HttpRequest) -> dict[str, int]:
    """Return the number of each protocol version, in the order of their issue."""
    return {version: number for number, version in enumerate(here(request).trial.versions, start=1)}

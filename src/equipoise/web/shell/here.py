"""Who looks: the person who has logged in, the role and site in which they act, and the trial as it stands.

What a page may show or do hangs on this alone. Who has no role today is let in nowhere, at once, whatever the
session says (ICH E6(R3) 4.3.8: access ends when the duty ends).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ...conduct.door.fact import By
from ...conduct.door.state import Grant, Trial
from ...conduct.organisation.people import is_held_at
from ...conduct.organisation.wall import Side, side_of
from ...protocol import Protocol
from ...trial.running import RunningTrial
from ..words import say
from .trial import running

Respond = Callable[[HttpRequest], HttpResponse]
OPEN = ("/accounts/", "/static/", "/language/", "/welcome/", "/api/v1/")
"""Where somebody may be who has not logged in, or has no second factor yet; programs bring a token (`web/api`)."""


@dataclass(frozen=True)
class Here:
    """Who acts, in which role, at which site (None: all of them), and since when this was looked at."""

    running: RunningTrial
    person: str
    role: str
    site: str | None
    at: datetime

    @property
    def trial(self) -> Trial:
        """The state of the trial."""
        return self.running.door.trial

    @property
    def protocol(self) -> Protocol:
        """The newest version of the protocol."""
        return self.running.protocol

    @property
    def name(self) -> str:
        """The full name of who acts."""
        return self.trial.people[self.person].name

    @property
    def zone(self) -> str:
        """The time zone of the site; UTC for who serves all sites."""
        return self.trial.sites[self.site].zone if self.site else "UTC"

    @property
    def today(self) -> date:
        """The day that it is at the site."""
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def mode(self) -> str:
        """Whether the trial is live or a rehearsal."""
        return self.running.book.mode

    @cached_property
    def by(self) -> By:
        """Who acts, as the door wants to know it."""
        return By(self.person, self.role, self.at, self.zone)

    def may_see(self, site: str) -> bool:
        """Return whether what concerns a site is shown to who acts."""
        return self.site is None or self.site == site


AT_THE_VAULT = ("investigator",)
"""Roles of the blinded side that the pages of the vault let in: for the code of one participant alone."""


def roles_of(trial: Trial, protocol: Protocol, person: str, at: datetime, side: Side) -> list[Grant]:
    """Return the roles in which a person may act now on the pages of a side."""
    known = trial.people.get(person)
    if known is None:
        return []
    held = [grant for grant in known.grants if is_held_at(trial, grant, at)]
    if side == "blinded":
        return [grant for grant in held if side_of(protocol, grant.role) != "unblinded"]
    return [grant for grant in held if side_of(protocol, grant.role) == "unblinded" or grant.role in AT_THE_VAULT]


def acting_as(grant: Grant) -> str:
    """Return what a role is called where one chooses in which to act; the others may come and go meanwhile."""
    return grant.role if grant.site is None else f"{grant.role}@{grant.site}"


def _to_login(request: HttpRequest) -> HttpResponse:
    """Send somebody to log in; where a part of a page was asked for, the whole page goes there and comes back."""
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    page = urlsplit(request.headers.get("HX-Current-URL", ""))._replace(scheme="", netloc="", fragment="")
    return HttpResponse(headers={"HX-Redirect": redirect_to_login(page.geturl() or "/")["Location"]})


class HereMiddleware:
    """Gives every request who looks, or sends them to where they can log in or prove who they are."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request by who looks."""
        response = self._answer(request)
        response["Cache-Control"] = "no-store"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN):
            return self._respond(request)
        if not request.user.is_authenticated:
            return _to_login(request)
        if settings.EQUIPOISE_SECOND_FACTOR and not is_mfa_enabled(request.user):
            return redirect("mfa_activate_totp")
        open_trial = running()
        with open_trial.door.still() as trial:
            open_trial.read_versions()
            return self._at_a_standstill(request, open_trial, trial)

    def _at_a_standstill(self, request: HttpRequest, open_trial: RunningTrial, trial: Trial) -> HttpResponse:
        """Answer a request while nothing of the trial changes but by the request itself."""
        person, at = request.user.get_username(), datetime.now(UTC)
        grants = roles_of(trial, open_trial.protocol, person, at, settings.EQUIPOISE_PORTAL.name)
        if not grants:
            return render(request, "no_role.html", {"title": say("No access")}, status=403)
        acting = request.session.get("acting")
        grant = next((one for one in grants if acting_as(one) == acting), grants[0])
        request.here = Here(open_trial, person, grant.role, grant.site, at)  # type: ignore[attr-defined]
        request.roles = grants  # type: ignore[attr-defined]
        return self._respond(request)


class ContentPolicyMiddleware:
    """Tells browsers that everything in a page comes from this host."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request with its policy."""
        response = self._respond(request)
        response["Content-Security-Policy"] = settings.EQUIPOISE_CONTENT
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response

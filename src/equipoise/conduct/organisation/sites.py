"""Sites: opened once, activated for each protocol version after approval (ICH E6(R3) 4.3.5), closed."""

import re
from datetime import date
from zoneinfo import available_timezones

from ...errors import DecisionRefused, suggest
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Site, Trial
from .sealed_list import list_factors, stratum_name
from .versions import require_issued

_NUMBER = re.compile(r"[A-Za-z0-9]{1,10}")


class SiteOpened(Fact, frozen=True):
    """A site joined the trial; it may not enrol until it is activated."""

    site: str
    name: str
    country: str
    zone: str

    def tell(self) -> str:
        """Name the site."""
        return f"site {self.site} ({self.name}) joined the trial"


class SiteActivated(Fact, frozen=True):
    """A site may work on a protocol version, from the day of approval on."""

    site: str
    protocol: str
    approved_on: date

    def tell(self) -> str:
        """Name the version."""
        return f"site {self.site} was activated for protocol version {self.protocol[:12]}"


class SiteClosed(Fact, frozen=True):
    """A site enrols nobody any more."""

    site: str
    on: date

    def tell(self) -> str:
        """Name the site."""
        return f"site {self.site} was closed"


class OpenSite(Intent, frozen=True):
    """Let a site join the trial; `zone` is an IANA time zone."""

    site: str
    name: str
    country: str
    zone: str


class ActivateSite(Intent, frozen=True):
    """Activate a site for a protocol version that its ethics committee has approved."""

    site: str
    protocol: str
    approved_on: date


class CloseSite(Intent, frozen=True):
    """Close a site to enrolment."""

    site: str


def require_site(trial: Trial, site: str) -> Site:
    """Return a site of the trial; DecisionRefused where there is none of this number."""
    if site not in trial.sites:
        raise DecisionRefused(f"site {site} has not joined the trial{suggest(site, trial.sites)}")
    return trial.sites[site]


def require_enrolling(trial: Trial, site: str, protocol: str, on: date) -> None:
    """Raise DecisionRefused unless a site may take in participants on this protocol version on this day."""
    known = require_site(trial, site)
    if known.closed_on is not None and known.closed_on <= on:
        raise DecisionRefused(f"site {site} was closed on {known.closed_on} and takes in nobody any more")
    if protocol not in known.versions or known.versions[protocol] > on:
        raise DecisionRefused(
            f"site {site} is not activated for protocol version {protocol[:12]}; the sponsor activates it once "
            "the ethics committee of the site has approved this version"
        )


def version_in_use(trial: Trial, site: str, on: date) -> str:
    """Return the newest protocol version that an open site is activated for; DecisionRefused without any."""
    known = require_site(trial, site)
    approved = [version for version in trial.versions if known.versions.get(version, date.max) <= on]
    newest = approved[-1] if approved else (trial.versions or [""])[-1]
    require_enrolling(trial, site, newest, on)
    return newest


def _open(_: Setting, trial: Trial, intent: OpenSite) -> list[Outcome]:
    if not _NUMBER.fullmatch(intent.site):
        raise DecisionRefused(f"a site is named by up to 10 letters and digits, such as 01. Got {intent.site}")
    if intent.site in trial.sites:
        raise DecisionRefused(f"site {intent.site} has joined before, as {trial.sites[intent.site].name}")
    if not intent.name.strip() or not intent.country.strip():
        raise DecisionRefused(f"site {intent.site} needs a name and a country")
    zones = available_timezones()
    if intent.zone not in zones:
        raise DecisionRefused(
            f"site {intent.site} needs its time zone by the name of the IANA list, such as Asia/Shanghai"
            f"{suggest(intent.zone, zones, stop='.')} Got {intent.zone}"
        )
    opened = SiteOpened(site=intent.site, name=intent.name, country=intent.country, zone=intent.zone)
    return [Outcome(opened, site=intent.site)]


def _activate(setting: Setting, trial: Trial, intent: ActivateSite) -> list[Outcome]:
    site = require_site(trial, intent.site)
    require_issued(trial, intent.protocol)
    if site.closed_on is not None:
        raise DecisionRefused(f"site {intent.site} was closed on {site.closed_on}")
    if intent.protocol in site.versions:
        raise DecisionRefused(
            f"site {intent.site} is activated for this version since {site.versions[intent.protocol]}"
        )
    today = today_at(trial, setting.by, intent.site)
    if intent.approved_on > today:
        raise DecisionRefused(
            f"the approval of a site cannot be of a day after today, {today}. Got {intent.approved_on}"
        )
    _require_places(setting, trial, intent.site)
    activated = SiteActivated(site=intent.site, protocol=intent.protocol, approved_on=intent.approved_on)
    return [Outcome(activated, site=intent.site)]


def _require_places(setting: Setting, trial: Trial, site: str) -> None:
    """Refuse to activate a site that joined after the list was sealed, which has no places for it."""
    if not trial.places or "site" not in list_factors(setting.protocol):
        return
    level = stratum_name({"site": site})
    if not any(level in stratum.split("; ") for stratum in trial.places):
        raise DecisionRefused(
            f"the sealed list has no places for site {site}, which joined after the key ceremony, and a list is "
            "never added to; sites join before `equipoise seal`, or the protocol does not stratify by site. "
            f"Got {site}"
        )


def _close(setting: Setting, trial: Trial, intent: CloseSite) -> list[Outcome]:
    site = require_site(trial, intent.site)
    if site.closed_on is not None:
        raise DecisionRefused(f"site {intent.site} was closed before, on {site.closed_on}")
    closed = SiteClosed(site=intent.site, on=today_at(trial, setting.by, intent.site))
    return [Outcome(closed, site=intent.site)]


def _opened(trial: Trial, _: Event, fact: SiteOpened) -> None:
    trial.sites[fact.site] = Site(name=fact.name, country=fact.country, zone=fact.zone)


def _activated(trial: Trial, _: Event, fact: SiteActivated) -> None:
    trial.sites[fact.site].versions[fact.protocol] = fact.approved_on


def _closed(trial: Trial, _: Event, fact: SiteClosed) -> None:
    trial.sites[fact.site].closed_on = fact.on


CHAPTER = Chapter(
    decisions={OpenSite: _open, ActivateSite: _activate, CloseSite: _close},
    evolutions={SiteOpened: _opened, SiteActivated: _activated, SiteClosed: _closed},
    roles={
        OpenSite: ("administrator", "sponsor"),
        ActivateSite: ("sponsor",),
        CloseSite: ("sponsor",),
    },
)

"""Sites: opened once, activated for each protocol version after approval (ICH E6(R3) 4.3.5), closed."""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Site, Trial


class SiteOpened(Fact):
    """A site joined the trial; it may not enrol until it is activated."""

    site: str
    name: str
    country: str
    zone: str

    def tell(self) -> str:
        """Name the site."""
        return f"site {self.site} ({self.name}) joined the trial"


class SiteActivated(Fact):
    """A site may work on a protocol version, from the day of approval on."""

    site: str
    protocol: str
    approved_on: date

    def tell(self) -> str:
        """Name the version."""
        return f"site {self.site} was activated for protocol version {self.protocol[:12]}"


class SiteClosed(Fact):
    """A site enrols nobody any more."""

    site: str
    on: date

    def tell(self) -> str:
        """Name the site."""
        return f"site {self.site} was closed"


class OpenSite(Intent):
    """Let a site join the trial; `zone` is an IANA time zone."""

    site: str
    name: str
    country: str
    zone: str


class ActivateSite(Intent):
    """Activate a site for a protocol version that its ethics committee has approved."""

    site: str
    protocol: str
    approved_on: date


class CloseSite(Intent):
    """Close a site to enrolment."""

    site: str


def _opened(trial: Trial, _: Event, fact: SiteOpened) -> None:
    trial.sites[fact.site] = Site(name=fact.name, country=fact.country, zone=fact.zone)


def _activated(trial: Trial, _: Event, fact: SiteActivated) -> None:
    trial.sites[fact.site].versions[fact.protocol] = fact.approved_on


def _closed(trial: Trial, _: Event, fact: SiteClosed) -> None:
    trial.sites[fact.site].closed_on = fact.on

"""Before the first participant: sites join, people come in, consent forms are approved, sites are activated.

The steps are those that a real trial takes, in the weeks before recruitment opens. The list is sealed between
`organise` and `activate`, when the sites are known.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from ...conduct.door.fact import Intent
from ...conduct.organisation.consent_documents import ApproveConsentDocument
from ...conduct.organisation.people import EnterPerson, GrantRole
from ...conduct.organisation.sites import ActivateSite, OpenSite
from .calendar import Script, at_site
from .desk import Desk
from .staff import ADMINISTRATOR, AT_SITE, FOR_ALL, SPONSOR, full_name

SET_UP, ACTIVATION = timedelta(days=75), timedelta(days=45)
"""How long before the opening the trial is begun, and its sites are activated."""

FIRST_CONSENT = "1.0"
TRAINING = "GCP certificate (virtual)"


def begins_at(opening: date) -> datetime:
    """Return the moment at which the trial is begun."""
    return at_site("UTC", opening - SET_UP, 8)


def organise(desk: Desk, opening: date) -> Script:
    """Let sites join and people come in, a step every other minute."""
    for intent, person, role in _organisation(desk, opening - SET_UP):
        yield desk.calendar.later(2)
        desk.for_all(person, role, intent)


def activate(desk: Desk, opening: date) -> Script:
    """Approve the consent forms and activate the sites."""
    yield at_site("UTC", opening - ACTIVATION, 8)
    for intent in _documents(desk, opening - ACTIVATION):
        yield desk.calendar.later(2)
        desk.for_all(SPONSOR, "sponsor", intent)
    for site in desk.sites:
        active = ActivateSite(site=site.number, protocol=desk.version, approved_on=opening - ACTIVATION)
        yield at_site("UTC", opening - ACTIVATION + timedelta(days=1), 10)
        desk.for_all(SPONSOR, "sponsor", active)


def _organisation(desk: Desk, since: date) -> Iterator[tuple[Intent, str, str]]:
    """Give each step with who takes it, in which role: who leads to the arms is let in by the sponsor."""
    for site in desk.sites:
        joins = OpenSite(site=site.number, name=site.name, country=site.country, zone=site.zone)
        yield joins, ADMINISTRATOR, "administrator"
    for person, role in FOR_ALL.items():
        yield EnterPerson(person=person, name=full_name(person)), ADMINISTRATOR, "administrator"
        yield _grant(person, role, None, since), SPONSOR, "sponsor"
    for site in desk.sites:
        for role in AT_SITE:
            person = site.person(role)
            yield EnterPerson(person=person, name=full_name(person)), ADMINISTRATOR, "administrator"
            yield _grant(person, role, site.number, since), ADMINISTRATOR, "administrator"


def _grant(person: str, role: str, site: str | None, since: date) -> GrantRole:
    return GrantRole(person=person, role=role, site=site, since=since, training=TRAINING)


def _documents(desk: Desk, valid_from: date) -> Iterator[ApproveConsentDocument]:
    for site in desk.sites:
        for language in desk.protocol.trial.languages:
            yield ApproveConsentDocument(
                document=FIRST_CONSENT,
                language=language,
                site=site.number,
                protocol=desk.version,
                valid_from=valid_from,
            )

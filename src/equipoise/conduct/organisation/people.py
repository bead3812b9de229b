"""People, their roles and the delegation of duties with dates; nobody is ever on both sides of the blind."""

from datetime import date, datetime

from ...errors import DecisionRefused, suggest
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import day_in, today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Grant, Person, Trial
from .sites import require_site
from .wall import ROLES, require_one_side, side_of

AT_ONE_SITE = ("investigator", "coordinator", "nurse", "assessor")
"""Roles that work with the participants of a site, and are therefore held at a site, never at all of them."""


class PersonEntered(Fact, frozen=True):
    """A person who works on the trial is known by a short name (`person`) and the full one."""

    person: str
    name: str

    def tell(self) -> str:
        """Name the person."""
        return f"{self.name} was entered as {self.person}"


class RoleGranted(Fact, frozen=True, kw_only=True):
    """A role was delegated, at one site or at all; `training` says which proof of training was seen."""

    person: str
    role: str
    site: str | None = None
    since: date
    until: date | None = None
    training: str

    def tell(self) -> str:
        """Name the role."""
        return f"{self.person} became {self.role} {_where(self.site)}"


class RoleEnded(Fact, frozen=True, kw_only=True):
    """A role was taken back."""

    person: str
    role: str
    site: str | None = None
    on: date

    def tell(self) -> str:
        """Name the role."""
        return f"{self.person} is no longer {self.role}"


class EnterPerson(Intent, frozen=True):
    """Enter a person who works on the trial."""

    person: str
    name: str


class GrantRole(Intent, frozen=True, kw_only=True):
    """Delegate a role to a person, at one site or (None) at all; `until` is the first day without it."""

    person: str
    role: str
    site: str | None = None
    since: date
    until: date | None = None
    training: str


class EndRole(Intent, frozen=True, kw_only=True):
    """Take a role back."""

    person: str
    role: str
    site: str | None = None


def is_held(grant: Grant, on: date) -> bool:
    """Return whether a role is held on a day."""
    return grant.since <= on and (grant.until is None or on < grant.until)


def is_held_at(trial: Trial, grant: Grant, at: datetime) -> bool:
    """Return whether a role is held at a moment: on the day that it is at its site.

    A role at all sites was granted by the calendar of none of them: it begins and ends with the first calendar of
    the trial that has reached the day, so that who is removed is out at once, wherever it was done.
    """
    zones = [trial.sites[grant.site].zone] if grant.site else ["UTC", *(one.zone for one in trial.sites.values())]
    return is_held(grant, max(day_in(at, zone) for zone in zones))


def holds_role(
    trial: Trial, person: str, role: str, site: str | None, on: date, *, on_at_all: date | None = None
) -> bool:
    """Return whether a person holds a role on a day, for what concerns a site (None: the trial as a whole).

    `on` is the day at the site; `on_at_all` the one by which a role at all sites is judged, where it is another.
    """
    known = trial.people.get(person)
    return known is not None and any(
        grant.role == role
        and grant.site in (None, site)
        and is_held(grant, on if grant.site is not None or on_at_all is None else on_at_all)
        for grant in known.grants
    )


def _enter(_: Setting, trial: Trial, intent: EnterPerson) -> list[Outcome]:
    if not intent.person.strip() or not intent.name.strip():
        raise DecisionRefused("a person is entered with a short name, by which they act, and their full name")
    if intent.person in trial.people:
        raise DecisionRefused(
            f"{intent.person} is taken by {trial.people[intent.person].name}; choose another short name"
        )
    return [Outcome(PersonEntered(person=intent.person, name=intent.name))]


def _grant(setting: Setting, trial: Trial, intent: GrantRole) -> list[Outcome]:
    person = _require_person(trial, intent.person)
    _require_delegation(trial, intent)
    _require_right(setting, intent)
    require_one_side(setting.protocol, intent.person, person.grants, intent.role)
    for grant in person.grants:
        overlaps = (grant.until is None or intent.since < grant.until) and (
            intent.until is None or grant.since < intent.until
        )
        if (grant.role, grant.site) == (intent.role, intent.site) and overlaps:
            raise DecisionRefused(
                f"{intent.person} is {intent.role} {_where(intent.site)} already, since {grant.since}; end that "
                "delegation first"
            )
    granted = RoleGranted(
        person=intent.person,
        role=intent.role,
        site=intent.site,
        since=intent.since,
        until=intent.until,
        training=intent.training,
    )
    return [Outcome(granted, site=intent.site)]


def _require_delegation(trial: Trial, intent: GrantRole) -> None:
    """Refuse a delegation that lacks something or contradicts itself."""
    if intent.role not in ROLES:
        raise DecisionRefused(f"there is no such role{suggest(intent.role, ROLES, stop='.')} Got {intent.role}")
    if intent.site is not None:
        require_site(trial, intent.site)
    elif intent.role in AT_ONE_SITE:
        raise DecisionRefused(f"the role {intent.role} is held at a site; name the site")
    if not intent.training.strip():
        raise DecisionRefused(
            f"say which proof of training was seen before {intent.person} becomes {intent.role}, such as: GCP "
            "certificate of 3 May 2026"
        )
    if intent.until is not None and intent.until <= intent.since:
        raise DecisionRefused(
            f"a delegation ends after it begins ({intent.since}); `until` is the first day without the role. "
            f"Got {intent.until}"
        )


def _require_right(setting: Setting, intent: GrantRole) -> None:
    """Refuse who grants a role to themselves, and an administrator who would open the way to the arms."""
    by = setting.by
    if by.person == intent.person:
        raise DecisionRefused(f"nobody grants a role to themselves; let another person do it. Got {by.person}")
    if by.role == "administrator" and (
        intent.role == "sponsor" or side_of(setting.protocol, intent.role) == "unblinded"
    ):
        raise DecisionRefused(
            f"an administrator cannot grant this role, as it leads to the arms; the sponsor can. Got {intent.role}"
        )


def _end(setting: Setting, trial: Trial, intent: EndRole) -> list[Outcome]:
    person = _require_person(trial, intent.person)
    today = today_at(trial, setting.by, intent.site)
    ends = [g for g in person.grants if (g.role, g.site) == (intent.role, intent.site) and _goes_on(g, today)]
    if not ends:
        raise DecisionRefused(
            f"{intent.person} is not {intent.role} {_where(intent.site)}, so nothing can be ended"
        )
    if intent.role == "sponsor" and not _another_sponsor(trial, intent.person, today):
        raise DecisionRefused(
            f"{intent.person} is the only sponsor; let another person become sponsor before this one goes"
        )
    ended = RoleEnded(person=intent.person, role=intent.role, site=intent.site, on=today)
    return [Outcome(ended, site=intent.site)]


def _goes_on(grant: Grant, on: date) -> bool:
    return grant.until is None or on < grant.until


def _another_sponsor(trial: Trial, person: str, on: date) -> bool:
    return any(holds_role(trial, other, "sponsor", None, on) for other in trial.people if other != person)


def _require_person(trial: Trial, person: str) -> Person:
    if person not in trial.people:
        raise DecisionRefused(f"nobody is entered as {person}{suggest(person, trial.people)}")
    return trial.people[person]


def _where(site: str | None) -> str:
    return "at all sites" if site is None else f"at site {site}"


def _entered(trial: Trial, event: Event, fact: PersonEntered) -> None:
    trial.people[fact.person] = Person(name=fact.name)
    trial.people_changed = event.sequence


def _granted(trial: Trial, event: Event, fact: RoleGranted) -> None:
    grant = Grant(role=fact.role, site=fact.site, since=fact.since, until=fact.until)
    trial.people[fact.person].grants.append(grant)
    trial.people_changed = event.sequence


def _ended(trial: Trial, event: Event, fact: RoleEnded) -> None:
    trial.people_changed = event.sequence
    for grant in trial.people[fact.person].grants:
        if (grant.role, grant.site) == (fact.role, fact.site) and _goes_on(grant, fact.on):
            grant.until = fact.on


CHAPTER = Chapter(
    decisions={EnterPerson: _enter, GrantRole: _grant, EndRole: _end},
    evolutions={PersonEntered: _entered, RoleGranted: _granted, RoleEnded: _ended},
    roles={
        EnterPerson: ("administrator", "sponsor"),
        GrantRole: ("administrator", "sponsor"),
        EndRole: ("administrator", "sponsor"),
    },
)

"""People, their roles and the delegation of duties with dates; nobody is ever on both sides of the blind."""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Grant, Person, Trial


class PersonEntered(Fact):
    """A person who works on the trial is known by a short name (`person`) and the full one."""

    person: str
    name: str

    def tell(self) -> str:
        """Name the person."""
        return f"{self.name} was entered as {self.person}"


class RoleGranted(Fact, kw_only=True):
    """A role was delegated, at one site or at all; `training` says which proof of training was seen."""

    person: str
    role: str
    site: str | None = None
    since: date
    until: date | None = None
    training: str

    def tell(self) -> str:
        """Name the role."""
        where = f"at site {self.site}" if self.site else "at all sites"
        return f"{self.person} became {self.role} {where}"


class RoleEnded(Fact, kw_only=True):
    """A role was taken back."""

    person: str
    role: str
    site: str | None = None
    on: date

    def tell(self) -> str:
        """Name the role."""
        return f"{self.person} is no longer {self.role}"


class EnterPerson(Intent):
    """Enter a person who works on the trial."""

    person: str
    name: str


class GrantRole(Intent, kw_only=True):
    """Delegate a role to a person, at one site or (None) at all."""

    person: str
    role: str
    site: str | None = None
    since: date
    until: date | None = None
    training: str


class EndRole(Intent, kw_only=True):
    """Take a role back."""

    person: str
    role: str
    site: str | None = None


def _entered(trial: Trial, _: Event, fact: PersonEntered) -> None:
    trial.people[fact.person] = Person(name=fact.name)


def _granted(trial: Trial, _: Event, fact: RoleGranted) -> None:
    grant = Grant(role=fact.role, site=fact.site, since=fact.since, until=fact.until)
    trial.people[fact.person].grants.append(grant)


def _ended(trial: Trial, _: Event, fact: RoleEnded) -> None:
    for grant in trial.people[fact.person].grants:
        if grant.role == fact.role and grant.site == fact.site and grant.until is None:
            grant.until = fact.on

"""The review of access: who holds which role today and when they last did something, attested every quarter.

ICH E6(R3) 4.3.8 asks that access is given and taken back in time and looked at again and again.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import day_in, today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Grant, Trial
from ..organisation.people import is_held

MONTHS = 3
"""How long an attestation counts."""


class AccessAttested(Fact, frozen=True):
    """The list of people and roles was looked through; `held` are the roles of each on that day."""

    held: dict[str, tuple[str, ...]]

    def tell(self) -> str:
        """Give the numbers."""
        roles = sum(len(one) for one in self.held.values())
        return f"the access of {len(self.held)} people in {roles} roles was reviewed"


class AttestAccess(Intent, frozen=True):
    """Say that everybody on the list of access still needs their roles, and nobody else has one.

    seen: the newest event when the list was looked at. note: what was found and done.
    """

    seen: int
    note: str


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """A person with the roles held on a day, such as `nurse at site 01`; last_act: their newest event, if any."""

    person: str
    name: str
    roles: tuple[str, ...]
    last_act: datetime | None


def list_access(trial: Trial, on: date, last_acts: Mapping[str, datetime]) -> list[Access]:
    """List who holds a role on a day, in the order of entry; `last_acts`: the newest event of each person."""
    held = roles_held(trial, on)
    return [
        Access(person=person, name=trial.people[person].name, roles=roles, last_act=last_acts.get(person))
        for person, roles in held.items()
    ]


def roles_held(trial: Trial, on: date) -> dict[str, tuple[str, ...]]:
    """Return the roles of everybody who holds one on a day."""
    found = {
        person: tuple(_say(grant) for grant in known.grants if is_held(grant, on))
        for person, known in trial.people.items()
    }
    return {person: roles for person, roles in found.items() if roles}


def attestation_due(trial: Trial) -> date | None:
    """Return the day from which the next review is due: a quarter after the last; None where there was none."""
    if trial.access_attested_at is None:
        return None
    last = day_in(trial.access_attested_at, "UTC")
    year, month = divmod(last.year * 12 + last.month - 1 + MONTHS, 12)
    return date(year, month + 1, min(last.day, monthrange(year, month + 1)[1]))


def _say(grant: Grant) -> str:
    return f"{grant.role} at all sites" if grant.site is None else f"{grant.role} at site {grant.site}"


def _attest(setting: Setting, trial: Trial, intent: AttestAccess) -> list[Outcome]:
    if not intent.note.strip():
        raise DecisionRefused("say what the review has found, such as: two left in May, their roles were ended")
    if trial.people_changed > intent.seen or intent.seen > trial.sequence:
        raise DecisionRefused(
            f"people or roles have changed since you looked; look at the list again. Got event {intent.seen}"
        )
    held = roles_held(trial, today_at(trial, setting.by))
    return [Outcome(AccessAttested(held=held), reason=intent.note)]


def _attested(trial: Trial, event: Event, _: AccessAttested) -> None:
    trial.access_attested_at = event.at


CHAPTER = Chapter(
    decisions={AttestAccess: _attest},
    evolutions={AccessAttested: _attested},
    roles={AttestAccess: ("administrator", "sponsor")},
)

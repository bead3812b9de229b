"""Whether the data of a participant may still be changed: a freeze stops the sites, a lock stops everybody.

Every decision that changes data of a participant asks here first, so that a locked scope refuses by every door
(ICH E6(R3) 3.16.1(p)).
"""

from ...errors import DecisionRefused
from .state import Hold, Participant, Scope, Trial

SITE_ROLES = frozenset({"investigator", "coordinator", "nurse", "assessor", "laboratory", "pharmacist"})
"""Roles of people at the sites, whom a freeze stops."""


def require_open(
    trial: Trial,
    participant: Participant,
    visit: str | None = None,
    form: str | None = None,
    *,
    role: str | None = None,
) -> None:
    """Refuse a change to a participant's data where they are locked, or frozen and the role is one of a site.

    visit, form: what the change concerns; None (or empty) where it concerns none in particular. role: who wants
    the change; None counts as a role of a site. Raises DecisionRefused, which names who closed what.
    """
    if trial.locked_at is not None:
        raise DecisionRefused(
            f"all data of the trial were locked on {trial.locked_at:%Y-%m-%d} and nothing can be changed; "
            "ask the data manager if this is an error in the data"
        )
    for hold in trial.holds:
        stopped = hold.locked or role is None or role in SITE_ROLES
        if stopped and _covers(hold.scope, participant, visit, form):
            raise DecisionRefused(_closed(trial, hold))


def name_scope(scope: Scope) -> str:
    """Name a scope in words; all data where it has no bounds."""
    bounds = (
        ("site", scope.site),
        ("participant", scope.participant),
        ("visit", scope.visit),
        ("form", scope.form),
    )
    return ", ".join(f"{what} {value}" for what, value in bounds if value is not None) or "all data"


def name_person(trial: Trial, person: str) -> str:
    """Return the name of a person who works on the trial; the id where nobody of that id is known."""
    known = trial.people.get(person)
    return person if known is None else known.name


def _covers(scope: Scope, participant: Participant, visit: str | None, form: str | None) -> bool:
    concerned = (
        (scope.site, participant.site),
        (scope.participant, participant.id),
        (scope.visit, visit),
        (scope.form, form),
    )
    return all(bound is None or bound == value for bound, value in concerned)


def _closed(trial: Trial, hold: Hold) -> str:
    what, way = name_scope(hold.scope), "locked" if hold.locked else "frozen"
    who = "the data manager" if hold.locked else f"{name_person(trial, hold.by)} or a data manager"
    return (
        f"{what} was {way} by {name_person(trial, hold.by)} on {hold.at:%Y-%m-%d} and cannot be changed; "
        f"ask {who} to open it again, with the reason"
    )

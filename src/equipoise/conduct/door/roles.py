"""Who may ask for what: the role matrix, as data, and whether a person holds the role where it counts.

The matrix is made of the roles that each chapter names for its intents. A role at one site reaches what concerns
this site; a role at all sites reaches everything (ICH E6(R3) 4.3.8: as little access as the work needs). The wall
between the sides of the blind is kept where roles are granted (`organisation/wall.py`).
"""

import re
from typing import Literal, NamedTuple

from ...errors import DecisionRefused
from ..organisation.people import AT_ONE_SITE, holds_role
from .chapters import ROLES
from .dates import today_at
from .fact import By, Intent
from .state import Trial

Reach = Literal["own site", "as granted"]


class Permission(NamedTuple):
    """A cell of the matrix: a role may ask for an intent, at its own site or wherever the role was granted."""

    role: str
    intent: str
    reach: Reach


def role_matrix() -> tuple[Permission, ...]:
    """Return every permission, by role and intent; what is not listed is refused."""
    return tuple(
        sorted(
            Permission(role, intent.__name__, "own site" if role in AT_ONE_SITE else "as granted")
            for intent, roles in ROLES.items()
            for role in roles
        )
    )


def require_role(trial: Trial, by: By, intent: Intent, site: str | None) -> None:
    """Raise DecisionRefused unless who acts holds the role today, at the site concerned, and the role may do this.

    `site` is that of the intent; None where it concerns the trial as a whole, which needs a role at all sites.
    """
    allowed = ROLES.get(type(intent), ())
    step = _in_words(type(intent).__name__)
    if by.role not in allowed:
        who = ", ".join(allowed) or "nobody"
        raise DecisionRefused(f"this step ({step}) is for: {who}. Got {by.role}")
    require_held(trial, by, site, step)


def require_held(trial: Trial, by: By, site: str | None, step: str) -> None:
    """Raise DecisionRefused unless who acts holds the role today, for a site or (None) the trial as a whole.

    Today is the day at the site. A role at all sites was granted by the calendar of none of them: it begins and
    ends with the first calendar, the site's or that of who acts, that has reached the day.
    """
    if by.person not in trial.people:
        raise DecisionRefused(f"nobody is entered in this trial as {by.person}; ask the administrator")
    today = today_at(trial, by, site)
    latest = max(today, today_at(trial, by))
    if not holds_role(trial, by.person, by.role, site, today, on_at_all=latest):
        where = "at all sites" if site is None else f"at site {site}"
        raise DecisionRefused(
            f"{trial.people[by.person].name} is not {by.role} {where} on {today}, which this step ({step}) needs; "
            f"ask the administrator or the sponsor. Got {by.person}"
        )


def _in_words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()

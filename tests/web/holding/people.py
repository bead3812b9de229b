"""Somebody in every role that a trial knows, and the side of the blind on which they work."""

from tests.invariants.role_table import BLINDED as BLINDED_ROLES
from tests.invariants.role_table import OPEN
from tests.invariants.role_table import UNBLINDED as UNBLINDED_ROLES
from tests.invariants.scripted import AT_SITE, FOR_ALL, Scripted, let_in

from equipoise.conduct.organisation.wall import ROLES
from equipoise.web.shell.settings import BLINDED, Portal

_THERE = {*FOR_ALL.values(), *AT_SITE, "sponsor", "administrator"}
_AT_ONE_SITE = ("assessor",)
AT_THE_VAULT = ("investigator",)
"""Roles of the blinded side that the vault's pages let in: for the code of one participant alone."""


def let_everybody_in(script: Scripted) -> dict[str, str]:
    """Let in whoever the script lacks; return a person for each role."""
    for role in ROLES:
        if role not in _THERE:
            let_in(script, role.replace(" ", "."), role, "01" if role in _AT_ONE_SITE else None)
    return {role: person_of(role) for role in ROLES}


def person_of(role: str) -> str:
    """Return who stands for a role: at site 01 where the role is one of a site."""
    if role in AT_SITE:
        return f"{role}.01"
    known = {one: person for person, one in FOR_ALL.items()}
    return known.get(role, role.replace(" ", "."))


def roles_at(portal: Portal) -> tuple[str, ...]:
    """Return the roles that a portal lets in."""
    return (*BLINDED_ROLES, *OPEN) if portal == BLINDED else (*UNBLINDED_ROLES, *AT_THE_VAULT)

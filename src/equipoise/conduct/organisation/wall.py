"""The wall between those who may know the arms and those who may not (ICH E6(R3) 4.1.2; ICH E9 2.3.1).

A role stands on one side, by `blinding` of the protocol and by what the further roles are for. Nobody may ever
hold roles on both sides, not even one after the other: who once knew arms cannot forget them.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...protocol.model.allocation import Role
from ..door.state import Grant

Side = Literal["blinded", "unblinded"]

FURTHER: Mapping[str, Side] = {
    "administrator": "blinded",
    "medical monitor": "blinded",
    "auditor": "blinded",
    "unblinded monitor": "unblinded",
    "safety unblinder": "unblinded",
    "list custodian": "unblinded",
    "key holder": "unblinded",
}
"""Roles that no protocol has to name, with the side on which they stand wherever there is a blind."""

ROLES: tuple[str, ...] = (*(role for role in get_args(Role) if role != "participant"), *FURTHER)
"""Every role that a person can hold."""


def side_of(protocol: Protocol, role: str) -> Side | None:
    """Return the side of a role; None for one that the protocol leaves open, and for all in an open trial."""
    blinding = protocol.blinding
    if not blinding.blinded:
        return None
    if role in blinding.unblinded:
        return "unblinded"
    if role in blinding.blinded:
        return "blinded"
    return FURTHER.get(role)


def require_one_side(protocol: Protocol, person: str, held: Iterable[Grant], role: str) -> None:
    """Raise DecisionRefused where the person ever held a role on the other side of the blind than this one."""
    side = side_of(protocol, role)
    for grant in held:
        other = side_of(protocol, grant.role)
        if side is not None and other is not None and other != side:
            raise DecisionRefused(
                f"{person} is or was {grant.role}, on the {other} side of the blind, and can therefore never hold "
                f"a role on the {side} side; choose another person. Got {role}"
            )

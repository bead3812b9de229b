"""What every event of the vault's record is made of, and how it is drafted."""

import msgspec

from ...record import Draft, canonical

VERSION = 1


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payload of an event of the vault; a participant and a reason stand in the envelope of the event."""


def draft_of(said: Said, participant: str | None = None, reason: str | None = None) -> Draft:
    """Draft the event that says so, of a participant and with a reason where there are these."""
    return Draft(type(said).__name__, VERSION, canonical(said), participant=participant, reason=reason)

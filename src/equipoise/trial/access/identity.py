"""An identity that is shown: the event first, then the person."""

from ...conduct.access.identity import ReadIdentity
from ...conduct.door.fact import By
from ...errors import DecisionRefused
from ..running import RunningTrial


def read_identity(
    running: RunningTrial, by: By, participant: str, reason: str, request: str | None = None
) -> dict[str, str]:
    """Return who a participant is; that it was shown, to whom and why, is an event before.

    Raises DecisionRefused for who may not see it, without a reason, and where the identity was destroyed.
    """
    identities = running.door.services.identities
    if identities is None:
        raise DecisionRefused("no identity can be read here, as the table of identities is not at hand")
    running.door.submit(ReadIdentity(participant=participant, reason=reason), by, request)
    return identities.read(running.book.connection, running.door.trial, by, participant)

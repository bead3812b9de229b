"""A signature at the edge: the password first, then the step, on the content that the person was shown."""

from ...conduct.closing.signatures import Sign
from ...conduct.door.fact import By
from ...record import Event
from ..running import RunningTrial
from .credentials import check_password


def sign_data(
    running: RunningTrial,
    by: By,
    password: str,
    participant: str,
    meaning: str,
    content: str,
    request: str | None = None,
) -> tuple[Event, ...]:
    """Sign the data of a participant; `content` is the hash of them that was shown.

    Raises DecisionRefused where the signature would be refused (then the password is not looked at), and where the
    password is wrong; nothing is recorded then.
    """
    intent = Sign(participant=participant, meaning=meaning, content=content)
    if request is None:
        running.door.require_allowed(intent, by)
    check_password(running.folder.credentials, by.person, password, by.at)
    return running.door.submit(intent, by, request)

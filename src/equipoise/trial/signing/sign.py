"""A signature at the edge: the password first, then the step, on the content that the person was shown.

That a password was set, and that a wrong one was typed, is an event of the record too.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from ...conduct.access.passwords import ReportPasswordRefused, ReportPasswordSet
from ...conduct.closing.signatures import Sign
from ...conduct.door.fact import By
from ...errors import DecisionRefused
from ...record import Event
from ..access.people import any_role
from ..running import RunningTrial
from .credentials import PasswordWrong, check_password, has_password, put_password, set_password

if TYPE_CHECKING:
    from ...vault.ceremony.holders import Cost


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
    password is wrong; nothing is signed then, and the wrong password is an event.
    """
    intent = Sign(participant=participant, meaning=meaning, content=content)
    if request is None:
        running.door.require_allowed(intent, by)
    require_password(running, by, password)
    return running.door.submit(intent, by, request)


def require_password(running: RunningTrial, by: By, password: str) -> None:
    """Raise DecisionRefused unless this is the password of who acts; a wrong one is an event."""
    try:
        check_password(running.folder.credentials, by.person, password, by.at)
    except PasswordWrong as wrong:
        _report(running, by, wrong)
        raise


def choose_password(
    running: RunningTrial, by: By, password: str, present: str | None, *, cost: "Cost" = "moderate"
) -> None:
    """Set the password of who acts, or change it from the present one; either is an event.

    Raises DecisionRefused for who holds no role today, and as `set_password` does.
    """
    file = running.folder.credentials
    role, site = any_role(running.door.refresh(), by.person, by.at)
    acting = By(by.person, role, by.at, by.zone)
    said = ReportPasswordSet(changed=has_password(file, by.person), site=site)
    try:
        set_password(
            *(file, by.person, password, by.at),
            present=present,
            cost=cost,
            before=lambda: running.door.submit(said, acting),
        )
    except PasswordWrong as wrong:
        _report(running, acting, wrong)
        raise


def take_password(running: RunningTrial, person: str, password: str, at: datetime) -> None:
    """Set the password of who came by a one-time link, whatever it was before; an event of who has a role today.

    Raises DataError for a password that is too weak.
    """
    file = running.folder.credentials
    changed = has_password(file, person)
    put_password(file, person, password, at)
    try:
        role, site = any_role(running.door.refresh(), person, at)
    except DecisionRefused:
        return  # who has no role yet cannot act on the record; that the link was made stands there
    running.door.submit(ReportPasswordSet(changed=changed, site=site), By(person, role, at))


def _report(running: RunningTrial, by: By, wrong: PasswordWrong) -> None:
    """Record a wrong password, in a role that the person in whose name it was typed holds."""
    role, site = any_role(running.door.trial, by.person, by.at)
    said = ReportPasswordRefused(failures=wrong.failures, site=site)
    running.door.submit(said, By(by.person, role, by.at, by.zone))

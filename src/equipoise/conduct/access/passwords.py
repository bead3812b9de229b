"""What passwords leave in the record: that one was set, that a wrong one was typed (21 CFR 11.300(d)).

Neither a password nor its hash stands in an event. The commands that set and check passwords record these steps
(`trial/signing`); nobody records them by hand.
"""

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from ..organisation.wall import ROLES


class PasswordSet(Fact, frozen=True):
    """Who acts set a password to sign with, or (`changed`) another one than before."""

    changed: bool

    def tell(self) -> str:
        """Say which."""
        return "the password to sign with was changed" if self.changed else "a password to sign with was set"


class PasswordRefused(Fact, frozen=True):
    """A wrong password was typed in the name of who acts; `failures` counts them since the last right one."""

    failures: int

    def tell(self) -> str:
        """Give the number."""
        return f"a wrong password was typed, number {self.failures} in a row"


class ReportPasswordSet(Intent, frozen=True, kw_only=True):
    """Record that a password is set; `site` is that of the role in which the person acts."""

    changed: bool
    site: str | None = None


class ReportPasswordRefused(Intent, frozen=True, kw_only=True):
    """Record that a wrong password was typed."""

    failures: int
    site: str | None = None


def _set(_: Setting, _trial: Trial, intent: ReportPasswordSet) -> list[Outcome]:
    return [Outcome(PasswordSet(changed=intent.changed))]


def _refuse(_: Setting, _trial: Trial, intent: ReportPasswordRefused) -> list[Outcome]:
    if intent.failures < 1:
        raise DecisionRefused(f"wrong passwords are counted from 1. Got {intent.failures}")
    return [Outcome(PasswordRefused(failures=intent.failures))]


def _was_set(_: Trial, _event: Event, _fact: PasswordSet) -> None:
    """Leave the state as it is: passwords are kept outside the record."""


def _was_refused(_: Trial, _event: Event, _fact: PasswordRefused) -> None:
    """Leave the state as it is: wrong passwords are counted outside the record."""


CHAPTER = Chapter(
    decisions={ReportPasswordSet: _set, ReportPasswordRefused: _refuse},
    evolutions={PasswordSet: _was_set, PasswordRefused: _was_refused},
    roles={ReportPasswordSet: ROLES, ReportPasswordRefused: ROLES},
)

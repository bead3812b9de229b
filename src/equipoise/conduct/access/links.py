"""A way in that is given to a person: a one-time link for a password, and a lost second factor that is taken away.

Whoever holds a link can become that person, so that it was given is an event, nobody gives one to themselves, and
a way to who may know the arms is given by who may grant those roles (21 CFR 11.300(b-c)). The link itself stands
nowhere in the record; the pages make it (`web/accounts/links.py`).

Of the two proofs that the pages of the vault ask for, each side of the blind opens one: the password is given by
the blinded side, the second factor there only by who keeps the list or the key. So nobody who must not know the
arms can become somebody who may.
"""

from ...errors import DecisionRefused, suggest
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from ..organisation.wall import side_of


class LinkGiven(Fact, frozen=True):
    """A one-time link was made, by which a person sets a password."""

    person: str

    def tell(self) -> str:
        """Name the person."""
        return f"a one-time link to set a password was made for {self.person}"


class SecondFactorReset(Fact, frozen=True):
    """The second factor of a person was taken away; the next login asks for a new one."""

    person: str

    def tell(self) -> str:
        """Name the person."""
        return f"the second factor of {self.person} was taken away"


class WayInOpened(Fact, frozen=True):
    """A person may set up a second factor at the pages of the vault, in place of one that may have been there."""

    person: str

    def tell(self) -> str:
        """Name the person."""
        return f"{self.person} was let set up a second factor at the vault; an older one was taken away"


class GiveLink(Intent, frozen=True):
    """Make a one-time link for a person, to set a first password or in place of a forgotten one."""

    person: str


class ResetSecondFactor(Intent, frozen=True):
    """Take the second factor of a person away, because it was lost; `reason` says how one knew who asked."""

    person: str
    reason: str


class OpenWayIn(Intent, frozen=True):
    """Let a person set up a second factor at the pages of the vault, the first, or in place of one that was lost.

    reason: how one knew who asked.
    """

    person: str
    reason: str


def _give(setting: Setting, trial: Trial, intent: GiveLink) -> list[Outcome]:
    _require_right(setting, trial, intent.person)
    return [Outcome(LinkGiven(person=intent.person))]


def _reset(setting: Setting, trial: Trial, intent: ResetSecondFactor) -> list[Outcome]:
    _require_right(setting, trial, intent.person)
    _require_known(intent.person, intent.reason)
    return [Outcome(SecondFactorReset(person=intent.person), reason=intent.reason)]


def _open(setting: Setting, trial: Trial, intent: OpenWayIn) -> list[Outcome]:
    _require_entered(trial, intent.person)
    if setting.by.person == intent.person:
        raise DecisionRefused(
            f"nobody lets themselves in at the vault; ask another custodian or holder. Got {intent.person}"
        )
    _require_known(intent.person, intent.reason)
    return [Outcome(WayInOpened(person=intent.person), reason=intent.reason)]


def _require_known(person: str, reason: str) -> None:
    if not reason.strip():
        raise DecisionRefused(
            f"say how you know that it is {person} who asks, such as: came in person, new telephone"
        )


def _require_entered(trial: Trial, person: str) -> None:
    if person not in trial.people:
        raise DecisionRefused(f"nobody is entered as {person}{suggest(person, trial.people)}")


def _require_right(setting: Setting, trial: Trial, person: str) -> None:
    """Refuse who opens a way in to themselves, and an administrator who would open one to the arms."""
    _require_entered(trial, person)
    by = setting.by
    if by.person == person:
        raise DecisionRefused(
            f"nobody opens a way in to themselves; change your password on your own page, or ask another "
            f"administrator or the sponsor. Got {person}"
        )
    held = [grant.role for grant in trial.people[person].grants]
    to_the_arms = [role for role in held if role == "sponsor" or side_of(setting.protocol, role) == "unblinded"]
    if by.role == "administrator" and to_the_arms:
        raise DecisionRefused(
            f"{person} is or was {to_the_arms[0]}, and a way in to such a person leads to the arms; the sponsor "
            f"can give it. Got {by.person}"
        )


def _given(_: Trial, _event: Event, _fact: LinkGiven) -> None:
    """Leave the state as it is: links are kept outside the record."""


def _was_reset(_: Trial, _event: Event, _fact: SecondFactorReset) -> None:
    """Leave the state as it is: second factors are kept outside the record."""


def _was_opened(_: Trial, _event: Event, _fact: WayInOpened) -> None:
    """Leave the state as it is: second factors are kept outside the record."""


CHAPTER = Chapter(
    decisions={GiveLink: _give, ResetSecondFactor: _reset, OpenWayIn: _open},
    evolutions={LinkGiven: _given, SecondFactorReset: _was_reset, WayInOpened: _was_opened},
    roles={
        GiveLink: ("administrator", "sponsor"),
        ResetSecondFactor: ("administrator", "sponsor"),
        OpenWayIn: ("list custodian", "key holder"),
    },
)

"""What an event says and what a person asks for: the two kinds of typed message at the door.

A fact is the payload of an event, in the past tense; an intent asks for one, in the imperative. Both are frozen
and hold plain data, so that they can be written as canonical JSON. No fact holds an arm, a lot or a dose.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

from ...protocol import Protocol
from ...record.event import Draft, canonical


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The payload of an event; the name of the class is the kind of the event."""

    VERSION: ClassVar[int] = 1

    def tell(self) -> str:
        """Return what happened as a sentence without who and when, for the audit trail."""
        raise NotImplementedError


class Intent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody asks to be done; a decision answers it with facts, or refuses it.

    APART: fields that have no part in what a request key stands for (`asked.py`).
    """

    APART: ClassVar[tuple[str, ...]] = ()


class Outcome(msgspec.Struct, frozen=True):
    """A fact with what the event's envelope says of it: the participant and the site it concerns, the reason."""

    fact: Fact
    participant: str | None = None
    site: str | None = None
    reason: str | None = None


class By(msgspec.Struct, frozen=True):
    """Who acts, in which role, when, and in which time zone the date of that moment is read."""

    person: str
    role: str
    at: datetime
    zone: str = "UTC"


class Setting(msgspec.Struct, frozen=True):
    """What a decision may look at besides the state and the intent: the protocol that applies, and who acts.

    versions: every version whose file is at hand, by its hash.
    """

    protocol: Protocol
    by: By
    versions: Mapping[str, Protocol] = {}

    def version(self, name: str) -> Protocol:
        """Return a version of the protocol by its hash; the one that applies where its file is not at hand."""
        return self.versions.get(name, self.protocol)


def draft_of(outcome: Outcome) -> Draft:
    """Write an outcome as the draft of its event."""
    fact = outcome.fact
    return Draft(
        kind=type(fact).__name__,
        version=fact.VERSION,
        payload=canonical(fact),
        site=outcome.site,
        participant=outcome.participant,
        reason=outcome.reason,
    )

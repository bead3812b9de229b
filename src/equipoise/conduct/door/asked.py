"""What a request key was used for: it serves one step, whose answer it gives again, and no other.

With the key the record keeps a hash of what was asked: the kind of the step and its fields. A key that comes
again with another hash is refused, for whoever used it would take the answer of one step for that of another.
Fields that a repeated step finds anew, or of which no hash may be kept, have no part (`Intent.APART`). Steps that
were recorded before such hashes were kept are told apart by what step and fact both say.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from ...errors import DecisionRefused
from ...record.book import Turn
from ...record.event import Event
from ..access import identity
from ..closing import exports
from ..enrolment.screening import ScreenParticipant
from .chapters import read_fact
from .fact import By, Fact, Intent
from .services import Services

GIVES_OUT: Mapping[type[Intent], type[Fact]] = {
    identity.ReadIdentity: identity.IdentityRead,
    exports.ExportData: exports.DataExported,
}
"""Steps after which something leaves the record: their key stands for their own event by the same person alone."""
SAME = ("visit", "form", "order", "site", "blind")
"""What a step and the fact it leads to both say, wherever both have it."""


def hash_asked(intent: Intent, request: str) -> bytes:
    """Return the hash of what is asked under a request key; the key is in it, and no hash tells like steps."""
    fields = {name: getattr(intent, name) for name in intent.__struct_fields__ if name not in intent.APART}
    said = msgspec.json.encode([request, type(intent).__name__, fields], order="deterministic")
    return hashlib.sha256(said).digest()


def require_same_step(turn: Turn, services: Services, intent: Intent, by: By, asked: bytes) -> None:
    """Raise DecisionRefused where the key of an answered turn has led to another step than this one."""
    another = turn.was_for_another(asked) or _is_another(turn.answered, intent, by)
    if isinstance(intent, ScreenParticipant) and services.identities is not None and not another:
        number = turn.answered[0].participant or ""
        another = not services.identities.may_be(turn.connection, number, intent.identity)
    if another:
        key = turn.answered[0].request
        raise DecisionRefused(
            f"this request key belongs to another step; repeat the step with a new key. Got {key}"
        )


def _is_another(answered: tuple[Event, ...], intent: Intent, by: By) -> bool:
    """Say whether events show by themselves that they answer another step, or another person, than this."""
    first = answered[0]
    fact, participant = read_fact(first), getattr(intent, "participant", None)
    if participant is not None and all(event.participant != participant for event in answered):
        return True
    if any(
        getattr(fact, name) != getattr(intent, name)
        for name in SAME
        if hasattr(fact, name) and hasattr(intent, name)
    ):
        return True
    kind = GIVES_OUT.get(type(intent))
    return kind is not None and (type(fact) is not kind or (first.actor, first.role) != (by.person, by.role))

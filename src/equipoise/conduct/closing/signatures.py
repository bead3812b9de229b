"""Electronic signatures: who, when, what it means, bound to the hash of what was signed (21 CFR 11.50, 11.70).

What is signed are the visits, the forms and the endings of a participant, with the edit checks that do not hold
shown beside them: who signs has seen them. Any later change gives another hash, and the signature shows as broken.
"""

import hashlib
from typing import Any, Literal

from ...errors import DecisionRefused
from ...record.event import Event, canonical
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import FormEntry, Participant, Signature, Trial, Visit


class Signed(Fact, frozen=True):
    """The data of a participant were signed; a later change shows the signature as broken."""

    meaning: str
    content: str

    def tell(self) -> str:
        """Give the meaning."""
        return f"was signed: {self.meaning} (content {self.content[:12]})"


class Sign(Intent, frozen=True):
    """Sign the data of a participant as they stand; `content` is the hash that the person was shown."""

    participant: str
    meaning: str
    content: str


def content_hash(participant: Participant) -> str:
    """Return the SHA-256 of what a signature covers, as hexadecimal digits of its canonical JSON.

    Covered are visits, endings, and of each form its day, its values with missing codes and what was typed, the
    edit checks that do not hold, and whether the record was struck out. Numbers of events are no content.
    """
    content = {
        "participant": participant.id,
        "visits": {key: _visit_part(visit) for key, visit in participant.visits.items()},
        "forms": {key: _signed_part(entry) for key, entry in participant.forms.items()},
        "ended": participant.ended,
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def broken_signatures(participant: Participant) -> list[Signature]:
    """List the signatures whose content has changed since, in the order in which they were given."""
    present = content_hash(participant)
    return [signature for signature in participant.signatures if signature.content != present]


def signature_state(participant: Participant) -> Literal["missing", "broken", "intact"]:
    """Say whether the data of a participant as they stand bear a signature, or only as they once were, or none."""
    if not participant.signatures:
        return "missing"
    broken = broken_signatures(participant)
    return "broken" if len(broken) == len(participant.signatures) else "intact"


def _visit_part(visit: Visit) -> dict[str, Any]:
    return {"name": visit.name, "on": visit.on, "missed": visit.missed, "in_window": visit.in_window}


def _signed_part(entry: FormEntry) -> dict[str, Any]:
    return {
        "on": entry.on,
        "values": {item: [value.value, value.missing, value.entered] for item, value in entry.values.items()},
        "raised": entry.raised,
        "removed": entry.removed is not None,
    }


def _sign(setting: Setting, trial: Trial, intent: Sign) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    present = content_hash(participant)
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; nothing can be signed any more")
    if not intent.meaning.strip():
        raise DecisionRefused("a signature needs its meaning, such as: I have reviewed these data")
    if not participant.forms:
        raise DecisionRefused(f"no form of {participant.id} is filled in; there is nothing to sign yet")
    if intent.content != present:
        raise DecisionRefused(
            f"the data of {participant.id} have changed since you looked at them; look again and sign then. "
            f"Got content {intent.content[:12]}"
        )
    mine = (setting.by.person, intent.meaning, present)
    if any((one.person, one.meaning, one.content) == mine for one in participant.signatures):
        raise DecisionRefused(f"you have signed these data of {participant.id} already")
    return [Outcome(Signed(meaning=intent.meaning, content=present), participant.id, participant.site)]


def _signed(trial: Trial, event: Event, fact: Signed) -> None:
    assert event.participant is not None
    signature = Signature(person=event.actor, meaning=fact.meaning, content=fact.content, at=event.at)
    trial.participants[event.participant].signatures.append(signature)


CHAPTER = Chapter(
    decisions={Sign: _sign},
    evolutions={Signed: _signed},
    roles={Sign: ("investigator",)},
)

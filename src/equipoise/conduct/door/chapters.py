"""All chapters of conduct, joined: which decision answers an intent, what an event does to the state."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ...errors import RecordCorrupt, say_wrong_field
from ...record.event import Event
from ..access import attestation, identity, links, passwords
from ..closing import exports, locks, signatures, unblinding
from ..enrolment import allocation, consent, ending, moving, reconciliation, screening
from ..follow_up import deviations, infusions, leaving, visits
from ..forms import entry
from ..laboratory import results
from ..organisation import consent_documents, drills, people, sealed_list, sites, versions
from ..quality import coding, queries, review, second_entry, verification
from ..safety import pauses, reporting, watch
from ..supply import packing, preparation, quarantine, returns, shipments
from ..transfer import several
from .chapter import Chapter, Decision, Evolution
from .fact import Fact, Intent
from .state import Trial

CHAPTERS: tuple[Chapter, ...] = (
    versions.CHAPTER,
    sites.CHAPTER,
    people.CHAPTER,
    attestation.CHAPTER,
    passwords.CHAPTER,
    links.CHAPTER,
    consent_documents.CHAPTER,
    sealed_list.CHAPTER,
    drills.CHAPTER,
    screening.CHAPTER,
    identity.CHAPTER,
    ending.CHAPTER,
    consent.CHAPTER,
    moving.CHAPTER,
    allocation.CHAPTER,
    reconciliation.CHAPTER,
    visits.CHAPTER,
    infusions.CHAPTER,
    packing.CHAPTER,
    shipments.CHAPTER,
    quarantine.CHAPTER,
    preparation.CHAPTER,
    returns.CHAPTER,
    deviations.CHAPTER,
    leaving.CHAPTER,
    entry.CHAPTER,
    several.CHAPTER,
    reporting.CHAPTER,
    watch.CHAPTER,
    pauses.CHAPTER,
    queries.CHAPTER,
    verification.CHAPTER,
    review.CHAPTER,
    coding.CHAPTER,
    second_entry.CHAPTER,
    results.CHAPTER,
    signatures.CHAPTER,
    locks.CHAPTER,
    exports.CHAPTER,
    unblinding.CHAPTER,
)

DECISIONS: Mapping[type[Intent], Decision] = {
    intent: decision for chapter in CHAPTERS for intent, decision in chapter.decisions.items()
}
EVOLUTIONS: Mapping[type[Fact], Evolution] = {
    fact: evolution for chapter in CHAPTERS for fact, evolution in chapter.evolutions.items()
}
ROLES: Mapping[type[Intent], tuple[str, ...]] = {
    intent: roles for chapter in CHAPTERS for intent, roles in chapter.roles.items()
}
FACTS: Mapping[str, type[Fact]] = {fact.__name__: fact for fact in EVOLUTIONS}
_DECODERS = {kind: msgspec.json.Decoder(fact) for kind, fact in FACTS.items()}
INTENTS: Mapping[str, type[Intent]] = {intent.__name__: intent for intent in DECISIONS}


def read_fact(event: Event) -> Fact:
    """Return the typed payload of an event; RecordCorrupt, naming the event, where it cannot be one."""
    kind = FACTS.get(event.kind)
    if kind is None:
        raise RecordCorrupt(f"event {event.sequence} is of a kind that nobody here knows. Got {event.kind}")
    if event.version != kind.VERSION:
        raise RecordCorrupt(
            f"event {event.sequence} ({event.kind}) must be of version {kind.VERSION}. Got {event.version}"
        )
    try:
        return _DECODERS[event.kind].decode(event.payload)
    except msgspec.MsgspecError as error:
        raise RecordCorrupt(f"event {event.sequence} ({event.kind}) has an impossible payload: {error}") from error


def evolve(trial: Trial, event: Event) -> Trial:
    """Change the state by one event and return it; RecordCorrupt where it cannot follow the events before."""
    fact = read_fact(event)
    try:
        EVOLUTIONS[type(fact)](trial, event, fact)
    except (KeyError, AssertionError) as error:
        raise RecordCorrupt(
            f"event {event.sequence} ({event.kind}) speaks of something that no event before it has made: {error}"
        ) from error
    trial.sequence, trial.at = event.sequence, event.at
    return trial


def replay(events: Iterable[Event]) -> Trial:
    """Return the state that follows from events; RecordCorrupt where one cannot follow those before it."""
    trial = Trial()
    for event in events:
        evolve(trial, event)
    return trial


def read_intent(name: str, fields: Mapping[str, Any]) -> Intent:
    """Return the intent of this name with these fields; ValueError says what is unknown, missing or wrong."""
    if name not in INTENTS:
        raise ValueError(f"there is no step called {name}; there are: {', '.join(sorted(INTENTS))}")
    try:
        return msgspec.convert(dict(fields), type=INTENTS[name], strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {say_wrong_field(str(error))}") from error

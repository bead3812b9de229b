"""Opening a trial: the first events of its record, appended once, before there is anybody who could be asked.

The protocol is issued, and the first people come in: a sponsor, who can then grant every other role, and an
administrator. Every later step goes through the door, where its role is asked for.
"""

from collections.abc import Mapping

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol, protocol_version
from ...record.book import Book
from ...record.event import Event, Stamp
from ..door.dates import day_in
from ..door.fact import By, Fact, Outcome, draft_of
from .people import PersonEntered, RoleGranted
from .versions import ProtocolIssued

REQUEST = "open the trial"
"""The request key of the opening; each record knows it once."""


def open_trial(
    book: Book,
    protocol: Protocol,
    by: By,
    *,
    sponsor: str | None = None,
    administrator: str | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[Event, ...]:
    """Issue the protocol and let the first sponsor and the first administrator in; return the first events.

    `sponsor` and `administrator` are the short names of these people, by default that of who opens the trial;
    `names` their full names. Opened again with the same protocol, the trial stays as it is. Raises DecisionRefused
    where the record is that of another trial or was begun by something else.
    """
    if book.trial != protocol.trial.id:
        raise DecisionRefused(
            f"this is the record of trial {book.trial}; another trial needs its own. Got {protocol.trial.id}"
        )
    version = protocol_version(protocol)
    with book.turn(after=0, request=REQUEST) as turn:
        if turn.answered:
            _require_same(turn.answered[0], version)
            return turn.answered
        if turn.head.sequence:
            raise DecisionRefused(f"the record of trial {book.trial} was begun before, by {turn.news[0].actor}")
        facts = _first_facts(
            protocol.trial.id, version, by, sponsor or by.person, administrator or by.person, names
        )
        stamp = Stamp(by.person, by.role, by.zone, REQUEST, by.at if book.mode == "rehearsal" else None)
        return turn.append(stamp, [draft_of(Outcome(fact)) for fact in facts])


def _first_facts(
    trial: str, version: str, by: By, sponsor: str, administrator: str, names: Mapping[str, str] | None
) -> list[Fact]:
    people = dict.fromkeys((sponsor, administrator))
    since = day_in(by.at, by.zone)
    return [
        ProtocolIssued(trial=trial, protocol=version),
        *(PersonEntered(person=person, name=(names or {}).get(person, person)) for person in people),
        RoleGranted(person=sponsor, role="sponsor", since=since, training="named by the sponsor at the opening"),
        RoleGranted(
            person=administrator, role="administrator", since=since, training="named by the sponsor at the opening"
        ),
    ]


def _require_same(first: Event, version: str) -> None:
    if msgspec.json.decode(first.payload, type=ProtocolIssued).protocol != version:
        raise DecisionRefused(
            "the trial was opened before with another version of its protocol; issue this one instead. "
            f"Got {version[:12]}"
        )

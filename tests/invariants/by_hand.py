"""SQL with the rights of the blinded side, past the door: what a shell, a script or a fault could send."""

import time
from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from equipoise.record.event import GIVEN, canonical

_INSERT = sql.SQL("INSERT INTO record.event ({}) VALUES ({})").format(
    sql.SQL(", ").join(map(sql.Identifier, GIVEN)), sql.SQL(", ").join([sql.Placeholder()] * len(GIVEN))
)


def record_event(
    connection: Connection[TupleRow],
    kind: str,
    participant: str,
    payload: Mapping[str, object],
    at: datetime,
    request: str,
    part: int = 1,
) -> None:
    """Append an event as its site's investigator."""
    site = participant.partition("-")[0]
    event = {
        "at": at,
        "zone": "UTC",
        "actor": f"investigator.{site}",
        "role": "investigator",
        "site": site,
        "participant": participant,
        "kind": kind,
        "version": 1,
        "payload": canonical(payload),
        "reason": None,
        "request": request,
        "part": part,
    }
    connection.execute(_INSERT, [event[name] for name in GIVEN])


def take_slot(connection: Connection[TupleRow], participant: str, request: str, stratum: str = "") -> str:
    """Take the next slot of the participant's site, or of another stratum."""
    stratum = stratum or f"site={participant.partition('-')[0]}"
    row = connection.execute("SELECT vault.take_next(%s, %s, %s)", (stratum, participant, request)).fetchone()
    assert row is not None
    return str(row[0])


def record_allocation(
    connection: Connection[TupleRow], participant: str, number: str, at: datetime, request: str
) -> None:
    """Append the event of an allocation."""
    site = participant.partition("-")[0]
    fact = {"number": number, "stratum": f"site={site}", "strata": {"site": site}}
    record_event(connection, "ParticipantAllocated", participant, fact, at, request)


def allocate_by_hand(
    connection: Connection[TupleRow], participant: str, at: datetime, request: str, pause: float = 0
) -> str:
    """Take a slot and append its event in one transaction, so many seconds between them."""
    with connection.transaction():
        number = take_slot(connection, participant, request)
        time.sleep(pause)
        record_allocation(connection, participant, number, at, request)
    return number

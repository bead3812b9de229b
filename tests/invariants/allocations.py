"""What must be true of the allocations in a database: each check returns what is not, in words.

They look from outside, as a superuser, at the vault and at the record at once.
"""

from collections.abc import Mapping

from psycopg import Connection
from psycopg.rows import TupleRow

_EVENTS = """
SELECT participant, payload::jsonb ->> 'number', payload::jsonb ->> 'stratum' FROM record.event
WHERE kind = 'ParticipantAllocated' ORDER BY sequence
"""
_SLOTS = "SELECT participant, number, stratum FROM vault.allocation"
_POSITIONS = "SELECT number, position FROM vault.slot"


def not_stored(connection: Connection[TupleRow], acknowledged: Mapping[str, str]) -> list[str]:
    """Invariant 1: whoever was told a number has it, in the record and in the vault."""
    events = {who: number for who, number, _ in connection.execute(_EVENTS)}
    slots = {who: number for who, number, _ in connection.execute(_SLOTS)}
    return [
        f"{who} was told {number}, the record says {events.get(who)}, the vault {slots.get(who)}"
        for who, number in acknowledged.items()
        if not number == events.get(who) == slots.get(who)
    ]


def given_twice(connection: Connection[TupleRow]) -> list[str]:
    """Invariant 2: a participant has at most one slot and a slot one participant, in record and vault alike."""
    events = connection.execute(_EVENTS).fetchall()
    slots = connection.execute(_SLOTS).fetchall()
    found = []
    for where, rows in (("record", events), ("vault", slots)):
        for what, values in (("participant", [row[0] for row in rows]), ("slot", [row[1] for row in rows])):
            found += [
                f"{what} {value} is there {values.count(value)} times in the {where}"
                for value in sorted(set(values))
                if values.count(value) > 1
            ]
    return found + [
        f"{row} is only in one of record and vault" for row in sorted(set(events).symmetric_difference(slots))
    ]


def out_of_order(connection: Connection[TupleRow]) -> list[str]:
    """Invariant 3: the positions used of each list are 1 to k, in the order in which they were committed."""
    position = dict(connection.execute(_POSITIONS).fetchall())
    used: dict[str, list[int]] = {}
    for _, number, stratum in connection.execute(_EVENTS):
        used.setdefault(stratum, []).append(position[number])
    found = [
        f"the list of {stratum} was used in the order {positions}"
        for stratum, positions in used.items()
        if positions != list(range(1, len(positions) + 1))
    ]
    for stratum, taken in connection.execute("SELECT name, taken FROM vault.stratum"):
        if taken != len(used.get(stratum, ())):
            found.append(
                f"of {stratum} {taken} places count as taken, {len(used.get(stratum, ()))} were given out"
            )
    return found


def wrong_allocations(connection: Connection[TupleRow], acknowledged: Mapping[str, str]) -> list[str]:
    """Invariants 1 to 3 together."""
    return not_stored(connection, acknowledged) + given_twice(connection) + out_of_order(connection)

"""Taking the next slot: all that the blinded side can ask of the vault, and it learns a number.

Every refusal has one text and one path, whatever its cause in the vault, so that no message becomes an oracle. The
cause is in the SQLSTATE of the error underneath, for whoever is called to help; it knows no arm either.
"""

import msgspec
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from ..errors import DecisionRefused

OURS = "QV"


class Places(msgspec.Struct, frozen=True):
    """How far a stratum's list is used: places taken (its highest position) and places in all."""

    taken: int
    places: int

    @property
    def left(self) -> int:
        """Places that are left."""
        return self.places - self.taken


def take_next_slot(connection: Connection[TupleRow], stratum: str, participant: str, request: str) -> str:
    """Take the next slot of a stratum for a participant, inside the caller's transaction; return its number.

    The same participant, or the same request for the same participant, gets the same number again, in whatever
    stratum. `DecisionRefused`, always in the same words, where no slot can be given: then nothing is changed, and
    the transaction must be rolled back.
    """
    try:
        row = connection.execute("SELECT vault.take_next(%s, %s, %s)", (stratum, participant, request)).fetchone()
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith(OURS):
            raise
        raise DecisionRefused(
            f"no randomisation number can be given out in stratum {stratum} now, since its list is used up or is "
            "shut for a check; nothing was stored. Call the randomisation contact of the trial, and do not "
            f"randomise by other means. Got participant {participant}"
        ) from error
    assert row is not None
    return str(row[0])


def read_places(connection: Connection[TupleRow]) -> dict[str, Places]:
    """Read how far each stratum's list is used: for the alarm before it ends, and for the witness."""
    rows = connection.execute("SELECT stratum, taken, places FROM vault.places()")
    return {stratum: Places(taken, places) for stratum, taken, places in rows}


def witness_places(places: dict[str, Places]) -> str:
    """Write the highest position of every stratum on one line, to be printed or sent outside the database."""
    return " | ".join(f"{stratum}: {used.taken} of {used.places}" for stratum, used in places.items())

"""After a restore: which slots are lost, judged by what people outside the database have seen.

A restored database does not know of the slots that were given out after the backup. Whoever holds a printed
witness line, an allocation sheet or a message knows how far each list was used; up to there every slot is given
up, for it may be in use. None is ever given out twice; some may be lost.
"""

from collections.abc import Mapping

from psycopg import Connection
from psycopg.rows import TupleRow

from ..errors import DecisionRefused
from ..line import Places, read_places
from ..record import Stamp, Turn
from ..record.gate import open_gate, require_open_gate
from .events import VaultReconciled, draft_of


def read_gates(connection: Connection[TupleRow]) -> list[str]:
    """Name the records whose gate must be open before the vault gives anything out: its own first."""
    return [schema for (schema,) in connection.execute("SELECT vault.gates()")]


def require_open_gates(turn: Turn) -> None:
    """Raise `DecisionRefused` where one of these gates is shut."""
    for schema in read_gates(turn.connection):
        require_open_gate(turn, schema)


def count_lost(stored: Mapping[str, Places], witnessed: Mapping[str, int]) -> dict[str, int]:
    """Count by stratum the slots up to the witnessed position that the vault does not know as taken.

    `witnessed` is the highest position that anyone has seen, for every stratum. `DecisionRefused` for a stratum
    that is missing or unknown, and for a position below what the vault knows or beyond the list.
    """
    for stratum, used in stored.items():
        if not used.taken <= witnessed.get(stratum, -1) <= used.places:
            raise DecisionRefused(
                f"stratum {stratum} needs its highest witnessed position, from {used.taken} to {used.places}; "
                f"look for the newest witness line. Got {witnessed.get(stratum, 'none')}"
            )
    if unknown := sorted(set(witnessed) - set(stored)):
        raise DecisionRefused(f"the vault has no list for these strata; check the names. Got {', '.join(unknown)}")
    return {stratum: witnessed[stratum] - used.taken for stratum, used in stored.items()}


def require_two_signers(signers: tuple[str, str], reason: str) -> None:
    """Refuse (`DecisionRefused`) one person alone, and no reason."""
    if len({name.strip().casefold() for name in signers} - {""}) != 2 or not reason.strip():
        raise DecisionRefused(
            "two different persons sign the witnessed positions, and give the reason. "
            f"Got {' and '.join(filter(None, signers)) or 'nobody'}"
        )


def give_up_slots(
    turn: Turn, stamp: Stamp, witnessed: Mapping[str, int], signers: tuple[str, str], reason: str
) -> dict[str, int]:
    """Give up every slot up to the witnessed positions and open all gates, within a turn of the vault's record.

    Gives the number of slots lost by stratum; raises `DecisionRefused` as `count_lost` does. Needs no key.
    """
    lost = count_lost(read_places(turn.connection), witnessed)
    said = VaultReconciled(witnessed=dict(witnessed), lost=lost, signers=signers)
    turn.append(stamp, [draft_of(said, None, reason)])
    for stratum, position in witnessed.items():
        turn.connection.execute("SELECT vault.void_up_to(%s, %s)", (stratum, position))
    for schema in read_gates(turn.connection):
        open_gate(turn.connection, schema, f"{signers[0]} and {signers[1]} have reconciled: {reason}")
    return lost

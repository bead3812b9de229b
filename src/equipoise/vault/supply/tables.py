"""The one table of supply: which carton is used, for which order, and which kit of it was named.

A carton is used once and a kit named once, whoever asks and however many at the same moment: unique constraints
hold it, and nothing is taken back. The database holds no content of a kit.

SQLSTATE QV005 (`vault/schema.py`): what is stored in the vault is not changed.
"""

from psycopg import Connection, Error
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from ...errors import DecisionRefused, RecordCorrupt
from .contents import VaultStock

GUARDED = "QG"
"""How the SQLSTATEs of the guards of a trial begin (`trial/guards.py`)."""

SUPPLY = """
CREATE TABLE vault.chosen_kit (
    carton text PRIMARY KEY CHECK (btrim(carton) <> ''),
    kit text NOT NULL UNIQUE CHECK (btrim(kit) <> ''),
    request_order text NOT NULL CHECK (btrim(request_order) <> ''),
    participant text NOT NULL CHECK (btrim(participant) <> '')
);

CREATE FUNCTION vault.choose_kit(its_carton text, its_kit text, for_order text, for_participant text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO vault.chosen_kit VALUES (its_carton, its_kit, for_order, for_participant)
$$;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.chosen_kit
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();

REVOKE ALL ON FUNCTION vault.choose_kit(text, text, text, text) FROM PUBLIC;
GRANT SELECT ON vault.chosen_kit TO {vault};
GRANT EXECUTE ON FUNCTION vault.choose_kit(text, text, text, text) TO {vault};
"""


def create_supply(connection: Connection[TupleRow], vault: str) -> None:
    """Create the table in the vault's schema, as its owner, with the rights of the vault's role."""
    connection.execute(SQL(SUPPLY).format(vault=Identifier(vault)))


def require_same_kits(connection: Connection[TupleRow], stock: VaultStock) -> None:
    """Refuse (`RecordCorrupt`) a table that does not say what the record says."""
    stored: dict[str, str] = dict(connection.execute("SELECT carton, kit FROM vault.chosen_kit").fetchall())
    if stored != stock.chosen:
        wrong = sorted(set(stored.items()) ^ set(stock.chosen.items()))[0]
        raise RecordCorrupt(
            "the kits that the vault keeps as named are not those of its record; compare both. "
            f"Got carton {wrong[0]} with kit {wrong[1]}"
        )


def choose_kit(connection: Connection[TupleRow], carton: str, kit: str, order: str, participant: str) -> None:
    """Keep the kit that was named; DecisionRefused, in the one sentence, where the carton is not the order's."""
    try:
        connection.execute("SELECT vault.choose_kit(%s, %s, %s, %s)", (carton, kit, order, participant))
    except Error as error:
        if not (error.sqlstate or "").startswith(GUARDED):
            raise
        raise DecisionRefused(wrong_kit(carton, order)) from error


def wrong_kit(kit: str, order: str) -> str:
    """Return the one sentence by which every wrong kit is refused, whatever is wrong with it."""
    return (
        f"this kit must not be used for order {order}; put it aside, take the kit that the order names, and call "
        f"the pharmacy if there is none. Got {kit}"
    )

"""What the database itself keeps of the stock: a table of cartons, and that none is used which may not be.

The table follows the events of supply by a trigger, in the same transaction, so that it says what the fold of the
record says (`cached_stock`, `replayed_stock`). Whoever speaks to the database directly can use a carton once only,
at the site where it is, for a participant of that site, complete, not in quarantine and not past its date; can
name for it only the kit that the vault has chosen; and the vault chooses only for a carton that the record has
given to the order.

SQLSTATEs of our own: QG006 a carton or a kit may not be used or moved so; QG007 the vault has named another kit.
"""

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from ...conduct.door.state import Trial

STOCK = """
CREATE TABLE guard.carton (
    number text PRIMARY KEY,
    kits text[] NOT NULL,
    use_by date NOT NULL,
    place text NOT NULL CHECK (place IN ('depot', 'on the way', 'stock', 'used')),
    site text CHECK (site IS NOT NULL OR place = 'depot'),
    shipment text,
    quarantined boolean NOT NULL DEFAULT false,
    complete boolean NOT NULL DEFAULT true,
    in_use_for text
);

CREATE FUNCTION guard.texts(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN coalesce((SELECT array_agg(one) FROM jsonb_array_elements_text(list) one), '{}');

CREATE FUNCTION guard.keep_stock() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said jsonb := new.payload::jsonb;
    named text[] := guard.texts(coalesce(said -> 'cartons', '[]'));
    gone text[];
    found_rows integer;
BEGIN
    CASE new.kind
    WHEN 'ShipmentSent' THEN
        UPDATE guard.carton c SET place = 'on the way', site = new.site, shipment = said ->> 'shipment'
        WHERE c.number = ANY (named) AND c.place = 'depot' AND NOT c.quarantined;
        GET DIAGNOSTICS found_rows = ROW_COUNT;
        IF found_rows <> cardinality(named) THEN
            RAISE EXCEPTION 'only what stands in the depot can be sent; nothing was stored'
                USING ERRCODE = 'QG006';
        END IF;
    WHEN 'ShipmentReceived' THEN
        gone := guard.texts(coalesce(said -> 'missing', '[]')) || guard.texts(coalesce(said -> 'damaged', '[]'));
        UPDATE guard.carton c SET place = 'stock', complete = c.complete AND NOT c.kits && gone
        WHERE c.shipment = said ->> 'shipment' AND c.place = 'on the way' AND c.site = new.site;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such shipment is on its way to this site; nothing was stored'
                USING ERRCODE = 'QG006';
        END IF;
    WHEN 'CartonsQuarantined' THEN
        UPDATE guard.carton c SET quarantined = true WHERE c.number = ANY (named);
    WHEN 'CartonsReleased' THEN
        UPDATE guard.carton c SET quarantined = false WHERE c.number = ANY (named);
    WHEN 'CartonAssigned' THEN
        UPDATE guard.carton c SET place = 'used', in_use_for = said ->> 'order'
        WHERE c.number = said ->> 'carton' AND c.place = 'stock' AND c.complete AND NOT c.quarantined
            AND c.site = new.site AND c.use_by >= (new.at AT TIME ZONE new.zone)::date
            AND EXISTS (
                SELECT FROM record.event e WHERE e.participant = new.participant
                    AND e.kind = 'ParticipantScreened' AND e.site = new.site
            );
        IF NOT FOUND THEN
            RAISE EXCEPTION 'this carton may not be used; nothing was stored' USING ERRCODE = 'QG006';
        END IF;
    WHEN 'KitNamed' THEN
        IF NOT EXISTS (
            SELECT FROM guard.carton c JOIN vault.chosen_kit k ON k.carton = c.number
            WHERE c.in_use_for = said ->> 'order' AND k.request_order = said ->> 'order'
                AND k.kit = said ->> 'kit' AND k.participant = new.participant
        ) THEN
            RAISE EXCEPTION 'this is not the kit that the vault has named; nothing was stored'
                USING ERRCODE = 'QG007';
        END IF;
    WHEN 'CartonReplaced' THEN
        UPDATE guard.carton c SET in_use_for = NULL WHERE c.in_use_for = said ->> 'order';
    ELSE  -- KitsReturned, KitsDestroyed
        UPDATE guard.carton c SET complete = false WHERE c.kits && guard.texts(said -> 'kits');
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_stock AFTER INSERT ON record.event FOR EACH ROW
    WHEN (new.kind IN ('ShipmentSent', 'ShipmentReceived', 'CartonsQuarantined', 'CartonsReleased',
        'CartonAssigned', 'KitNamed', 'CartonReplaced', 'KitsReturned', 'KitsDestroyed'))
    EXECUTE FUNCTION guard.keep_stock();

CREATE FUNCTION guard.keep_packed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO guard.carton (number, kits, use_by, place)
    SELECT one ->> 'carton', guard.texts(one -> 'kits'), (one ->> 'use_by')::date, 'depot'
    FROM jsonb_array_elements(new.payload::jsonb -> 'cartons') one;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_packed AFTER INSERT ON record.event FOR EACH ROW
    WHEN (new.kind = 'CartonsPacked') EXECUTE FUNCTION guard.keep_packed();

CREATE FUNCTION guard.require_in_use() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM guard.carton c
        WHERE c.number = new.carton AND c.in_use_for = new.request_order AND new.kit = ANY (c.kits)
            AND NOT c.quarantined
    ) THEN
        RAISE EXCEPTION 'the record has not given this carton to the order; nothing was stored'
            USING ERRCODE = 'QG006';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER require_in_use BEFORE INSERT ON vault.chosen_kit
    FOR EACH ROW EXECUTE FUNCTION guard.require_in_use();
"""


class StockRow(msgspec.Struct, frozen=True, order=True):
    """A carton as the database keeps it."""

    number: str
    place: str
    site: str | None
    quarantined: bool
    complete: bool
    in_use_for: str | None


def set_stock_guard(connection: Connection[TupleRow]) -> None:
    """Put the guard of the stock in place, as the owner of record and vault, after the other guards."""
    connection.execute(STOCK)


def cached_stock(connection: Connection[TupleRow]) -> list[StockRow]:
    """Read the stock as the database keeps it, by number."""
    rows = connection.execute(
        "SELECT number, place, site, quarantined, complete, in_use_for FROM guard.carton ORDER BY number"
    )
    return [StockRow(*row) for row in rows]


def replayed_stock(trial: Trial) -> list[StockRow]:
    """Return the stock as it follows from the record, by number."""
    return [
        StockRow(
            number, carton.place, carton.site, carton.quarantined_by is not None, not carton.gone, carton.order
        )
        for number, carton in sorted(trial.cartons.items())
    ]
